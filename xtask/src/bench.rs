//! `cargo xtask bench`: the engine beside JavaScript libraries of the same job, interleaved, as ratios. benches/README.md says how.

use anyhow::{Result, ensure};

use crate::build;
use crate::node;
use crate::progress;
use crate::tools;

pub fn command(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let mut command = node::node();
    command.arg("benches/js/run.mjs").args(arguments);
    match tools::CHROMIUM.find() {
        Ok(chromium) => command.env("CHROMIUM", chromium),
        Err(error) => {
            progress::notice(&format!("Chromium is left out: {error:#}"));
            command.env("CHROMIUM", "")
        }
    };
    ensure!(command.status()?.success(), "the benchmark did not end well");
    Ok(())
}
