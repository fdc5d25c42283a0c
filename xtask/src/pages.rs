//! Generates `docs/errors.md` and `docs/rules.md` from the table of rules and `errors.txt`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use oidc_wasm::Rule;

use crate::files;

/// Parts of the pages, and in each part the codes with cause, example and remedy.
const EXPLAINED: &str = include_str!("errors.txt");

/// Section and sentence of each code.
type Rules = BTreeMap<String, (String, String)>;

pub fn write() -> Result<()> {
    let mut rules = rules()?;
    let (mut errors, mut table) =
        (vec![include_str!("errors.md").to_owned()], vec![include_str!("rules.md").to_owned()]);
    for block in EXPLAINED.trim_end().split("\n\n") {
        match block.lines().collect::<Vec<_>>()[..] {
            [title] => {
                errors.push(format!("\n#{title}\n"));
                table.push(format!("\n#{title}\n\n| code | sentence | section |\n|---|---|---|\n"));
            }
            [code, cause, example, remedy] => {
                let (spec, sentence) = rules.remove(code).with_context(|| format!("no rule has the code {code}"))?;
                let section = section(&spec);
                errors.push(format!("\n<a id=\"{code}\"></a>\n\n### `{code}`\n\n> {sentence}\n\n- Cause: {cause}\n"));
                errors.push(format!("- Example: {example}\n- What to do: {remedy}\n- Rule: {section}\n"));
                let sentence = sentence.replace('|', "\\|");
                table.push(format!("| [`{code}`](errors.md#{code}) | {sentence} | {section} |\n"));
            }
            _ => bail!("xtask/src/errors.txt has code, cause, example and remedy in four lines, not {block}"),
        }
    }
    ensure!(rules.is_empty(), "xtask/src/errors.txt has no block for {:?}", rules.keys());
    files::write(&files::path("docs/errors.md"), errors.concat().as_bytes())?;
    files::write(&files::path("docs/rules.md"), table.concat().as_bytes())
}

/// Every code of the engine, and those of the TypeScript entries: `"code|section|sentence"`.
fn rules() -> Result<Rules> {
    let own = |rule: &Rule| (rule.code().to_owned(), (rule.spec().to_owned(), rule.sentence().to_owned()));
    let mut rules: Rules = Rule::ALL.iter().map(own).collect();
    for file in files::files(&files::path("pkg/src"))? {
        if file.extension().is_none_or(|kind| kind != "ts") || file.components().any(|it| it.as_os_str() == "generated")
        {
            continue;
        }
        // In such a split, odd parts are inside quotes.
        for literal in fs::read_to_string(&file)?.split('"').skip(1).step_by(2) {
            if let [code, spec, sentence] = literal.split('|').collect::<Vec<_>>()[..]
                && code.contains('.')
            {
                ensure!(sentence.ends_with('.'), "the sentence of {code} has no full stop: {sentence}");
                rules.entry(code.to_owned()).or_insert((spec.to_owned(), sentence.to_owned()));
            }
        }
    }
    Ok(rules)
}

/// Links a section of an RFC.
fn section(spec: &str) -> String {
    let Some(rest) = spec.strip_prefix("RFC ") else {
        return if spec == "oidc-wasm" { "this package".into() } else { spec.into() };
    };
    let start = |text: &str, end: fn(char) -> bool| text.split(end).next().unwrap_or_default().to_owned();
    let number = start(rest, |letter| !letter.is_ascii_digit());
    let anchor = spec.split_once('§').map(|(_, section)| start(section, |it| !it.is_ascii_digit() && it != '.'));
    let anchor = anchor.map_or(String::new(), |section| format!("#section-{}", section.trim_end_matches('.')));
    format!("[{spec}](https://www.rfc-editor.org/rfc/rfc{number}{anchor})")
}
