//! Commands that run a Node script on a current build or tarball.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::build;
use crate::node;
use crate::pack;
use crate::tools::CHROMIUM;

/// Serves the demo page with a real OpenID Provider, until Ctrl-C.
pub fn demo(arguments: &[String]) -> Result<()> {
    build::run()?;
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
    build::run()?;
    run(node::node().arg("benches/js/run.mjs").args(arguments).env(CHROMIUM.0, CHROMIUM.find()?))
}

/// A script that installs the tarball: in a small project for each bundler and framework, or at real servers.
pub fn with_tarball(script: &[&str], arguments: &[String]) -> Result<()> {
    run(node::node().args(script).arg("--package").arg(pack::run()?).args(arguments))
}

/// Uses this terminal's input and output.
pub fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "it failed");
    Ok(())
}
