//! Shows each step: its title at the start, and its verdict and time at the end.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

pub struct Step {
    title: String,
    start: Instant,
}

impl Step {
    pub fn start(title: &str) -> Self {
        println!("· {title}");
        Self { title: title.to_owned(), start: Instant::now() }
    }

    pub fn end(self, is_passed: bool, detail: &str) {
        let mark = if is_passed { "✓" } else { "✗" };
        println!("{mark} {}  {:.1} s  {detail}", self.title, self.start.elapsed().as_secs_f32());
    }
}

/// Runs a command. Returns whether it succeeded, and its standard output and error in their order.
pub fn output(command: &mut Command) -> Result<(bool, String)> {
    let (mut reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    // The command has a writing end too, so the pipe would stay open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut output = Vec::new();
    reader.read_to_end(&mut output)?;
    Ok((child.wait()?.success(), String::from_utf8_lossy(&output).trim_end().to_owned()))
}

/// A step that runs one command. Shows the output only on failure.
pub fn run(title: &str, command: &mut Command) -> Result<()> {
    let step = Step::start(title);
    let (success, output) = output(command)?;
    step.end(success, "");
    ensure!(success, "{command:?} failed:\n{output}");
    Ok(())
}
