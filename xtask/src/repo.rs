//! Paths of the repository.

use std::env;
use std::path::{Path, PathBuf};

/// The version of the crate, of the npm package and of this tool: the workspace has one.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn root() -> PathBuf {
    // Cargo sets it for `cargo run`, so a moved checkout still works.
    let here = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// The path relative to the root of the repository.
pub fn display(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
