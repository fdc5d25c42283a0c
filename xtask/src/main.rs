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

  demo               builds missing files and serves the demo page with oidc-provider
  test [--all] [step…]
                     runs the checks of each change (native, Node, workerd, Chromium), or only the named steps; --all
                     adds the other runtimes and the long parts. The last line has the counts
  build              builds the engine as WebAssembly, and the npm package's files in pkg/dist
  pack               makes the npm tarball; its path is the last line
  matrix [--only project,…]
                     runs a login in a small project for each bundler, framework and runtime; writes the table of
                     docs/runtimes.md
  size [--record]    shows the size of a download, its parts, and other libraries' sizes, and fails after a change;
                     --record accepts the change and writes size.json and docs/size.md
  weigh              shows the size of each feature of the engine in Cargo.toml
  mutate [rule…]     removes each rule from the engine; a test must fail without it, natively and in JavaScript
  bench [--quick] [--only row,…] [--runtimes node,…] [--node path]… [--check] [--record] [--profile row]
                     measures the speed beside JavaScript libraries, as ratios; --record writes docs/speed.md,
                     --profile shows the functions that take the time of one case
  interop [--only server,…] [--record]
                     runs logins at real servers from package registries, beside oauth4webapi; --record writes the
                     table of docs/providers/interop.md
  help               prints this text

The commands install missing tools if possible.
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
