//! Challenges of a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3).
//!
//! Servers write this header in many ways. The parser keeps the readable parts and skips the rest. A challenge explains an error,
//! and never decides anything.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::text::{holds, shortened};

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
    let mut text = shortened(header, MAX_BYTES);
    if text.len() < header.len() {
        // An incomplete challenge is dropped.
        text = text.get(..text.bytes().rposition(|byte| byte == b',').unwrap_or(0)).unwrap_or_default();
    }
    let mut rest = Rest { text, at: 0 };
    loop {
        rest.skip(b", \t");
        let start = rest.at;
        if rest.peek().is_none() {
            return challenges;
        }
        rest.skip_token(b"!#$%&'*+-.^_`|~");
        let mut word = String::from(rest.since(start));
        let after = rest.at;
        rest.skip(BLANK);
        if let (false, Some(challenge), Some(b'=')) = (word.is_empty(), challenges.last_mut(), rest.peek()) {
            rest.at += 1;
            rest.skip(BLANK);
            word.make_ascii_lowercase();
            let mut value = String::new();
            rest.read_value(&mut value);
            if challenge.parameter(&word).is_none() {
                challenge.parameters.push((word, value));
            }
            continue;
        }
        rest.at = after;
        if matches!(rest.peek(), None | Some(b' ' | b'\t' | b',')) {
            let token68 = rest.token68().map(String::from);
            challenges.push(Challenge { scheme: word, parameters: Vec::new(), token68 });
        } else {
            // A scheme is alone or before a blank (RFC 9110 §11.3).
            rest.skip_to(b",");
        }
    }
}

const BLANK: &[u8] = b" \t";

/// The most bytes: servers limit headers to less, and the search for duplicate names stays fast.
const MAX_BYTES: usize = 16 << 10;

/// The header from a place on, which is a character's start.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The part from a place to the present one.
    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn skip_while(&mut self, is_inside: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_inside) {
            self.at += 1;
        }
    }

    fn skip(&mut self, bytes: &[u8]) {
        self.skip_while(|byte| holds(bytes, byte));
    }

    fn skip_to(&mut self, stops: &[u8]) {
        self.skip_while(|byte| !holds(stops, byte));
    }

    /// Letters, digits and `marks` (RFC 9110 §5.6.2).
    fn skip_token(&mut self, marks: &[u8]) {
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || holds(marks, byte));
    }

    /// A token68 is the only value after its scheme, up to the end of the list element (RFC 9110 §11.2).
    fn token68(&mut self) -> Option<&'a str> {
        let before = self.at;
        self.skip(BLANK);
        let start = self.at;
        self.skip_token(b"-._~+/");
        let is_empty = self.at == start;
        self.skip(b"=");
        let value = self.since(start);
        self.skip(BLANK);
        if is_empty || start == before || !matches!(self.peek(), None | Some(b',')) {
            self.at = before;
            return None;
        }
        Some(value)
    }

    /// Appends a quoted string without its escapes (RFC 9110 §5.6.4), or everything up to the next comma if quotes are missing.
    fn read_value(&mut self, value: &mut String) {
        let start = self.at;
        if self.peek() != Some(b'"') {
            self.skip_to(b",");
            value.push_str(self.since(start).trim_ascii());
            return;
        }
        loop {
            self.at += 1;
            let start = self.at;
            self.skip_to(b"\"\\");
            value.push_str(self.since(start));
            if self.peek() != Some(b'\\') {
                self.at += 1;
                return;
            }
            // Any other escaped character is as plain as without its escape.
            if let Some(escaped @ (b'"' | b'\\')) = self.text.as_bytes().get(self.at + 1) {
                value.push(char::from(*escaped));
                self.at += 1;
            }
        }
    }
}
