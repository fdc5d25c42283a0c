//! `cargo xtask weigh`: builds the module with each feature of Cargo.toml, beside the default one.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use crate::build;
use crate::node;
use crate::repo;
use crate::scripts;
use crate::tools;

pub fn command() -> Result<()> {
    let package = tools::packages()?.into_iter().find(|package| package["name"] == "oidc-wasm");
    let features: BTreeMap<String, Value> = serde_json::from_value(package.unwrap_or_default()["features"].take())?;
    let mut modules = vec![("default".to_owned(), build::weighed("wasm")?)];
    for feature in features.keys().filter(|feature| !["default", "wasm"].contains(&feature.as_str())) {
        modules.push((feature.clone(), build::weighed(&format!("wasm,{feature}"))?));
    }
    let mut script = node::node();
    script.arg("xtask/weigh.mjs");
    for (feature, module) in modules {
        script.arg(format!("{feature}={}", repo::display(&module)));
    }
    scripts::run(&mut script)
}
