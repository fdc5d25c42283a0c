//! Builds, measures and tests oidc-wasm. A file for each command; `cargo xtask help` lists them.

mod bench;
mod build;
mod demo;
mod fuzz;
mod help;
mod interop;
mod licences;
mod module;
mod mutate;
mod node;
mod pack;
mod pages;
mod progress;
mod repo;
mod size;
mod spdx;
mod stamp;
mod tally;
mod test;
mod tools;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

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
    let Some((command, arguments)) = arguments.split_first() else {
        help::print();
        return Ok(());
    };
    match command.as_str() {
        "build" => build::command(arguments),
        "pack" => pack::command(arguments),
        "size" => size::command(arguments),
        "matrix" => pack::matrix(arguments),
        "bench" => bench::command(arguments),
        "test" => test::command(arguments),
        "mutate" => mutate::command(arguments),
        "demo" => demo::command(arguments),
        "interop" => interop::command(arguments),
        "help" | "--help" | "-h" => {
            help::print();
            Ok(())
        }
        unknown => bail!("there is no command {unknown}; `cargo xtask help` lists them"),
    }
}
