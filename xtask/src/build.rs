//! `cargo xtask build`: compiles the engine to WebAssembly with its glue, then writes the npm package's files to `pkg/dist`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::generate;
use crate::module::{self, Module};
use crate::node;
use crate::progress::{self, Step};
use crate::repo;
use crate::stamp::{self, Stamp};
use crate::tools;

/// How the module was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Compiles the standard library for size too. A panic is a trap without a message.
    BuildStd,
    /// Uses the distributed standard library: larger, but any toolchain can build it.
    Plain,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::BuildStd => "build-std",
            Self::Plain => "plain",
        }
    }
}

pub const GENERATED: &str = "pkg/src/generated";
const DIST: &str = "pkg/dist";

/// The shipped module, and the same module with function names for inspection.
const WASM: &str = "pkg/dist/oidc_wasm.wasm";
pub const NAMED: &str = "target/wasm/oidc_wasm.named.wasm";

/// rustc's default stack is a megabyte: seventeen pages before the first byte of heap.
const STACK: u32 = 32 * 1024;
const PAGES: u64 = 4;

/// Makes a build for tests, natively too.
pub const TEST_BUILD: &str = "OIDC_WASM_MUTANTS";

/// The cargo features of each module.
const LOGIN: &str = "wasm";
const DEFAULT: &str = "wasm,usual";
const FULL: &str = "wasm,full";

/// Flags of both kinds of build. SHA-256 without unrolled rounds saves 4 KB and is fast enough for a login.
const FLAGS: &[&str] = &["--cfg=sha2_backend=\"soft\"", "--cfg=sha2_backend_soft=\"compact\""];

/// Flags that stable rustc accepts only with `RUSTC_BOOTSTRAP=1`.
const SMALL_FLAGS: &[&str] =
    &["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"];
const SMALL_ARGUMENTS: &[&str] = &[
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    // Smaller and faster than "z". Cargo.toml cannot set it, because other builds have no `alloc` crate.
    "--config=profile.wasm.package.alloc.opt-level='s'",
];

/// Features that Node 20 and Safari 16.4 support. `--all-features` would emit newer ones.
const WASM_OPT: &[&str] = &[
    "-O3",
    "--flatten",
    "--rereloop",
    "-O3",
    "--debuginfo",
    "--strip-producers",
    "--strip-target-features",
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

pub fn command(arguments: &[String]) -> Result<()> {
    let kind = match arguments {
        [] => run(None)?,
        [flag] if flag == "--plain" => run(Some(Kind::Plain))?,
        _ => bail!("cargo xtask build [--plain]"),
    };
    println!("{DIST} is up to date ({} build)", kind.name());
    Ok(())
}

/// Builds what is out of date and returns the kind of build: the smaller one if possible, unless the caller names one.
pub fn run(kind: Option<Kind>) -> Result<Kind> {
    let kind = modules(kind)?;
    node::prepare()?;
    package()?;
    Ok(kind)
}

/// The default module, and those of `oidc-wasm/login` and `oidc-wasm/full`. Rebuilds each only if its own inputs changed.
fn modules(wanted: Option<Kind>) -> Result<Kind> {
    let kind = match wanted {
        Some(kind) => kind,
        None if tools::std_source()? => Kind::BuildStd,
        None => {
            progress::notice(
                "The standard library's source (rustup component rust-src) is not to be had: plain build, some kilobytes larger.",
            );
            Kind::Plain
        }
    };
    generate::run()?;
    let built = default_module(kind)?;
    other_module("login", built, LOGIN)?;
    other_module("full", built, FULL)?;
    Ok(built)
}

fn default_module(kind: Kind) -> Result<Kind> {
    let stamp = stamp_of("module", kind)?;
    let generated = repo::path(GENERATED);
    let names = ["oidc_wasm.js", "oidc_wasm.d.ts", "oidc_wasm.wasm", "js/module.js", "wasm_inline.ts", "BUILD"];
    let mut products = names.map(|name| generated.join(name)).to_vec();
    products.push(repo::path(NAMED));
    if stamp.is_fresh(&products) {
        let name = fs::read_to_string(generated.join("BUILD"))?;
        return Ok(if name.trim() == Kind::Plain.name() { Kind::Plain } else { Kind::BuildStd });
    }
    node::prepare()?;
    let kind = compile(kind, DEFAULT)?;
    bind(kind, true, &generated)?;
    ship(&repo::path(NAMED), "")?;
    // A second pass for runtimes without WebAssembly, where references are numbers.
    bind(kind, false, &generated.join("js"))?;
    progress::run("Turning the module into JavaScript", node::node().arg("pkg/wasm2js.mjs").arg(bound()))?;
    stamp::write(&generated.join("BUILD"), format!("{}\n", kind.name()).as_bytes())?;
    // Stamped with the requested kind: after a fall back to the plain build, only a change tries again.
    stamp.record()?;
    Ok(kind)
}

/// The module of `oidc-wasm/login` or `oidc-wasm/full`. Each has its own glue, so that one process can run several modules.
fn other_module(name: &str, kind: Kind, features: &str) -> Result<()> {
    let stamp = stamp_of(name, kind)?;
    let generated = repo::path(GENERATED);
    let product = |file: &str| generated.join(file.replace('*', name));
    let products = ["oidc_wasm_*.wasm", "wasm_inline_*.ts", "oidc_wasm_*.js", "oidc_wasm_*.d.ts"].map(product);
    if stamp.is_fresh(&products) {
        return Ok(());
    }
    node::prepare()?;
    let glue = repo::path("target/wasm").join(name);
    bind(compile(kind, features)?, true, &glue)?;
    for kind in ["js", "d.ts"] {
        let text = fs::read(glue.join(format!("oidc_wasm.{kind}")))?;
        stamp::write(&product(&format!("oidc_wasm_*.{kind}")), &text)?;
    }
    ship(&glue.join("oidc_wasm.named.wasm"), &format!("_{name}"))?;
    stamp.record()
}

/// Writes the shipped module: optimises and checks it, and writes it again as a string for a bundle.
fn ship(named: &Path, suffix: &str) -> Result<()> {
    let wasm = optimise(named)?;
    check(&wasm)?;
    let module = repo::path(GENERATED).join(format!("oidc_wasm{suffix}.wasm"));
    stamp::write(&module, &wasm)?;
    let text = repo::path(GENERATED).join(format!("wasm_inline{suffix}.ts"));
    progress::run("Writing the module as text", node::node().arg("pkg/inline.mjs").arg(module).arg(text)).map(drop)
}

/// A full module, as wasm-bindgen leaves it, for tests: it can lack a rule (`src/removed.rs`).
pub fn for_tests() -> Result<PathBuf> {
    let kind = modules(None)?;
    let module = repo::path("target/wasm/for_tests.wasm");
    let stamp = stamp_of("for_tests", kind)?;
    if !stamp.is_fresh(std::slice::from_ref(&module)) {
        let mut command = cargo(kind, FULL);
        progress::run("Compiling the engine for tests", command.env(TEST_BUILD, "1"))?;
        bind(kind, true, &repo::path("target/wasm/for_tests"))?;
        fs::copy(bound(), &module)?;
        stamp.record()?;
    }
    Ok(module)
}

/// The module with these features, optimised as the shipped one.
pub fn weighed(features: &str) -> Result<PathBuf> {
    let folder = repo::path("target/wasm/weighed").join(features);
    let kind = compile(modules(None)?, features)?;
    bind(kind, true, &folder)?;
    let module = folder.join("oidc_wasm.wasm");
    stamp::write(&module, &optimise(&folder.join("named.wasm"))?)?;
    Ok(module)
}

fn stamp_of(name: &str, kind: Kind) -> Result<Stamp> {
    let inputs = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "package-lock.json", "src", "xtask/Cargo.toml"];
    let recipe = concat!(
        include_str!("build.rs"),
        include_str!("module.rs"),
        include_str!("../../pkg/glue.mjs"),
        include_str!("../../pkg/wasm2js.mjs"),
        include_str!("../../pkg/inline.mjs"),
        include_str!("../../pkg/src/engine/inlined.ts")
    );
    Stamp::new(name, &inputs.map(repo::path), &format!("{}\n{recipe}", kind.name()))
}

/// Cargo's step. Takes the plain build if the standard library cannot be compiled.
fn compile(kind: Kind, features: &str) -> Result<Kind> {
    let step = Step::start(match kind {
        _ if features == FULL => "Compiling the full engine to WebAssembly",
        _ if features == LOGIN => "Compiling the engine for a login to WebAssembly",
        Kind::BuildStd => "Compiling the engine and the standard library to WebAssembly",
        Kind::Plain => "Compiling the engine to WebAssembly",
    });
    if kind == Kind::Plain {
        tools::wasm_target()?;
    }
    let ran = step.run(&mut cargo(kind, features))?;
    if ran.success {
        step.pass("");
        return Ok(kind);
    }
    step.fail("");
    if kind == Kind::BuildStd && !ran.output.contains("could not compile `oidc-wasm`") {
        println!("{}", ran.output.trim_end());
        progress::notice("The standard library could not be compiled here: plain build, some kilobytes larger.");
        return compile(Kind::Plain, features);
    }
    Err(anyhow!("{}", ran.output.trim_end()))
}

fn cargo(kind: Kind, features: &str) -> Command {
    let mut flags: Vec<_> = FLAGS.iter().map(ToString::to_string).collect();
    flags.push(format!("-Clink-arg=-zstack-size={STACK}"));
    let mut command = tools::cargo();
    command.args(["rustc", "--lib", "--crate-type", "cdylib", "--target", tools::WASM]);
    command
        .args(["--profile", "wasm", "--no-default-features", "--features", features, "--target-dir"])
        .arg(target(kind));
    if kind == Kind::BuildStd {
        command.env("RUSTC_BOOTSTRAP", "1").args(SMALL_ARGUMENTS);
        flags.extend(SMALL_FLAGS.iter().map(ToString::to_string));
    }
    // This form takes precedence over all other sources of flags.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    command
}

/// Separate from native builds, so that neither waits for the other's lock or undoes its work.
fn target(kind: Kind) -> PathBuf {
    repo::path("target/wasm").join(kind.name())
}

/// wasm-bindgen's step: writes the glue to a folder, and the module to binaryen's input.
fn bind(kind: Kind, references: bool, folder: &Path) -> Result<()> {
    let step = Step::start("Generating the glue");
    let mut wasm = fs::read(target(kind).join(tools::WASM).join("wasm/oidc_wasm.wasm"))?;
    if !references {
        // wasm-bindgen reads the features of the module from this section.
        for feature in ["+\x0freference-types", "+\x0amultivalue"].map(str::as_bytes) {
            let place = wasm.windows(feature.len()).position(|window| window == feature);
            wasm[place.with_context(|| format!("the module lists no {}", feature.escape_ascii()))?] = b'-';
        }
    }
    let mut output = Bindgen::new()
        .input_bytes("oidc_wasm", wasm)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .demangle(false)
        .remove_producers_section(true)
        .generate_output()?;
    let glue = folder.join("oidc_wasm.js");
    let mut text = output.js().to_owned();
    stamp::write(&folder.join("oidc_wasm.d.ts"), output.ts().unwrap_or_default().as_bytes())?;
    let module = output.wasm_mut();
    shorten_imports(module, &mut text);
    stamp::write(&glue, text.as_bytes())?;
    let ran = step.run(node::node().arg("pkg/glue.mjs").arg(&glue))?;
    ensure!(ran.success, "{}", ran.output.trim_end());
    empty_destructors(module);
    stamp::write(&bound(), &module.emit_wasm())?;
    step.pass("");
    Ok(())
}

/// wasm-bindgen adds a hash to each name. A unique name needs none.
fn shorten_imports(module: &mut walrus::Module, glue: &mut String) {
    let short = |name: &str| Some(name.strip_prefix("__wbg_")?.rsplit_once('_')?.0.to_owned());
    let shorts: Vec<_> = module.imports.iter().filter_map(|import| short(&import.name)).collect();
    for import in module.imports.iter_mut() {
        let Some(name) = short(&import.name) else { continue };
        if shorts.iter().filter(|other| **other == name).count() == 1 {
            *glue = glue.replace(&import.name, &name);
            import.name = name;
        }
    }
}

/// The module frees all memory of a call at once (src/wasm/memory.rs), so most destructors do nothing. The compiler cannot see that
/// and keeps their loops. A destructor with other work stays: those of JavaScript's values, and the guards of `drain`, `retain` and
/// similar methods.
fn empty_destructors(module: &mut walrus::Module) {
    const KEPT: [&str; 9] =
        ["wasm_bindgen", "js_sys", "web_sys", "Drain", "Splice", "Backshift", "Guard", "OnDrop", "ExtractIf"];
    let is_kept = |name: &str| KEPT.iter().any(|part| name.contains(part));
    let frees = |name: &str| {
        ["13drop_in_place", "4Drop4drop", "RawVecInner10deallocate"].iter().any(|part| name.contains(part))
    };
    let destructors: Vec<_> = module
        .funcs
        .iter()
        .filter(|function| function.name.as_deref().is_some_and(|name| frees(name) && !is_kept(name)))
        .filter(|function| module.types.results(function.ty()).is_empty())
        .map(walrus::Function::id)
        .collect();
    for id in destructors {
        if let walrus::FunctionKind::Local(function) = &mut module.funcs.get_mut(id).kind {
            let entry = function.entry_block();
            function.block_mut(entry).instrs.clear();
        }
    }
}

fn bound() -> PathBuf {
    repo::path("target/wasm/oidc_wasm.bound.wasm")
}

/// binaryen's step. Names do not change its output: `size` keeps them, and the shipped module drops them.
fn optimise(named: &Path) -> Result<Vec<u8>> {
    progress::run("Optimising the module", node::bin("wasm-opt").args(WASM_OPT).arg(bound()).arg("-o").arg(named))?;
    module::without_custom_sections(&fs::read(named)?)
}

fn check(wasm: &[u8]) -> Result<()> {
    let Module { initial_pages: pages, returns_reference, .. } = Module::read(wasm)?;
    // V8 up to 12.4 (Node 20 and 22) ends the process if memory grows during an inlined call of this kind.
    ensure!(returns_reference.is_empty(), "exports return a reference: {}", returns_reference.join(", "));
    ensure!(pages <= PAGES, "the module starts with {} KiB of memory; {} are allowed", pages * 64, PAGES * 64);
    Ok(())
}

/// Node's step, in `pkg/build.mjs`: compiles the package's TypeScript and writes its declarations.
fn package() -> Result<()> {
    let inputs = [
        "pkg/src",
        "tests/support/provider",
        "pkg/build.mjs",
        "pkg/entries.json",
        "pkg/entries.mjs",
        "pkg/tsconfig.json",
        "tsconfig.json",
    ];
    let inputs = inputs.into_iter().chain(["package-lock.json"]).map(repo::path).collect::<Vec<_>>();
    let stamp = Stamp::new("package", &inputs, "")?;
    if stamp.is_fresh(&[repo::path(DIST).join("index.js"), repo::path(WASM)]) {
        return Ok(());
    }
    progress::run("Building the package", node::node().arg("pkg/build.mjs"))?;
    stamp.record()
}
