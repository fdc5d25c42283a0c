//! Shows each step: its title at the start, and its verdict, time and counts at the end.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::tally::Tally;

/// A step that runs one command. `judge` counts by its success and its output. Shows the output of a failed one.
pub fn step(title: &str, command: &mut Command, judge: fn(bool, &str) -> Tally) -> Result<Tally> {
    println!("· {title}");
    let start = Instant::now();
    let (success, output) = output(command)?;
    let tally = judge(success, &output);
    let (mark, shown) = if tally.failed == 0 { ("✓", String::new()) } else { ("✗", format!("\n{output}")) };
    println!("{mark} {title}  {:.1} s  {tally}{shown}", start.elapsed().as_secs_f32());
    Ok(tally)
}

/// A step with a single result.
pub fn one(success: bool, _: &str) -> Tally {
    if success { Tally::PASSED } else { Tally::FAILED }
}

/// A step that must succeed.
pub fn run(title: &str, command: &mut Command) -> Result<()> {
    ensure!(step(title, command, one)? == Tally::PASSED, "{command:?} failed");
    Ok(())
}

/// Runs a command. Returns whether it succeeded, and its standard error and output.
pub fn output(command: &mut Command) -> Result<(bool, String)> {
    let ran = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let text = String::from_utf8_lossy(&[ran.stderr, ran.stdout].concat()).trim_end().to_owned();
    Ok((ran.status.success(), text))
}
