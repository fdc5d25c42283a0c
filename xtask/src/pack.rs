//! `cargo xtask pack`: the npm tarball, as it would be published.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::build;
use crate::node;
use crate::progress;
use crate::repo;
use crate::stamp::{self, Stamp};

/// What npm wants inside the package though the repository keeps it at its root.
const FROM_ROOT: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

pub fn command(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "cargo xtask pack");
    println!("{}", run()?.display());
    Ok(())
}

/// Builds what is not up to date and packs it.
pub fn run() -> Result<PathBuf> {
    build::run(None)?;
    let tarball = repo::path("target/npm").join(format!("oidc-wasm-{}.tgz", repo::VERSION));
    let inputs = FROM_ROOT.into_iter().chain(["pkg/package.json", "pkg/dist", "xtask/src/pack.rs"]).map(repo::path);
    let stamp = Stamp::new("tarball", &inputs.collect::<Vec<_>>(), repo::VERSION)?;
    if !stamp.is_fresh(std::slice::from_ref(&tarball)) {
        let stage = stage()?;
        let mut pack = node::npm();
        pack.args(["pack", "--json", "--loglevel=silent", "--pack-destination"])
            .arg(repo::path("target/npm"))
            .arg(&stage);
        check_content(&progress::run("Packing the npm package", &mut pack)?, &stage)?;
        stamp.record()?;
    }
    Ok(tarball)
}

/// A directory that holds the package and nothing else.
pub fn staged() -> PathBuf {
    repo::path("target/npm/package")
}

fn stage() -> Result<PathBuf> {
    let stage = staged();
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    for file in FROM_ROOT {
        stamp::write(
            &stage.join(file),
            &fs::read(repo::path(file)).with_context(|| format!("{file} must be packed"))?,
        )?;
    }
    let dist = repo::path("pkg/dist");
    for file in stamp::files(&dist)? {
        stamp::write(&stage.join("dist").join(file.strip_prefix(&dist)?), &fs::read(&file)?)?;
    }
    let manifest = fs::read(repo::path("pkg/package.json"))?;
    stamp::write(&stage.join("package.json"), &manifest)?;

    let manifest: Value = serde_json::from_slice(&manifest)?;
    ensure!(
        manifest["version"] == repo::VERSION,
        "pkg/package.json says version {}, Cargo.toml says {}",
        manifest["version"],
        repo::VERSION
    );
    for entry in ["exports", "main", "types"] {
        check_paths(&manifest[entry], &stage)?;
    }
    Ok(stage)
}

/// Nothing that was staged is left out by package.json's `files`.
fn check_content(report: &str, stage: &Path) -> Result<()> {
    let report: Value = serde_json::from_str(report).with_context(|| format!("npm pack said {report}"))?;
    let packed: Vec<_> = report[0]["files"].as_array().into_iter().flatten().map(|file| &file["path"]).collect();
    for file in stamp::files(stage)? {
        let file = file.strip_prefix(stage)?.to_string_lossy().replace('\\', "/");
        ensure!(packed.iter().any(|path| **path == *file), "`files` in pkg/package.json leaves out {file}");
    }
    Ok(())
}

/// Every file that package.json promises is there.
fn check_paths(promised: &Value, stage: &Path) -> Result<()> {
    match promised {
        Value::String(path) if !path.contains('*') && !stage.join(path).is_file() => {
            bail!("pkg/package.json promises {path}, which is not built")
        }
        Value::Object(members) => members.values().try_for_each(|member| check_paths(member, stage)),
        Value::Array(members) => members.iter().try_for_each(|member| check_paths(member, stage)),
        _ => Ok(()),
    }
}
