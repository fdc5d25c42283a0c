//! `cargo xtask test`: the checks, in stages of two lanes that run at the same time. The last line counts what ran.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::build;
use crate::files;
use crate::progress::{self, Step};
use crate::tally::Tally;
use crate::tools::{self, CHROMIUM, FIREFOX, WEBKIT};

/// A check by its name. Its argument is true if the long parts run too.
type Check = (&'static str, fn(bool) -> Result<Tally>);

/// The stages in order. The lanes of one stage share neither cargo's lock nor a file that one of them writes.
const STAGES: [[&[Check]; 2]; 2] = [
    [
        &[("format", |_| each(one, &FORMAT)), ("clippy", clippy), ("native", native), ("docs", docs)],
        &[("licences", licences), ("build", build), ("lint", lint), ("types", types), ("size", sizes)],
    ],
    [&[("js", js)], &[("browser", browser), ("full", full), ("fuzz", fuzz), ("audit", audit)]],
];

const FORMAT: [&str; 2] = ["cargo fmt --all --check", "cargo fmt --manifest-path fuzz/Cargo.toml --check"];
const CLIPPY: [&str; 4] = [
    "cargo clippy --package oidc-wasm --all-targets -- --deny warnings",
    "cargo clippy --package oidc-wasm-benches --all-targets -- --deny warnings",
    "cargo clippy --package xtask --all-targets -- --deny warnings",
    "cargo clippy --package oidc-wasm --lib --target wasm32-unknown-unknown --features wasm -- --deny warnings",
];

const FEATURE: &str = "cargo rustc --package oidc-wasm --lib --profile check --target wasm32-unknown-unknown \
    --no-default-features --features wasm,";

/// Checks that run with `--all` or by name only, because they take long.
const LONG: [&str; 3] = ["full", "fuzz", "audit"];

pub fn names() -> Vec<&'static str> {
    STAGES.iter().flatten().flat_map(|lane| lane.iter().map(|(name, _)| *name)).collect()
}

pub fn command(arguments: &[String]) -> Result<()> {
    let all = arguments.iter().any(|word| word == "--all");
    let wanted: Vec<_> = arguments.iter().map(String::as_str).filter(|word| *word != "--all").collect();
    if let Some(unknown) = wanted.iter().find(|name| !names().contains(name)) {
        bail!("there is no step {unknown}: cargo xtask test [--all] [step…], of {}", names().join(", "));
    }
    let is_wanted = |name| if wanted.is_empty() { all || !LONG.contains(&name) } else { wanted.contains(&name) };
    let start = Instant::now();
    let mut ran = Vec::new();
    for lanes in &STAGES {
        let run = |lane: &[Check]| -> Vec<_> {
            let wanted = lane.iter().filter(|(name, _)| is_wanted(*name));
            wanted.map(|(name, check)| (*name, verdict(name, check(all)))).collect()
        };
        let [one, other] = lanes;
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| run(other));
            (run(one), other.join())
        });
        ran.extend(one);
        ran.extend(other.map_err(|_| anyhow!("a check panicked"))?);
    }
    let failed: Vec<_> = ran.iter().filter(|(_, tally)| tally.failed > 0).map(|(name, _)| *name).collect();
    println!("\n{}", progress::seconds(start.elapsed()));
    if let Some(first) = failed.first() {
        println!("Failed: {}. One step alone: cargo xtask test {first}", failed.join(", "));
    }
    // The count is the last line, and the exit code alone reports failure. It counts only checks that ran.
    let total = sum(ran.iter().map(|(_, tally)| Ok(*tally)))?;
    println!("{} passed, {} failed", total.passed, total.failed);
    if failed.is_empty() { Ok(()) } else { std::process::exit(1) }
}

/// A step without a single count has checked nothing, so it fails.
fn verdict(name: &str, ran: Result<Tally>) -> Tally {
    match ran {
        Ok(tally) if tally != Tally::default() => return tally,
        Ok(_) => println!("error: the step {name} ran nothing"),
        Err(error) => println!("error: {error:#}"),
    }
    Tally::FAILED
}

/// Ends a step that could not run. It counts as skipped.
pub fn not_run(step: Step, reason: &str) -> Tally {
    step.end(progress::SKIPPED, &format!("not run: {reason}"));
    Tally { skipped: 1, ..Tally::default() }
}

/// Each feature of the module also compiles alone, without a warning.
fn clippy(_: bool) -> Result<Tally> {
    let line = |feature| format!("{FEATURE}{feature} -- --deny warnings");
    let features: Vec<_> = tools::features()?.into_iter().map(line).collect();
    let lines: Vec<_> = CLIPPY.into_iter().chain(features.iter().map(String::as_str)).collect();
    each(one, &lines)
}

fn native(_: bool) -> Result<Tally> {
    // Each separately: together they would share features, and cargo would compile this tool's dependencies again.
    each(counted, &["cargo test --package oidc-wasm --no-fail-fast", "cargo test --package xtask"])
}

fn docs(_: bool) -> Result<Tally> {
    each(one, &["cargo doc --no-deps --package oidc-wasm"])
}

fn fuzz(_: bool) -> Result<Tally> {
    each(counted, &["node fuzz/run.mjs"])
}

fn sizes(_: bool) -> Result<Tally> {
    build::run()?;
    each(one, &["node benches/size/index.mjs"])
}

/// Each Rust package has a licence from deny.toml. If cargo-deny is installed, it checks more.
fn licences(_: bool) -> Result<Tally> {
    let step = Step::start("licences of the Rust packages");
    let text = fs::read_to_string(files::path("deny.toml"))?;
    let list = text.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']'));
    let accepted: Vec<_> = list.context("deny.toml has no list `allow`")?.0.split('"').skip(1).step_by(2).collect();
    let packages = tools::packages()?;
    for package in &packages {
        let licence = package["license"].as_str().unwrap_or_default();
        let is_met = Expression::parse_mode(licence, ParseMode::LAX)
            .is_ok_and(|it| it.evaluate(|one| accepted.contains(&one.license.to_string().as_str())));
        ensure!(is_met, "{} has the licence {licence}, which deny.toml does not list", package["name"]);
    }
    let manifest: Value = serde_json::from_slice(&fs::read(files::path("pkg/package.json"))?)?;
    ensure!(manifest.get("dependencies").is_none(), "the npm package must have no dependencies");
    step.end(progress::PASSED, &format!("{} packages", packages.len()));
    sum([Ok(Tally::PASSED), each(one, &["cargo deny --offline check licenses bans sources"])])
}

/// The tarball, built once: the JavaScript suite rebuilds the package for a comparison while the other lane uses the tarball.
fn packed() -> Result<PathBuf> {
    static TARBALL: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut tarball = TARBALL.lock().unwrap_or_else(PoisonError::into_inner);
    if tarball.is_none() {
        *tarball = Some(build::tarball()?);
    }
    tarball.clone().context("the tarball was built just now")
}

fn build(_: bool) -> Result<Tally> {
    packed()?;
    build::for_tests()?;
    Ok(Tally::PASSED)
}

fn lint(_: bool) -> Result<Tally> {
    tools::prepare()?;
    each(one, &["biome ci --colors=off", "typos"])
}

/// Every TypeScript project of the repository. The build compiles the package's own.
fn types(_: bool) -> Result<Tally> {
    build::run()?;
    let projects = ["www", "tests", "examples/worker", "examples/hono-api", "examples/mcp"];
    let lines = projects.map(|project| format!("tsc --noEmit -p {project}"));
    each(one, &lines.each_ref().map(String::as_str))
}

/// Installs the tarball into an empty project, as a user does.
fn js(all: bool) -> Result<Tally> {
    let mut command = suite(all)?;
    build::for_tests()?;
    if !all {
        command.arg("--everyday");
    }
    counted("JavaScript suite", command)
}

/// The checks of the engine, with `oidc-wasm/full`, in a separate project.
fn full(_: bool) -> Result<Tally> {
    let mut command = suite(false)?;
    command.args(["--full", "--only", "node,chromium,workerd,edge"]);
    command.env("EDGE_RUNTIMES", "node,workerd").env("JS_TESTS_DIR", files::path("target/js_full"));
    counted("JavaScript suite of oidc-wasm/full", command)
}

fn suite(all: bool) -> Result<Command> {
    let mut command = with_browsers("node tests/js/run.mjs --package", all)?;
    command.arg(packed()?);
    Ok(command)
}

/// A script that finds each browser in an environment variable.
fn with_browsers(script: &str, all: bool) -> Result<Command> {
    let mut command = tools::command(script);
    for browser in if all { &[CHROMIUM, FIREFOX, WEBKIT][..] } else { &[CHROMIUM] } {
        // WebKit's driver needs Linux. Elsewhere the script reports it as skipped.
        let is_there = browser.0 != WEBKIT.0 || cfg!(target_os = "linux");
        command.env(browser.0, if is_there { browser.find()? } else { PathBuf::new() });
    }
    Ok(command)
}

/// The demo page, with the files of the tarball.
fn browser(all: bool) -> Result<Tally> {
    packed()?;
    let mut tests = files::files(&files::path("tests/browser"))?;
    tests.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    // Without a name, Node would search all folders for tests.
    ensure!(!tests.is_empty(), "tests/browser has no *.test.mjs");
    let mut command = with_browsers("node --test --test-reporter=spec", all)?;
    command.args(tests).env("OIDC_WASM_DIST", files::path("target/npm/package/dist"));
    counted("the demo in browsers", command)
}

/// Known vulnerabilities.
fn audit(_: bool) -> Result<Tally> {
    each(reached, &["npm audit --audit-level=high", "cargo deny check advisories"])
}

/// Checks whose titles are their commands. A program that this tool cannot install may be missing: the check counts as skipped.
fn each(check: fn(&str, Command) -> Result<Tally>, lines: &[&str]) -> Result<Tally> {
    sum(lines.iter().map(|line| {
        let is_missing = |(start, program): &(&str, &str)| line.starts_with(start) && !tools::has(program);
        if [("typos", "typos"), ("cargo deny", "cargo-deny")].iter().any(is_missing) {
            return Ok(not_run(Step::start(line), "it is not installed"));
        }
        check(line, tools::command(line))
    }))
}

/// Runs all of them, even if an earlier one failed.
fn sum(checks: impl IntoIterator<Item = Result<Tally>>) -> Result<Tally> {
    let mut total = Tally::default();
    for tally in checks {
        total += tally?;
    }
    Ok(total)
}

/// A check with a single result.
fn one(title: &str, command: Command) -> Result<Tally> {
    judged(title, command, |success, _| Some(if success { Tally::PASSED } else { Tally::FAILED }))
}

/// A runner that reports its number of tests. Zero tests fail.
fn counted(title: &str, command: Command) -> Result<Tally> {
    judged(title, command, |success, output| {
        let mut tally = Tally::of(output);
        if tally.failed == 0 && (!success || tally.passed == 0) {
            tally.failed = 1;
        }
        Some(tally)
    })
}

/// A check that needs a database from the network. Without access it counts as skipped.
fn reached(title: &str, command: Command) -> Result<Tally> {
    const UNREACHABLE: [&str; 5] =
        ["audit endpoint returned an error", "ENOTFOUND", "ECONNREFUSED", "failed to fetch", "EAUDIT"];
    judged(title, command, |success, output| match success {
        true => Some(Tally::PASSED),
        false if UNREACHABLE.iter().any(|sign| output.contains(sign)) => None,
        false => Some(Tally::FAILED),
    })
}

/// Runs a check and shows its verdict, with the output after a failure. Without a verdict the check could not run.
fn judged(title: &str, mut command: Command, judge: fn(bool, &str) -> Option<Tally>) -> Result<Tally> {
    let step = Step::start(title);
    // A program reads the output, so it must have no colours.
    command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    command.env("RUSTDOCFLAGS", "--deny warnings");
    let (success, output) = step.run(&mut command)?;
    let Some(tally) = judge(success, &output) else {
        return Ok(not_run(step, "the database cannot be reached"));
    };
    let detail = if tally == Tally::PASSED || tally == Tally::FAILED { String::new() } else { tally.to_string() };
    step.end(if tally.failed == 0 { progress::PASSED } else { progress::FAILED }, &detail);
    if tally.failed > 0 {
        println!("{}", output.trim_end());
    }
    Ok(tally)
}
