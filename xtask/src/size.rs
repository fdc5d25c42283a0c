//! `cargo xtask size`: what the module's bytes are spent on; `xtask/size.mjs` measures what a user downloads.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::build::{self, Kind};
use crate::module::{self, Module};
use crate::node;
use crate::progress::paint;
use crate::repo;
use crate::scripts;

pub fn command(arguments: &[String]) -> Result<()> {
    let mut kind = None;
    let mut flags = vec!["--files"];
    for argument in arguments {
        match argument.as_str() {
            "--record" => flags.push("--record"),
            "--plain" => kind = Some(Kind::Plain),
            _ => bail!("cargo xtask size [--record] [--plain]"),
        }
    }
    let mut script = script(kind)?;
    contributors(&Module::read(&fs::read(repo::path(build::NAMED))?)?);
    scripts::run(script.args(flags))
}

/// Prints only the sizes. Fails if they differ from the recorded ones.
pub fn script(kind: Option<Kind>) -> Result<Command> {
    let kind = build::run(kind)?;
    check(&Module::read(&fs::read(repo::path(build::NAMED))?)?)?;
    let mut script = node::node();
    script.args(["xtask/size.mjs", kind.name()]);
    Ok(script)
}

/// Files that must never be published.
fn check(module: &Module) -> Result<()> {
    ensure!(module.functions.iter().any(|(name, _)| !name.is_empty()), "the module has no names to go by");
    let culprit = module.functions.iter().find(|(name, _)| name.contains("serde_json"));
    ensure!(culprit.is_none(), "serde_json is in the module: {}", culprit.map_or("", |(name, _)| name));
    let stray = module.imports.iter().find(|import| !import.starts_with("./oidc_wasm_bg.js."));
    ensure!(stray.is_none(), "the module imports {}", stray.map_or("", String::as_str));
    Ok(())
}

fn contributors(module: &Module) {
    let mut origins = BTreeMap::<&str, usize>::new();
    for (function, bytes) in &module.functions {
        *origins.entry(module::origin(function)).or_default() += bytes;
    }
    let origins = origins.into_iter().chain([("constants and text", module.data)]).collect();
    print("WebAssembly, bytes by crate (inlined code counts for its caller)", origins);
    let functions = module.functions.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    print("WebAssembly, bytes by function", functions);
    println!("\n{} KiB of memory at the start.", module.initial_pages * 64);
}

/// The largest first.
fn print(heading: &str, mut lines: Vec<(&str, usize)>) {
    lines.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    println!("\n{}", paint("1", heading));
    lines.iter().take(20).for_each(|(name, bytes)| println!("{bytes:>9}  {name}"));
}
