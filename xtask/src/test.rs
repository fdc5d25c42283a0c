//! `cargo xtask test`: every check there is, one after the other. The last line counts them.

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::build;
use crate::fuzz;
use crate::licences;
use crate::node;
use crate::pack;
use crate::progress::{self, Step};
use crate::repo;
use crate::size;
use crate::stamp;
use crate::tally::Tally;
use crate::tools;

struct Check {
    name: &'static str,
    run: fn() -> Result<Tally>,
}

/// In this order: what fails fast first, and each after what it builds on.
const CHECKS: &[Check] = &[
    Check { name: "format", run: format },
    Check { name: "clippy", run: clippy },
    Check { name: "licences", run: licences },
    Check { name: "native", run: native },
    Check { name: "docs", run: docs },
    Check { name: "fuzz", run: fuzz::run },
    Check { name: "build", run: build },
    Check { name: "lint", run: lint },
    Check { name: "types", run: types },
    Check { name: "size", run: sizes },
    Check { name: "js", run: js },
    Check { name: "browser", run: browser },
    Check { name: "audit", run: audit },
];

pub fn names() -> Vec<&'static str> {
    CHECKS.iter().map(|check| check.name).collect()
}

pub fn command(arguments: &[String]) -> Result<()> {
    if let Some(unknown) = arguments.iter().find(|name| !names().contains(&name.as_str())) {
        bail!("there is no step {unknown}; there are {}", names().join(", "));
    }
    let start = Instant::now();
    let mut total = Tally::default();
    let mut broken = Vec::new();
    for check in CHECKS.iter().filter(|check| arguments.is_empty() || arguments.iter().any(|name| name == check.name)) {
        let tally = (check.run)().and_then(|tally| something(check.name, tally)).unwrap_or_else(|error| {
            println!("{} {error:#}", progress::paint("31", "error:"));
            Tally::FAILED
        });
        if tally.failed > 0 {
            broken.push(check.name);
        }
        total += tally;
    }
    println!();
    if !broken.is_empty() {
        println!("Failed: {}. One step alone: cargo xtask test {}", broken.join(", "), broken[0]);
    }
    for what in NOT_RUN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        println!("Not run: {what}");
    }
    println!("{}", progress::seconds(start.elapsed()));
    // The count is the last line, so that the failure is told by the exit code alone. It counts what ran, and nothing else.
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 { std::process::exit(1) } else { Ok(()) }
}

/// A step that counted nothing has checked nothing.
fn something(name: &str, tally: Tally) -> Result<Tally> {
    ensure!(tally != Tally::default(), "the step {name} ran nothing");
    Ok(tally)
}

/// What could not be run here, for the end of the run.
static NOT_RUN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Ends a step that could not be run. It is no pass and no failure.
pub fn not_run(step: Step, title: &str, reason: &str, count: u32) -> Tally {
    step.skip(&format!("not run: {reason}"));
    NOT_RUN.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{title}: {reason}"));
    Tally { skipped: count, ..Tally::default() }
}

fn format() -> Result<Tally> {
    let mut tally = one("rustfmt", tools::cargo().args(["fmt", "--all", "--check"]))?;
    tally +=
        one("rustfmt, fuzz targets", tools::cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    Ok(tally)
}

fn clippy() -> Result<Tally> {
    let mut native = tools::cargo();
    native.args(["clippy", "--package", "oidc-wasm", "--all-targets", "--", "--deny", "warnings"]);
    let mut tally = one("clippy", &mut native)?;
    let mut benches = tools::cargo();
    benches.args(["clippy", "--package", "oidc-wasm-benches", "--all-targets", "--", "--deny", "warnings"]);
    tally += one("clippy, native benches", &mut benches)?;
    let mut tool = tools::cargo();
    tool.args(["clippy", "--package", "xtask", "--all-targets", "--", "--deny", "warnings"]);
    tally += one("clippy, this tool", &mut tool)?;
    tools::wasm_target()?;
    let mut wasm = tools::cargo();
    wasm.args(["clippy", "--package", "oidc-wasm", "--lib", "--target", tools::WASM, "--features", "wasm"]);
    wasm.args(["--", "--deny", "warnings"]);
    tally += one("clippy, WebAssembly boundary", &mut wasm)?;
    Ok(tally)
}

fn licences() -> Result<Tally> {
    let step = Step::start("licences of the Rust packages");
    let packages = licences::check()?;
    step.pass(&format!("{packages} packages"));
    let mut tally = Tally::PASSED;
    tally += deny("cargo deny", &["--offline", "check", "licenses", "bans", "sources"], one)?;
    Ok(tally)
}

fn native() -> Result<Tally> {
    // Each by itself: together they would share features, and everything below this tool be compiled again.
    let mut tally = counted("native tests", tools::cargo().args(["test", "--package", "oidc-wasm", "--no-fail-fast"]))?;
    tally += counted("tests of this tool", tools::cargo().args(["test", "--package", "xtask"]))?;
    Ok(tally)
}

fn docs() -> Result<Tally> {
    let mut command = tools::cargo();
    command.args(["doc", "--no-deps", "--package", "oidc-wasm"]).env("RUSTDOCFLAGS", "--deny warnings");
    one("documentation", &mut command)
}

fn build() -> Result<Tally> {
    build::run(None)?;
    pack::run()?;
    Ok(Tally::PASSED)
}

fn lint() -> Result<Tally> {
    node::prepare()?;
    let mut tally = one("biome", node::bin("biome").args(["ci", "--colors=off"]))?;
    tally += if tools::has("typos") {
        one("typos", Command::new("typos").current_dir(repo::path(".")))?
    } else {
        not_run(Step::start("typos"), "typos", "it is not installed", 1)
    };
    Ok(tally)
}

/// Every TypeScript project of the repository; the package's own is compiled by the build.
fn types() -> Result<Tally> {
    build::run(None)?;
    let mut tally = Tally::default();
    for project in ["www", "tests", "examples/worker", "examples/hono-api", "examples/mcp"] {
        ensure!(repo::path(project).join("tsconfig.json").is_file(), "{project} has no tsconfig.json");
        tally += one(&format!("types, {project}"), node::bin("tsc").args(["--noEmit", "-p", project]))?;
    }
    Ok(tally)
}

fn sizes() -> Result<Tally> {
    size::verify()?;
    Ok(Tally::PASSED)
}

/// Against the tarball, installed into an empty project as a user would: all of it, then what concerns the engine with `oidc-wasm/full`.
fn js() -> Result<Tally> {
    let tarball = pack::run()?;
    let suite = || {
        let mut command = node::node();
        command.arg("tests/js/run.mjs").arg("--package").arg(&tarball);
        command
    };
    let mut command = suite();
    for browser in [tools::CHROMIUM, tools::FIREFOX] {
        command.env(browser.variable, browser.find()?);
    }
    let mut tally = Tally::default();
    if cfg!(target_os = "linux") {
        command.env(tools::WEBKIT.variable, tools::WEBKIT.find()?);
    } else {
        command.env(tools::WEBKIT.variable, "");
        let title = "JavaScript suite in WebKit";
        tally += not_run(Step::start(title), title, "its driver is Linux's", 1);
    }
    tally += counted("JavaScript suite", &mut command)?;
    let mut full = suite();
    full.args(["--full", "--only", "node,chromium,workerd,edge"]).env("EDGE_RUNTIMES", "node,workerd");
    full.env(tools::CHROMIUM.variable, tools::CHROMIUM.find()?);
    tally += counted("JavaScript suite of oidc-wasm/full", &mut full)?;
    Ok(tally)
}

/// The demo page, on the files of the tarball.
fn browser() -> Result<Tally> {
    pack::run()?;
    let mut tests = stamp::files(&repo::path("tests/browser"))?;
    tests.retain(|file| is_test(file));
    // Without a name Node would look for tests by itself, everywhere.
    ensure!(!tests.is_empty(), "tests/browser has no *.test.mjs");
    let mut command = node::node();
    command.args(["--test", "--test-reporter=spec"]).args(tests);
    command.env(tools::CHROMIUM.variable, tools::CHROMIUM.find()?).env("OIDC_WASM_DIST", pack::staged().join("dist"));
    counted("login in Chromium", &mut command)
}

fn is_test(file: &Path) -> bool {
    file.to_string_lossy().ends_with(".test.mjs")
}

/// Known vulnerabilities, where the databases can be reached. Not reached is not passed.
fn audit() -> Result<Tally> {
    let mut tally = reached("npm audit", node::npm().args(["audit", "--audit-level=high"]))?;
    tally += deny("cargo deny advisories", &["check", "advisories"], reached)?;
    Ok(tally)
}

/// A check of cargo-deny's. Without it, that part of the check has not been made: it counts as skipped.
fn deny(title: &str, arguments: &[&str], check: fn(&str, &mut Command) -> Result<Tally>) -> Result<Tally> {
    if tools::has("cargo-deny") {
        return check(title, tools::cargo().arg("deny").args(arguments));
    }
    Ok(not_run(Step::start(title), title, "cargo-deny is not installed", 1))
}

/// A check that passes or fails as a whole.
fn one(title: &str, command: &mut Command) -> Result<Tally> {
    let step = Step::start(title);
    let ran = step.run(quiet(command))?;
    if ran.success {
        step.pass("");
        return Ok(Tally::PASSED);
    }
    step.fail("");
    println!("{}", ran.output.trim_end());
    Ok(Tally::FAILED)
}

/// A runner that says how many tests it ran. One that ran none has not passed.
fn counted(title: &str, command: &mut Command) -> Result<Tally> {
    let step = Step::start(title);
    let ran = step.run(quiet(command))?;
    let mut tally = Tally::of(&ran.output);
    if tally.failed == 0 && (!ran.success || tally.passed == 0) {
        tally.failed = 1;
    }
    if tally.failed == 0 {
        step.pass(&tally.to_string());
    } else {
        step.fail(&tally.to_string());
        println!("{}", ran.output.trim_end());
    }
    Ok(tally)
}

fn reached(title: &str, command: &mut Command) -> Result<Tally> {
    let step = Step::start(title);
    let ran = step.run(quiet(command))?;
    if ran.success {
        step.pass("");
        return Ok(Tally::PASSED);
    }
    let unreachable = ["audit endpoint returned an error", "ENOTFOUND", "ECONNREFUSED", "failed to fetch", "EAUDIT"];
    if unreachable.iter().any(|sign| ran.output.contains(sign)) {
        return Ok(not_run(step, title, "the database cannot be reached", 1));
    }
    step.fail("");
    println!("{}", ran.output.trim_end());
    Ok(Tally::FAILED)
}

/// The output is read by a program, whatever the terminal could show.
fn quiet(command: &mut Command) -> &mut Command {
    if env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "never");
    }
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR")
}
