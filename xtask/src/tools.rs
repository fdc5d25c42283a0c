//! What must be on the machine, installed where that is possible and said plainly where it is not.

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

/// A Chromium to test with: the one named by `CHROMIUM`, one that is installed, or Debian's.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if path.is_file() { Ok(path) } else { bail!("CHROMIUM is {}, which is no file", path.display()) };
    }
    let mac = ["Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome"];
    let installed = || {
        let programs = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find);
        programs.or_else(|| mac.iter().map(|app| Path::new("/Applications").join(app)).find(|app| app.is_file()))
    };
    if let Some(path) = installed() {
        return Ok(path);
    }
    let sentence = "the browser test needs Chromium: install it, or name one in the environment variable CHROMIUM";
    if !has("apt-get") || !is_root() {
        bail!("{sentence} (it is installed here only as root on a Debian-like system)");
    }
    progress::run("Reading Debian's package lists", apt().arg("update")).context(sentence)?;
    let install = ["install", "--yes", "--no-install-recommends", "chromium"];
    progress::run("Installing Debian's chromium", apt().args(install)).context(sentence)?;
    installed().context(sentence)
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
