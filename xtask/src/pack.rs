//! `cargo xtask pack`: the npm tarball for publishing. `pkg/pack.mjs` makes it.

use std::path::PathBuf;

use anyhow::Result;

use crate::build;
use crate::node;
use crate::progress;
use crate::repo;
use crate::stamp::Stamp;

pub fn command() -> Result<()> {
    println!("{}", run()?.display());
    Ok(())
}

/// Builds outdated files and packs them.
pub fn run() -> Result<PathBuf> {
    build::run()?;
    let files =
        ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "SECURITY.md", "docs", "pkg/package.json"];
    let inputs =
        [&files[..], &["pkg/entries.json", "pkg/entries.mjs", "pkg/pack.mjs", "pkg/repository.json", "pkg/dist"]];
    let tarball = repo::path("target/npm").join(format!("oidc-wasm-{}.tgz", repo::VERSION));
    let stamp = Stamp::new("tarball", &inputs.concat(), repo::VERSION)?;
    if !stamp.is_fresh(&[&tarball]) {
        progress::run("Packing the npm package", node::node().args(["pkg/pack.mjs", "target/npm", repo::VERSION]))?;
        stamp.record()?;
    }
    Ok(tarball)
}

/// A directory that contains only the package.
pub fn staged() -> PathBuf {
    repo::path("target/npm/package")
}
