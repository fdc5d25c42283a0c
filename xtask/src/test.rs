//! `cargo xtask test`: the checks, in stages of two lanes that run at the same time. The last line counts what ran.

use std::env;
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
use crate::fuzz;
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
    /// Runs with `--all` or by name only, because it takes long.
    is_long: bool,
    run: fn(All) -> Result<Tally>,
}

/// Whether the long parts run too.
type All = bool;

const fn check(name: &'static str, run: fn(All) -> Result<Tally>) -> Check {
    Check { name, is_long: false, run }
}

const fn long(name: &'static str, run: fn(All) -> Result<Tally>) -> Check {
    Check { name, is_long: true, run }
}

/// The stages in order. The lanes of one stage share neither cargo's lock nor a file that one of them writes.
const STAGES: [[&[Check]; 2]; 2] = [
    [
        &[check("format", format), check("clippy", clippy), check("native", native), check("docs", docs)],
        &[
            check("licences", licences),
            check("build", build),
            check("lint", lint),
            check("types", types),
            check("size", sizes),
        ],
    ],
    [
        &[check("js", js)],
        &[check("browser", browser), long("full", full), long("fuzz", |_| fuzz::run()), long("audit", audit)],
    ],
];

pub fn names() -> Vec<&'static str> {
    STAGES.iter().flatten().flat_map(|lane| lane.iter().map(|check| check.name)).collect()
}

pub fn command(arguments: &[String]) -> Result<()> {
    let (flags, wanted): (Vec<_>, Vec<_>) = arguments.iter().partition(|word| word.starts_with("--"));
    let all = flags.iter().any(|flag| *flag == "--all");
    if let Some(flag) = flags.iter().find(|flag| **flag != "--all") {
        bail!("cargo xtask test [--all] [step…]; there is no {flag}");
    }
    if let Some(unknown) = wanted.iter().find(|name| !names().contains(&name.as_str())) {
        bail!("there is no step {unknown}; there are {}", names().join(", "));
    }
    let is_wanted = |check: &&Check| {
        if wanted.is_empty() { all || !check.is_long } else { wanted.iter().any(|name| *name == check.name) }
    };
    let start = Instant::now();
    let ran = Mutex::new(Vec::new());
    for lanes in &STAGES {
        thread::scope(|scope| {
            for lane in lanes {
                scope.spawn(|| {
                    for check in lane.iter().filter(is_wanted) {
                        let tally = verdict(check, all);
                        ran.lock().unwrap_or_else(PoisonError::into_inner).push((check.name, tally));
                    }
                });
            }
        });
    }
    let ran = ran.into_inner().unwrap_or_else(PoisonError::into_inner);
    let broken: Vec<_> = ran.iter().filter(|(_, tally)| tally.failed > 0).map(|(name, _)| *name).collect();
    println!();
    if !broken.is_empty() {
        println!("Failed: {}. One step alone: cargo xtask test {}", broken.join(", "), broken[0]);
    }
    for what in NOT_RUN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        println!("Not run: {what}");
    }
    println!("{}", progress::seconds(start.elapsed()));
    // The count is the last line, and the exit code alone reports failure. It counts only checks that ran.
    let count = |of: fn(&Tally) -> u32| ran.iter().map(|(_, tally)| of(tally)).sum::<u32>();
    println!("{} passed, {} failed", count(|tally| tally.passed), count(|tally| tally.failed));
    if broken.is_empty() { Ok(()) } else { std::process::exit(1) }
}

/// A step without a single count has checked nothing, so it fails.
fn verdict(check: &Check, all: All) -> Tally {
    let ran = (check.run)(all).and_then(|tally| {
        ensure!(tally != Tally::default(), "the step {} ran nothing", check.name);
        Ok(tally)
    });
    ran.unwrap_or_else(|error| {
        println!("{} {error:#}", progress::paint("31", "error:"));
        Tally::FAILED
    })
}

/// Steps that could not run here, for the end of the run.
static NOT_RUN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Ends a step that could not run. It counts as skipped.
pub fn not_run(step: Step, title: &str, reason: &str, count: u32) -> Tally {
    step.skip(&format!("not run: {reason}"));
    NOT_RUN.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{title}: {reason}"));
    Tally { skipped: count, ..Tally::default() }
}

fn format(_: All) -> Result<Tally> {
    let fuzz = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    sum([
        one("rustfmt", tools::cargo().args(["fmt", "--all", "--check"])),
        one("rustfmt, fuzz targets", tools::cargo().args(fuzz)),
    ])
}

fn clippy(_: All) -> Result<Tally> {
    tools::wasm_target()?;
    let of = |title: &str, arguments: &str| {
        let words = arguments.split(' ').chain(["--", "--deny", "warnings"]);
        one(title, tools::cargo().args(["clippy", "--package"]).args(words))
    };
    sum([
        of("clippy", "oidc-wasm --all-targets"),
        of("clippy, native benches", "oidc-wasm-benches --all-targets"),
        of("clippy, this tool", "xtask --all-targets"),
        of("clippy, WebAssembly boundary", "oidc-wasm --lib --target wasm32-unknown-unknown --features wasm"),
    ])
}

/// Each package that is built here has a licence that deny.toml lists. cargo-deny looks at more, where it is installed.
fn licences(_: All) -> Result<Tally> {
    let step = Step::start("licences of the Rust packages");
    let text = fs::read_to_string(repo::path("deny.toml"))?;
    let list = text.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']'));
    let accepted: Vec<_> = list.context("deny.toml has no list `allow`")?.0.split('"').skip(1).step_by(2).collect();
    let packages = tools::packages()?;
    for package in &packages {
        let licence = package["license"].as_str().unwrap_or_default();
        let is_met = Expression::parse_mode(licence, ParseMode::LAX)
            .is_ok_and(|it| it.evaluate(|one| accepted.contains(&one.license.to_string().as_str())));
        ensure!(is_met, "{} has the licence {licence}, which deny.toml does not list", package["name"]);
    }
    let manifest: Value = serde_json::from_slice(&fs::read(repo::path("pkg/package.json"))?)?;
    ensure!(manifest.get("dependencies").is_none(), "the npm package is to have no dependencies");
    step.pass(&format!("{} packages", packages.len()));
    sum([Ok(Tally::PASSED), deny("cargo deny", &["--offline", "check", "licenses", "bans", "sources"], one)])
}

fn native(_: All) -> Result<Tally> {
    // Each separately: together they would share features, and cargo would compile this tool's dependencies again.
    sum([
        counted("native tests", tools::cargo().args(["test", "--package", "oidc-wasm", "--no-fail-fast"])),
        counted("tests of this tool", tools::cargo().args(["test", "--package", "xtask"])),
    ])
}

fn docs(_: All) -> Result<Tally> {
    let mut command = tools::cargo();
    command.args(["doc", "--no-deps", "--package", "oidc-wasm"]).env("RUSTDOCFLAGS", "--deny warnings");
    one("documentation", &mut command)
}

/// The tarball, built once: the JavaScript suite builds the package again to compare, while the other lane uses it.
fn packed() -> Result<PathBuf> {
    static TARBALL: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut tarball = TARBALL.lock().unwrap_or_else(PoisonError::into_inner);
    if tarball.is_none() {
        *tarball = Some(pack::run()?);
    }
    tarball.clone().context("the tarball was built just now")
}

fn build(_: All) -> Result<Tally> {
    packed()?;
    build::for_tests()?;
    Ok(Tally::PASSED)
}

fn lint(_: All) -> Result<Tally> {
    node::prepare()?;
    let mut tally = one("biome", node::bin("biome").args(["ci", "--colors=off"]))?;
    tally += if tools::has("typos") {
        one("typos", Command::new("typos").current_dir(repo::path(".")))?
    } else {
        not_run(Step::start("typos"), "typos", "it is not installed", 1)
    };
    Ok(tally)
}

/// Every TypeScript project of the repository. The build compiles the package's own.
fn types(_: All) -> Result<Tally> {
    build::run(None)?;
    sum(["www", "tests", "examples/worker", "examples/hono-api", "examples/mcp"].map(|project| {
        ensure!(repo::path(project).join("tsconfig.json").is_file(), "{project} has no tsconfig.json");
        one(&format!("types, {project}"), node::bin("tsc").args(["--noEmit", "-p", project]))
    }))
}

fn sizes(_: All) -> Result<Tally> {
    one("sizes", &mut size::script(None)?)
}

/// With the tarball, installed into an empty project as a user does.
fn js(all: All) -> Result<Tally> {
    let tarball = packed()?;
    build::for_tests()?;
    let mut command = node::node();
    command.arg("tests/js/run.mjs").arg("--package").arg(tarball);
    command.env(tools::CHROMIUM.variable, tools::CHROMIUM.find()?);
    let mut tally = Tally::default();
    if all {
        command.env(tools::FIREFOX.variable, tools::FIREFOX.find()?);
        if cfg!(target_os = "linux") {
            command.env(tools::WEBKIT.variable, tools::WEBKIT.find()?);
        } else {
            command.env(tools::WEBKIT.variable, "");
            let title = "JavaScript suite in WebKit";
            tally += not_run(Step::start(title), title, "its driver is Linux's", 1);
        }
    } else {
        command.arg("--everyday");
    }
    tally += counted("JavaScript suite", &mut command)?;
    Ok(tally)
}

/// The checks of the engine, with `oidc-wasm/full`, in a separate project.
fn full(_: All) -> Result<Tally> {
    let mut command = node::node();
    command.arg("tests/js/run.mjs").arg("--package").arg(packed()?);
    command.args(["--full", "--only", "node,chromium,workerd,edge"]).env("EDGE_RUNTIMES", "node,workerd");
    command.env(tools::CHROMIUM.variable, tools::CHROMIUM.find()?).env("JS_TESTS_DIR", repo::path("target/js_full"));
    counted("JavaScript suite of oidc-wasm/full", &mut command)
}

/// The demo page, with the files of the tarball.
fn browser(_: All) -> Result<Tally> {
    packed()?;
    let mut tests = stamp::files(&repo::path("tests/browser"))?;
    tests.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    // Without a name Node would search all folders for tests.
    ensure!(!tests.is_empty(), "tests/browser has no *.test.mjs");
    let mut command = node::node();
    command.args(["--test", "--test-reporter=spec"]).args(tests);
    command.env(tools::CHROMIUM.variable, tools::CHROMIUM.find()?).env("OIDC_WASM_DIST", pack::staged().join("dist"));
    counted("login in Chromium", &mut command)
}

/// Known vulnerabilities. Without access to the databases it counts as skipped.
fn audit(_: All) -> Result<Tally> {
    let npm = reached("npm audit", node::npm().args(["audit", "--audit-level=high"]));
    sum([npm, deny("cargo deny advisories", &["check", "advisories"], reached)])
}

/// One check of cargo-deny. Without the tool it counts as skipped.
fn deny(title: &str, arguments: &[&str], check: fn(&str, &mut Command) -> Result<Tally>) -> Result<Tally> {
    if tools::has("cargo-deny") {
        return check(title, tools::cargo().arg("deny").args(arguments));
    }
    Ok(not_run(Step::start(title), title, "cargo-deny is not installed", 1))
}

/// Runs all of them, even if an earlier one failed.
fn sum<const N: usize>(checks: [Result<Tally>; N]) -> Result<Tally> {
    let mut total = Tally::default();
    for tally in checks {
        total += tally?;
    }
    Ok(total)
}

/// A check with a single result.
fn one(title: &str, command: &mut Command) -> Result<Tally> {
    judged(title, command, |success, _| Ok(if success { Tally::PASSED } else { Tally::FAILED }))
}

/// A runner that reports its number of tests. Zero tests fail.
fn counted(title: &str, command: &mut Command) -> Result<Tally> {
    judged(title, command, |success, output| {
        let mut tally = Tally::of(output);
        if tally.failed == 0 && (!success || tally.passed == 0) {
            tally.failed = 1;
        }
        Ok(tally)
    })
}

/// A check that needs a database from the network.
fn reached(title: &str, command: &mut Command) -> Result<Tally> {
    const UNREACHABLE: [&str; 5] =
        ["audit endpoint returned an error", "ENOTFOUND", "ECONNREFUSED", "failed to fetch", "EAUDIT"];
    judged(title, command, |success, output| match success {
        true => Ok(Tally::PASSED),
        false if UNREACHABLE.iter().any(|sign| output.contains(sign)) => Err(anyhow!("the database cannot be reached")),
        false => Ok(Tally::FAILED),
    })
}

/// Runs a check and shows its verdict, and its output where it failed. An error of `judge` is why it could not be made.
fn judged(title: &str, command: &mut Command, judge: impl Fn(bool, &str) -> Result<Tally>) -> Result<Tally> {
    let step = Step::start(title);
    // A program reads the output, so it must have no colours.
    if env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "never");
    }
    let ran = step.run(command.env("NO_COLOR", "1").env_remove("FORCE_COLOR"))?;
    let tally = match judge(ran.success, &ran.output) {
        Ok(tally) => tally,
        Err(reason) => return Ok(not_run(step, title, &reason.to_string(), 1)),
    };
    let detail = if tally == Tally::PASSED || tally == Tally::FAILED { String::new() } else { tally.to_string() };
    if tally.failed == 0 {
        step.pass(&detail);
    } else {
        step.fail(&detail);
        println!("{}", ran.output.trim_end());
    }
    Ok(tally)
}
