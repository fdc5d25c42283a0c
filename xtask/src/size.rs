//! `cargo xtask size`: how many bytes a user downloads, what they are spent on, and whether that changed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::Compression;
use flate2::bufread::GzEncoder;
use serde_json::{Map, Value, json};

use crate::build::{self, Kind};
use crate::module::{self, Module};
use crate::node;
use crate::progress::{self, paint};
use crate::repo;
use crate::stamp;

const RECORD: &str = "size.json";
const USAGE: &str = "cargo xtask size [--record] [--plain]";

/// Downloaded bytes: as they are, and as servers compress them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Size {
    fn of(content: &[u8]) -> Result<Self> {
        let mut gzip = Vec::new();
        GzEncoder::new(content, Compression::best()).read_to_end(&mut gzip)?;
        let mut brotli = Vec::new();
        brotli::CompressorWriter::new(&mut brotli, 1 << 16, 11, 22).write_all(content)?;
        Ok(Self { raw: content.len(), gzip: gzip.len(), brotli: brotli.len() })
    }

    /// Two files are two downloads.
    fn plus(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }

    fn record(self) -> Value {
        json!({ "raw": self.raw, "gzip": self.gzip, "brotli": self.brotli })
    }

    fn recorded(value: &Value) -> Option<Self> {
        let bytes = |name: &str| value[name].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
        Some(Self { raw: bytes("raw")?, gzip: bytes("gzip")?, brotli: bytes("brotli")? })
    }
}

/// An entry of the package, bundled and minified as an application would.
struct Bundle {
    /// What is loaded at once, and what only when it is first needed.
    now: Size,
    later: Size,
    /// Bytes in the bundle by source file, the largest first.
    files: Vec<(String, usize)>,
}

pub fn command(arguments: &[String]) -> Result<()> {
    let (mut record, mut kind) = (false, None);
    for argument in arguments {
        match argument.as_str() {
            "--record" => record = true,
            "--plain" => kind = Some(Kind::Plain),
            _ => bail!("{USAGE}"),
        }
    }
    run(kind, record)
}

/// The sizes, and nothing else; fails where they are not the recorded ones.
pub fn verify() -> Result<()> {
    let measured = measure(None)?;
    compare(&measured)
}

fn run(kind: Option<Kind>, record: bool) -> Result<()> {
    let measured = measure(kind)?;
    contributors(&measured.module);
    for (entry, bundle) in &measured.bundles {
        heading(&format!("JavaScript of the {entry} entry, minified bytes by file"));
        bundle.files.iter().take(12).for_each(|(file, bytes)| println!("{bytes:>9}  {file}"));
    }
    if record { write_record(&measured) } else { compare(&measured) }
}

struct Measured {
    kind: Kind,
    rows: Vec<(&'static str, Size)>,
    module: Module,
    bundles: [(&'static str, Bundle); 2],
}

fn measure(kind: Option<Kind>) -> Result<Measured> {
    let kind = build::run(kind)?;
    let wasm = fs::read(repo::path(build::WASM))?;
    let module = Module::read(&fs::read(repo::path(build::NAMED))?)?;
    check(&wasm, &module)?;

    let engine = Size::of(&wasm)?;
    let glue = minified("pkg/dist/generated/oidc_wasm.js")?;
    let (default, workerd) = (bundle("index")?, bundle("workerd")?);
    let mut rows = vec![
        ("WebAssembly module", engine),
        ("glue, minified", glue),
        ("default entry, whole", default.now),
        ("workerd entry, whole", workerd.now.plus(engine)),
    ];
    if default.later.raw > 0 {
        rows.push(("loaded when first needed", default.later));
    }
    Ok(Measured { kind, rows, module, bundles: [("default", default), ("workerd", workerd)] })
}

/// What must never ship.
fn check(wasm: &[u8], module: &Module) -> Result<()> {
    ensure!(module.functions.iter().any(|(name, _)| !name.is_empty()), "the module has no names to go by");
    let culprit = module.functions.iter().find(|(name, _)| name.contains("serde_json"));
    ensure!(culprit.is_none(), "serde_json is in the module: {}", culprit.map_or("", |(name, _)| name));
    let text = b"serde_json";
    ensure!(!wasm.windows(text.len()).any(|window| window == text), "the module's data speaks of serde_json");
    let stray = module.imports.iter().find(|import| !import.starts_with("./oidc_wasm_bg.js."));
    ensure!(stray.is_none(), "the module imports {}", stray.map_or("", String::as_str));
    Ok(())
}

fn contributors(module: &Module) {
    let mut origins = BTreeMap::<&str, usize>::new();
    for (function, bytes) in &module.functions {
        *origins.entry(module::origin(function)).or_default() += bytes;
    }
    let mut origins: Vec<_> = origins.into_iter().chain([("constants and text", module.data)]).collect();
    origins.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    heading("WebAssembly, bytes by crate (inlined code counts for its caller)");
    origins.iter().take(12).for_each(|(origin, bytes)| println!("{bytes:>9}  {origin}"));

    let mut functions: Vec<_> = module.functions.iter().collect();
    functions.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    heading("WebAssembly, bytes by function");
    functions.iter().take(20).for_each(|(name, bytes)| println!("{bytes:>9}  {name}"));
    println!("\n{} KiB of memory at the start.", module.initial_pages * 64);
}

fn minified(file: &str) -> Result<Size> {
    let out = repo::path("target/size/glue.js");
    progress::run("Minifying the glue", esbuild().arg(file).arg(format!("--outfile={}", out.display())))?;
    Size::of(&fs::read(out)?)
}

fn bundle(entry: &str) -> Result<Bundle> {
    let out = repo::path("target/size").join(entry);
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let meta = repo::path("target/size").join(format!("{entry}.json"));
    let mut command = esbuild();
    command.arg(format!("pkg/dist/{entry}.js")).args(["--bundle", "--splitting", "--external:*.wasm"]);
    command.arg(format!("--outdir={}", out.display())).arg(format!("--metafile={}", meta.display()));
    progress::run(&format!("Bundling the {} entry", if entry == "index" { "default" } else { entry }), &mut command)?;

    let meta: Value = serde_json::from_slice(&fs::read(meta)?)?;
    let outputs = meta["outputs"].as_object().context("esbuild's metafile has no outputs")?;
    let entry_file = outputs.iter().find(|(_, output)| !output["entryPoint"].is_null() && is_entry(output, entry));
    let mut now = vec![entry_file.context("esbuild's metafile has no entry")?.0.as_str()];
    let mut next = 0;
    while let Some(file) = now.get(next) {
        let imports = outputs[*file]["imports"].as_array().into_iter().flatten();
        for import in imports.filter(|import| import["kind"] == "import-statement" && import["external"] != true) {
            let path = import["path"].as_str().unwrap_or_default();
            if !now.contains(&path) {
                now.push(path);
            }
        }
        next += 1;
    }
    let mut bundle = Bundle { now: Size::default(), later: Size::default(), files: Vec::new() };
    for (file, output) in outputs {
        let size = Size::of(&fs::read(repo::path(file))?)?;
        let sum = if now.contains(&file.as_str()) { &mut bundle.now } else { &mut bundle.later };
        *sum = sum.plus(size);
        let inputs = output["inputs"].as_object().into_iter().flatten();
        bundle.files.extend(inputs.map(|(input, part)| {
            let bytes = part["bytesInOutput"].as_u64().unwrap_or_default();
            (input.clone(), usize::try_from(bytes).unwrap_or_default())
        }));
    }
    bundle.files.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    Ok(bundle)
}

fn is_entry(output: &Value, entry: &str) -> bool {
    output["entryPoint"].as_str().is_some_and(|point| Path::new(point).file_stem().is_some_and(|stem| stem == entry))
}

fn esbuild() -> std::process::Command {
    let mut command = node::bin("esbuild");
    command.args(["--minify", "--format=esm", "--target=es2022", "--log-level=warning"]);
    command
}

/// Prints the sizes beside the recorded ones; fails where they are not the same.
fn compare(measured: &Measured) -> Result<()> {
    let kind = measured.kind.name();
    let recorded = &read_record()?[kind];
    let mut same = recorded.as_object().is_some_and(|recorded| recorded.len() == measured.rows.len());
    println!("\n{:<28}{:>9}{:>9}{:>9}", paint("1", &format!("Bytes ({kind} build)")), "raw", "gzip", "brotli");
    for (name, size) in &measured.rows {
        let before = Size::recorded(&recorded[name]);
        let change = match before {
            Some(before) if before == *size => String::new(),
            Some(before) => paint("33", &format!("  was {} {} {}", before.raw, before.gzip, before.brotli)),
            None => paint("33", "  not recorded"),
        };
        println!("{name:<28}{:>9}{:>9}{:>9}{change}", size.raw, size.gzip, size.brotli);
        same &= before == Some(*size);
    }
    println!();
    ensure!(!recorded.is_null(), "{RECORD} has no sizes of a {kind} build: `cargo xtask size --record` writes them");
    ensure!(same, "sizes differ from {RECORD}: if that is meant, run `cargo xtask size --record` and commit it");
    Ok(())
}

fn heading(text: &str) {
    println!("\n{}", paint("1", text));
}

fn read_record() -> Result<Value> {
    match fs::read(repo::path(RECORD)) {
        Ok(record) => serde_json::from_slice(&record).with_context(|| format!("{RECORD} is not JSON")),
        Err(_) => Ok(json!({})),
    }
}

fn write_record(measured: &Measured) -> Result<()> {
    let mut record = read_record()?;
    let rows = measured.rows.iter().map(|(name, size)| (name.to_string(), size.record()));
    record[measured.kind.name()] = rows.collect::<Map<_, _>>().into();
    stamp::write(&repo::path(RECORD), format!("{}\n", serde_json::to_string_pretty(&record)?).as_bytes())?;
    compare(measured)?;
    println!("{RECORD} is written.");
    Ok(())
}
