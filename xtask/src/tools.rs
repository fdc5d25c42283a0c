//! Programs that the tests need. Installs them if possible, else an error names them.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::progress;
use crate::repo;

pub const WASM: &str = "wasm32-unknown-unknown";

/// The cargo that runs this tool, so that both use one toolchain.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repo::root());
    command
}

/// The output of a program, without the end of the line.
pub fn printed(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).current_dir(repo::root()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().into())
}

/// Every package that cargo builds for this repository.
pub fn packages() -> Result<Vec<Value>> {
    let metadata = cargo().args(["metadata", "--format-version=1", "--all-features", "--locked"]).output()?;
    ensure!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let mut metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    Ok(serde_json::from_value(metadata["packages"].take())?)
}

/// The standard library compiled for WebAssembly.
pub fn wasm_target() -> Result<()> {
    if sysroot()?.join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    ensure!(has("rustup"), "the Rust target {WASM} is missing, and there is no rustup to add it");
    rustup("Adding the WebAssembly target", &["target", "add", WASM])
}

/// The source of the standard library, for the build that compiles it for size. False if it is not available.
pub fn std_source() -> Result<bool> {
    let is_there = sysroot()?.join("lib/rustlib/src/rust/library/Cargo.lock").is_file();
    let add = || rustup("Adding the standard library's source", &["component", "add", "rust-src"]).is_ok();
    Ok(is_there || has("rustup") && add())
}

fn rustup(title: &str, arguments: &[&str]) -> Result<()> {
    progress::run(title, Command::new("rustup").args(arguments).current_dir(repo::root())).map(drop)
}

fn sysroot() -> Result<PathBuf> {
    Ok(printed("rustc", &["--print", "sysroot"])?.into())
}

/// A browser to test with.
pub struct Browser {
    name: &'static str,
    /// The environment variable with another path.
    pub variable: &'static str,
    /// Names of the program, or its paths on macOS and Windows.
    programs: &'static [&'static str],
    /// A program that it needs to start.
    beside: Option<&'static str>,
    /// Debian's packages.
    packages: &'static [&'static str],
}

pub const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome",
    ],
    beside: None,
    packages: &["chromium"],
};

pub const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    programs: &[
        "firefox-esr",
        "firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        r"C:\Program Files\Mozilla Firefox\firefox",
    ],
    beside: None,
    packages: &["firefox-esr"],
};

/// Safari's engine for Linux. Only a driver can control it, and it needs a screen.
pub const WEBKIT: Browser = Browser {
    name: "WebKitGTK's driver and Xvfb",
    variable: "WEBKIT",
    programs: &["WebKitWebDriver"],
    beside: Some("Xvfb"),
    packages: &["webkit2gtk-driver", "xvfb"],
};

impl Browser {
    /// The path from the variable, an installed browser, or Debian's.
    pub fn find(&self) -> Result<PathBuf> {
        let Browser { name, variable, packages, .. } = self;
        if let Some(path) = env::var_os(variable).map(PathBuf::from) {
            ensure!(path.is_file(), "{variable} is {}, which is no file", path.display());
            return Ok(path);
        }
        if let Some(path) = self.installed() {
            return Ok(path);
        }
        let sentence = format!("the tests need {name}: install it, or name one in the environment variable {variable}");
        if !has("apt-get") || printed("id", &["-u"]).is_ok_and(|user| user != "0") {
            bail!("{sentence} (it is installed here only as root on a Debian-like system)");
        }
        let apt = |title: &str, arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments);
            progress::run(title, &mut command).with_context(|| sentence.clone())
        };
        apt("Reading Debian's package lists", &["update"])?;
        let install = [&["install", "--yes", "--no-install-recommends"], *packages].concat();
        apt(&format!("Installing Debian's {}", packages.join(" and ")), &install)?;
        self.installed().context(sentence.clone())
    }

    fn installed(&self) -> Option<PathBuf> {
        self.beside.is_none_or(has).then(|| self.programs.iter().find_map(|program| find(program)))?
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
