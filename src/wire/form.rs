//! `application/x-www-form-urlencoded`: reads like the WHATWG URL standard (§5.1), and writes a form that all decoders read the
//! same way.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::json::push_integer;
use super::text::{EACH, place_of, split_once, zeros};

/// Appends `text` with every byte outside `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3) as upper-case `%XX`.
pub fn encode(out: &mut String, text: &str) {
    let (mut from, mut at) = (0, 0);
    while let Some(byte) = text.as_bytes().get(at).copied() {
        if !is_unreserved(byte) {
            // Between two encoded bytes there are whole characters, all ASCII.
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push('%');
            out.push(upper_digit(byte >> 4));
            out.push(upper_digit(byte));
            from = at + 1;
        }
        at += 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
}

fn upper_digit(value: u8) -> char {
    char::from(hex_digit(value).to_ascii_uppercase())
}

/// A character without a meaning in URLs (RFC 3986 §2.3).
#[inline(always)]
pub(crate) fn is_unreserved(byte: u8) -> bool {
    class(byte) == UNRESERVED
}

/// Whether a string has only such characters. One branch for all bytes is faster than one for each.
pub(crate) fn are_unreserved(text: &str) -> bool {
    text.bytes().fold(UNRESERVED, |all, byte| all & class(byte)) != 0
}

/// A character of URIs (RFC 3986 §2), also the `%` of an escape.
#[inline(always)]
pub(crate) fn is_of_uri(byte: u8) -> bool {
    !matches!(class(byte), OTHER | NOT_ASCII)
}

// The class of a byte in a form.
const OTHER: u8 = 0;
const ENCODED: u8 = 1;
const NOT_ASCII: u8 = 2;
const UNRESERVED: u8 = 4;
const SEPARATOR: u8 = 8;
const RESERVED: u8 = 16;

// Each byte is an index.
#[allow(clippy::indexing_slicing)]
#[inline(always)]
fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

/// A table is faster than ten comparisons.
// An index out of bounds would not compile.
#[allow(clippy::indexing_slicing)]
static CLASSES: [u8; 256] = {
    let mut classes = [NOT_ASCII; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'%' | b'+' => ENCODED,
            b'&' | b'=' => SEPARATOR,
            b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b';' => {
                RESERVED
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => UNRESERVED,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

/// Appends a value after its name with both separators, such as `&code=`.
pub(crate) fn push(out: &mut String, name: &'static str, value: &str) {
    push_encoded(out, name);
    encode(out, value);
}

/// Appends an encoded pair with the `&` before it. A form does not start with `&`.
pub(crate) fn push_encoded(out: &mut String, pair: &str) {
    let is_first = matches!(out.as_bytes().last(), None | Some(b'?' | b'&'));
    out.push_str(pair.get(usize::from(is_first)..).unwrap_or_default());
}

/// Appends a name and value of the caller.
pub(crate) fn push_any(out: &mut String, name: &str, value: &str) {
    push(out, "&", name);
    out.push('=');
    encode(out, value);
}

/// The same if the value is not empty.
pub(crate) fn push_optional(out: &mut String, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        push(out, name, value);
    }
}

/// The same for a number.
pub(crate) fn push_number(out: &mut String, name: &'static str, value: Option<u32>) {
    if let Some(value) = value {
        push(out, name, "");
        push_integer(out, value.into());
    }
}

/// Prepares an address for parameters. Keeps and returns its own query, because no parameter may appear twice.
pub(crate) fn start_query<'u>(out: &mut String, url: &'u str) -> Form<'u> {
    out.push_str(url);
    let query = split_once(url, b'?').map(|parts| Form::parse(parts.1));
    query.unwrap_or_else(|| {
        out.push('?');
        Form::default()
    })
}

/// An unchanged form. Any string is a form: `+` is a space, and a broken escape stays. Most forms contain a code or a token, so
/// printing shows no contents.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Form<'t>(&'t str);

impl<'t> Form<'t> {
    /// Reads a form.
    pub fn parse(text: &'t str) -> Form<'t> {
        Form(text)
    }

    /// Names and values, in order.
    pub fn pairs(&self) -> Pairs<'t> {
        Pairs { form: self.0, at: 0 }
    }

    fn find(&self, name: &str) -> Option<Part<'t>> {
        self.pairs().find(|pair| pair.0.is(name)).map(|pair| pair.1)
    }

    /// Whether there is a value of this name.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first value of this name, if it is UTF-8.
    pub fn get(&self, name: &str) -> Option<Cow<'t, str>> {
        self.find(name)?.text()
    }

    /// The number of values of this name.
    pub fn count(&self, name: &str) -> usize {
        self.pairs().filter(|pair| pair.0.is(name)).count()
    }
}

/// Whether a byte may be a separator, an escape, a space, or no ASCII. All characters without a meaning are above `,`.
fn is_special(byte: u8) -> bool {
    byte <= b',' || byte == b'=' || !byte.is_ascii()
}

/// The same for eight bytes, as [`place_of`] needs it.
#[inline(always)]
fn special(word: u64) -> u64 {
    let high = EACH << 7;
    let is_low = word.wrapping_sub(EACH * u64::from(b'-')) & !word & high;
    is_low | zeros(word ^ (EACH * u64::from(b'='))) | word & high
}

/// Reads a form pair by pair, without empty ones.
#[derive(Clone)]
pub struct Pairs<'t> {
    form: &'t str,
    at: usize,
}

impl<'t> Iterator for Pairs<'t> {
    type Item = (Part<'t>, Part<'t>);

    /// One scan, which also finds out if decoding is needed.
    fn next(&mut self) -> Option<(Part<'t>, Part<'t>)> {
        let Pairs { form, at: mut end } = *self;
        loop {
            let start = end;
            let (mut middle, mut name_marks, mut marks) = (usize::MAX, 0, 0);
            loop {
                let rest = form.as_bytes().get(end..).unwrap_or_default();
                end += place_of(rest, special, is_special);
                match form.as_bytes().get(end) {
                    None | Some(b'&') => break,
                    Some(b'=') if middle == usize::MAX => (middle, name_marks, marks) = (end, marks, 0),
                    Some(byte) => marks |= class(*byte) & (ENCODED | NOT_ASCII),
                }
                end += 1;
            }
            self.at = end + 1;
            if end > start {
                if middle == usize::MAX {
                    (middle, name_marks, marks) = (end, marks, 0);
                }
                let name = Part { form, start, end: middle, marks: name_marks };
                return Some((name, Part { form, start: middle + 1, end, marks }));
            }
            if end >= form.len() {
                return None;
            }
            end += 1;
        }
    }
}

/// An encoded name or value. It decodes to bytes, and each reader checks UTF-8.
#[derive(Clone, Copy)]
pub struct Part<'t> {
    form: &'t str,
    start: usize,
    end: usize,
    /// [`ENCODED`] if it has an escape or a space, and [`NOT_ASCII`].
    marks: u8,
}

impl<'t> Part<'t> {
    /// The decoded bytes.
    pub fn bytes(self) -> Cow<'t, [u8]> {
        if self.is_escaped() { decode(self.raw_bytes()).into() } else { self.raw_bytes().into() }
    }

    /// The decoded string, if it is UTF-8.
    pub fn text(self) -> Option<Cow<'t, str>> {
        if self.is_escaped() {
            return Some(String::from_utf8(decode(self.raw_bytes())).ok()?.into());
        }
        Some(self.raw().into())
    }

    /// Whether the string differs from the one in the form.
    #[inline(always)]
    pub(crate) fn is_escaped(self) -> bool {
        self.marks & ENCODED != 0
    }

    /// The string as it is in the form.
    #[inline(always)]
    pub(crate) fn raw(self) -> &'t str {
        // The characters around it are ASCII.
        self.form.get(self.start..self.end).unwrap_or_default()
    }

    /// Its bytes.
    #[inline(always)]
    pub(crate) fn raw_bytes(self) -> &'t [u8] {
        self.form.as_bytes().get(self.start..self.end).unwrap_or_default()
    }

    /// Whether it is ASCII without escapes.
    #[inline(always)]
    pub(crate) fn is_plain(self) -> bool {
        self.marks == 0
    }

    /// Whether it decodes to this string.
    pub fn is(self, text: &str) -> bool {
        if self.is_escaped() {
            *decode(self.raw_bytes()) == *text.as_bytes()
        } else {
            self.raw_bytes() == text.as_bytes()
        }
    }
}

/// The bytes of a string with escapes.
fn decode(mut rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rest.len());
    loop {
        let end = rest.iter().position(|byte| class(*byte) == ENCODED).unwrap_or(rest.len());
        let (plain, encoded) = rest.split_at_checked(end).unwrap_or_default();
        bytes.extend_from_slice(plain);
        let (byte, after) = match encoded {
            [] => return bytes,
            [b'+', after @ ..] => (b' ', after),
            [b'%', high, low, after @ ..] if is_hex(*high) && is_hex(*low) => (hex(*high) << 4 | hex(*low), after),
            [first, after @ ..] => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
}

/// Whether a byte is a hexadecimal digit of either case.
#[inline(never)]
pub(crate) fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// The value of a hexadecimal digit: a letter has bit 6, and `A` is ten.
pub(crate) fn hex(digit: u8) -> u8 {
    (digit & 15) + (digit >> 6) * 9
}

/// The digit of the lowest four bits.
pub(crate) fn hex_digit(value: u8) -> u8 {
    match value & 15 {
        value @ 0..=9 => b'0' + value,
        value => b'a' - 10 + value,
    }
}
