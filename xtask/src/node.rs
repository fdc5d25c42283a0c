//! Node, npm and the programs that npm installs.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::progress;
use crate::repo;

/// Node's own word for what it can do: the oldest release that every tool in package.json runs on.
const OLDEST: (u32, u32) = (20, 19);

pub fn node() -> Command {
    in_repository("node")
}

pub fn npm() -> Command {
    in_repository(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A program from `node_modules`.
pub fn bin(name: &str) -> Command {
    let suffix = if cfg!(windows) { ".cmd" } else { "" };
    let mut command = Command::new(repo::path("node_modules/.bin").join(format!("{name}{suffix}")));
    command.current_dir(repo::root());
    command
}

/// Node is new enough, and `node_modules` holds what package-lock.json says.
pub fn prepare() -> Result<()> {
    let asked = node().args(["-p", "JSON.stringify([process.versions.node, process.platform, process.arch])"]).output();
    let asked = asked.context("Node.js is needed: https://nodejs.org, 20.19 or newer")?;
    let [version, os, cpu]: [String; 3] = serde_json::from_slice(&asked.stdout).context("Node.js does not start")?;
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST {
        bail!("Node.js {}.{} or newer is needed; this is {version}", OLDEST.0, OLDEST.1);
    }
    if !is_installed(&os, &cpu)? {
        progress::run("Installing the npm packages", npm().arg("ci"))?;
    }
    Ok(())
}

/// npm writes what it installed to a lock file of its own, which leaves out what is for other machines.
fn is_installed(os: &str, cpu: &str) -> Result<bool> {
    let wanted = packages("package-lock.json")?;
    let Ok(found) = packages("node_modules/.package-lock.json") else {
        return Ok(false);
    };
    let same = |name: &String, package: &Value| {
        found
            .get(name)
            .map_or_else(|| may_lack(package, os, cpu) || name.is_empty(), |it| it["version"] == package["version"])
    };
    Ok(wanted.iter().all(|(name, package)| same(name, package)))
}

/// An optional package, unless it is for this system and processor, whatever their C library.
fn may_lack(package: &Value, os: &str, cpu: &str) -> bool {
    let names = |member: &str, this: &str| match &package[member] {
        Value::Array(all) => all.iter().any(|one| one == this),
        one => one == this,
    };
    package["optional"] == true && !(names("os", os) && names("cpu", cpu) && package["libc"].is_null())
}

pub fn packages(lock: &str) -> Result<Map<String, Value>> {
    let mut lock: Value = serde_json::from_slice(&fs::read(repo::path(lock))?)?;
    match lock["packages"].take() {
        Value::Object(packages) => Ok(packages),
        _ => bail!("this lock file has no packages"),
    }
}

fn in_repository(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repo::root());
    // Chosen by a person's shell for other projects; here every tool must see the same.
    if env::var_os("NODE_OPTIONS").is_some() {
        command.env_remove("NODE_OPTIONS");
    }
    command
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::may_lack;

    #[test]
    fn only_what_is_for_another_machine_may_be_lacking() {
        let package = |os, cpu| json!({ "optional": true, "os": os, "cpu": cpu });
        let is_lacked = |package| may_lack(&package, "linux", "x64");
        assert!(!is_lacked(package(json!("linux"), json!("x64"))), "as npm's lock file writes one name");
        assert!(!is_lacked(package(json!(["darwin", "linux"]), json!(["x64"]))), "as it writes several");
        assert!(is_lacked(package(json!("darwin"), json!("x64"))), "another system");
        assert!(is_lacked(package(json!("linux"), json!("arm64"))), "another processor");
        let musl = json!({ "optional": true, "os": ["linux"], "cpu": ["x64"], "libc": ["musl"] });
        assert!(is_lacked(musl), "another C library");
        assert!(is_lacked(json!({ "optional": true })), "part of what is for another machine");
        assert!(!is_lacked(json!({})), "not optional");
    }
}
