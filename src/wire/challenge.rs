//! Challenges of a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3).
//!
//! Servers write this header in many ways. The parser keeps the readable parts and skips the rest. A challenge explains an error,
//! and never decides anything.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::text::{before, holds, shortened, trim_start};

/// One challenge of the header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// The scheme, such as `Bearer`, unchanged.
    pub scheme: String,
    /// Parameters in order. Names in lower case; of equal names only the first.
    pub parameters: Vec<(String, String)>,
    /// The token of schemes without parameters.
    pub token68: Option<String>,
}

impl Challenge {
    /// The parameter of this name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        Some(&self.parameters.iter().find(|parameter| parameter.0 == name)?.1)
    }

    /// Whether it concerns an access token (RFC 6750 §3, RFC 9449 §7.1).
    pub(crate) fn is_of_token(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Bearer") || self.scheme.eq_ignore_ascii_case("DPoP")
    }
}

/// All challenges of a header.
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
    let mut rest = shortened(header, MAX_BYTES);
    if rest.len() < header.len() {
        // An incomplete challenge is dropped.
        rest = rest.get(..rest.bytes().rposition(|byte| byte == b',').unwrap_or(0)).unwrap_or_default();
    }
    loop {
        rest = trim_start(rest, b", \t");
        if rest.is_empty() {
            return challenges;
        }
        let (word, after) = token(rest, b"!#$%&'*+-.^_`|~");
        if let (false, Some(challenge), Some(value)) =
            (word.is_empty(), challenges.last_mut(), trim_start(after, BLANK).strip_prefix('='))
        {
            let (name, mut text) = (word.to_ascii_lowercase(), String::new());
            rest = read_value(trim_start(value, BLANK), &mut text);
            if challenge.parameter(&name).is_none() {
                challenge.parameters.push((name, text));
            }
        } else if !matches!(after.as_bytes().first(), None | Some(b' ' | b'\t' | b',')) {
            // A scheme is alone or before a blank (RFC 9110 §11.3).
            rest = before(after, b",").1;
        } else {
            let (token68, after) = split_token68(after);
            challenges.push(Challenge {
                scheme: word.into(),
                parameters: Vec::new(),
                token68: token68.map(String::from),
            });
            rest = after;
        }
    }
}

const BLANK: &[u8] = b" \t";

/// The most bytes: servers limit headers to less, and the search for duplicate names stays fast.
const MAX_BYTES: usize = 16 << 10;

/// The letters, digits and `marks` at the start, and the rest (RFC 9110 §5.6.2).
fn token<'a>(text: &'a str, marks: &[u8]) -> (&'a str, &'a str) {
    let is_outside = |byte: u8| !byte.is_ascii_alphanumeric() && !holds(marks, byte);
    let end = text.bytes().position(is_outside).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or_default()
}

/// A token68 is the only value after its scheme, up to the end of the list element (RFC 9110 §11.2).
fn split_token68(text: &str) -> (Option<&str>, &str) {
    let blank = trim_start(text, BLANK);
    let (word, after) = token(blank, b"-._~+/");
    let padded = trim_start(after, b"=");
    let after = trim_start(padded, BLANK);
    if word.is_empty() || blank.len() == text.len() || !matches!(after.as_bytes().first(), None | Some(b',')) {
        return (None, text);
    }
    (blank.strip_suffix(padded), after)
}

/// A quoted string without its escapes (RFC 9110 §5.6.4), or everything up to the next comma if quotes are missing.
/// Also returns the rest.
fn read_value<'a>(text: &'a str, value: &mut String) -> &'a str {
    let Some(mut rest) = text.strip_prefix('"') else {
        let (unquoted, after) = before(text, b",");
        value.push_str(unquoted.trim_ascii_end());
        return after;
    };
    loop {
        let (plain, after) = before(rest, b"\"\\");
        value.push_str(plain);
        rest = after.get(1..).unwrap_or_default();
        if !after.starts_with('\\') {
            return rest;
        }
        // Any other escaped character is as plain as without its escape.
        if let Some(escaped @ (b'"' | b'\\')) = rest.as_bytes().first() {
            value.push(char::from(*escaped));
            rest = rest.get(1..).unwrap_or_default();
        }
    }
}
