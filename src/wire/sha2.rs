//! SHA-2 of a whole string (FIPS 180-4). The `sha2` crate compresses the blocks. Its own padding is made for strings that arrive in
//! parts, and is four times as large.

use core::sync::atomic::{AtomicBool, Ordering};

use sha2::block_api::{compress256, compress512};

/// Whether a hash has left bytes of its input on the stack.
pub(crate) static LEFT_INPUT: AtomicBool = AtomicBool::new(false);

/// The first state of SHA-512: the fractions of the square roots of the first eight primes (FIPS 180-4 §5.3.5). That of SHA-256 has
/// only their upper halves (§5.3.3).
static FIRST_PRIMES: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// That of SHA-384: of the next eight primes (FIPS 180-4 §5.3.4).
static NEXT_PRIMES: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];

/// FIPS 180-4 §6.2
// The upper half of a word.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn sha256(text: &[u8]) -> [u8; 32] {
    let mut state = FIRST_PRIMES.map(|root| (root >> 32) as u32);
    let (blocks, rest) = text.as_chunks();
    compress256(&mut state, blocks);
    compress256(&mut state, Padding::new(rest, 64, text.len()).blocks().as_chunks().0);
    let mut digest = [0; 32];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(&state) {
        *place = word.to_be_bytes();
    }
    digest
}

/// FIPS 180-4 §6.5: the first 48 bytes are the hash.
pub(crate) fn sha384(text: &[u8]) -> [u8; 64] {
    compressed(text, &NEXT_PRIMES)
}

/// FIPS 180-4 §6.4
pub(crate) fn sha512(text: &[u8]) -> [u8; 64] {
    compressed(text, &FIRST_PRIMES)
}

fn compressed(text: &[u8], first: &[u64; 8]) -> [u8; 64] {
    let mut state = *first;
    let (blocks, rest) = text.as_chunks();
    compress512(&mut state, blocks);
    compress512(&mut state, Padding::new(rest, 128, text.len()).blocks().as_chunks().0);
    let mut digest = [0; 64];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(&state) {
        *place = word.to_be_bytes();
    }
    digest
}

/// The end of a string, padded to whole blocks (FIPS 180-4 §5.1).
struct Padding {
    bytes: [u8; 256],
    length: usize,
}

impl Padding {
    /// The string's rest after its whole blocks, the size of a block, and the length of the string.
    fn new(rest: &[u8], block: usize, length: usize) -> Padding {
        let mut bytes = [0; 256];
        // The rest is shorter than a block.
        if let Some((start, [end, ..])) = bytes.split_at_mut_checked(rest.len()) {
            start.copy_from_slice(rest);
            *end = 0x80;
        }
        LEFT_INPUT.store(true, Ordering::Relaxed);
        // The number of bits takes an eighth of a block.
        let padded = if rest.len() + 1 + block / 8 > block { block * 2 } else { block };
        if let Some(place) = bytes.get_mut(..padded).and_then(<[u8]>::last_chunk_mut) {
            *place = (length as u64 * 8).to_be_bytes();
        }
        Padding { bytes, length: padded }
    }

    fn blocks(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256, Sha384, Sha512};

    use super::*;

    #[test]
    fn every_length_has_the_hash_that_the_crate_computes() {
        let text: alloc::vec::Vec<u8> = (0..=255).cycle().take(600).collect();
        for length in 0..text.len() {
            let text = &text[..length];
            assert_eq!(sha256(text), *Sha256::digest(text), "{length}");
            assert_eq!(sha384(text)[..48], *Sha384::digest(text), "{length}");
            assert_eq!(sha512(text), *Sha512::digest(text), "{length}");
        }
    }
}
