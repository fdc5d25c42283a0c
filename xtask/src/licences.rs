//! Whether every Rust package that is built here has a licence from deny.toml's list, and npm's package has none inside.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::repo;
use crate::spdx;
use crate::tools;

/// How many packages were looked at.
pub fn check() -> Result<usize> {
    let accepted = accepted()?;
    let metadata = tools::cargo().args(["metadata", "--format-version=1", "--all-features", "--locked"]).output()?;
    ensure!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo's metadata has no packages")?;
    let refused: Vec<_> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(|licence| spdx::is_met(licence, &accepted)))
        .map(|package| {
            ["name", "version", "license"].map(|member| package[member].as_str().unwrap_or("none")).join(" ")
        })
        .collect();
    ensure!(refused.is_empty(), "licences that deny.toml does not list:\n{}", refused.join("\n"));

    let manifest: Value = serde_json::from_slice(&fs::read(repo::path("pkg/package.json"))?)?;
    ensure!(manifest.get("dependencies").is_none(), "the npm package is to have no dependencies");
    Ok(packages.len())
}

/// The list `allow` of deny.toml, which is one line there or several.
fn accepted() -> Result<Vec<String>> {
    let text = fs::read_to_string(repo::path("deny.toml"))?;
    let list = text.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']'));
    let Some((list, _)) = list else { bail!("deny.toml has no list `allow`") };
    Ok(list.split('"').skip(1).step_by(2).map(ToOwned::to_owned).collect())
}
