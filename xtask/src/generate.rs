//! Generates TypeScript and documentation from the engine's tables.

use std::fs;

use anyhow::Result;
use heck::ToShoutySnakeCase;
use oidc_wasm::wasm::calls::{Call, FORM_HEADERS, OBJECTS};
use oidc_wasm::wasm::frame::Kind as Field;
use oidc_wasm::{Algorithm, Relaxation, Rule, SignatureStatus, TokenKind, Verdict};
use serde_json::Value;

use crate::files;
use crate::pages;

pub fn run() -> Result<()> {
    let others = rules("usualRules", Rule::is_of_usual);
    let files = [
        ("pkg/src/generated/rules.ts", rules("loginRules", Rule::is_of_login) + &others + &groups()),
        ("pkg/src/generated/full_rules.ts", rules("fullRules", Rule::is_of_full)),
        ("pkg/src/generated/calls.ts", calls()),
        ("pkg/src/generated/relaxations.ts", relaxations()),
        ("pkg/src/generated/help.ts", help()?),
        ("docs/relaxations.md", relaxations_page()),
    ];
    files.iter().try_for_each(|(file, text)| files::write(&files::path(file), text.as_bytes()))?;
    pages::write()
}

/// A table of rules: code, section, sentence. A rule's number is its index in all tables, joined.
fn rules(name: &str, is_one: fn(Rule) -> bool) -> String {
    let row = |it: &Rule| Value::from([it.code(), it.spec(), it.sentence()].join("|")).to_string();
    let rows: Vec<_> = Rule::ALL.iter().filter(|it| is_one(**it)).map(row).collect();
    format!("export const {name}: readonly string[] = [\n  {},\n];\n", rows.join(",\n  "))
}

/// The starts of the codes of each group.
fn groups() -> String {
    let group = |(name, is_one): (&str, fn(Rule) -> bool)| {
        let mut starts: Vec<_> = Rule::ALL.iter().filter(|it| is_one(**it)).map(|it| start(*it, is_one)).collect();
        starts.dedup();
        format!("export const {name}_RULES: readonly string[] = {};\n", Value::from(starts))
    };
    let groups = [("CALL", Rule::is_of_call as _), ("KEY", Rule::is_of_keys as _), ("TIME", Rule::is_of_time as _)];
    groups.map(group).concat()
}

/// The common prefix of a group's codes. If all codes with one first word are in the group, it is that word and the dot.
fn start(rule: Rule, is_one: fn(Rule) -> bool) -> &'static str {
    let code = rule.code();
    let word = code.find('.').map_or(code, |dot| &code[..=dot]);
    let mut others = Rule::ALL.iter().filter(|other| other.code().starts_with(word));
    if others.all(|other| is_one(*other)) { word } else { code }
}

/// The address of the page of codes: in the repository, or in the package while the repository has no address.
fn help() -> Result<String> {
    let place: Value = serde_json::from_slice(&fs::read(files::path("pkg/repository.json"))?)?;
    let page = match place["address"].as_str() {
        Some(address) if !address.is_empty() => format!("{address}/blob/v{}/docs/errors.md#", files::VERSION),
        _ => "oidc-wasm/docs/errors.md#".to_owned(),
    };
    let page = Value::from(page);
    Ok(format!("/** The page of the error codes; a code is its fragment. */\nexport const HELP: string = {page};\n"))
}

/// The type of a relaxation's name.
fn relaxations() -> String {
    let member = |it: &Relaxation| {
        let (name, permits, needed_by, lost) = (it.name(), it.permits(), it.needed_by(), it.gives_up());
        format!("\n  /** Permits {permits}. Needed by {needed_by}. Lost protection: {lost}. */\n  | \"{name}\"")
    };
    let members: String = Relaxation::ALL.iter().map(member).collect();
    format!("/** The name of an exception from the strict rules. */\nexport type Relaxation ={members};\n")
}

fn relaxations_page() -> String {
    let row =
        |it: &Relaxation| format!("| `{}` | {} | {} | {} |\n", it.name(), it.permits(), it.needed_by(), it.gives_up());
    let rows: String = Relaxation::ALL.iter().map(row).collect();
    format!("{}| name | permits | needed by | gives up |\n|---|---|---|---|\n{rows}", include_str!("relaxations.md"))
}

/// The interface of module and JavaScript: numbers by name, and the members of each object with a mark for the type.
fn calls() -> String {
    let line = |name: &str, value: Value| format!("export const {name} = {value};\n");
    let number = |name: String, number: u8| line(&name.to_shouty_snake_case(), number.into());
    let mut lines: Vec<_> = Call::ALL.iter().map(|call| number(format!("{call:?}"), *call as u8)).collect();
    lines.extend(TokenKind::ALL.iter().map(|kind| number(format!("{kind:?}Kind"), *kind as u8)));
    lines.extend(OBJECTS.iter().map(|(name, members)| line(&name.to_shouty_snake_case(), described(members).into())));
    let full = Call::ALL.iter().filter(|call| call.is_of_full()).map(|call| *call as u8);
    lines.push(line("FULL_CALLS: readonly number[]", full.collect::<Vec<_>>().into()));
    lines.push(line("ALGORITHMS: readonly string[]", Algorithm::ALL.iter().map(|it| it.name()).collect()));
    lines.push(line("FORM_HEADERS: Readonly<Record<string, string>>", FORM_HEADERS.into_iter().collect()));
    let constant = |name, words: &[String]| format!("export const {name} = {} as const;\n", Value::from(words));
    let verdicts = [Verdict::Pass, Verdict::Fail, Verdict::Skip, Verdict::Warn];
    lines.push(constant("VERDICTS", &verdicts.map(|it| format!("{it:?}").to_lowercase())));
    let signatures = [SignatureStatus::Unchecked, SignatureStatus::Valid, SignatureStatus::Invalid];
    lines.push(constant("SIGNATURES", &signatures.map(|it| format!("{it:?}").to_lowercase())));
    lines.concat()
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
