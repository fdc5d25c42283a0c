//! Node, npm and npm's programs.

use std::process::Command;

use anyhow::{Context, Result};

use crate::progress;
use crate::repo;
use crate::stamp::Stamp;

pub fn node() -> Command {
    in_repository(Command::new("node"))
}

pub fn npm() -> Command {
    in_repository(Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" }))
}

/// A program from `node_modules`.
pub fn bin(name: &str) -> Command {
    let suffix = if cfg!(windows) { ".cmd" } else { "" };
    in_repository(Command::new(repo::path("node_modules/.bin").join(format!("{name}{suffix}"))))
}

/// Installs the packages of package-lock.json. npm rejects a Node that is older than package.json's `engines`.
pub fn prepare() -> Result<()> {
    let asked = node().args(["-p", "[process.version, process.platform, process.arch]"]).output();
    let version = String::from_utf8(asked.context("Node.js is needed: https://nodejs.org, 20.19 or newer")?.stdout)?;
    let stamp = Stamp::new("npm", &["package.json", "package-lock.json"], &version)?;
    if stamp.is_fresh(&["node_modules/.package-lock.json"]) {
        return Ok(());
    }
    progress::run("Installing the npm packages", npm().arg("ci"))?;
    stamp.record()
}

/// Removes a person's options for other projects, so that every tool sees the same values.
fn in_repository(mut command: Command) -> Command {
    command.env_remove("NODE_OPTIONS").current_dir(repo::root());
    command
}
