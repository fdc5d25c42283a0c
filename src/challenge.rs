//! Challenges of a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3).
//!
//! Servers write this header in every way there is. What can be read is kept and the rest is passed over: a challenge
//! only explains a refusal, it never decides anything.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// One challenge of the header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// The scheme as the server wrote it, such as `Bearer`.
    pub scheme: String,
    /// Parameters in order; names in lower case, of equal names only the first.
    pub parameters: Vec<(String, String)>,
    /// The token that some schemes carry in place of parameters.
    pub token68: Option<String>,
}

/// Every challenge of a header's value.
///
/// ```
/// // RFC 6750 §3
/// let header = r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#;
/// let challenges = oidc_wasm::parse_challenges(header);
/// assert_eq!(challenges.len(), 1);
/// assert_eq!(challenges[0].parameters[1], ("error".into(), "invalid_token".into()));
/// ```
pub fn parse_challenges(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        if rest.is_empty() {
            return challenges;
        }
        let (word, after) = split_token(rest);
        if word.is_empty() {
            rest = skip_element(rest);
        } else if let Some(value) = after.trim_start_matches(BLANK).strip_prefix('=').filter(|_| !challenges.is_empty())
        {
            let (value, after) = split_value(value.trim_start_matches(BLANK));
            if let Some(challenge) = challenges.last_mut() {
                let name = word.to_ascii_lowercase();
                if !challenge.parameters.iter().any(|parameter| parameter.0 == name) {
                    challenge.parameters.push((name, value));
                }
            }
            rest = after;
        } else {
            let (token68, after) = split_token68(after);
            challenges.push(Challenge { scheme: word.into(), parameters: Vec::new(), token68 });
            rest = after;
        }
    }
}

const BLANK: [char; 2] = [' ', '\t'];

/// RFC 9110 §5.6.2
fn split_token(text: &str) -> (&str, &str) {
    let is_tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    text.split_at(text.find(|c| !is_tchar(c)).unwrap_or(text.len()))
}

/// A token68 stands alone after its scheme, up to the end of the list element (RFC 9110 §11.2).
fn split_token68(text: &str) -> (Option<String>, &str) {
    let blank = text.trim_start_matches(BLANK);
    let is_token68 = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let end = blank.find(|c| !is_token68(c)).unwrap_or(blank.len());
    let (token, after) = blank.split_at(end);
    let padded = after.trim_start_matches('=');
    let after = padded.trim_start_matches(BLANK);
    if token.is_empty() || blank.len() == text.len() || !(after.is_empty() || after.starts_with(',')) {
        return (None, text);
    }
    let length = blank.len() - padded.len();
    (blank.get(..length).map(String::from), after)
}

/// A quoted string with its escapes resolved (RFC 9110 §5.6.4), or all up to the next comma where quotes were forgotten.
fn split_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find(',').unwrap_or(text.len()));
        return (value.trim_end_matches(BLANK).into(), after);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            _ => value.push(character),
        }
    }
    (value, characters.as_str())
}

fn skip_element(text: &str) -> &str {
    text.find(',').and_then(|comma| text.get(comma..)).unwrap_or_default()
}
