//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), and plain base64 for HTTP Basic (RFC 7617 §2).

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Strict: padding, another alphabet, white space and stray trailing bits are all refused.
///
/// By hand, because the decoder of the `base64` crate reports where it failed, reads padding and lenient tails, and is two
/// kilobytes of a WebAssembly module.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    // One character more than whole groups is six bits and no byte.
    if text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = alloc::vec![0; text.len() * 3 / 4];
    for (characters, decoded) in text.as_bytes().chunks(4).zip(bytes.chunks_mut(3)) {
        let mut bits = 0;
        for &character in characters {
            bits = bits << 6 | u32::from(sextet(character)?);
        }
        bits <<= 32 - 6 * characters.len();
        for byte in decoded {
            *byte = (bits >> 24) as u8;
            bits <<= 8;
        }
        // RFC 4648 §3.5: what is left over is zero, or two texts would be the same bytes.
        if bits != 0 {
            return None;
        }
    }
    Some(bytes)
}

fn sextet(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

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
    fn only_the_canonical_text_of_some_bytes_decodes() {
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
        fn what_decodes_encodes_to_itself(text in "[A-Za-z0-9_=+/ -]{0,24}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
