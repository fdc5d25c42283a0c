//! `cargo xtask bench`: the engine beside JavaScript libraries of the same job, interleaved, as ratios.

use anyhow::{Result, ensure};

use crate::build;
use crate::node;

pub fn command(arguments: &[String]) -> Result<()> {
    build::run(None)?;
    let status = node::node().arg("benches/js/bench.mjs").args(arguments).status()?;
    ensure!(status.success(), "the benchmark did not end well");
    Ok(())
}
