//! The tables of sizes in docs/size.md, between two comments: written from what was measured, so that they cannot go stale.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::repo;
use crate::size::Measured;
use crate::size::bytes::Bytes;
use crate::stamp;

const FILE: &str = "docs/size.md";
const START: &str = "<!-- size.json -->\n";
const END: &str = "<!-- /size.json -->";

pub fn write(measured: &Measured) -> Result<()> {
    let text = fs::read_to_string(repo::path(FILE))?;
    stamp::write_if_new(&repo::path(FILE), renewed(&text, &tables(measured))?.as_bytes())
}

pub fn verify(measured: &Measured) -> Result<()> {
    let text = fs::read_to_string(repo::path(FILE))?;
    let is_true = renewed(&text, &tables(measured))? == text;
    ensure!(is_true, "{FILE} has other sizes: `cargo xtask size --record` writes them");
    Ok(())
}

fn renewed(text: &str, tables: &str) -> Result<String> {
    let around = text.split_once(START).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = around.with_context(|| format!("{FILE} has no {} … {END}", START.trim_end()))?;
    Ok([before, START, tables, END, after].concat())
}

fn tables(measured: &Measured) -> String {
    let own = measured.rows.iter().map(|(name, bytes)| format!("| {} | {} |\n", code(name), cells(*bytes)));
    let wholes = measured.wholes().into_iter().map(|whole| {
        let name = if whole.is_own { format!("**{}**", code(whole.name)) } else { whole.name.to_owned() };
        format!("| {name} | {} | {} |\n", cells(whole.bytes), whole.signature)
    });
    let mut out = String::from("\n| bytes, minified | raw | gzip | brotli |\n|---|--:|--:|--:|\n");
    out.extend(own);
    out.push_str(
        "\n| beside other libraries | raw | gzip | brotli | signature of the ID token |\n|---|--:|--:|--:|---|\n",
    );
    out.extend(wholes);
    out.push('\n');
    out
}

/// What is imported is code.
fn code(name: &str) -> String {
    match name.split_once(' ') {
        None if name.starts_with("oidc-wasm") => format!("`{name}`"),
        Some((specifier, rest)) if name.starts_with("oidc-wasm") => format!("`{specifier}` {rest}"),
        _ => name.to_owned(),
    }
}

fn cells(bytes: Bytes) -> String {
    [bytes.raw, bytes.gzip, bytes.brotli].map(grouped).join(" | ")
}

/// Thousands apart.
fn grouped(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_comments_is_written() {
        let text = format!("a\n{START}old\n{END}\nb\n");
        assert_eq!(renewed(&text, "new\n").unwrap(), format!("a\n{START}new\n{END}\nb\n"));
        assert!(renewed("a\nb\n", "new\n").is_err());
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!([7, 999, 1000, 54_978, 1_000_001].map(grouped), ["7", "999", "1,000", "54,978", "1,000,001"]);
    }

    #[test]
    fn what_is_imported_is_code() {
        let names = ["glue, minified", "oidc-wasm", "oidc-wasm in workerd"].map(code);
        assert_eq!(names, ["glue, minified", "`oidc-wasm`", "`oidc-wasm` in workerd"]);
    }
}
