//! Every way into the npm package that `pkg/entries.json` names.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;

use crate::repo;

#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it is imported; a runtime that gets a file of its own is named.
    pub name: String,
    /// Below the root of the repository.
    pub file: String,
    pub source: String,
}

pub fn read() -> Result<Vec<Entry>> {
    Ok(of(&serde_json::from_slice(&fs::read(repo::path("pkg/entries.json"))?)?))
}

/// Edge runtimes have a build of their own, which is measured where it differs most: the main entry.
fn of(entries: &BTreeMap<String, String>) -> Vec<Entry> {
    let mut all = Vec::new();
    for (subpath, source) in entries {
        let name = format!("oidc-wasm{}", subpath.trim_start_matches('.'));
        let stem = source.trim_end_matches(".ts").trim_end_matches("/index");
        let source = format!("pkg/src/{source}");
        if subpath == "." {
            let file = format!("pkg/dist/edge/{stem}.js");
            all.push(Entry { name: format!("{name} in workerd"), file, source: source.clone() });
        }
        all.push(Entry { name, file: format!("pkg/dist/{stem}.js"), source });
    }
    all.sort_by(|left, right| left.name.cmp(&right.name));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_entry_and_the_main_one_is_measured_in_workerd_too() {
        let entries = [(".", "index.ts"), ("./edge", "edge/index.ts")];
        let entries = of(&entries.map(|(name, file)| (name.to_owned(), file.to_owned())).into());
        let shown: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.file.as_str())).collect();
        let expected = [
            ("oidc-wasm", "pkg/dist/index.js"),
            ("oidc-wasm in workerd", "pkg/dist/edge/index.js"),
            ("oidc-wasm/edge", "pkg/dist/edge.js"),
        ];
        assert_eq!(shown, expected);
    }
}
