//! Programs that must be on the machine: installed if possible, else named in an error.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::progress;
use crate::repo;

pub const WASM: &str = "wasm32-unknown-unknown";

/// The cargo that runs this tool, so that both use one toolchain.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repo::root());
    command
}

/// The standard library compiled for WebAssembly.
pub fn wasm_target() -> Result<()> {
    if sysroot()?.join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    if !has("rustup") {
        bail!("the Rust target {WASM} is missing, and there is no rustup to add it");
    }
    rustup("Adding the WebAssembly target", &["target", "add", WASM])
}

/// The standard library's source, for a build that compiles it for size. False where it cannot be had.
pub fn std_source() -> Result<bool> {
    if sysroot()?.join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
        return Ok(true);
    }
    Ok(has("rustup") && rustup("Adding the standard library's source", &["component", "add", "rust-src"]).is_ok())
}

/// A browser to test with.
pub struct Browser {
    name: &'static str,
    /// The environment variable that names another.
    pub variable: &'static str,
    programs: &'static [&'static str],
    /// Where macOS keeps it.
    apps: &'static [&'static str],
    /// A program that it does not start without.
    beside: Option<&'static str>,
    /// Debian's packages.
    packages: &'static [&'static str],
}

pub const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: &["chromium", "chromium-browser", "google-chrome"],
    apps: &["Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome"],
    beside: None,
    packages: &["chromium"],
};

pub const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    programs: &["firefox-esr", "firefox"],
    apps: &["Firefox.app/Contents/MacOS/firefox"],
    beside: None,
    packages: &["firefox-esr"],
};

/// The engine of Safari, for Linux. It has no other way to be steered than by a driver, and wants a screen.
pub const WEBKIT: Browser = Browser {
    name: "WebKitGTK's driver and Xvfb",
    variable: "WEBKIT",
    programs: &["WebKitWebDriver"],
    apps: &[],
    beside: Some("Xvfb"),
    packages: &["webkit2gtk-driver", "xvfb"],
};

impl Browser {
    /// The one that the variable names, one that is installed, or Debian's.
    pub fn find(&self) -> Result<PathBuf> {
        let Browser { name, variable, packages, .. } = self;
        if let Some(path) = env::var_os(variable).map(PathBuf::from) {
            return if path.is_file() { Ok(path) } else { bail!("{variable} is {}, which is no file", path.display()) };
        }
        if let Some(path) = self.installed() {
            return Ok(path);
        }
        let sentence = format!("the tests need {name}: install it, or name one in the environment variable {variable}");
        if !has("apt-get") || !is_root() {
            bail!("{sentence} (it is installed here only as root on a Debian-like system)");
        }
        progress::run("Reading Debian's package lists", apt().arg("update")).with_context(|| sentence.clone())?;
        let mut install = apt();
        install.args(["install", "--yes", "--no-install-recommends"]).args(*packages);
        let title = format!("Installing Debian's {}", packages.join(" and "));
        progress::run(&title, &mut install).with_context(|| sentence.clone())?;
        self.installed().context(sentence)
    }

    fn installed(&self) -> Option<PathBuf> {
        if !self.beside.is_none_or(has) {
            return None;
        }
        let programs = self.programs.iter().find_map(|program| find(program));
        let app = |app| Path::new("/Applications").join(app);
        programs.or_else(|| self.apps.iter().map(app).find(|app| app.is_file()))
    }
}

/// Whether a program of that name would start.
pub fn has(program: &str) -> bool {
    find(program).is_some()
}

fn find(program: &str) -> Option<PathBuf> {
    let name = if cfg!(windows) { format!("{program}.exe") } else { program.to_owned() };
    env::split_paths(&env::var_os("PATH")?).map(|directory| directory.join(&name)).find(|path| path.is_file())
}

fn rustup(title: &str, arguments: &[&str]) -> Result<()> {
    progress::run(title, Command::new("rustup").args(arguments).current_dir(repo::root())).map(drop)
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).arg("--quiet");
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn sysroot() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).current_dir(repo::root()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().into())
}
