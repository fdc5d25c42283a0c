//! Builds, measures and tests oidc-wasm. `cargo xtask help` lists the commands.

mod build;
mod fuzz;
mod generate;
mod mutate;
mod node;
mod pack;
mod pages;
mod progress;
mod repo;
mod scripts;
mod size;
mod stamp;
mod tally;
mod test;
mod tools;
mod weigh;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <command>

  demo               builds what is missing and starts the demo page with a real OpenID Provider behind it
  test [--all] [step…]
                     runs what each change needs (native, Node, workerd, Chromium), or only the steps named; --all adds
                     the other runtimes and the long parts. The last line counts what passed and failed
  build              the engine as WebAssembly and the npm package's files, in pkg/dist
  pack               the npm tarball; its path is the last line
  matrix [--only project,…]
                     a login in a tiny project for each bundler, framework and runtime; writes the table of docs/runtimes.md
  size [--record]    what a user downloads, what it is spent on, how that is beside other libraries, and whether it
                     changed; --record accepts the change, in size.json and in docs/size.md
  weigh              what each capability of the engine weighs, by the features of Cargo.toml
  mutate [rule…]     removes each rule from the engine, and demands that a test misses it, natively and in JavaScript
  bench [--quick] [--only row,…] [--runtimes node,…] [--node path]… [--check] [--record] [--profile row]
                     speed beside JavaScript libraries of the same job, as ratios; --record writes docs/speed.md,
                     --profile says where the time of one case goes
  interop [--only server,…] [--record]
                     logins at real servers from package registries, beside oauth4webapi; --record writes the table of the docs
  help               this text

What is missing on the machine is installed where that is possible.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{} {error:#}", progress::paint("31", "error:"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (command, arguments) = arguments.split_first().map_or(("help", arguments), |(first, rest)| (first, rest));
    match command {
        "build" => build::run(),
        "pack" => pack::command(),
        "size" => size::command(arguments),
        "weigh" => weigh::command(),
        "mutate" => mutate::command(arguments),
        "test" => test::command(arguments),
        "demo" => scripts::demo(arguments),
        "bench" => scripts::bench(arguments),
        "matrix" => scripts::with_tarball(&["tests/matrix/run.mjs", "--record"], arguments),
        "interop" => scripts::with_tarball(&["tests/interop/run.mjs"], arguments),
        "help" | "--help" | "-h" => {
            println!("{HELP}\nSteps of test: {}", test::names().join(" "));
            Ok(())
        }
        unknown => bail!("there is no command {unknown}; `cargo xtask help` lists them"),
    }
}
