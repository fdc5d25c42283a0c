//! Shows each step: one line at its start and one at its end. A long step also shows its last line of output from time to time.

use std::env;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// A colour and a mark.
type Verdict = (&'static str, &'static str);

pub const PASSED: Verdict = ("32", "✓");
pub const SKIPPED: Verdict = ("33", "–");
pub const FAILED: Verdict = ("31", "✗");

/// One step. A verdict ends it.
pub struct Step {
    title: String,
    start: Instant,
}

impl Step {
    pub fn start(title: &str) -> Self {
        println!("· {title}");
        Self { title: title.to_owned(), start: Instant::now() }
    }

    pub fn end(self, (colour, mark): Verdict, detail: &str) {
        let detail = [detail, &seconds(self.start.elapsed())].join(if detail.is_empty() { "" } else { ", " });
        println!("{} {}  {}", paint(colour, mark), self.title, paint("2", &detail));
    }

    /// Runs a command. Returns whether it succeeded, and its standard output and error.
    pub fn run(&self, command: &mut Command) -> Result<(bool, String)> {
        let (reader, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        // The command has a writing end too, so the pipe would stay open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let (mut output, mut shown) = (String::new(), Instant::now());
        for line in BufReader::new(reader).split(b'\n') {
            let text = String::from_utf8_lossy(&line?).into_owned();
            // A long step shows its activity.
            if shown.elapsed() > Duration::from_secs(15) {
                shown = Instant::now();
                println!("· {}  {}  {}", self.title, seconds(self.start.elapsed()), text.trim());
            }
            output.push_str(&text);
            output.push('\n');
        }
        Ok((child.wait()?.success(), output))
    }
}

/// A step that runs one command. Shows the output only on failure.
pub fn run(title: &str, command: &mut Command) -> Result<()> {
    let step = Step::start(title);
    let (success, output) = step.run(command)?;
    step.end(if success { PASSED } else { FAILED }, "");
    ensure!(success, "{command:?} failed:\n{}", output.trim_end());
    Ok(())
}

pub fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        long => format!("{} min {:02} s", long / 60, long % 60),
    }
}

pub fn paint(code: &str, text: &str) -> String {
    let is_plain = !io::stdout().is_terminal() || env::var_os("NO_COLOR").is_some();
    if is_plain { text.into() } else { format!("\x1b[{code}m{text}\x1b[0m") }
}
