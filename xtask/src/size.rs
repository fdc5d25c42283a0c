//! `cargo xtask size`: how many bytes a user downloads, what they are spent on, how that is beside other libraries, and whether
//! it changed.

mod budgets;
mod bundle;
mod bytes;
mod entries;
mod peers;
mod readme;

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::build::{self, Kind};
use crate::module::{self, Module};
use crate::progress::{Step, paint};
use crate::repo;
use crate::stamp;

use bundle::Bundle;
use bytes::Bytes;

const RECORD: &str = "size.json";
const USAGE: &str = "cargo xtask size [--record] [--plain]";

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
    budgets::verify()?;
    compare(&measured)
}

fn run(kind: Option<Kind>, record: bool) -> Result<()> {
    let measured = measure(kind)?;
    contributors(&measured.module);
    for (entry, bundle) in &measured.bundles {
        heading(&format!("{entry}, minified bytes by file"));
        bundle.files.iter().take(12).for_each(|(file, bytes)| println!("{bytes:>9}  {file}"));
    }
    heading("Budgets, bytes by brotli");
    budgets::verify()?.iter().for_each(|line| println!("{line}"));
    if record { write_record(&measured) } else { compare(&measured) }
}

struct Measured {
    kind: Kind,
    rows: Vec<(String, Bytes)>,
    module: Module,
    bundles: Vec<(String, Bundle)>,
    peers: Vec<peers::Measured>,
}

/// The package or a peer, as they stand beside each other.
struct Whole<'a> {
    name: &'a str,
    bytes: Bytes,
    /// How the signature of an ID token is verified when a code is traded in.
    signature: &'static str,
    is_own: bool,
}

impl Measured {
    /// The package's main entry, on every runtime, and the peers: the smallest download first.
    fn wholes(&self) -> Vec<Whole<'_>> {
        let own = self.bundles.iter().filter(|(name, _)| !name.contains('/')).map(|(name, bundle)| Whole {
            name,
            bytes: bundle.now.plus(bundle.later),
            signature: "always",
            is_own: true,
        });
        let peers = self.peers.iter().map(|peer| Whole {
            name: &peer.name,
            bytes: peer.bytes,
            signature: peer.signature,
            is_own: false,
        });
        let mut wholes: Vec<_> = own.chain(peers).collect();
        wholes.sort_by_key(|whole| whole.bytes.brotli);
        wholes
    }

    /// What goes on record: the package's sizes, and the peers'.
    fn records(&self) -> (Value, Value) {
        let own: Map<_, _> = self.rows.iter().map(|(name, bytes)| (name.clone(), bytes.record())).collect();
        let peers: Map<_, _> = self.peers.iter().map(|peer| (peer.name.clone(), peer.bytes.record())).collect();
        (own.into(), peers.into())
    }
}

fn measure(kind: Option<Kind>) -> Result<Measured> {
    let kind = build::run(kind)?;
    let wasm = fs::read(repo::path(build::WASM))?;
    let module = Module::read(&fs::read(repo::path(build::NAMED))?)?;
    check(&wasm, &module)?;

    let step = Step::start("Bundling the package");
    let glue = bundle::minified(&step, &format!("{}/oidc_wasm.js", build::GENERATED))?;
    let mut rows = vec![("WebAssembly module".into(), Bytes::of(&wasm)?), ("glue, minified".into(), glue)];
    let mut bundles = Vec::new();
    for entry in entries::read()? {
        let mut bundle = bundle::bundle(&step, &entry.name, &entry.file)?;
        // The same before the modules were joined, to tell them apart.
        bundle.files = bundle::bundle(&step, &format!("{} by file", entry.name), &entry.source)?.files;
        rows.push((entry.name.clone(), bundle.now));
        if bundle.later.raw > 0 {
            rows.push((format!("{} when first needed", entry.name), bundle.later));
        }
        bundles.push((entry.name, bundle));
    }
    step.pass("");
    Ok(Measured { kind, rows, module, bundles, peers: peers::measure()? })
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

/// Prints the sizes beside the recorded ones; fails where they are not the same.
fn compare(measured: &Measured) -> Result<()> {
    let kind = measured.kind.name();
    let record = read_record()?;
    print_table(&format!("Bytes ({kind} build)"), &measured.rows, |(name, bytes)| {
        (name, *bytes, change(*bytes, &record[kind][name]))
    });
    print_table("Beside other libraries; signatures of ID tokens", &measured.wholes(), |whole| {
        let before = if whole.is_own { &whole.bytes.record() } else { &record["peers"][whole.name] };
        (whole.name, whole.bytes, format!("  {}{}", whole.signature, change(whole.bytes, before)))
    });
    println!();
    ensure!(
        !record[kind].is_null(),
        "{RECORD} has no sizes of a {kind} build: `cargo xtask size --record` writes them"
    );
    let same = (&record[kind], &record["peers"]) == (&measured.records().0, &measured.records().1);
    ensure!(same, "sizes differ from {RECORD}: if that is meant, run `cargo xtask size --record` and commit it");
    // The smaller build is the one that is published.
    if measured.kind == Kind::BuildStd { readme::verify(measured) } else { Ok(()) }
}

fn print_table<'a, T>(title: &str, rows: &'a [T], cells: impl Fn(&'a T) -> (&'a str, Bytes, String)) {
    let rows: Vec<_> = rows.iter().map(cells).collect();
    let width = rows.iter().map(|row| row.0.len()).chain([title.len()]).max().unwrap_or_default();
    println!("\n{}{:>9}{:>9}{:>9}", paint("1", &format!("{title:<width$}")), "raw", "gzip", "brotli");
    for (name, bytes, remark) in rows {
        println!("{name:<width$}{:>9}{:>9}{:>9}{remark}", bytes.raw, bytes.gzip, bytes.brotli);
    }
}

fn change(now: Bytes, record: &Value) -> String {
    match Bytes::recorded(record) {
        Some(before) if before == now => String::new(),
        Some(before) => paint("33", &format!("  was {} {} {}", before.raw, before.gzip, before.brotli)),
        None => paint("33", "  not recorded"),
    }
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
    (record[measured.kind.name()], record["peers"]) = measured.records();
    stamp::write(&repo::path(RECORD), format!("{}\n", serde_json::to_string_pretty(&record)?).as_bytes())?;
    if measured.kind == Kind::BuildStd {
        readme::write(measured)?;
    }
    compare(measured)?;
    println!("It is on record.");
    Ok(())
}
