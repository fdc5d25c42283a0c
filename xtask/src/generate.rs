//! Generates TypeScript and documentation from the engine's tables.

use std::fs;

use anyhow::Result;
use oidc_wasm::wasm::calls::{Call, OBJECTS};
use oidc_wasm::wasm::frame::Kind as Field;
use oidc_wasm::{Algorithm, Relaxation, Rule, SignatureStatus, TokenKind, Verdict};
use serde_json::Value;

use crate::pages;
use crate::repo;
use crate::stamp;

pub fn run() -> Result<()> {
    let files = [
        ("pkg/src/generated/rules.ts", rules()),
        ("pkg/src/generated/full_rules.ts", full_rules()),
        ("pkg/src/generated/calls.ts", calls()),
        ("pkg/src/generated/relaxations.ts", relaxations()),
        ("pkg/src/generated/help.ts", help()?),
        ("docs/relaxations.md", relaxations_page()),
    ];
    files.iter().try_for_each(|(file, text)| stamp::write(&repo::path(file), text.as_bytes()))?;
    pages::write()
}

/// The engine's own table: one line for each rule, in the order of its number.
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

/// The common prefix of a group's codes. If all codes with one first word are in the group, it is that word and the dot.
fn start(rule: Rule, is_one: fn(Rule) -> bool) -> &'static str {
    let code = rule.code();
    let word = code.find('.').map_or(code, |dot| &code[..=dot]);
    if Rule::ALL.iter().filter(|other| other.code().starts_with(word)).all(|other| is_one(*other)) {
        word
    } else {
        code
    }
}

/// The second part of that table, for `oidc-wasm/full`.
fn full_rules() -> String {
    let lines: Vec<_> = Rule::ALL.iter().filter(|rule| rule.is_of_full()).copied().map(line).collect();
    let head = "/** As `rules`, from the first number that stands there no more. */\nexport const fullRules: readonly string[] = [";
    format!("{head}\n{}\n];\n", lines.join("\n"))
}

fn line(rule: Rule) -> String {
    let rule = Value::from([rule.code(), rule.spec(), rule.sentence()].join("|"));
    format!("  {rule},")
}

/// The address of the page of codes: in the repository, or in the package while the repository has no address.
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

/// The interface of module and JavaScript: numbers by name, and the members of each object with a mark for the type.
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

/// Members of an object, each with a mark for its type. `engine/frame.ts` reads them.
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
