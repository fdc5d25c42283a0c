//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), and plain base64 for HTTP Basic (RFC 7617 §2).

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Strict: rejects padding, another alphabet, white space and stray trailing bits.
///
/// Written by hand: the decoder of the `base64` crate reports positions, accepts padding and trailing bits. It adds two
/// kilobytes to the WebAssembly module.
// Each byte of a group.
#[allow(clippy::cast_possible_truncation)]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let rest = text.len() % 4;
    // One character after the last group has six bits, less than a byte.
    if rest == 1 {
        return None;
    }
    let mut bytes = alloc::vec![0; text.len() / 4 * 3 + rest * 3 / 4];
    let (groups, rest) = text.as_bytes().as_chunks();
    let (places, last) = bytes.as_chunks_mut();
    let mut all = 0;
    for (group, place) in groups.iter().zip(places) {
        let bits;
        (all, bits) = sextets(all, group);
        *place = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
    }
    // A shorter group, as if zeros followed it.
    let mut group = [b'A'; 4];
    for (place, character) in group.iter_mut().zip(rest) {
        *place = *character;
    }
    let bits;
    (all, bits) = sextets(all, &group);
    let mut left = bits << 8;
    for byte in last {
        [*byte, ..] = left.to_be_bytes();
        left <<= 8;
    }
    // RFC 4648 §3.5: the remaining bits are zero. Otherwise two strings would decode to the same bytes.
    (all < 64 && left == 0).then_some(bytes)
}

/// The bits of four characters, and the disjunction of these characters' values with an earlier one.
#[inline(always)]
fn sextets(all: u32, [first, second, third, fourth]: &[u8; 4]) -> (u32, u32) {
    let value = |character: &u8| u32::from(VALUES.get(usize::from(*character)).copied().unwrap_or(255));
    let (first, second, third, fourth) = (value(first), value(second), value(third), value(fourth));
    (all | first | second | third | fourth, first << 18 | second << 12 | third << 6 | fourth)
}

/// By code point. 255 means invalid. Tokens are long, and a table is faster than five comparisons. The crate has the same table, so
/// this one compresses to nothing.
// An index out of bounds would not compile.
#[allow(clippy::indexing_slicing)]
static VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut alphabet: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut value = 0;
    while let [character, rest @ ..] = alphabet {
        values[*character as usize] = value;
        (alphabet, value) = (rest, value + 1);
    }
    values
};

/// Without padding.
pub fn encode(bytes: &[u8]) -> String {
    encoded(&URL_SAFE_NO_PAD, bytes)
}

/// Plain base64 with padding.
pub fn encode_basic(bytes: &[u8]) -> String {
    let mut text = encoded(&STANDARD_NO_PAD, bytes);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The encoder of the crate has an unrolled loop for long inputs, and branches for an incomplete group. An input of six whole groups
/// needs neither, so the module lacks them. Zeros complete the last groups. Two such inputs hold a hash of 32 bytes.
fn encoded(engine: &GeneralPurpose, bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(18) * 24);
    for piece in bytes.chunks(18) {
        let (mut whole, mut characters) = ([0; 18], [0; 24]);
        for (place, byte) in whole.iter_mut().zip(piece) {
            *place = *byte;
        }
        let _ = engine.encode_slice(whole.as_slice(), &mut characters);
        text.extend_from_slice(&characters);
    }
    text.truncate((bytes.len() * 4).div_ceil(3));
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_canonical_string_of_some_bytes_decodes() {
        for (text, bytes) in [("", &b""[..]), ("_-8", b"\xff\xef"), ("Zm9vYg", b"foob")] {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
            assert_eq!(encode(bytes), text);
        }
        for text in ["Zm9vYg==", "Zm9v\n", " Zm9v", "/+8", "Zm9vYh", "Z", "Zm9vé"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn pieces_encode_to_the_string_of_the_whole(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(encode_basic(&bytes), base64::engine::general_purpose::STANDARD.encode(&bytes));
        }

        #[test]
        fn decoding_and_encoding_give_the_same_string(text in "[A-Za-z0-9_=+/ -]{0,24}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
