//! Files of the repository, and records of inputs, so that an unchanged step does not run again.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

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

pub struct Stamp {
    file: PathBuf,
    inputs: Vec<u8>,
}

impl Stamp {
    /// `inputs` are files and directories, with spaces between. `recipe` is everything else that determines the product.
    pub fn new(name: &str, inputs: &str, recipe: &str) -> Result<Self> {
        let mut hash = Sha256::new_with_prefix(recipe);
        for input in inputs.split_whitespace() {
            for file in files(&path(input))? {
                let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                hash.update(file.strip_prefix(root())?.as_os_str().as_encoded_bytes());
                hash.update((content.len() as u64).to_le_bytes());
                hash.update(content);
            }
        }
        Ok(Self { file: path("target/stamps").join(name), inputs: hash.finalize().to_vec() })
    }

    /// Makes the products again if one is missing or an input changed.
    pub fn renew<P: AsRef<Path>>(&self, products: &[P], make: impl FnOnce() -> Result<()>) -> Result<()> {
        let are_there = products.iter().all(|product| root().join(product).exists());
        if are_there && fs::read(&self.file).is_ok_and(|inputs| inputs == self.inputs) {
            return Ok(());
        }
        make()?;
        write(&self.file, &self.inputs)
    }
}

/// Every file at or under `path`, in a fixed order. A missing path is an error: a typo or a moved file.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = WalkDir::new(path).sort_by_file_name().into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(entries.into_iter().filter(|entry| entry.file_type().is_file()).map(DirEntry::into_path).collect())
}

/// Writes a file and creates its directories. An unchanged file keeps its date.
pub fn write(file: &Path, content: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}
