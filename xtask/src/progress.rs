//! Shows the progress of long steps: one live line on a terminal, plain lines on a pipe.

use std::env;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Steps may run at the same time, so each has a line.
static LINES: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// One step, announced at its start. Without a verdict it counts as failed.
pub struct Step {
    title: String,
    start: Instant,
    line: ProgressBar,
    /// Prints on a pipe that the step still runs.
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Step {
    pub fn start(title: impl Into<String>) -> Self {
        let (title, start) = (title.into(), Instant::now());
        let style = ProgressStyle::with_template("{spinner} {prefix}  {elapsed}  {wide_msg}");
        let line = LINES.add(ProgressBar::new_spinner().with_prefix(title.clone()));
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        line.enable_steady_tick(Duration::from_millis(100));
        let (stop, stopped) = mpsc::channel();
        let ticker = thread::spawn({
            let (title, line) = (title.clone(), line.clone());
            move || {
                let mut wait = Duration::from_secs(1);
                while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    if !terminal() {
                        println!(
                            "{}",
                            format!("· {title}  {}  {}", seconds(start.elapsed()), line.message()).trim_end()
                        );
                    }
                    wait = Duration::from_secs(15);
                }
            }
        });
        Self { title, start, line, ticker: Some((stop, ticker)) }
    }

    /// The present activity.
    pub fn note(&self, text: &str) {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        if !text.is_empty() {
            self.line.set_message(text);
        }
    }

    pub fn pass(mut self, detail: &str) {
        self.end(&paint("32", "✓"), detail);
    }

    pub fn skip(mut self, reason: &str) {
        self.end(&paint("33", "–"), reason);
    }

    pub fn fail(mut self, detail: &str) {
        self.end(&paint("31", "✗"), detail);
    }

    fn end(&mut self, mark: &str, detail: &str) {
        let Some((stop, ticker)) = self.ticker.take() else { return };
        drop(stop);
        let _ = ticker.join();
        self.line.finish_and_clear();
        let detail = if detail.is_empty() { String::new() } else { format!("{detail}, ") };
        let text =
            format!("{mark} {}  {}", self.title, paint("2", &format!("{detail}{}", seconds(self.start.elapsed()))));
        LINES.suspend(|| println!("{text}"));
    }

    /// Runs `command`. The last line of its output becomes the note.
    pub fn run(&self, command: &mut Command) -> Result<Ran> {
        let (reader, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        // The command has a writing end too, so the pipe would stay open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut output = String::new();
        for line in BufReader::new(reader).split(b'\n') {
            let text = String::from_utf8_lossy(&line?).into_owned();
            self.note(&text);
            output.push_str(&text);
            output.push('\n');
        }
        Ok(Ran { success: child.wait()?.success(), output })
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.end(&paint("31", "✗"), "");
    }
}

/// The standard output and error of a command.
pub struct Ran {
    pub success: bool,
    pub output: String,
}

/// A step that runs one command. Shows the output only on failure.
pub fn run(title: &str, command: &mut Command) -> Result<String> {
    let step = Step::start(title);
    let ran = step.run(command)?;
    if !ran.success {
        drop(step);
        bail!("{command:?} failed:\n{}", ran.output.trim_end());
    }
    step.pass("");
    Ok(ran.output)
}

/// A note for the person, although the step passed.
pub fn notice(text: &str) {
    LINES.suspend(|| println!("{} {text}", paint("33", "!")));
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
