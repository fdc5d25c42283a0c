//! `cargo xtask test`: the checks, in stages of two lanes that run at the same time. The last line counts what ran.

use std::iter;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::Instant;

use anyhow::{Error, Result, anyhow, bail, ensure};

use crate::build;
use crate::files;
use crate::progress::{self, one};
use crate::tally::Tally;
use crate::tools::{self, CHROMIUM, FIREFOX, WEBKIT};

/// A check by its name. Its argument is true if the long parts run too.
type Check = (&'static str, fn(bool) -> Result<Tally>);

/// The stages in order. The lanes of one stage share neither cargo's lock nor a file that one of them writes.
const STAGES: [[&[Check]; 2]; 2] = [
    [
        &[
            ("format", |_| {
                each(one, &["cargo fmt --all --check", "cargo fmt --manifest-path fuzz/Cargo.toml --check"])
            }),
            ("clippy", |_| each(one, &CLIPPY)),
            ("native", |_| each(counted, &NATIVE)),
            ("docs", |_| each(one, &["cargo doc --no-deps --package oidc-wasm"])),
            ("features", features),
        ],
        &[("build", build)],
    ],
    [
        &[("lint", |_| each(one, &["biome ci --colors=off"])), ("types", types), ("size", sizes), ("js", js)],
        &[
            ("browser", browser),
            ("full", full),
            ("fuzz", fuzz),
            ("spelling", |_| each(one, &["typos"])),
            ("licences", |_| each(one, &LICENCES)),
            ("audit", |_| each(one, &["npm audit --audit-level=high", "cargo deny check advisories"])),
        ],
    ],
];

const CLIPPY: [&str; 4] = [
    "cargo clippy --package oidc-wasm --all-targets -- --deny warnings",
    "cargo clippy --package oidc-wasm-benches --all-targets -- --deny warnings",
    "cargo clippy --package xtask --all-targets -- --deny warnings",
    "cargo clippy --package oidc-wasm --lib --target wasm32-unknown-unknown --features wasm -- --deny warnings",
];

const LICENCES: [&str; 2] = [
    "cargo deny --locked check licenses bans sources",
    "cargo deny --locked --manifest-path fuzz/Cargo.toml --config deny.toml check licenses bans sources",
];

/// Each separately: together they would share features, and cargo would compile this tool's dependencies again.
const NATIVE: [&str; 2] = ["cargo test --package oidc-wasm --no-fail-fast", "cargo test --package xtask"];

const FEATURE: &str = "cargo rustc --package oidc-wasm --lib --profile check --target wasm32-unknown-unknown \
    --no-default-features --features wasm,";

/// Checks that run with `--all` or by name only: they take long, or need programs that take long to install.
const LONG: [&str; 5] = ["features", "full", "fuzz", "spelling", "licences"];

/// Runs by name only. It reads databases of vulnerabilities on the network, and its result changes without a change here.
const AUDIT: &str = "audit";

pub fn names() -> Vec<&'static str> {
    STAGES.iter().flatten().flat_map(|lane| lane.iter().map(|(name, _)| *name)).collect()
}

pub fn command(arguments: &[String]) -> Result<()> {
    let all = arguments.iter().any(|word| word == "--all");
    let wanted: Vec<_> = arguments.iter().map(String::as_str).filter(|word| *word != "--all").collect();
    if let Some(unknown) = wanted.iter().find(|name| !names().contains(name)) {
        bail!("there is no step {unknown}: cargo xtask test [--all] [step…], of {}", names().join(", "));
    }
    let is_wanted = |name| match wanted[..] {
        [] => name != AUDIT && (all || !LONG.contains(&name)),
        _ => wanted.contains(&name),
    };
    let start = Instant::now();
    tools::prepare()?;
    let mut ran = Vec::new();
    for [one, other] in &STAGES {
        let run = |lane: &[Check]| -> Vec<_> {
            let wanted = lane.iter().filter(|(name, _)| is_wanted(*name));
            wanted.map(|(name, check)| (*name, verdict(name, check(all)))).collect()
        };
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| run(other));
            (run(one), other.join())
        });
        ran.extend(one);
        ran.extend(other.map_err(|_| anyhow!("a check panicked"))?);
    }
    let failed: Vec<_> = ran.iter().filter(|(_, tally)| tally.failed > 0).map(|(name, _)| *name).collect();
    println!("\n{} s", start.elapsed().as_secs());
    if let Some(first) = failed.first() {
        println!("Failed: {}. One step alone: cargo xtask test {first}", failed.join(", "));
    }
    // The count is the last line, and the exit code alone reports failure. It counts only checks that ran.
    let total: Tally = ran.iter().map(|(_, tally)| *tally).sum();
    println!("{total}");
    if failed.is_empty() { Ok(()) } else { std::process::exit(1) }
}

/// A step that neither passed nor failed anything has checked nothing, so it fails.
fn verdict(name: &str, ran: Result<Tally>) -> Tally {
    match ran {
        Ok(tally) if tally.passed + tally.failed > 0 => return tally,
        Ok(_) => println!("error: the step {name} ran nothing"),
        Err(error) => println!("error: {error:#}"),
    }
    Tally::FAILED
}

/// Each feature of the module also compiles alone, without a warning.
fn features(_: bool) -> Result<Tally> {
    let lines = tools::features()?.into_iter().map(|feature| format!("{FEATURE}{feature} -- --deny warnings"));
    each(one, &lines.collect::<Vec<_>>())
}

/// Each target for a short time, with the vectors as seeds. The sanitizer needs a nightly toolchain, and this code has no `unsafe`.
fn fuzz(_: bool) -> Result<Tally> {
    let seeds = "cargo run --quiet --manifest-path fuzz/Cargo.toml --no-default-features --example seeds".to_owned();
    let targets = files::files(&files::path("fuzz/fuzz_targets"))?;
    let names = targets.iter().filter_map(|file| file.file_stem()).map(|name| name.display());
    let lines = names.map(|name| {
        format!("cargo fuzz run --sanitizer none {name} -- -max_total_time=3 -seed=1 -timeout=60 -rss_limit_mb=512")
    });
    each(one, &iter::once(seeds).chain(lines).collect::<Vec<_>>())
}

fn sizes(_: bool) -> Result<Tally> {
    packed()?;
    each(one, &["node benches/size/index.mjs"])
}

/// The tarball, built once: the JavaScript suite rebuilds the package for a comparison while the other lane uses the tarball.
fn packed() -> Result<PathBuf> {
    static TARBALL: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let tarball = TARBALL.get_or_init(|| build::tarball().map_err(|error| format!("{error:#}")));
    tarball.clone().map_err(Error::msg)
}

fn build(_: bool) -> Result<Tally> {
    packed()?;
    build::for_tests().map(|_| Tally::PASSED)
}

/// The TypeScript projects of the repository. The build compiles the package's own, and the JavaScript suite those of a reader.
fn types(_: bool) -> Result<Tally> {
    packed()?;
    each(one, &["www", "tests"].map(|project| format!("tsc --noEmit -p {project}")))
}

/// Installs the tarball into an empty project, as a user does.
fn js(all: bool) -> Result<Tally> {
    build::for_tests()?;
    let mut command = tools::command("node tests/js/run.mjs --package");
    command.arg(packed()?).envs(browsers(all)?);
    if !all {
        command.arg("--everyday");
    }
    check(counted, "JavaScript suite", command)
}

/// The checks of the engine with the other two builds, and the parts that change their process, each in a separate project.
fn full(_: bool) -> Result<Tally> {
    let suite = |(kind, parts): (&str, &str)| {
        let mut command = tools::command(&format!("node tests/js/run.mjs --{kind} {parts} --package"));
        command.arg(packed()?).envs(browsers(false)?).env("EDGE_RUNTIMES", "node,workerd");
        command.env("JS_TESTS_DIR", files::path("target/js_other").join(kind));
        check(counted, &format!("JavaScript suite, --{kind}"), command)
    };
    let parts = [("alone", ""), ("full", "--only node,chromium,workerd,edge"), ("login", "--only node")];
    parts.into_iter().map(suite).sum()
}

/// The demo page, with the files of the tarball. axe-core takes a second for each look of a screen.
fn browser(all: bool) -> Result<Tally> {
    packed()?;
    let mut tests = files::files(&files::path("tests/browser"))?;
    let kinds: &[_] = if all { &[".test.mjs", ".long.mjs"] } else { &[".test.mjs"] };
    tests.retain(|file| kinds.iter().any(|end| file.to_string_lossy().ends_with(end)));
    // Without a name, Node would search all folders for tests.
    ensure!(!tests.is_empty(), "tests/browser has no *.test.mjs");
    let mut command = tools::command("node --test --test-reporter=spec");
    command.args(tests).envs(browsers(all)?).env("LOOKS", if all { "light dark narrow" } else { "light" });
    command.env("OIDC_WASM_DIST", files::path("target/npm/package/dist"));
    check(counted, "the demo in browsers", command)
}

/// The environment variables in which a script finds the browsers.
fn browsers(all: bool) -> Result<Vec<(&'static str, PathBuf)>> {
    let browsers = if all { &[CHROMIUM, FIREFOX, WEBKIT][..] } else { &[CHROMIUM] };
    browsers.iter().map(|browser| Ok((browser.0, browser.find()?))).collect()
}

/// Checks whose titles are their commands.
fn each(judge: fn(bool, &str) -> Tally, lines: &[impl AsRef<str>]) -> Result<Tally> {
    // Runs all of them, even if an earlier one failed.
    let ran: Vec<_> = lines.iter().map(|line| check(judge, line.as_ref(), tools::command(line.as_ref()))).collect();
    ran.into_iter().sum()
}

/// A runner that reports its number of tests. Zero tests fail.
fn counted(success: bool, output: &str) -> Tally {
    let tally = Tally::of(output);
    let is_wrong = tally.failed == 0 && (!success || tally.passed == 0);
    if is_wrong { Tally { failed: 1, ..tally } } else { tally }
}

/// A check without colours, because a program reads its output.
fn check(judge: fn(bool, &str) -> Tally, title: &str, mut command: Command) -> Result<Tally> {
    command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    progress::step(title, command.env("RUSTDOCFLAGS", "--deny warnings"), judge)
}
