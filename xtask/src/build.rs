//! `cargo xtask build`: compiles the engine to WebAssembly with its glue, then writes the npm package's files to `pkg/dist`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use walrus::{ExportItem, ValType};
use wasm_bindgen_cli_support::Bindgen;

use crate::files::{self, Stamp};
use crate::generate;
use crate::progress;
use crate::tools;

const TARGET: &str = "target/wasm";

/// A module: the last part of its files' names, and its cargo features. One glue serves all of them.
type Module = (&'static str, &'static str);

const DEFAULT: Module = ("", "wasm,usual");
const LOGIN: Module = ("_login", "wasm");
const FULL: Module = ("_full", "wasm,full");

/// Set for a test build, also natively.
pub const TEST_BUILD: &str = "OIDC_WASM_MUTANTS";

/// The module has its own standard library, compiled for size. A panic is a trap without a message. `alloc` at "s" is smaller and
/// faster than at "z"; Cargo.toml cannot set it, because other builds have no `alloc` crate.
const CARGO: &str = "cargo rustc --lib --crate-type cdylib --profile wasm --target-dir target/wasm/build-std -Zbuild-std=std,panic_abort \
    -Zbuild-std-features=optimize_for_size --config=profile.wasm.package.alloc.opt-level='s' --no-default-features --target";

/// In the modules, a function returns a string as two values (xtask/wasm32-multivalue.json): the standard target returns it through
/// memory, which is larger. binaryen's JavaScript has no such functions.
const MULTIVALUE: &str = "wasm32-multivalue";
const STANDARD: &str = "wasm32-unknown-unknown";

/// Stable rustc accepts the `-Z` flags only with `RUSTC_BOOTSTRAP=1`. SHA-256 without unrolled rounds saves 4 KB and is fast enough
/// for a login. rustc's default stack is a megabyte: seventeen pages before the first byte of heap. LLVM's rewritten loops are larger.
/// If it merges the stores of two branches, it overlooks that freeing memory does nothing, and keeps most destructors.
const FLAGS: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none -Clink-arg=-zstack-size=32768 \
    -Cllvm-args=-disable-lsr -Cllvm-args=-simplifycfg-sink-common=false --cfg=sha2_backend=\"soft\" --cfg=sha2_backend_soft=\"compact\"";

/// The runs of binaryen. The second one removes loads whose value only an emptied destructor used. A load can trap, so others stay.
/// The third one knows that no object lies below 1024: memory starts with the end of the stack.
const WASM_OPT: [&str; 3] = [
    "wasm-opt -O3",
    "wasm-opt --vacuum --ignore-implicit-traps",
    "wasm-opt --flatten --rereloop -O3 -O3 --low-memory-unused --strip-producers --strip-target-features",
];

/// Features that Node 20 and Safari 16.4 support; `--all-features` would emit newer ones. A function with several callers is inlined
/// only if it is as small as a call. A large one with one caller is not, because its locals would get larger numbers there.
const EACH_RUN: &str = "--debuginfo --mvp-features --enable-bulk-memory --enable-bulk-memory-opt --enable-multivalue \
    --enable-mutable-globals --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext \
    --flexible-inline-max-function-size 0 --one-caller-inline-max-function-size 150";

/// The inputs of each product.
const MODULE: &str = "Cargo.toml Cargo.lock rust-toolchain.toml package-lock.json src xtask/Cargo.toml xtask/src/build.rs \
    xtask/wasm32-multivalue.json pkg/glue.mjs pkg/wasm2js.mjs pkg/inline.mjs pkg/instructions.mjs pkg/order.mjs pkg/unpack.wat \
    pkg/columns.mjs pkg/src/engine/inlined.ts pkg/src/engine/text.ts";
const PACKAGE: &str = "pkg/src pkg/build.mjs pkg/short.mjs pkg/entries.json pkg/entries.mjs pkg/tsconfig.json tsconfig.json \
    package-lock.json tests/support/provider";
const TARBALL: &str = "README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE SECURITY.md docs pkg/package.json pkg/entries.json \
    pkg/entries.mjs pkg/pack.mjs pkg/repository.json pkg/dist CONTRIBUTING.md benches/README.md benches/results examples";

/// Builds outdated files.
pub fn run() -> Result<()> {
    tools::prepare()?;
    generate::run()?;
    modules()?;
    Stamp::new("package", PACKAGE, "")?.renew(&["pkg/dist/index.js", "pkg/dist/oidc_wasm.wasm"], || {
        progress::run("Building the package", &mut tools::command("node pkg/build.mjs"))
    })
}

/// The modules of the package. Rebuilds all of them if an input changed.
fn modules() -> Result<()> {
    let generated = files::path("pkg/src/generated");
    let files =
        |(name, _): Module| ["oidc_wasm*.wasm", "wasm_inline*.ts"].map(|file| generated.join(file.replace('*', name)));
    let [glue, js] = ["oidc_wasm.js", "js/oidc_wasm.js"].map(|file| generated.join(file));
    let mut products = [DEFAULT, LOGIN, FULL].map(files).concat();
    products.extend([after("named"), js.with_file_name("module.js"), glue.clone()]);
    Stamp::new("modules", MODULE, "")?.renew(&products, || {
        // The default module comes last, because a profiler reads its names.
        for module in [LOGIN, FULL, DEFAULT] {
            let [wasm, text] = files(module);
            compile(module.1, MULTIVALUE, &glue)?;
            optimise(&wasm)?;
            progress::run("Writing the module as text", tools::command("node pkg/inline.mjs").args([wasm, text]))?;
        }
        // Another one for runtimes without WebAssembly, where references are numbers.
        compile(DEFAULT.1, STANDARD, &js)?;
        progress::run("Turning the module into JavaScript", tools::command("node pkg/wasm2js.mjs").arg(after("bound")))
    })
}

/// A full module for tests: it can lack a rule (`src/removed.rs`). Like the others, it imports only what its code calls.
pub fn for_tests() -> Result<PathBuf> {
    let module = files::path(TARGET).join("for_tests.wasm");
    Stamp::new("for_tests", MODULE, "")?.renew(&[&module], || {
        progress::run("Compiling the engine for tests", cargo(FULL.1, MULTIVALUE).env(TEST_BUILD, "1"))?;
        bind(&module.with_extension("js"), MULTIVALUE)?;
        let mut binaryen = tools::command("wasm-opt --remove-unused-module-elements");
        progress::run("Dropping imports", binaryen.args(EACH_RUN.split(' ')).arg(after("bound")).arg("-o").arg(&module))
    })?;
    Ok(module)
}

/// The module, and a bundle, with each list of features, such as `usual,dpop`. Without a list: each feature of Cargo.toml, beside a login.
pub fn weigh(lists: &[String]) -> Result<()> {
    let every = [vec![LOGIN.1.to_owned()], tools::features()?].concat();
    let lists = if lists.is_empty() { &every } else { lists };
    let mut script = tools::command("node benches/size/modules.mjs");
    for features in lists {
        compile(&format!("wasm,{features}"), MULTIVALUE, &files::path(TARGET).join("weighed.js"))?;
        let file = files::path(TARGET).join(format!("weighed_{features}.wasm"));
        optimise(&file)?;
        script.arg(file);
    }
    crate::run(&mut script)
}

fn cargo(features: &str, target: &str) -> Command {
    let mut command = tools::command(CARGO);
    command.args([target, "--features", features]).env("RUST_TARGET_PATH", files::path("xtask"));
    // This form takes precedence over all other sources of flags.
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", FLAGS.replace(' ', "\x1f"));
    command
}

fn compile(features: &str, target: &str, glue: &Path) -> Result<()> {
    progress::run(&format!("Compiling the engine to WebAssembly, features {features}"), &mut cargo(features, target))?;
    bind(glue, target)
}

/// wasm-bindgen's step: writes the glue, and binaryen's input.
fn bind(glue: &Path, target: &str) -> Result<()> {
    let mut wasm = fs::read(files::path(TARGET).join("build-std").join(target).join("wasm/oidc_wasm.wasm"))?;
    if target == STANDARD {
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
    // The glue's own function for strings (pkg/glue.mjs) needs no second allocation.
    let mut text = output.js().replace(", wasm.__wbindgen_realloc)", ")");
    files::write(&glue.with_extension("d.ts"), output.ts().unwrap_or_default().as_bytes())?;
    let module = output.wasm_mut();
    // No code outside the module uses an export that the glue does not name.
    let unused = module.exports.iter().filter(|export| !text.contains(&format!("wasm.{}", export.name)));
    unused.map(walrus::Export::id).collect::<Vec<_>>().into_iter().for_each(|export| module.exports.delete(export));
    shorten_names(module, &mut text);
    empty_destructors(module);
    // js-sys describes callbacks that the engine never passes. No code calls them, so the table of functions need not keep them.
    for element in module.elements.iter_mut() {
        if let walrus::ElementItems::Functions(ids) = &mut element.items {
            let (used, name) = (ids[0], |id| module.funcs.get(id).name.as_deref().unwrap_or_default());
            ids.iter_mut().filter(|id| name(**id).contains("6js_sys")).for_each(|id| *id = used);
        }
    }
    files::write(&after("bound"), &module.emit_wasm())?;
    files::write(glue, text.as_bytes())?;
    progress::run("Generating the glue", tools::command("node pkg/glue.mjs").arg(glue))
}

/// wasm-bindgen adds a prefix to its names, and a hash to those of imports.
fn shorten_names(module: &mut walrus::Module, glue: &mut String) {
    let imports = module.imports.iter_mut().map(|import| &mut import.name);
    for name in imports.chain(module.exports.iter_mut().map(|export| &mut export.name)) {
        let hashed = name.strip_prefix("__wbg_").and_then(|name| Some(name.rsplit_once('_')?.0));
        let Some(short) = hashed.or(name.strip_prefix("__wbindgen_")).map(str::to_owned) else { continue };
        *glue = glue.replace(&*name, &short);
        *name = short;
    }
}

/// The module frees all memory of a call at once (src/wasm/memory.rs), so most destructors do nothing. The compiler keeps some loops
/// of them. A destructor with other work stays: of JavaScript's values, and of the guards of `drain`, `retain` and similar methods.
fn empty_destructors(module: &mut walrus::Module) {
    const DESTRUCTORS: [&str; 3] = ["13drop_in_place", "4Drop4drop", "RawVecInner10deallocate"];
    const KEPT: [&str; 9] =
        ["wasm_bindgen", "js_sys", "web_sys", "Drain", "Splice", "Backshift", "Guard", "OnDrop", "ExtractIf"];
    for function in module.funcs.iter_mut() {
        let name = function.name.as_deref().unwrap_or_default();
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        if has(&DESTRUCTORS)
            && !has(&KEPT)
            && let walrus::FunctionKind::Local(function) = &mut function.kind
            && module.types.results(function.ty()).is_empty()
        {
            let entry = function.entry_block();
            function.block_mut(entry).instrs.clear();
        }
    }
}

/// The module after this step of its build.
fn after(step: &str) -> PathBuf {
    files::path(TARGET).join(format!("oidc_wasm.{step}.wasm"))
}

/// binaryen's step. Names do not change its output: `named` keeps them, and the shipped module drops them.
fn optimise(shipped: &Path) -> Result<()> {
    let named = after("named");
    fs::copy(after("bound"), &named)?;
    for passes in WASM_OPT {
        let mut binaryen = tools::command(passes);
        binaryen.args(EACH_RUN.split(' ')).arg(&named).arg("-o").arg(&named);
        progress::run("Optimising the module", &mut binaryen)?;
    }
    check(&walrus::Module::from_buffer(&fs::read(&named)?)?)?;
    progress::run("Ordering the functions", tools::command("node pkg/order.mjs").arg(named).arg(shipped))
}

/// Checks that must pass before publishing.
fn check(module: &walrus::Module) -> Result<()> {
    for export in module.exports.iter() {
        if let ExportItem::Function(id) = export.item {
            // V8 up to 12.4 (Node 20 and 22) ends the process if memory grows during an inlined call of this kind.
            let results = module.types.results(module.funcs.get(id).ty());
            ensure!(!results.iter().any(|it| matches!(it, ValType::Ref(_))), "{} returns a reference", export.name);
        }
    }
    let pages: u64 = module.memories.iter().map(|memory| memory.initial).sum();
    ensure!(pages <= 4, "the module starts with {pages} pages of 64 KiB; 4 are allowed");
    let stray = module.imports.iter().find(|import| import.module != "./oidc_wasm_bg.js");
    ensure!(stray.is_none(), "the module imports {stray:?}");
    let mut names = module.funcs.iter().filter_map(|function| function.name.as_deref());
    ensure!(!names.any(|name| name.contains("serde_json")), "serde_json is in the module");
    Ok(())
}

/// Builds outdated files and packs them.
pub fn tarball() -> Result<PathBuf> {
    run()?;
    let tarball = files::path("target/npm").join(format!("oidc-wasm-{}.tgz", files::VERSION));
    let stamp = Stamp::new("tarball", TARBALL, files::VERSION)?;
    let mut pack = tools::command(&format!("node pkg/pack.mjs target/npm {}", files::VERSION));
    stamp.renew(&[&tarball], || progress::run("Packing the npm package", &mut pack))?;
    Ok(tarball)
}
