//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), and plain base64 for HTTP Basic (RFC 7617 §2).

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Strict: padding, another alphabet, white space and stray trailing bits are all refused.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
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
