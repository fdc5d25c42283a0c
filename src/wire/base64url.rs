//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), and plain base64 for HTTP Basic (RFC 7617 §2).

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Strict: rejects padding, another alphabet, white space and stray trailing bits.
///
/// Written by hand: the decoder of the `base64` crate reports positions, accepts padding and trailing bits. It adds two
/// kilobytes to the WebAssembly module.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let rest = text.len() % 4;
    // One character after the last group has six bits, less than a byte.
    if rest == 1 {
        return None;
    }
    let mut bytes = alloc::vec![0; text.len() / 4 * 3 + rest * 3 / 4];
    let mut decoded = bytes.iter_mut();
    let (mut bits, mut count) = (0, 0);
    for character in text.bytes() {
        bits = bits << 6 | u32::from(sextet(character)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            if let Some(byte) = decoded.next() {
                [.., *byte] = (bits >> count).to_be_bytes();
            }
        }
    }
    // RFC 4648 §3.5: the remaining bits are zero. Otherwise two strings would decode to the same bytes.
    (bits.trailing_zeros() >= count).then_some(bytes)
}

/// The six bits of a character.
fn sextet(character: u8) -> Option<u8> {
    VALUES.get(usize::from(character)).copied().filter(|value| *value < 64)
}

/// By code point. 64 means invalid. Tokens are long, and a table is faster than five comparisons.
// An index out of bounds would not compile.
#[allow(clippy::indexing_slicing)]
static VALUES: [u8; 128] = {
    let mut values = [64; 128];
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
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Plain base64 with padding.
pub fn encode_basic(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
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
        fn decoding_and_encoding_give_the_same_string(text in "[A-Za-z0-9_=+/ -]{0,24}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
