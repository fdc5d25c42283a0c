//! `cargo xtask build`: the engine as a WebAssembly module with its glue, then the npm package's files in `pkg/dist`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use oidc_wasm::wasm::calls::{Call, OBJECTS};
use oidc_wasm::wasm::frame::Kind as Field;
use oidc_wasm::{Algorithm, Relaxation, Rule, SignatureStatus, TokenKind, Verdict};
use serde_json::Value;
use wasm_bindgen_cli_support::Bindgen;

use crate::module::{self, Module};
use crate::node;
use crate::pages;
use crate::progress::{self, Step};
use crate::repo;
use crate::stamp::{self, Stamp};
use crate::tools;

/// How the module was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The standard library too is compiled for size, and a panic is a trap without a message.
    BuildStd,
    /// With the standard library as it is distributed: larger, and needs nothing special.
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
const RELAXATIONS: &str = "docs/relaxations.md";

/// The shipped module, and the same one with function names for inspection.
pub const WASM: &str = "pkg/dist/oidc_wasm.wasm";
pub const NAMED: &str = "target/wasm/oidc_wasm.named.wasm";

/// rustc would give the stack a megabyte, and with it seventeen pages before the first byte of heap.
const STACK: u32 = 32 * 1024;
const PAGES: u64 = 4;

/// Lets an engine lack a rule, natively too.
pub const MUTANTS: &str = "OIDC_WASM_MUTANTS";

/// The cargo features of each module.
const LOGIN: &str = "wasm";
const DEFAULT: &str = "wasm,usual";
const FULL: &str = "wasm,full";

/// Both kinds of build. SHA-256 without unrolled rounds is 4 KB smaller and as fast as a login needs.
const FLAGS: &[&str] = &["--cfg=sha2_backend=\"soft\"", "--cfg=sha2_backend_soft=\"compact\""];

/// Flags that stable rustc takes only with `RUSTC_BOOTSTRAP=1`.
const SMALL_FLAGS: &[&str] =
    &["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"];
const SMALL_ARGUMENTS: &[&str] = &[
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    // Fewer bytes than by "z", and faster. Not in Cargo.toml, which knows no `alloc` in other builds.
    "--config=profile.wasm.package.alloc.opt-level='s'",
];

/// What Node 20, Safari 16.4 and their contemporaries run. `--all-features` would emit what they refuse.
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

/// Builds what is not up to date and says which kind of build it is: the smaller one, unless told otherwise or impossible.
pub fn run(kind: Option<Kind>) -> Result<Kind> {
    let kind = modules(kind)?;
    node::prepare()?;
    package()?;
    Ok(kind)
}

/// The default module, and those of `oidc-wasm/login` and `oidc-wasm/full`. Each is made anew only when its own inputs changed.
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
    let generated = repo::path(GENERATED);
    stamp::write_if_new(&generated.join("rules.ts"), rules().as_bytes())?;
    stamp::write_if_new(&generated.join("full_rules.ts"), full_rules().as_bytes())?;
    stamp::write_if_new(&generated.join("calls.ts"), calls().as_bytes())?;
    stamp::write_if_new(&generated.join("relaxations.ts"), relaxations().as_bytes())?;
    stamp::write_if_new(&generated.join("help.ts"), help()?.as_bytes())?;
    stamp::write_if_new(&repo::path(RELAXATIONS), relaxations_page().as_bytes())?;
    pages::write()?;
    let built = default_module(kind)?;
    other_module("login", built, LOGIN)?;
    other_module("full", built, FULL)?;
    Ok(built)
}

fn default_module(kind: Kind) -> Result<Kind> {
    let stamp = stamp_of("module", kind)?;
    let generated = repo::path(GENERATED);
    let mut products: Vec<_> =
        ["oidc_wasm.js", "oidc_wasm.d.ts", "oidc_wasm.wasm", "js/module.js", "wasm_inline.ts", "BUILD"]
            .map(|name| generated.join(name))
            .into();
    products.push(repo::path(NAMED));
    if stamp.is_fresh(&products) {
        return built();
    }

    node::prepare()?;
    let kind = compile(kind, DEFAULT)?;
    bind(kind, true, &generated)?;
    let wasm = optimise(&repo::path(NAMED))?;
    check(&wasm)?;
    // Once more for runtimes without WebAssembly: references are numbers there.
    bind(kind, false, &generated.join("js"))?;
    progress::run("Turning the module into JavaScript", node::node().arg("pkg/wasm2js.mjs").arg(bound()))?;
    let module = generated.join("oidc_wasm.wasm");
    stamp::write(&module, &wasm)?;
    inline(&module, &generated.join("wasm_inline.ts"))?;
    stamp::write(&generated.join("BUILD"), format!("{}\n", kind.name()).as_bytes())?;
    // Under the kind that was wanted: a build that had to be plain is not tried again until something changes.
    stamp.record()?;
    Ok(kind)
}

/// The module of `oidc-wasm/login` or `oidc-wasm/full`, with a glue of its own: a glue holds one module, and several may run in one
/// process.
fn other_module(name: &str, kind: Kind, features: &str) -> Result<()> {
    let stamp = stamp_of(name, kind)?;
    let generated = repo::path(GENERATED);
    let product = |file: &str| generated.join(file.replace('*', name));
    let products = ["oidc_wasm_*.wasm", "wasm_inline_*.ts", "oidc_wasm_*.js", "oidc_wasm_*.d.ts"].map(product);
    if stamp.is_fresh(&products) {
        return Ok(());
    }

    node::prepare()?;
    let kind = compile(kind, features)?;
    let glue = repo::path("target/wasm").join(name);
    bind(kind, true, &glue)?;
    for kind in ["js", "d.ts"] {
        let text = fs::read(glue.join(format!("oidc_wasm.{kind}")))?;
        stamp::write(&product(&format!("oidc_wasm_*.{kind}")), &text)?;
    }
    let wasm = optimise(&glue.join("oidc_wasm.named.wasm"))?;
    check(&wasm)?;
    let [module, inlined, ..] = &products;
    stamp::write(module, &wasm)?;
    inline(module, inlined)?;
    stamp.record()
}

/// A full module, as wasm-bindgen leaves it, that can lack a rule (src/removed.rs).
pub fn lacking() -> Result<PathBuf> {
    let kind = modules(None)?;
    let step = Step::start("Compiling an engine that can lack a rule");
    let ran = step.run(cargo(kind, FULL).env(MUTANTS, "1"))?;
    ensure!(ran.success, "{}", ran.output.trim_end());
    step.pass("");
    bind(kind, true, &repo::path("target/wasm/lacking"))?;
    Ok(bound())
}

/// Which build is there.
fn built() -> Result<Kind> {
    let name = fs::read_to_string(repo::path(GENERATED).join("BUILD"))?;
    [Kind::BuildStd, Kind::Plain]
        .into_iter()
        .find(|kind| kind.name() == name.trim())
        .context("an unknown kind of build")
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

/// Cargo's part. Where the standard library cannot be compiled, the plain build takes its place.
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
    // This form wins over every other place that flags could come from.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    command
}

/// Apart from native builds, so that neither waits for the other's lock nor undoes its work.
fn target(kind: Kind) -> PathBuf {
    repo::path("target/wasm").join(kind.name())
}

/// wasm-bindgen's part: the glue into a folder, and the module to where binaryen reads it.
fn bind(kind: Kind, references: bool, folder: &Path) -> Result<()> {
    let step = Step::start("Generating the glue");
    let mut wasm = fs::read(target(kind).join(tools::WASM).join("wasm/oidc_wasm.wasm"))?;
    if !references {
        // The module says in these words what it was compiled for; wasm-bindgen makes use of it.
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

/// wasm-bindgen tells functions of the same name apart by a hash. Where there is one of a name, it does without.
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

/// The module gives memory back as a whole (src/wasm/memory.rs), so a destructor has nothing to do there. The compiler can't know:
/// it leaves loops that end in an empty function. What does more than free keeps its own: what holds JavaScript's values, and the
/// guards that finish the work of `drain`, `retain` and their like.
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

/// binaryen's part. Names do not change what it does, so they are kept for `size` and left out of what ships.
fn optimise(named: &Path) -> Result<Vec<u8>> {
    progress::run("Optimising the module", node::bin("wasm-opt").args(WASM_OPT).arg(bound()).arg("-o").arg(named))?;
    module::without_custom_sections(&fs::read(named)?)
}

fn check(wasm: &[u8]) -> Result<()> {
    let Module { initial_pages: pages, returns_reference, .. } = Module::read(wasm)?;
    // V8 up to 12.4 (Node 20 and 22) ends the process when memory grows during such a call, once it is inlined.
    ensure!(returns_reference.is_empty(), "exports return a reference: {}", returns_reference.join(", "));
    ensure!(pages <= PAGES, "the module starts with {} KiB of memory; {} are allowed", pages * 64, PAGES * 64);
    Ok(())
}

/// The module as a string for a bundle, in a form that compresses well.
fn inline(module: &Path, text: &Path) -> Result<()> {
    progress::run("Writing the module as text", node::node().arg("pkg/inline.mjs").arg(module).arg(text)).map(drop)
}

/// The engine's own table, a line for each rule in the order of its number.
fn rules() -> String {
    let lines: Vec<_> = Rule::ALL.iter().filter(|rule| !rule.is_of_full()).copied().map(line).collect();
    let head = "/** code|section|sentence, at the rule's number. */\nexport const rules: string[] = [";
    let codes = |is_one: fn(Rule) -> bool| {
        let mut starts: Vec<_> =
            Rule::ALL.iter().filter(|rule| is_one(**rule)).map(|rule| start(*rule, is_one)).collect();
        starts.dedup();
        Value::from(starts)
    };
    let groups =
        [("CALL", Rule::is_of_call as fn(Rule) -> bool), ("KEY", Rule::is_of_keys), ("TIME", Rule::is_of_time)];
    let groups =
        groups.map(|(name, is_one)| format!("export const {name}_RULES: readonly string[] = {};", codes(is_one)));
    format!("{head}\n{}\n];\n{}\n", lines.join("\n"), groups.join("\n"))
}

/// How the code of a rule of a group starts: where all with the same first word belong to it, that word and the dot.
fn start(rule: Rule, is_one: fn(Rule) -> bool) -> &'static str {
    let code = rule.code();
    let word = code.find('.').map_or(code, |dot| &code[..=dot]);
    if Rule::ALL.iter().filter(|other| other.code().starts_with(word)).all(|other| is_one(*other)) {
        word
    } else {
        code
    }
}

/// What stands behind that table in `oidc-wasm/full`.
fn full_rules() -> String {
    let lines: Vec<_> = Rule::ALL.iter().filter(|rule| rule.is_of_full()).copied().map(line).collect();
    let head = "/** As `rules`, from the first number that stands there no more. */\nexport const fullRules: readonly string[] = [";
    format!("{head}\n{}\n];\n", lines.join("\n"))
}

fn line(rule: Rule) -> String {
    let rule = Value::from([rule.code(), rule.spec(), rule.sentence()].join("|"));
    format!("  {rule},")
}

/// Where the page of the codes is: in the repository, or in the package until the repository has an address.
fn help() -> Result<String> {
    let place: Value = serde_json::from_slice(&fs::read(repo::path("pkg/repository.json"))?)?;
    let page = match place["address"].as_str() {
        Some(address) if !address.is_empty() => format!("{address}/blob/v{}/docs/errors.md#", repo::VERSION),
        _ => "oidc-wasm/docs/errors.md#".to_owned(),
    };
    Ok(format!(
        "/** The page of the error codes; a code is its fragment. */\nexport const HELP: string = {};\n",
        Value::from(page)
    ))
}

/// The type of a relaxation's name.
fn relaxations() -> String {
    let member = |it: &Relaxation| {
        let (permits, needed_by, gives_up) = (it.permits(), it.needed_by(), it.gives_up());
        format!(
            "\n  /** Permits {permits}. Needed by {needed_by}. It gives up: {gives_up}. */\n  | {}",
            Value::from(it.name())
        )
    };
    let members: String = Relaxation::ALL.iter().map(member).collect();
    format!("/** The name of a departure from the strict verdicts. */\nexport type Relaxation ={members};\n")
}

fn relaxations_page() -> String {
    let row =
        |it: &Relaxation| format!("| `{}` | {} | {} | {} |\n", it.name(), it.permits(), it.needed_by(), it.gives_up());
    let rows: String = Relaxation::ALL.iter().map(row).collect();
    format!("{}| name | permits | needed by | gives up |\n|---|---|---|---|\n{rows}", include_str!("relaxations.md"))
}

/// What crosses the boundary: the numbers by name, and the members of each object with a mark for its kind.
fn calls() -> String {
    let constant = |name: String, value: &str| format!("export const {} = {value};\n", screaming(&name));
    let calls = Call::ALL.iter().map(|call| constant(format!("{call:?}"), &(*call as u8).to_string()));
    let full = Call::ALL.iter().filter(|call| call.is_of_full()).map(|call| *call as u8);
    let full = Value::from(full.collect::<Vec<_>>());
    let kinds = TokenKind::ALL.iter().map(|kind| constant(format!("{kind:?}Kind"), &(*kind as u8).to_string()));
    let objects = OBJECTS
        .iter()
        .map(|(name, members)| constant((*name).to_owned(), &Value::from(described(members)).to_string()));
    let names = |names: Vec<String>| Value::from(names).to_string();
    let algorithms = names(Algorithm::ALL.iter().map(|algorithm| algorithm.name().to_owned()).collect());
    let verdicts = names(
        [Verdict::Pass, Verdict::Fail, Verdict::Skip, Verdict::Warn].map(|it| format!("{it:?}").to_lowercase()).into(),
    );
    let signatures = [SignatureStatus::Unchecked, SignatureStatus::Valid, SignatureStatus::Invalid];
    let signatures = names(signatures.map(|it| format!("{it:?}").to_lowercase()).into());
    format!(
        "{}{}{}export const FULL_CALLS: readonly number[] = {full};\nexport const ALGORITHMS: readonly string[] = {algorithms};\nexport const VERDICTS = {verdicts} as const;\nexport const SIGNATURES = {signatures} as const;\n",
        calls.collect::<String>(),
        kinds.collect::<String>(),
        objects.collect::<String>(),
    )
}

/// Members of an object, each with a mark of its kind: `engine/frame.ts` reads them.
fn described(members: &[(&str, Field)]) -> String {
    let described = members.iter().map(|(name, kind)| match kind {
        Field::Text => (*name).to_owned(),
        Field::Texts => format!("{name}*"),
        Field::Pairs => format!("{name}="),
        Field::Lists => format!("{name}:"),
        Field::Seconds => format!("{name}#"),
        Field::Flag => format!("{name}?"),
        Field::Json => format!("{name}~"),
        Field::Time => format!("{name}@"),
        Field::Object(members) => format!("{name}({})", described(members).replace(' ', ",")),
    });
    described.collect::<Vec<_>>().join(" ")
}

fn screaming(name: &str) -> String {
    let mut constant = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}

/// Node's part, in `pkg/build.mjs`: the files of the package from its TypeScript, and its declarations.
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
