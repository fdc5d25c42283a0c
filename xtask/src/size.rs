//! `cargo xtask size`: the module's largest functions; `benches/size/index.mjs` measures what a user downloads.

use std::cmp::Reverse;
use std::fs;
use std::process::Command;

use anyhow::Result;
use walrus::Module;

use crate::build;
use crate::node;
use crate::scripts;

pub fn command(arguments: &[String]) -> Result<()> {
    let mut script = script()?;
    let module = Module::from_buffer(&fs::read(build::named())?)?;
    let mut functions: Vec<_> = module
        .funcs
        .iter_local()
        .map(|(id, body)| {
            let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
            (body.original_range.as_ref().map_or(0, ExactSizeIterator::len), rustc_demangle::demangle(name))
        })
        .collect();
    functions.sort_by_key(|(bytes, _)| Reverse(*bytes));
    println!("\nWebAssembly, bytes by function (inlined code counts for its caller)");
    functions.iter().take(20).for_each(|(bytes, name)| println!("{bytes:>9}  {name:#}"));
    println!("{:>9}  constants and text", module.data.iter().map(|data| data.value.len()).sum::<usize>());
    scripts::run(script.arg("--files").args(arguments))
}

/// Prints only the sizes. Fails if they differ from the recorded ones.
pub fn script() -> Result<Command> {
    build::run()?;
    let mut script = node::node();
    script.arg("benches/size/index.mjs");
    Ok(script)
}
