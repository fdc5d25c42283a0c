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
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::tools::CHROMIUM;

const HELP: &str = "\
cargo xtask <command>. It installs the npm packages. .ci/tools and .ci/browsers install other tools.

  build                 the engine as WebAssembly, and the npm package's files in pkg/dist
  pack                  the npm tarball; its path is the last line
  demo                  serves the demo page with oidc-provider
  site [directory]      the demo as static files for any host, in target/site
  test [--all] [step…]  the checks of each change, or only the named steps. --all adds the other runtimes and the long
                        parts, but not audit, which asks the network. It needs Linux
  mutate [rule…]        removes each rule from the engine; a test must fail without it, natively and in JavaScript
  matrix [--only project,…]
                        a login for each bundler, framework and runtime, for docs/runtimes.md
  interop [--only server,…] [--record]
                        logins at real servers, beside oauth4webapi, for docs/providers/interop.md
  size [--record]       the sizes of downloads; fails after a change. --record accepts it, for docs/size.md
  weigh [features…]     the size of each feature of the engine in Cargo.toml, or of lists such as usual,dpop
  bench [--quick] [--only row,…] [--runtimes node,…] [--node path]… [--check] [--record] [--profile row]
                        the speed beside JavaScript libraries, for docs/speed.md. --profile shows the slow functions
";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (command, arguments) = arguments.split_first().map_or(("help", &[][..]), |(first, rest)| (first, rest));
    match command {
        "build" => build::run(),
        "pack" => build::tarball().map(|tarball| println!("{}", tarball.display())),
        "weigh" => build::weigh(arguments),
        "mutate" => mutate::command(arguments),
        "test" => test::command(arguments),
        "size" => script("benches/size/index.mjs", arguments),
        "demo" => script("www/server.mjs --open", arguments),
        "site" => script("www/site.mjs", arguments),
        "bench" => script("benches/js/run.mjs", arguments),
        "matrix" => script("tests/matrix/run.mjs --record --package", arguments),
        "interop" => script("tests/interop/run.mjs --package", arguments),
        "help" | "--help" | "-h" => {
            println!("{HELP}\nSteps of test: {}", test::names().join(" "));
            Ok(())
        }
        unknown => bail!("there is no command {unknown}; `cargo xtask help` lists them"),
    }
}

/// A script that uses the package's files. One that ends with `--package` installs the tarball.
fn script(line: &str, arguments: &[String]) -> Result<()> {
    let tarball = build::tarball()?;
    let mut command = tools::command(&format!("node {line}"));
    command.args(line.ends_with("--package").then_some(tarball));
    if line.starts_with("benches/js") {
        command.env(CHROMIUM.0, CHROMIUM.find()?);
    }
    run(command.args(arguments))
}

/// Uses this terminal's input and output.
fn run(command: &mut Command) -> Result<()> {
    ensure!(command.status()?.success(), "it failed");
    Ok(())
}
