//! Commands that run a Node script on a current build or tarball.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::build;
use crate::node;
use crate::pack;
use crate::progress;
use crate::tools;

/// Serves the demo page with a real OpenID Provider, until Ctrl-C.
pub fn demo(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let mut server = node::node();
    server.args(["www/server.mjs", "--open"]).args(arguments);
    // Replaces this process, so that Ctrl-C and other signals reach only the server.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut server).into());
    #[cfg(not(unix))]
    run(&mut server)
}

/// Times the engine beside JavaScript libraries. See benches/README.md.
pub fn bench(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let chromium = tools::CHROMIUM.find().unwrap_or_else(|error| {
        progress::notice(&format!("Chromium is left out: {error:#}"));
        "".into()
    });
    run(node::node().arg("benches/js/run.mjs").args(arguments).env("CHROMIUM", chromium))
}

/// Installs a tiny project for each bundler, framework and runtime, and logs in there.
pub fn matrix(arguments: &[String]) -> Result<()> {
    let tarball = pack::run()?;
    run(node::node().args(["tests/matrix/run.mjs", "--record", "--package"]).arg(tarball).args(arguments))
}

/// Logs in at real servers, beside oauth4webapi.
pub fn interop(arguments: &[String]) -> Result<()> {
    let tarball = pack::run()?;
    run(node::node().args(["tests/interop/run.mjs", "--package"]).arg(tarball).args(arguments))
}

/// Uses this terminal's input and output.
pub fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "it did not end well");
    Ok(())
}
