//! `cargo xtask size` and `weigh`: the module's largest functions; `benches/size/index.mjs` measures what a user downloads.

use std::cmp::Reverse;
use std::fs;
use std::process::Command;

use anyhow::Result;
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

/// Builds the module with each list of features, such as `usual,dpop`. Without a list: each feature of Cargo.toml, beside a login.
pub fn by_feature(lists: &[String]) -> Result<()> {
    const LOGIN: &str = "login";
    let each = || Ok([LOGIN.to_owned()].into_iter().chain(tools::features()?).collect());
    let lists: Result<Vec<String>> = if lists.is_empty() { each() } else { Ok(lists.to_owned()) };
    let mut script = tools::command("node benches/size/features.mjs");
    for list in lists? {
        let features = if list == LOGIN { "wasm".to_owned() } else { format!("wasm,{list}") };
        let file = files::path("target/wasm/weighed").join(format!("{list}.wasm"));
        files::write(&file, &build::weighed(&features)?)?;
        script.arg(file);
    }
    crate::run(&mut script)
}
