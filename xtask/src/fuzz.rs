//! The fuzz targets: built with this toolchain as `cargo fuzz` builds them (but for the address sanitizer, which only a
//! nightly has and which code without `unsafe` can spare), and run for a short while from the seeds that the vectors give.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::progress::Step;
use crate::repo;
use crate::tally::Tally;
use crate::test::not_run;
use crate::tools;

/// What makes libFuzzer see which way a run went.
const COVERAGE: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// How long each target runs; `FUZZ_SECONDS` says otherwise.
const SECONDS: u32 = 3;

pub fn run() -> Result<Tally> {
    let seconds = match env::var("FUZZ_SECONDS") {
        Ok(text) => text.parse().with_context(|| format!("FUZZ_SECONDS is {text}: whole seconds are expected"))?,
        Err(_) => SECONDS,
    };
    let targets = targets()?;
    ensure!(!targets.is_empty(), "fuzz/fuzz_targets has no target");
    let title = format!("{} fuzz targets, built", targets.len());
    let step = Step::start(&title);
    if !cfg!(unix) {
        return Ok(not_run(step, &title, "libFuzzer needs Linux or macOS", u32::try_from(targets.len())?));
    }
    ensure!(tools::has("c++"), "libFuzzer needs a C++ compiler: install c++");
    let host = host()?;
    for command in [
        cargo().args(["run", "--quiet", "--example", "seeds"]),
        // With a target named, build scripts are not instrumented.
        cargo().args(["build", "--release", "--bins", "--target", &host]).env("RUSTFLAGS", COVERAGE),
    ] {
        let ran = step.run(command)?;
        if !ran.success {
            step.fail("");
            println!("{}", ran.output.trim_end());
            return Ok(Tally::FAILED);
        }
    }
    step.pass("");

    let step = Step::start(format!("{} fuzz targets, {seconds} s each", targets.len()));
    let (mut tally, mut runs, mut failures) = (Tally::default(), 0_u64, Vec::new());
    for target in targets {
        let ran = step.run(&mut fuzzer(&target, &host, seconds)?)?;
        let done = ran.output.lines().rev().find_map(runs_done);
        if let (true, Some(count)) = (ran.success, done) {
            runs += count;
            tally += Tally::PASSED;
        } else {
            tally += Tally::FAILED;
            failures.push(format!("{target}:\n{}", ran.output.trim_end()));
        }
    }
    if failures.is_empty() {
        step.pass(&format!("{runs} inputs"));
    } else {
        step.fail(&format!("{tally}; the inputs are kept in fuzz/artifacts"));
        println!("{}", failures.join("\n\n"));
    }
    Ok(tally)
}

/// `Done 410647 runs in 4 second(s)`
fn runs_done(line: &str) -> Option<u64> {
    line.strip_prefix("Done ")?.split(' ').next()?.parse().ok()
}

/// One file in `fuzz_targets` each.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(repo::path("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn cargo() -> Command {
    let mut command = tools::cargo();
    command.current_dir(repo::path("fuzz")).env("CARGO_TARGET_DIR", repo::path("target/fuzz"));
    command
}

fn host() -> Result<String> {
    let output = Command::new("rustc").args(["--print", "host-tuple"]).current_dir(repo::root()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().into())
}

/// What it finds new is kept beside the seeds, so that the next run starts further on; what fails is kept where `cargo fuzz` looks.
fn fuzzer(target: &str, host: &str, seconds: u32) -> Result<Command> {
    let found = repo::path("target/fuzz/found").join(target);
    let artifacts = repo::path("fuzz/artifacts").join(target);
    for folder in [&found, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut command = Command::new(repo::path("target/fuzz").join(host).join("release").join(target));
    command.arg(format!("-max_total_time={seconds}")).args(["-seed=1", "-timeout=5", "-rss_limit_mb=512"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(found).arg(repo::path("fuzz/corpus").join(target));
    Ok(command)
}
