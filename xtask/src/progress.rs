//! Shows each step: a live line on a terminal, plain lines on a pipe.

use std::env;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Steps may run at the same time, so each has a line.
static LINES: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// On a pipe, a long step shows its activity this often.
const INTERVAL: Duration = Duration::from_secs(15);

/// One step, announced at its start. Without a verdict it counts as failed.
pub struct Step {
    title: String,
    start: Instant,
    line: ProgressBar,
}

impl Step {
    pub fn start(title: &str) -> Self {
        let style = ProgressStyle::with_template("{spinner} {prefix}  {elapsed}  {wide_msg}");
        let line = LINES.add(ProgressBar::new_spinner().with_prefix(title.to_owned()));
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        line.enable_steady_tick(Duration::from_millis(100));
        if !terminal() {
            println!("· {title}");
        }
        Self { title: title.to_owned(), start: Instant::now(), line }
    }

    /// The present activity.
    pub fn note(&self, text: &str) {
        self.line.set_message(text.trim().chars().filter(|letter| !letter.is_control()).collect::<String>());
    }

    pub fn pass(self, detail: &str) {
        self.end(&paint("32", "✓"), detail);
    }

    pub fn skip(self, reason: &str) {
        self.end(&paint("33", "–"), reason);
    }

    pub fn fail(self, detail: &str) {
        self.end(&paint("31", "✗"), detail);
    }

    fn end(&self, mark: &str, detail: &str) {
        self.line.finish_and_clear();
        let comma = if detail.is_empty() { "" } else { ", " };
        let detail = paint("2", &format!("{detail}{comma}{}", seconds(self.start.elapsed())));
        LINES.suspend(|| println!("{mark} {}  {detail}", self.title));
    }

    /// Runs `command`. The last line of its output becomes the note.
    pub fn run(&self, command: &mut Command) -> Result<Ran> {
        let (reader, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        // The command has a writing end too, so the pipe would stay open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (mut output, mut shown) = (String::new(), Instant::now());
        for line in BufReader::new(reader).split(b'\n') {
            let text = String::from_utf8_lossy(&line?).into_owned();
            self.note(&text);
            if !terminal() && shown.elapsed() > INTERVAL {
                shown = Instant::now();
                println!("· {}  {}  {}", self.title, seconds(self.start.elapsed()), text.trim());
            }
            output.push_str(&text);
            output.push('\n');
        }
        Ok(Ran { success: child.wait()?.success(), output })
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.line.is_finished() {
            self.end(&paint("31", "✗"), "");
        }
    }
}

/// The standard output and error of a command.
pub struct Ran {
    pub success: bool,
    pub output: String,
}

/// A step that runs one command. Shows the output only on failure.
pub fn run(title: &str, command: &mut Command) -> Result<()> {
    let step = Step::start(title);
    let ran = step.run(command)?;
    if !ran.success {
        bail!("{command:?} failed:\n{}", ran.output.trim_end());
    }
    step.pass("");
    Ok(())
}

pub fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        long => format!("{} min {:02} s", long / 60, long % 60),
    }
}

pub fn paint(code: &str, text: &str) -> String {
    if terminal() && env::var_os("NO_COLOR").is_none() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.into() }
}

fn terminal() -> bool {
    io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}
