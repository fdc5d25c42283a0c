//! Every way into the npm package that its `exports` name.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::repo;

#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it is imported; a runtime that gets a file of its own is named.
    pub name: String,
    /// Below the root of the repository.
    pub file: String,
}

pub fn read() -> Result<Vec<Entry>> {
    let manifest: Value = serde_json::from_slice(&fs::read(repo::path("pkg/package.json"))?)?;
    of(&manifest)
}

/// Scripts alone: what else is exported is data, and nobody's bundle grows by it.
fn of(manifest: &Value) -> Result<Vec<Entry>> {
    let package = manifest["name"].as_str().context("the package has no name")?;
    let exports = manifest["exports"].as_object().context("the package has no exports")?;
    let mut entries = Vec::new();
    for (subpath, target) in exports {
        let name = format!("{package}{}", subpath.trim_start_matches('.'));
        match target.as_object() {
            Some(runtimes) => {
                entries.extend(runtimes.iter().filter_map(|(runtime, file)| script(label(&name, runtime), file)));
            }
            None => entries.extend(script(name, target)),
        }
    }
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

fn script(name: String, target: &Value) -> Option<Entry> {
    let path = target.as_str()?;
    let is_script = Path::new(path).extension()? == "js";
    is_script.then(|| Entry { name, file: format!("pkg/{}", path.trim_start_matches("./")) })
}

fn label(name: &str, runtime: &str) -> String {
    match runtime {
        "default" => name.to_owned(),
        _ => format!("{name} in {runtime}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subpaths_and_runtimes_are_entries_and_data_is_none() {
        let manifest = serde_json::json!({ "name": "p", "exports": {
            ".": { "types": "./dist/index.d.ts", "workerd": "./dist/workerd.js", "default": "./dist/index.js" },
            "./pkce": { "types": "./dist/pkce.d.ts", "default": "./dist/pkce.js" },
            "./lean": "./dist/lean.js",
            "./p.wasm": "./dist/p.wasm",
            "./package.json": "./package.json",
        }});
        let entries = of(&manifest).unwrap();
        let shown: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.file.as_str())).collect();
        let expected = [
            ("p", "pkg/dist/index.js"),
            ("p in workerd", "pkg/dist/workerd.js"),
            ("p/lean", "pkg/dist/lean.js"),
            ("p/pkce", "pkg/dist/pkce.js"),
        ];
        assert_eq!(shown, expected);
    }
}
