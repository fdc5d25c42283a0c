//! Programs that the tests need. Installs them if possible, else an error names them.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::progress;
use crate::repo;

/// The cargo that runs this tool, so that both use one toolchain.
pub fn cargo(arguments: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split(' ')).current_dir(repo::root());
    command
}

/// Every package that cargo builds for this repository.
pub fn packages() -> Result<Vec<Value>> {
    let metadata = cargo("metadata --format-version=1 --all-features --locked").output()?;
    ensure!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let mut metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    Ok(serde_json::from_value(metadata["packages"].take())?)
}

/// A browser to test with.
pub struct Browser {
    /// The environment variable with its path.
    pub variable: &'static str,
    /// Names of the program, or its paths on macOS and Windows.
    programs: &'static [&'static str],
    /// Programs that it needs to start.
    beside: &'static [&'static str],
    /// Debian's packages.
    packages: &'static str,
}

pub const CHROMIUM: Browser = Browser {
    variable: "CHROMIUM",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome",
    ],
    beside: &[],
    packages: "chromium",
};

pub const FIREFOX: Browser = Browser {
    variable: "FIREFOX",
    programs: &[
        "firefox-esr",
        "firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        r"C:\Program Files\Mozilla Firefox\firefox",
    ],
    beside: &[],
    packages: "firefox-esr",
};

/// Safari's engine for Linux. Only a driver can control it, and it needs a screen.
pub const WEBKIT: Browser = Browser {
    variable: "WEBKIT",
    programs: &["WebKitWebDriver"],
    beside: &["Xvfb"],
    packages: "webkit2gtk-driver xvfb",
};

impl Browser {
    /// The path from the variable, an installed browser, or Debian's.
    pub fn find(&self) -> Result<PathBuf> {
        let Browser { variable, packages, .. } = self;
        if let Some(path) = env::var_os(variable).map(PathBuf::from) {
            ensure!(path.is_file(), "{variable} is {}, which is no file", path.display());
            return Ok(path);
        }
        if let Some(path) = self.installed() {
            return Ok(path);
        }
        let advice = || format!("install {packages}, or put its path into the environment variable {variable}");
        let apt = |title: &str, arguments: &str| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments.split(' '));
            progress::run(title, &mut command).with_context(advice)
        };
        apt("Reading Debian's package lists", "update")?;
        let title = format!("Installing Debian's {packages}");
        apt(&title, &format!("install --yes --no-install-recommends {packages}"))?;
        self.installed().with_context(advice)
    }

    fn installed(&self) -> Option<PathBuf> {
        self.beside.iter().all(|name| has(name)).then(|| self.programs.iter().find_map(|program| find(program)))?
    }
}

/// Whether a program with that name starts.
pub fn has(program: &str) -> bool {
    find(program).is_some()
}

/// A program by its name, or by its whole path: joined with it, no folder counts.
fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|directory| directory.join(&name)).find(|path| path.is_file())
}
