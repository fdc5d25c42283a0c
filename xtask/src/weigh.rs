//! `cargo xtask weigh`: builds the module with each feature of Cargo.toml, and compares it with the module of a login.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use crate::build;
use crate::node;
use crate::repo;
use crate::scripts;
use crate::stamp;
use crate::tools;

pub fn command() -> Result<()> {
    let package = tools::packages()?.into_iter().find(|package| package["name"] == "oidc-wasm");
    let features: BTreeMap<String, Value> = serde_json::from_value(package.unwrap_or_default()["features"].take())?;
    let mut script = node::node();
    script.arg("benches/size/features.mjs");
    weigh(&mut script, "login", "wasm")?;
    for feature in features.keys().filter(|feature| !["default", "wasm"].contains(&feature.as_str())) {
        weigh(&mut script, feature, &format!("wasm,{feature}"))?;
    }
    scripts::run(&mut script)
}

fn weigh(script: &mut Command, name: &str, features: &str) -> Result<()> {
    let file = repo::path("target/wasm/weighed").join(format!("{name}.wasm"));
    stamp::write(&file, &build::weighed(features)?)?;
    script.arg(file);
    Ok(())
}
