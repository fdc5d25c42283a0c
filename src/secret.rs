//! Secret strings: wiped when dropped, compared in constant time, never printed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::hint::black_box;

use crate::wiped::Wiped;
use crate::wire::form::{hex, is_hex};

/// A secret string: a verifier, code, token or password.
///
/// ```
/// let secret = oidc_wasm::Secret::from("gX1fBat3bV");
/// assert_eq!(secret, oidc_wasm::Secret::from("gX1fBat3bV"));
/// assert_eq!(format!("{secret:?}"), "Secret");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Wiped<String>);

impl Secret {
    /// The string itself. Keep it out of logs and messages.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The string itself. The caller must wipe it.
    pub(crate) fn into_text(mut self) -> String {
        core::mem::take(&mut *self.0)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(Wiped::new(text.into()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(Wiped::new(text))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        same(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The secrets of a request. Errors from its reply must not repeat them. It keeps the beginning of each.
pub(crate) struct Secrets(Vec<Wiped<Vec<u8>>>);

impl Secrets {
    /// A shorter string could be any word.
    const FEWEST: usize = 8;
    /// The search compares the last 16 bytes of a long secret's beginning.
    const START: usize = 64;
    /// The most secrets: more would make the search slow. Above it, errors hide every string of the reply.
    const MOST: usize = 64;

    /// No secret yet. The search recognises signed tokens by their beginning.
    pub(crate) fn new() -> Secrets {
        let mut secrets = Secrets(Vec::with_capacity(8));
        secrets.keep("eyJ");
        secrets
    }

    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() >= Secrets::FEWEST && self.0.len() <= Secrets::MOST {
            self.keep(secret);
        }
    }

    fn keep(&mut self, secret: &str) {
        let end = secret.len().min(Secrets::START);
        let compared = secret.as_bytes().get(end.saturating_sub(16)..end).unwrap_or_default();
        let mut kept = Vec::with_capacity(16);
        for byte in compared {
            push(&mut kept, *byte);
        }
        self.0.push(Wiped::new(kept));
    }

    /// Whether a string contains a secret: plain, or encoded as a form, as JSON, or as a form in JSON. A secret may itself contain what
    /// looks like an escape, so each is tried with and without the other.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let is_in = |bytes: &[u8]| self.0.iter().any(|secret| bytes.windows(secret.len()).any(|part| part == **secret));
        self.0.len() > Secrets::MOST || (0..4).any(|encoding| is_in(&read(text, encoding)))
    }
}

/// A form writes a space as `+`, so both count as one.
fn push(bytes: &mut Vec<u8>, byte: u8) {
    bytes.push(if byte == b' ' { b'+' } else { byte });
}

/// The first encoding has the escapes `%2F`, the second `\/` and `\u002F`.
const FORM: u8 = 1;
const JSON: u8 = 2;

/// The bytes of a string, without the escapes of these encodings.
fn read(text: &str, encoding: u8) -> Wiped<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let mut character = None;
        let mut plain = *first;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if encoding & FORM != 0 && is_hex(*high) && is_hex(*low) => {
                (plain, rest) = (hex(*high) << 4 | hex(*low), after);
            }
            (b'\\', _) if encoding & JSON == 0 => {}
            (b'\\', [b'u', after @ ..]) => {
                if let Some((code, after)) = escaped(after) {
                    (character, rest) = (char::from_u32(code), after);
                }
            }
            (b'\\', [escaped, after @ ..]) => (plain, rest) = (*escaped, after),
            _ => {}
        }
        match character {
            // JSON escapes the number of a character beyond ASCII, a form escapes its bytes.
            Some(character) => character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push(&mut bytes, byte)),
            None => push(&mut bytes, plain),
        }
    }
    Wiped::new(bytes)
}

/// The character of a `\u` escape: four digits, or two escapes for a character beyond U+FFFF (RFC 8259 §7).
fn escaped(text: &[u8]) -> Option<(u32, &[u8])> {
    let (high, after) = unit(text)?;
    if let (0xD800..0xDC00, [b'\\', b'u', low @ ..]) = (high, after)
        && let Some((low @ 0xDC00..0xE000, after)) = unit(low)
    {
        return Some((0x10000 + ((high - 0xD800) * 0x400) + (low - 0xDC00), after));
    }
    Some((high, after))
}

fn unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, after) = text.split_first_chunk::<4>()?;
    let mut unit = 0;
    for digit in digits {
        if !is_hex(*digit) {
            return None;
        }
        unit = unit << 4 | u32::from(hex(*digit));
    }
    Some((unit, after))
}

/// Equality in a time that depends on the lengths only.
pub(crate) fn same(left: &str, right: &str) -> bool {
    let ((lefts, left_rest), (rights, right_rest)) = (left.as_bytes().as_chunks(), right.as_bytes().as_chunks());
    let mut difference = 0;
    for (left, right) in lefts.iter().zip(rights) {
        difference |= u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right);
    }
    for (left, right) in left_rest.iter().zip(right_rest) {
        difference |= u64::from(left ^ right);
    }
    // The compiler cannot read this value, so it cannot stop at the first difference.
    left.len() == right.len() && black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(secret: &str, text: &str) -> bool {
        let mut secrets = Secrets::new();
        secrets.add(secret);
        secrets.are_in(text)
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        for (secret, texts) in [
            (
                "p@ss/w\"rd \u{e9}<1>",
                &[
                    "is p@ss/w\"rd \u{e9}<1> good",
                    "p%40ss%2Fw%22rd+%C3%A9%3C1%3E",
                    "p%40ss%2fw%22rd%20%c3%a9%3c1%3e",
                    r#"p@ss\/w\"rd \u00e9\u003C1>"#,
                ][..],
            ),
            ("a+b/c%2Fd", &["a+b/c%2Fd", "a%2Bb%2Fc%252Fd", "a+b%2Fc%252Fd", "a\\u002bb/c%252Fd"]),
            (r"back\slash\u0041", &[r"back\slash\u0041", r"back\\slash\\u0041", "back%5Cslash%5Cu0041"]),
            ("pass%2Fword\"", &["pass%2Fword\"", r#"pass%2Fword\""#, "pass%252Fword%22", r"pass%2Fword\u0022"]),
            (r"a\u0041%2Fb", &[r"a\u0041%2Fb", r"a\u0041%252Fb", r"a\\u0041%2Fb", "a%5Cu0041%252Fb"]),
            ("12345678", &["12345678", "x12345678x", "123412345678"]),
            ("a-secret-of-more-than-sixteen-bytes", &["a-secret-of-more-than-sixteen-bytes", "…re-than-sixteen-bytes"]),
            (
                "klucz-\u{17c}\u{f3}\u{142}\u{107} \u{1f511}",
                &[
                    "klucz-\u{17c}\u{f3}\u{142}\u{107} \u{1f511}",
                    r"klucz-\u017c\u00f3\u0142\u0107 \ud83d\udd11",
                    "klucz-%C5%BC%C3%B3%C5%82%C4%87+%F0%9F%94%91",
                ],
            ),
            // A server may cut a long one off.
            (
                &("0123456789".repeat(6) + "0123" + &"x".repeat(16)),
                &["got 0123456789012345678901234567890123456789012345678901234567890123…"],
            ),
            ("anything", &["got eyJhbGciOiJub25lIn0"]),
        ] {
            for text in texts {
                assert!(tells(secret, text), "{secret} in {text}");
            }
        }
        for (secret, text) in [
            ("1234567", "1234567"),
            ("12345678", "1234567 12345687 2345678"),
            ("a-secret-of-more-than-sixteen-bytes", "a-secret-of-more-than-sixteen-byte n-sixteen-bytes"),
            ("p%40ss%2Fword", "p@ss/word"),
            ("anything", "%u00 \\u00 &# &; %4 \\ \\ud83d \\ud83d\\u0041"),
        ] {
            assert!(!tells(secret, text), "{secret} in {text}");
        }
    }

    #[test]
    fn too_many_secrets_hide_every_string() {
        let mut secrets = Secrets::new();
        for count in 0..63 {
            secrets.add(&alloc::format!("secret-{count}"));
        }
        assert!(!secrets.are_in("secret"));
        secrets.add("one-more-secret");
        assert!(secrets.are_in("secret"));
    }
}
