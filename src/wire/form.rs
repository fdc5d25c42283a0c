//! `application/x-www-form-urlencoded`: read as the WHATWG URL standard reads it (§5.1), written in the one way that
//! every form and URL decoder reads alike.

use alloc::string::String;
use alloc::vec::Vec;

use super::text::{split, split_once};
use crate::wiped::Wiped;

/// Appends `text` with every byte outside `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3) as upper-case `%XX`.
pub fn encode(out: &mut String, text: &str) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if !is_unreserved(byte) {
            // Nothing stands between two bytes of one character.
            out.push_str(text.get(copied..at).unwrap_or_default());
            out.push('%');
            out.push(char::from(hex_digit(byte >> 4).to_ascii_uppercase()));
            out.push(char::from(hex_digit(byte).to_ascii_uppercase()));
            copied = at + 1;
        }
    }
    out.push_str(text.get(copied..).unwrap_or_default());
}

/// A character that no URL gives a meaning (RFC 3986 §2.3).
#[inline(always)]
pub(crate) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Appends `name=value`, after an `&` where `out` does not already end at the start of a list.
pub(crate) fn push(out: &mut String, name: &str, value: &str) {
    if !matches!(out.as_bytes().last(), None | Some(b'?' | b'&')) {
        out.push('&');
    }
    encode(out, name);
    out.push('=');
    encode(out, value);
}

/// Appends `name=value` where there is a value with something in it.
pub(crate) fn push_optional(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        push(out, name, value);
    }
}

/// Readies an address for parameters: a query of its own is kept, and given back, because no parameter may stand there twice.
pub(crate) fn start_query(url: &mut String) -> Form {
    let own = split_once(url, b'?').map(|parts| Form::parse(parts.1));
    if own.is_none() {
        url.push('?');
    }
    own.unwrap_or_default()
}

/// The pairs of a form, percent-decoded to bytes: whether they are UTF-8 is for the reader of each to judge. Wiped when dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    bytes: Wiped<Vec<u8>>,
    /// Where each name starts, where its value starts, where that ends.
    pairs: Vec<[usize; 3]>,
}

impl Form {
    /// Reads a form; every text is one. `+` is a space, and a broken escape stays as it stands.
    pub fn parse(text: &str) -> Form {
        let mut form = Form { bytes: Wiped::new(Vec::with_capacity(text.len())), pairs: Vec::new() };
        for pair in split(text, b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = split_once(pair, b'=').unwrap_or((pair, ""));
            let start = form.bytes.len();
            form.decode(name);
            let middle = form.bytes.len();
            form.decode(value);
            form.pairs.push([start, middle, form.bytes.len()]);
        }
        form
    }

    fn decode(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        loop {
            let end = rest.iter().position(|byte| matches!(byte, b'+' | b'%')).unwrap_or(rest.len());
            let (plain, encoded) = rest.split_at_checked(end).unwrap_or_default();
            self.bytes.extend_from_slice(plain);
            let Some((&first, after)) = encoded.split_first() else { break };
            rest = after;
            let mut decoded = if first == b'+' { b' ' } else { first };
            if let (b'%', [high, low, after @ ..]) = (first, after)
                && let (Some(high), Some(low)) = (hex(*high), hex(*low))
            {
                decoded = high << 4 | low;
                rest = after;
            }
            self.bytes.push(decoded);
        }
    }

    /// Names and values, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let slice = |start, end| self.bytes.get(start..end).unwrap_or_default();
        self.pairs.iter().map(move |&[start, middle, end]| (slice(start, middle), slice(middle, end)))
    }

    fn find(&self, name: &str) -> Option<&[u8]> {
        for &[start, middle, end] in &self.pairs {
            if self.bytes.get(start..middle) == Some(name.as_bytes()) {
                return self.bytes.get(middle..end);
            }
        }
        None
    }

    /// Whether there is a value of this name.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first value of this name, where it is UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        core::str::from_utf8(self.find(name)?).ok()
    }

    /// How many values of this name there are.
    pub fn count(&self, name: &str) -> usize {
        self.pairs().filter(|pair| pair.0 == name.as_bytes()).count()
    }
}

/// The value of a hexadecimal digit of either case.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The digit of the lower four bits.
pub(crate) fn hex_digit(value: u8) -> u8 {
    match value & 15 {
        value @ 0..=9 => b'0' + value,
        value => b'a' - 10 + value,
    }
}
