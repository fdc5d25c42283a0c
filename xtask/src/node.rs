//! Node, npm and the programs that npm installs.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::progress;
use crate::repo;
use crate::stamp::Stamp;

/// The oldest release that every tool in package.json supports.
const OLDEST: [u32; 2] = [20, 19];

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

/// Checks that Node is new enough, and that `node_modules` matches package-lock.json.
pub fn prepare() -> Result<()> {
    let asked = node().args(["-p", "[process.versions.node, process.platform, process.arch]"]).output();
    let asked = asked.context("Node.js is needed: https://nodejs.org, 20.19 or newer")?;
    let version = String::from_utf8(asked.stdout)?;
    let numbers: Vec<u32> =
        version.split(|letter: char| !letter.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect();
    ensure!(
        numbers.get(..2).is_some_and(|numbers| numbers >= OLDEST.as_slice()),
        "Node.js 20.19 or newer is needed: {version}"
    );
    let stamp = Stamp::new("npm", &[repo::path("package-lock.json")], &version)?;
    if !stamp.is_fresh(&[repo::path("node_modules/.package-lock.json")]) {
        progress::run("Installing the npm packages", npm().arg("ci"))?;
        stamp.record()?;
    }
    Ok(())
}

/// Removes a person's options for other projects: every tool must see the same values.
fn in_repository(mut command: Command) -> Command {
    if env::var_os("NODE_OPTIONS").is_some() {
        command.env_remove("NODE_OPTIONS");
    }
    command.current_dir(repo::root());
    command
}
