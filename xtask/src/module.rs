//! Reading a WebAssembly module: what it starts with, and what its bytes are spent on.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use wasmparser::{ExternalKind, KnownCustom, Name, Parser, Payload, TypeRef, ValType};

#[derive(Default)]
pub struct Module {
    pub initial_pages: u64,
    /// `module.name` of what the host must provide.
    pub imports: Vec<String>,
    /// Names of exported functions that return a reference.
    pub returns_reference: Vec<String>,
    /// Every function's name, empty when the module has none, and the bytes of its body.
    pub functions: Vec<(String, usize)>,
    /// Bytes of initial data: constants and text.
    pub data: usize,
}

impl Module {
    pub fn read(wasm: &[u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut names = BTreeMap::new();
        let mut imported = 0_u32;
        let mut signatures = Vec::new();
        let mut types = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(signature) = import.ty {
                            imported += 1;
                            types.push(signature);
                        }
                        module.imports.push(format!("{}.{}", import.module, import.name));
                    }
                }
                Payload::TypeSection(section) => {
                    for signature in section.into_iter_err_on_gc_types() {
                        signatures.push(signature?);
                    }
                }
                Payload::FunctionSection(section) => {
                    for signature in section {
                        types.push(signature?);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        let is_function = matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact);
                        let signature =
                            types.get(export.index as usize).and_then(|kind| signatures.get(*kind as usize));
                        let is_reference = |kind: &ValType| matches!(kind, ValType::Ref(_));
                        if is_function && signature.is_none_or(|it| it.results().iter().any(is_reference)) {
                            module.returns_reference.push(export.name.to_owned());
                        }
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        module.initial_pages += memory?.initial;
                    }
                }
                Payload::CodeSectionEntry(body) => module.functions.push((String::new(), body.range().len())),
                Payload::DataSection(section) => module.data += section.range().len(),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        for subsection in section {
                            if let Name::Function(functions) = subsection? {
                                for function in functions {
                                    let function = function?;
                                    names.insert(function.index, function.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        for (index, (name, _)) in (imported..).zip(&mut module.functions) {
            if let Some(mangled) = names.get(&index) {
                *name = format!("{:#}", rustc_demangle::demangle(mangled));
            }
        }
        Ok(module)
    }
}

/// The crate that a function comes from, as far as its name tells.
pub fn origin(function: &str) -> &str {
    let path = function.trim_start_matches(['<', '&', '[', '(', '*']);
    let path = path.strip_prefix("dyn ").or_else(|| path.strip_prefix("mut ")).unwrap_or(path);
    match path.split_once("::") {
        Some((origin, _)) if origin.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => origin,
        _ if function.starts_with('<') => "core",
        _ => "exports and intrinsics",
    }
}

/// The module without names and other notes: a section is its number, its length in LEB128 and that many bytes.
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn custom_sections_go_and_others_stay() {
        let wasm = [HEADER, b"\0\x02\x01x", b"\x05\x03\x01\0\x02", b"\0\x81\0\0"].concat();
        assert_eq!(without_custom_sections(&wasm).unwrap(), [HEADER, b"\x05\x03\x01\0\x02"].concat());
        assert!(without_custom_sections(&wasm[..wasm.len() - 1]).is_err());
    }

    #[test]
    fn memory_is_read() {
        let wasm = [HEADER, b"\x05\x03\x01\0\x02"].concat();
        assert_eq!(Module::read(&wasm).unwrap().initial_pages, 2);
    }

    #[test]
    fn an_export_that_returns_a_reference_is_named() {
        // One type, () -> result; one function of it, exported as "f"; an empty body.
        let module = |result: &[u8]| {
            let length = u8::try_from(result.len()).unwrap();
            let types = [&[1, 3 + length, 1, 0x60, 0], result].concat();
            let body: &[u8] = if result == b"\0" { &[10, 4, 1, 2, 0, 0x0b] } else { &[10, 5, 1, 3, 0, 0, 0x0b] };
            [HEADER, &types, b"\x03\x02\x01\0", b"\x07\x05\x01\x01f\0\0", body].concat()
        };
        let named = |result| Module::read(&module(result)).unwrap().returns_reference;
        assert_eq!(named(b"\x01\x6f"), ["f"], "externref");
        assert_eq!(named(b"\x01\x70"), ["f"], "funcref");
        assert!(named(b"\x01\x7f").is_empty(), "i32");
        assert!(named(b"\0").is_empty(), "nothing");
    }

    #[test]
    fn origins() {
        assert_eq!(origin("core::fmt::write"), "core");
        assert_eq!(origin("<oidc_wasm::wire::json::Reader>::read"), "oidc_wasm");
        assert_eq!(origin("<&mut alloc::vec::Vec<u8> as core::fmt::Write>::write_str"), "alloc");
        assert_eq!(origin("<[u8] as alloc::slice::Concat>::concat"), "core");
        assert_eq!(origin("memcpy"), "exports and intrinsics");
    }
}
