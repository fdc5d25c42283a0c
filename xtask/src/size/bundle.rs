//! An application's download for one entry, ours or a peer's: bundled and minified by esbuild.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::node;
use crate::progress::Step;
use crate::repo;
use crate::size::bytes::Bytes;

#[derive(Default)]
pub struct Bundle {
    /// What is loaded at once, and what only when it is first needed.
    pub now: Bytes,
    pub later: Bytes,
    /// Bytes in the bundle by source file, the largest first.
    pub files: Vec<(String, usize)>,
}

/// Bundles `entry`, a file of the repository, for what is called `name`.
pub fn bundle(step: &Step, name: &str, entry: &str) -> Result<Bundle> {
    without(step, name, entry, &[])
}

/// The same without packages that the application has anyway.
pub fn without(step: &Step, name: &str, entry: &str, external: &[&str]) -> Result<Bundle> {
    let out = repo::path("target/size").join(folder(name));
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let meta = out.join("meta.json");
    // A `.wasm` file is a download of its own, as a Worker's bundler makes it one.
    let mut command = esbuild(entry);
    // wasm-bindgen names a module that the engine of wasm2js does without.
    command.args(["--external:__wbindgen_externref_xform__", "--alias:#provider=./tests/support/provider/index.js"]);
    // What another entry loads of it is a row of its own.
    command.arg("--external:oidc-wasm/full");
    command.args(external.iter().map(|package| format!("--external:{package}")));
    command.args(["--bundle", "--splitting", "--loader:.wasm=copy", "--asset-names=[name]"]);
    command.arg(format!("--outdir={}", out.display())).arg(format!("--metafile={}", meta.display()));
    finish(step, &mut command)?;

    let meta: Value = serde_json::from_slice(&fs::read(meta)?)?;
    let outputs = meta["outputs"].as_object().context("esbuild's metafile has no outputs")?;
    let start = outputs.iter().find(|(_, output)| output["entryPoint"] == entry);
    let mut now = vec![start.context("esbuild's metafile has no entry")?.0.as_str()];
    let mut next = 0;
    while let Some(file) = now.get(next) {
        let imports = outputs[*file]["imports"].as_array().into_iter().flatten();
        for import in imports.filter(|import| import["kind"] == "import-statement" && import["external"] != true) {
            // A bundler's hint behind the question mark is no part of the file's name.
            let path = import["path"].as_str().unwrap_or_default().split('?').next().unwrap_or_default();
            if !now.contains(&path) {
                now.push(path);
            }
        }
        next += 1;
    }
    let mut bundle = Bundle::default();
    for (file, output) in outputs {
        let bytes = Bytes::of(&fs::read(repo::path(file))?)?;
        let sum = if now.contains(&file.as_str()) { &mut bundle.now } else { &mut bundle.later };
        *sum = sum.plus(bytes);
        let inputs = output["inputs"].as_object().into_iter().flatten();
        bundle.files.extend(inputs.map(|(input, part)| {
            let bytes = part["bytesInOutput"].as_u64().unwrap_or_default();
            (input.clone(), usize::try_from(bytes).unwrap_or_default())
        }));
    }
    bundle.files.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(bundle)
}

/// A name without what a path may not hold.
pub fn folder(name: &str) -> String {
    name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}

/// One file by itself.
pub fn minified(step: &Step, file: &str) -> Result<Bytes> {
    let out = repo::path("target/size/minified.js");
    finish(step, esbuild(file).arg(format!("--outfile={}", out.display())))?;
    Bytes::of(&fs::read(out)?)
}

fn esbuild(entry: &str) -> Command {
    let mut command = node::bin("esbuild");
    command.arg(entry).args(["--minify", "--format=esm", "--target=es2022", "--log-level=warning"]);
    command
}

fn finish(step: &Step, command: &mut Command) -> Result<()> {
    let ran = step.run(command)?;
    if !ran.success {
        bail!("{}", ran.output.trim_end());
    }
    Ok(())
}
