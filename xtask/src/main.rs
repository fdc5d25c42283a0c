//! Builds, measures and tests oidc-wasm. `cargo xtask help` lists the commands.

mod build;
mod files;
mod generate;
mod mutate;
mod pages;
mod progress;
mod tally;
mod test;
mod tools;

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};

use crate::tools::CHROMIUM;

const HELP: &str = "\
cargo xtask <command>. It installs missing tools if possible.

  demo               builds missing files and serves the demo page with oidc-provider
  site [directory]   writes the demo as static files for any host, to target/site
  test [--all] [step…]
                     runs the checks of each change (native, Node, workerd, Chromium), or only the named steps; --all
                     adds the other runtimes and the long parts. The last line has the counts
  build              builds the engine as WebAssembly, and the npm package's files in pkg/dist
  pack               makes the npm tarball; its path is the last line
  matrix [--only project,…]
                     runs a login for each bundler, framework and runtime; writes the table of docs/runtimes.md
  size [--record]    shows the sizes of downloads and of other libraries, and fails after a change;
                     --record accepts the change and writes size.json and docs/size.md
  weigh [features…]  shows the size of each feature of the engine in Cargo.toml, or of lists such as usual,dpop
  mutate [rule…]     removes each rule from the engine; a test must fail without it, natively and in JavaScript
  bench [--quick] [--only row,…] [--runtimes node,…] [--node path]… [--check] [--record] [--profile row]
                     measures the speed beside JavaScript libraries; --record writes docs/speed.md, --profile shows
                     the functions that take the time of one case
  interop [--only server,…] [--record]
                     runs logins at real servers, beside oauth4webapi; --record writes docs/providers/interop.md
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{} {error:#}", progress::paint("31", "error:"));
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<()> {
    let (command, arguments) = arguments.split_first().map_or(("help", arguments), |(first, rest)| (first, rest));
    match command {
        "build" => build::run(),
        "pack" => {
            println!("{}", build::tarball()?.display());
            Ok(())
        }
        "size" => with_package("node benches/size/index.mjs", arguments),
        "weigh" => build::weigh(arguments),
        "mutate" => mutate::command(arguments),
        "test" => test::command(arguments),
        "demo" => with_package("node www/server.mjs --open", arguments),
        "site" => with_package("node www/site.mjs", arguments),
        "bench" => bench(arguments),
        "matrix" => with_tarball("node tests/matrix/run.mjs --record", arguments),
        "interop" => with_tarball("node tests/interop/run.mjs", arguments),
        "help" | "--help" | "-h" => {
            println!("{HELP}\nSteps of test: {}", test::names().join(" "));
            Ok(())
        }
        unknown => bail!("there is no command {unknown}; `cargo xtask help` lists them"),
    }
}

/// The demo, served with a real OpenID Provider until Ctrl-C or as static files; or the sizes of the package.
fn with_package(script: &str, arguments: &[String]) -> Result<()> {
    build::run()?;
    run(tools::command(script).args(arguments))
}

/// Times the engine beside JavaScript libraries. See benches/README.md.
fn bench(arguments: &[String]) -> Result<()> {
    build::run()?;
    run(tools::command("node benches/js/run.mjs").args(arguments).env(CHROMIUM.0, CHROMIUM.find()?))
}

/// A script that installs the tarball: in a small project for each bundler and framework, or at real servers.
fn with_tarball(script: &str, arguments: &[String]) -> Result<()> {
    run(tools::command(script).arg("--package").arg(build::tarball()?).args(arguments))
}

/// Uses this terminal's input and output.
fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "it failed");
    Ok(())
}
