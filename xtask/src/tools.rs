//! Programs that the tests need. An error names one that is missing.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::files::{self, Stamp};
use crate::progress;

/// A command in the root of the repository, with arguments that have no spaces.
pub fn command(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    let mut command = match name {
        // The cargo that runs this tool, so that both use one toolchain.
        "cargo" => Command::new(env::var_os("CARGO").unwrap_or_else(|| name.into())),
        "node" | "typos" => Command::new(name),
        "npm" => Command::new(if cfg!(windows) { "npm.cmd" } else { name }),
        _ => {
            let suffix = if cfg!(windows) { ".cmd" } else { "" };
            Command::new(files::path("node_modules/.bin").join(format!("{name}{suffix}")))
        }
    };
    // Removes a person's options for other projects, so that every tool sees the same values.
    command.args(words).env_remove("NODE_OPTIONS").current_dir(files::root());
    command
}

/// Installs the packages of package-lock.json. npm rejects a Node that is older than package.json's `engines`.
pub fn prepare() -> Result<()> {
    let asked = command("node -p process.version+process.platform+process.arch").output();
    let version = String::from_utf8(asked.context("Node.js is needed: https://nodejs.org, 20.19 or newer")?.stdout)?;
    let stamp = Stamp::new("npm", "package.json package-lock.json", &version)?;
    stamp.renew(&["node_modules/.package-lock.json"], || {
        progress::run("Installing the npm packages", &mut command("npm ci"))
    })
}

/// The engine's features beyond a login, from Cargo.toml.
pub fn features() -> Result<Vec<String>> {
    let metadata = command("cargo metadata --format-version=1 --no-deps --locked").output()?;
    let metadata: Value = serde_json::from_slice(&metadata.stdout).context("cargo metadata failed")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let features = packages.filter(|one| one["name"] == "oidc-wasm").find_map(|one| one["features"].as_object());
    let names = features.into_iter().flat_map(|all| all.keys().cloned());
    let features: Vec<_> = names.filter(|name| !["default", "wasm"].contains(&name.as_str())).collect();
    ensure!(!features.is_empty(), "Cargo.toml has no features");
    Ok(features)
}

/// A browser to test with: the environment variable with its path, and its programs' names or paths.
pub struct Browser(pub &'static str, &'static [&'static str]);

pub const CHROMIUM: Browser = Browser(
    "CHROMIUM",
    &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome",
    ],
);
pub const FIREFOX: Browser = Browser("FIREFOX", &["firefox-esr", "firefox"]);
/// Safari's engine for Linux. Only a driver can control it, and it needs a screen: Debian's webkit2gtk-driver and xvfb.
pub const WEBKIT: Browser = Browser("WEBKIT", &["WebKitWebDriver"]);

impl Browser {
    /// The path from the variable, or an installed browser.
    pub fn find(&self) -> Result<PathBuf> {
        let Browser(variable, programs) = self;
        if let Some(path) = env::var_os(variable).map(PathBuf::from) {
            ensure!(path.is_file(), "{variable} is {}, which is not a file", path.display());
            return Ok(path);
        }
        // A whole path is found as it is, and Windows adds its extensions.
        let installed = programs.iter().find_map(|program| which::which(program).ok());
        installed.with_context(|| format!("install {}, or put its path into {variable}", programs[0]))
    }
}
