//! `cargo xtask interop`: logins at real servers, beside oauth4webapi. The work is done by tests/interop/run.mjs.

use anyhow::{Result, ensure};

use crate::node;
use crate::pack;

pub fn command(arguments: &[String]) -> Result<()> {
    let tarball = pack::run()?;
    let mut command = node::node();
    command.arg("tests/interop/run.mjs").arg("--package").arg(tarball).args(arguments);
    ensure!(command.status()?.success(), "a login at a real server did not end well");
    Ok(())
}
