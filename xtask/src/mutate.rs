//! `cargo xtask mutate`: for each rule, builds an engine without it. A test must fail, natively and in JavaScript.

use std::fs;

use anyhow::{Result, ensure};
use oidc_wasm::Rule;
use serde_json::{Map, Value};

use crate::build::{self, TEST_BUILD};
use crate::files;
use crate::progress;
use crate::tally::Tally;
use crate::tools::{self, CHROMIUM};

pub fn command(codes: &[String]) -> Result<()> {
    let tarball = build::tarball()?;
    let module = build::for_tests()?;
    let sources = files::files(&files::path("src"))?.into_iter().filter(|file| !file.ends_with("rule.rs"));
    let engine_source = sources.map(fs::read_to_string).collect::<Result<String, _>>()?;
    // JavaScript alone applies the others. Every Rust build for tests has all features, and tests/js/poison.mjs stops the engine.
    let is_of_engine = |rule: &&Rule| {
        !matches!(rule, Rule::BuildFull | Rule::BuildDefault | Rule::Internal)
            && engine_source.contains(&format!("Rule::{rule:?}"))
    };
    let engine: Vec<_> = Rule::ALL.iter().filter(is_of_engine).collect();
    let is_wanted = |rule: &&Rule| codes.is_empty() || codes.iter().any(|code| code == rule.code());
    let missed = natively(&engine.iter().copied().filter(is_wanted).collect::<Vec<_>>())?;
    // JavaScript checks the size of a string before the engine sees it.
    let numbered = engine.iter().filter(|rule| ***rule != Rule::JsonTooLarge);
    let numbers: Map<_, _> = numbered.map(|rule| (rule.code().to_owned(), (**rule as u8).into())).collect();
    let mut javascript = tools::command("node tests/js/removed.mjs --package");
    javascript.arg(tarball).arg("--module").arg(module).arg("--engine").arg(Value::from(numbers).to_string());
    javascript.args(codes).env("JS_TESTS_DIR", files::path("target/mutants")).env(CHROMIUM.0, CHROMIUM.find()?);
    let success = javascript.status()?.success();
    ensure!(success && missed.is_empty(), "rules without a test: natively {missed:?}; for JavaScript see above");
    Ok(())
}

/// Rules whose removal fails no native test. Tries the vectors of that rule first, then all tests.
fn natively(rules: &[&Rule]) -> Result<Vec<&'static str>> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    println!("{} rules removed natively", rules.len());
    let passes = |tests: &[String], removed: &str| -> Result<bool> {
        let mut cargo = tools::command("cargo test --quiet --test native --");
        cargo.args(tests).env("RUSTFLAGS", "--cfg oidc_wasm_mutants");
        let (success, output) = progress::output(cargo.env(TEST_BUILD, "1").env("OIDC_WASM_REMOVED", removed))?;
        ensure!(success || Tally::of(&output).failed > 0, "no test failed by itself:\n{output}");
        Ok(success)
    };
    ensure!(passes(&[], "none")?, "the native tests fail with all rules");
    let mut missed = Vec::new();
    for rule in rules {
        let code = if **rule == Rule::Argument { "\"argument.".into() } else { format!("\"{}\"", rule.code()) };
        let mut tests = Vec::new();
        for file in files::files(&files::path("tests/vectors"))? {
            if fs::read_to_string(&file)?.contains(&code) {
                tests.extend(file.file_stem().map(|stem| format!("{}_vectors", stem.to_string_lossy())));
            }
        }
        let number = (**rule as u8).to_string();
        if passes(&tests, &number)? && (tests.is_empty() || passes(&[], &number)?) {
            missed.push(rule.code());
        }
    }
    Ok(missed)
}
