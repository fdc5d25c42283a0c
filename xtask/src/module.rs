//! Reads a WebAssembly module: its imports, exports and the size of each part.

use anyhow::{Context, Result, ensure};
use walrus::{ExportItem, ValType};

pub struct Module {
    pub initial_pages: u64,
    /// `module.name` of each import.
    pub imports: Vec<String>,
    /// Names of exported functions that return a reference.
    pub returns_reference: Vec<String>,
    /// The name of every function (empty without a name section) and the size of its body in bytes.
    pub functions: Vec<(String, usize)>,
    /// Size of the initial data in bytes: constants and strings.
    pub data: usize,
}

impl Module {
    pub fn read(wasm: &[u8]) -> Result<Self> {
        let module = walrus::Module::from_buffer(wasm)?;
        let returns_reference = |export: &&walrus::Export| match export.item {
            ExportItem::Function(id) => {
                let results = module.types.results(module.funcs.get(id).ty());
                results.iter().any(|result| matches!(result, ValType::Ref(_)))
            }
            _ => false,
        };
        let functions = module.funcs.iter_local().map(|(id, body)| {
            let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
            (
                format!("{:#}", rustc_demangle::demangle(name)),
                body.original_range.as_ref().map_or(0, ExactSizeIterator::len),
            )
        });
        Ok(Self {
            initial_pages: module.memories.iter().map(|memory| memory.initial).sum(),
            imports: module.imports.iter().map(|import| format!("{}.{}", import.module, import.name)).collect(),
            returns_reference: module.exports.iter().filter(returns_reference).map(|it| it.name.clone()).collect(),
            functions: functions.collect(),
            data: module.data.iter().map(|data| data.value.len()).sum(),
        })
    }
}

/// The crate of a function, as far as its name shows it.
pub fn origin(function: &str) -> &str {
    let path = function.trim_start_matches(['<', '&', '[', '(', '*']);
    let path = path.strip_prefix("dyn ").or_else(|| path.strip_prefix("mut ")).unwrap_or(path);
    match path.split_once("::") {
        Some((origin, _)) if origin.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => origin,
        _ if function.starts_with('<') => "core",
        _ => "exports and intrinsics",
    }
}

/// The module without custom sections. A section is its number, its length in LEB128, and that many bytes.
pub fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>> {
    let (header, mut rest) = wasm.split_at_checked(8).context("this is no WebAssembly module")?;
    let mut out = header.to_vec();
    while let [id, after @ ..] = rest {
        let digits = after.iter().take_while(|byte| **byte >= 0x80).count() + 1;
        ensure!(digits <= 5 && digits <= after.len(), "a section's length is cut off");
        let length = after[..digits].iter().rev().fold(0_usize, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
        let (section, following) = rest.split_at_checked(1 + digits + length).context("a section is cut off")?;
        if *id != 0 {
            out.extend_from_slice(section);
        }
        rest = following;
    }
    Ok(out)
}
