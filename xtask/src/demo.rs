//! `cargo xtask demo`: the demo page with a real OpenID Provider behind it, until Ctrl-C.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::build;
use crate::node;

/// How long the server may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn command(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let stopped = Arc::new(AtomicBool::new(false));
    ctrlc::set_handler({
        let stopped = Arc::clone(&stopped);
        move || stopped.store(true, Ordering::SeqCst)
    })?;

    let mut server = node::node().arg("www/server.mjs").args(arguments).stdout(Stdio::piped()).spawn()?;
    let output = server.stdout.take().context("the server has no output")?;
    thread::spawn(move || pass_through(BufReader::new(output)));
    let status = wait(&mut server, &stopped)?;
    ensure!(status.success() || stopped.load(Ordering::SeqCst), "the demo server ended with {status}");
    Ok(())
}

/// Shows the server's output, and opens the first address in it.
fn pass_through(output: impl BufRead) {
    let mut opened = false;
    for line in output.lines().map_while(Result::ok) {
        // A closed pipe is no reason to stop serving.
        let _ = writeln!(io::stdout(), "{line}");
        if let Some(address) = address(&line).filter(|_| !opened) {
            opened = true;
            open(address);
        }
    }
}

fn address(line: &str) -> Option<&str> {
    let start = line.find("http://")?;
    line[start..].split_whitespace().next()
}

fn wait(server: &mut Child, stopped: &AtomicBool) -> Result<ExitStatus> {
    let mut since = None;
    loop {
        if let Some(status) = server.try_wait()? {
            return Ok(status);
        }
        if stopped.load(Ordering::SeqCst) {
            let since = *since.get_or_insert_with(|| {
                interrupt(server);
                Instant::now()
            });
            if since.elapsed() > PATIENCE {
                server.kill()?;
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// A terminal sends Ctrl-C to the server too; a signal sent to this process alone must reach it as well.
fn interrupt(server: &Child) {
    if cfg!(unix) {
        let _ = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
    }
}

/// Opens the address where there is somebody to see it.
fn open(address: &str) {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else if env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some() {
        ("xdg-open", &[])
    } else {
        return;
    };
    let _ = Command::new(program).args(arguments).arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
