//! Builds the fuzz targets like `cargo fuzz`, and runs each for a short time with the vectors as seeds. The address sanitizer is
//! off, because it needs a nightly toolchain and this code has no `unsafe`.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::progress::Step;
use crate::repo;
use crate::stamp;
use crate::tally::Tally;
use crate::test::not_run;
use crate::tools;

/// Coverage instrumentation, through which libFuzzer sees the path of a run.
const COVERAGE: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// Each target runs for three seconds, or for `FUZZ_SECONDS`. Each has one file in `fuzz_targets`.
pub fn run() -> Result<Tally> {
    let seconds: u32 = env::var("FUZZ_SECONDS").map_or(Ok(3), |text| text.parse()).context("FUZZ_SECONDS")?;
    let files = stamp::files(&repo::path("fuzz/fuzz_targets"))?;
    let targets: Vec<_> = files.iter().filter_map(|file| file.file_stem()?.to_str()).collect();
    let step = Step::start(&format!("{} fuzz targets, {seconds} s each", targets.len()));
    if !cfg!(unix) {
        return Ok(not_run(step, "libFuzzer needs Linux or macOS"));
    }
    ensure!(tools::has("c++"), "libFuzzer needs a C++ compiler: install c++");
    let host = String::from_utf8(Command::new("rustc").args(["--print", "host-tuple"]).output()?.stdout)?;
    let host = host.trim();
    let cargo = |arguments: &str, flags: &str| -> Result<()> {
        let mut command = tools::cargo(arguments);
        command.current_dir(repo::path("fuzz")).env("CARGO_TARGET_DIR", repo::path("target/fuzz"));
        let ran = step.run(command.env("RUSTFLAGS", flags))?;
        ensure!(ran.success, "{}", ran.output.trim_end());
        Ok(())
    };
    cargo("run --quiet --example seeds", "")?;
    // With an explicit target, cargo does not instrument build scripts.
    cargo(&format!("build --release --bins --target {host}"), COVERAGE)?;

    let (mut tally, mut runs) = (Tally::default(), 0_u64);
    for target in targets {
        let ran = step.run(&mut fuzzer(target, host, seconds)?)?;
        // `Done 410647 runs in 4 second(s)`
        let mut lines = ran.output.lines().rev();
        let done = lines.find_map(|line| line.strip_prefix("Done ")?.split(' ').next()?.parse::<u64>().ok());
        if let (true, Some(count)) = (ran.success, done) {
            runs += count;
            tally += Tally::PASSED;
        } else {
            tally += Tally::FAILED;
            println!("{target}; the input is in fuzz/artifacts:\n{}", ran.output.trim_end());
        }
    }
    if tally.failed == 0 {
        step.pass(&format!("{runs} inputs"));
    } else {
        step.fail(&tally.to_string());
    }
    Ok(tally)
}

/// New inputs go into `found`, and the next run continues with them. Failures go where `cargo fuzz` reads them.
fn fuzzer(target: &str, host: &str, seconds: u32) -> Result<Command> {
    let found = repo::path("target/fuzz/found").join(target);
    let artifacts = repo::path("fuzz/artifacts").join(target);
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(repo::path("target/fuzz").join(host).join("release").join(target));
    command.arg(format!("-max_total_time={seconds}")).args(["-seed=1", "-timeout=5", "-rss_limit_mb=512"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(found).arg(repo::path("fuzz/corpus").join(target));
    Ok(command)
}
