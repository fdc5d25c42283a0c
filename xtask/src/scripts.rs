//! Commands whose work is done by a script for Node, on a build or a tarball that is up to date.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::build;
use crate::node;
use crate::pack;
use crate::progress;
use crate::tools;

/// The demo page with a real OpenID Provider behind it, until Ctrl-C.
pub fn demo(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let mut server = node::node();
    server.args(["www/server.mjs", "--open"]).args(arguments);
    // In this process's place: Ctrl-C and other signals reach the server alone.
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(&mut server).into());
    #[cfg(not(unix))]
    run(&mut server)
}

/// The engine beside JavaScript libraries of the same job. benches/README.md says how.
pub fn bench(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let chromium = tools::CHROMIUM.find().unwrap_or_else(|error| {
        progress::notice(&format!("Chromium is left out: {error:#}"));
        "".into()
    });
    run(node::node().arg("benches/js/run.mjs").args(arguments).env("CHROMIUM", chromium))
}

/// A login in a tiny project for each bundler, framework and runtime, which is installed for it.
pub fn matrix(arguments: &[String]) -> Result<()> {
    let tarball = pack::run()?;
    run(node::node().args(["tests/matrix/run.mjs", "--record", "--package"]).arg(tarball).args(arguments))
}

/// Logins at real servers, beside oauth4webapi.
pub fn interop(arguments: &[String]) -> Result<()> {
    let tarball = pack::run()?;
    run(node::node().args(["tests/interop/run.mjs", "--package"]).arg(tarball).args(arguments))
}

/// With this terminal's input and output.
pub fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "it did not end well");
    Ok(())
}
