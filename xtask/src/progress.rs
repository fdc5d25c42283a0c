//! Shows each step: its title at the start, and its verdict, time and counts at the end.

use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::tally::Tally;

/// A step that runs one command. `judge` counts by its success and its output. Returns both.
pub fn step(title: &str, command: &mut Command, judge: fn(bool, &str) -> Tally) -> Result<(Tally, String)> {
    println!("· {title}");
    let start = Instant::now();
    let (success, output) = output(command)?;
    let tally = judge(success, &output);
    let mark = if tally.failed == 0 { "✓" } else { "✗" };
    let counts = if tally.passed > 1 { tally.to_string() } else { String::new() };
    println!("{mark} {title}  {:.1} s  {counts}", start.elapsed().as_secs_f32());
    Ok((tally, output))
}

/// A step with a single result.
pub fn one(success: bool, _: &str) -> Tally {
    if success { Tally::PASSED } else { Tally::FAILED }
}

/// A step that must succeed.
pub fn run(title: &str, command: &mut Command) -> Result<()> {
    let (tally, output) = step(title, command, one)?;
    ensure!(tally == Tally::PASSED, "{command:?} failed:\n{output}");
    Ok(())
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
