//! `cargo xtask size` and `weigh`: the module's largest functions; `benches/size/index.mjs` measures what a user downloads.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::Result;
use serde_json::Value;
use walrus::Module;

use crate::build;
use crate::files;
use crate::tools;

pub fn command(arguments: &[String]) -> Result<()> {
    let mut script = script()?;
    let module = Module::from_buffer(&fs::read(build::named())?)?;
    let size = |body: &walrus::LocalFunction| body.original_range.as_ref().map_or(0, ExactSizeIterator::len);
    let name = |id| rustc_demangle::demangle(module.funcs.get(id).name.as_deref().unwrap_or_default());
    let mut functions: Vec<_> = module.funcs.iter_local().map(|(id, body)| (size(body), name(id))).collect();
    functions.sort_by_key(|(bytes, _)| Reverse(*bytes));
    println!("\nWebAssembly, bytes by function (inlined code counts for its caller)");
    functions.iter().take(20).for_each(|(bytes, name)| println!("{bytes:>9}  {name:#}"));
    println!("{:>9}  constants and text", module.data.iter().map(|data| data.value.len()).sum::<usize>());
    crate::run(script.arg("--files").args(arguments))
}

/// Prints only the sizes. Fails if they differ from the recorded ones.
pub fn script() -> Result<Command> {
    build::run()?;
    Ok(tools::command("node benches/size/index.mjs"))
}

/// Builds the module with each feature of Cargo.toml, beside the one for a login.
pub fn by_feature() -> Result<()> {
    let package = tools::packages()?.into_iter().find(|package| package["name"] == "oidc-wasm");
    let features: BTreeMap<String, Value> = serde_json::from_value(package.unwrap_or_default()["features"].take())?;
    let mut script = tools::command("node benches/size/features.mjs");
    let features = features.keys().map(String::as_str).filter(|feature| !["default", "wasm"].contains(feature));
    for feature in ["login"].into_iter().chain(features) {
        let list = if feature == "login" { "wasm".to_owned() } else { format!("wasm,{feature}") };
        let file = files::path("target/wasm/weighed").join(format!("{feature}.wasm"));
        files::write(&file, &build::weighed(&list)?)?;
        script.arg(file);
    }
    crate::run(&mut script)
}
