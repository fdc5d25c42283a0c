//! Generates `docs/errors.md` and `docs/rules.md` from the table of rules.

use std::fs;

use anyhow::Result;
use oidc_wasm::Rule;

use crate::repo;
use crate::stamp;

/// Files with the codes of the TypeScript entries.
const SOURCES: &str = "pkg/src";

/// Cause, example and remedy of each code: blocks of four lines, separated by an empty line.
const EXPLAINED: &str = include_str!("errors.txt");

/// A code with its section and sentence.
struct Row {
    code: String,
    spec: String,
    sentence: String,
}

/// The parts in protocol order: the prefixes of their codes, and their titles.
const PARTS: &[(&str, &[&str])] = &[
    ("The call", &["internal", "init", "not_initialized", "relying_party", "argument", "pkce", "build"]),
    ("The network", &["http"]),
    ("JSON", &["json"]),
    ("Provider metadata", &["discovery"]),
    ("Requests", &["request", "par", "entropy"]),
    ("The transaction", &["transaction"]),
    ("The redirect", &["redirect"]),
    ("The token response", &["token"]),
    ("Signed tokens and keys", &["jws", "jwks", "crypto"]),
    ("The ID token", &["id_token"]),
    ("Userinfo", &["userinfo"]),
    ("Registration of clients", &["registration"]),
    ("Logins on devices", &["device"]),
    ("Revocation and introspection", &["revocation", "introspection"]),
    ("Access tokens at an API", &["access_token", "resource", "bearer", "dpop", "step_up"]),
    ("Logout tokens", &["logout_token"]),
    ("A login that the provider or a portal starts", &["initiated_login"]),
    ("Sessions", &["session", "popup"]),
];

pub fn write() -> Result<()> {
    let rows = rows()?;
    stamp::write_if_new(&repo::path("docs/errors.md"), errors(&rows).as_bytes())?;
    stamp::write_if_new(&repo::path("docs/rules.md"), rules(&rows).as_bytes())
}

/// Every code of the engine, then those of the TypeScript entries.
fn rows() -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Rule::ALL
        .iter()
        .map(|rule| Row { code: rule.code().into(), spec: rule.spec().into(), sentence: rule.sentence().into() })
        .collect();
    for file in stamp::files(&repo::path(SOURCES))? {
        let is_source = file.extension().is_some_and(|kind| kind == "ts");
        if !is_source || file.components().any(|part| part.as_os_str() == "generated") {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        // Odd parts are inside quotes.
        for literal in text.split('"').skip(1).step_by(2) {
            let mut parts = literal.split('|');
            if let (Some(code), Some(spec), Some(sentence), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
                && part_of(code).is_some()
                && !rows.iter().any(|row| row.code == code)
            {
                rows.push(Row { code: code.into(), spec: spec.into(), sentence: sentence.into() });
            }
        }
    }
    Ok(rows)
}

/// The part of a code.
fn part_of(code: &str) -> Option<usize> {
    let head = code.split('.').next()?;
    PARTS.iter().position(|(_, heads)| heads.contains(&head))
}

/// Cause, example and remedy.
fn explained(code: &str) -> Option<[&'static str; 3]> {
    EXPLAINED.split("\n\n").find_map(|block| {
        let mut lines = block.trim().lines();
        (lines.next()? == code).then_some([lines.next()?, lines.next()?, lines.next()?])
    })
}

fn parts(rows: &[Row], row: impl Fn(&Row) -> String, head: &str) -> String {
    let mut out = String::new();
    for (at, (title, _)) in PARTS.iter().enumerate() {
        let own: String = rows.iter().filter(|row| part_of(&row.code) == Some(at)).map(&row).collect();
        if !own.is_empty() {
            out.extend(["\n## ", title, "\n\n", head, &own]);
        }
    }
    out
}

fn errors(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let code = &row.code;
        let [cause, example, remedy] = explained(code).unwrap_or([&row.sentence, "", ""]);
        let example = if example.is_empty() { String::new() } else { format!("- Example: {example}\n") };
        let remedy = if remedy.is_empty() { String::new() } else { format!("- What to do: {remedy}\n") };
        format!(
            "<a id=\"{code}\"></a>\n\n### `{code}`\n\n> {}\n\n- Cause: {cause}\n{example}{remedy}- Rule: {}\n\n",
            row.sentence,
            section(&row.spec),
        )
    };
    format!("{}{}", include_str!("errors.md"), parts(rows, row, "").trim_end().to_owned() + "\n")
}

fn rules(rows: &[Row]) -> String {
    let row = |row: &Row| {
        format!(
            "| [`{0}`](errors.md#{0}) | {1} | {2} |\n",
            row.code,
            row.sentence.replace('|', "\\|"),
            section(&row.spec)
        )
    };
    format!("{}{}", include_str!("rules.md"), parts(rows, row, "| code | sentence | section |\n|---|---|---|\n"))
}

/// Links a section of an RFC.
fn section(spec: &str) -> String {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let Some(rest) = spec.strip_prefix("RFC ") else {
        return if spec == "oidc-wasm" { "this package".into() } else { spec.into() };
    };
    let place = spec.split_once('§').map(|(_, section)| {
        section.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect::<String>()
    });
    let anchor = place.map_or(String::new(), |section| format!("#section-{}", section.trim_end_matches('.')));
    format!("[{spec}](https://www.rfc-editor.org/rfc/rfc{}{anchor})", number(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_part_a_cause_an_example_and_a_remedy() {
        for row in rows().unwrap() {
            assert!(part_of(&row.code).is_some(), "{} has no part", row.code);
            assert!(explained(&row.code).is_some(), "xtask/src/errors.txt has no block for {}", row.code);
        }
    }

    #[test]
    fn every_block_has_a_code() {
        let rows = rows().unwrap();
        for block in EXPLAINED.split("\n\n") {
            let lines: Vec<_> = block.trim().lines().collect();
            assert_eq!(lines.len(), 4, "{block}");
            assert!(rows.iter().any(|row| row.code == lines[0]), "no rule has the code {}", lines[0]);
        }
    }

    #[test]
    fn an_rfc_leads_to_its_text() {
        assert_eq!(
            section("RFC 6749 §4.1.2.1"),
            "[RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1)"
        );
        assert_eq!(section("OpenID Connect Core 1.0 §2"), "OpenID Connect Core 1.0 §2");
    }
}
