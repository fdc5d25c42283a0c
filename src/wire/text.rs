//! Splits strings at ASCII characters. The standard library's search accepts any pattern, which adds kilobytes to a WebAssembly
//! module.

use alloc::string::String;
use alloc::vec::Vec;

use super::json::push_integer;

/// Whether this byte is in the list. The standard library's search reads whole words, which is no faster for a few bytes.
#[allow(clippy::manual_contains)]
#[inline(never)]
pub(crate) fn holds(bytes: &[u8], byte: u8) -> bool {
    bytes.iter().any(|other| *other == byte)
}

/// The index of the first such byte, or the number of bytes. Tokens are long, so it looks at eight bytes at once.
#[inline(never)]
pub(crate) fn place(bytes: &[u8], byte: u8) -> usize {
    place_of(bytes, |word| zeros(word ^ (EACH * u64::from(byte))), |other| other == byte)
}

/// The lowest bit of each byte of a word.
pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;

/// Nonzero if a byte of the word is zero. The lowest bit is that of the first such byte.
#[inline(always)]
pub(crate) fn zeros(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & EACH << 7
}

/// The index of the first matching byte, or the number of bytes. `marks` sets the highest bit of a byte in eight bytes, and the lowest one counts.
#[inline(always)]
pub(crate) fn place_of(bytes: &[u8], marks: impl Fn(u64) -> u64, matches: impl Fn(u8) -> bool) -> usize {
    let (words, rest) = bytes.as_chunks();
    let mut start = 0;
    for word in words {
        let marked = marks(u64::from_le_bytes(*word));
        if marked != 0 {
            return start + marked.trailing_zeros() as usize / 8;
        }
        start += word.len();
    }
    start + rest.iter().position(|byte| matches(*byte)).unwrap_or(rest.len())
}

/// The part before the first of these characters, and the rest with it.
// Calling [`holds`] would cost a call per byte.
#[allow(clippy::manual_contains)]
pub(crate) fn before<'a>(text: &'a str, stops: &[u8]) -> (&'a str, &'a str) {
    let bytes = text.as_bytes();
    let end = match stops {
        [stop] => place(bytes, *stop),
        _ => bytes.iter().position(|byte| holds(stops, *byte)).unwrap_or(bytes.len()),
    };
    // An ASCII byte is a whole character, so this never cuts one.
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A string from bytes. Invalid UTF-8 becomes U+FFFD. The standard library's function is four times as large.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Err(error) = core::str::from_utf8(rest) {
        let (valid, after) = rest.split_at_checked(error.valid_up_to()).unwrap_or_default();
        text.push_str(core::str::from_utf8(valid).unwrap_or_default());
        text.push('\u{fffd}');
        rest = after.get(1..).unwrap_or_default();
    }
    text.push_str(core::str::from_utf8(rest).unwrap_or_default());
    text
}

/// The parts around the first separator.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let (start, end) = parted(text, separator);
    Some((start, end?))
}

/// The part before the first separator, and the part behind it.
pub(crate) fn parted(text: &str, separator: u8) -> (&str, Option<&str>) {
    let end = place(text.as_bytes(), separator);
    (text.get(..end).unwrap_or_default(), text.get(end + 1..))
}

/// An address's query, if any, without the fragment.
pub(crate) fn query(address: &str) -> Option<&str> {
    Some(split_once(before(address, b"#").0, b'?')?.1)
}

/// Whether a string is an address, not a list of parameters. Parameters have a name and its `=` before any `/`, `?` or `#`,
/// because these are escaped in parameters.
pub(crate) fn is_address(text: &str) -> bool {
    let mut marks = text.bytes().filter(|byte| matches!(byte, b':' | b'/' | b'?' | b'#' | b'=' | b'&'));
    marks.next().is_some_and(|mark| !matches!(mark, b'=' | b'&'))
}

/// The parts between separators.
pub(crate) fn split(text: &str, separator: u8) -> Split<'_> {
    Split { rest: Some(text), separator }
}

/// The words between spaces.
pub(crate) fn words(list: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in split(list, b' ') {
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// Whether a list with single spaces has this word.
pub(crate) fn has_word(list: &str, word: &str) -> bool {
    split(list, b' ').any(|candidate| candidate == word)
}

/// The string without these characters at its start.
pub(crate) fn trim_start<'a>(mut text: &'a str, blanks: &[u8]) -> &'a str {
    while let Some(first) = text.as_bytes().first()
        && holds(blanks, *first)
    {
        text = text.get(1..).unwrap_or_default();
    }
    text
}

/// A list with single spaces.
pub(crate) fn join(words: &[&str]) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push(' ');
        }
        list.push_str(word);
    }
    list
}

/// Joined strings. The standard library's function accepts any kind of list, and is larger.
pub(crate) fn concat(parts: &[&str]) -> String {
    let mut whole = String::new();
    for part in parts {
        whole.push_str(part);
    }
    whole
}

/// Whether it has digits only.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a number in normal form: digits without a leading zero.
pub(crate) fn is_canonical(text: &str) -> bool {
    is_digits(text) && (text.len() == 1 || !text.as_bytes().starts_with(b"0"))
}

/// At most this many bytes of a string, with whole characters only.
pub(crate) fn shortened(text: &str, mut length: usize) -> &str {
    loop {
        match text.get(..length.min(text.len())) {
            Some(start) => return start,
            None => length -= 1,
        }
    }
}

/// The parts that [`split`] returns.
#[derive(Clone)]
pub(crate) struct Split<'a> {
    rest: Option<&'a str>,
    separator: u8,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let (text, after) = parted(self.rest?, self.separator);
        self.rest = after;
        Some(text)
    }
}

/// Appends a string after its length, so the string may contain any character.
pub(crate) fn push_counted(out: &mut String, text: &str) {
    push_integer(out, text.len() as i64);
    out.push(';');
    out.push_str(text);
}

/// A string that [`push_counted`] wrote, and the rest.
pub(crate) fn split_counted(text: &str) -> Option<(&str, &str)> {
    let (mut length, mut at) = (0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            // Each length has one form: no leading zero.
            b'0'..=b'9' if at < 8 && (at == 0 || length > 0) => length = length * 10 + usize::from(byte - b'0'),
            b';' if at > 0 => return text.get(at + 1..)?.split_at_checked(length),
            _ => break,
        }
        at += 1;
    }
    None
}
