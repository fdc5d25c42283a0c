//! What a person sees while something takes long: a line that moves on a terminal, plain lines on a pipe.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, IsTerminal, Write as _};
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{env, mem};

use anyhow::{Context, Result, bail};

/// One piece of work, announced when it starts. Dropped without a verdict, it has failed.
pub struct Step {
    title: String,
    start: Instant,
    status: Arc<Mutex<String>>,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Step {
    pub fn start(title: impl Into<String>) -> Self {
        let (title, start, status) = (title.into(), Instant::now(), Arc::default());
        let (stop, stopped) = mpsc::channel();
        let ticker = thread::spawn({
            let (title, status) = (title.clone(), Arc::clone(&status));
            move || {
                let (frames, first, pause) = if terminal() {
                    ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", Duration::ZERO, Duration::from_millis(100))
                } else {
                    ("·", Duration::from_secs(1), Duration::from_secs(15))
                };
                let mut wait = first;
                for frame in frames.chars().cycle() {
                    if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                        break;
                    }
                    draw(frame, &title, start.elapsed(), &status);
                    wait = pause;
                }
            }
        });
        Self { title, start, status, ticker: Some((stop, ticker)) }
    }

    /// What it is at right now.
    pub fn note(&self, line: &str) {
        note(&self.status, line);
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
        let Some((stop, ticker)) = self.ticker.take() else {
            return;
        };
        drop(stop);
        let _ = ticker.join();
        let detail = if detail.is_empty() { String::new() } else { format!("{detail}, ") };
        clear_line();
        println!("{mark} {}  {}", self.title, paint("2", &format!("{detail}{}", seconds(self.start.elapsed()))));
    }

    /// Runs `command`, whose last line of output becomes the note.
    pub fn run(&self, command: &mut Command) -> Result<Ran> {
        let (reader, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        // Else the pipe never ends: the command holds a writing end too.
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut output = String::new();
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&mem::take(&mut line)).into_owned();
            self.note(&text);
            output.push_str(&text);
        }
        Ok(Ran { success: child.wait()?.success(), output })
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.end(&paint("31", "✗"), "");
    }
}

/// What a command left behind: its standard output and error, as they came.
pub struct Ran {
    pub success: bool,
    pub output: String,
}

/// One step that is one command. Its output is shown only when it fails.
pub fn run(title: &str, command: &mut Command) -> Result<String> {
    let step = Step::start(title);
    let ran = step.run(command)?;
    if ran.success {
        step.pass("");
        return Ok(ran.output);
    }
    drop(step);
    bail!("{}\n{}", describe(command), ran.output.trim_end());
}

/// Something a person should know, though nothing failed.
pub fn notice(text: &str) {
    println!("{} {text}", paint("33", "!"));
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

fn note(status: &Mutex<String>, line: &str) {
    let line: String = line.trim().chars().filter(|c| !c.is_control()).collect();
    if !line.is_empty() {
        *status.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}

fn draw(frame: char, title: &str, elapsed: Duration, status: &Mutex<String>) {
    let status = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut line = format!("{frame} {title}");
    if elapsed >= Duration::from_secs(1) {
        let _ = write!(line, "  {}  {status}", seconds(elapsed));
    }
    if terminal() {
        // Auto-wrap off: a long note is cut at the edge, whatever the width.
        print!("\r\x1b[2K\x1b[?7l{line}\x1b[?7h");
        let _ = io::stdout().flush();
    } else {
        println!("{}", line.trim_end());
    }
}

fn clear_line() {
    if terminal() {
        print!("\r\x1b[2K");
    }
}

fn describe(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    format!("{} failed:", words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
}
