//! SHA-2 of a whole string (FIPS 180-4). The `sha2` crate compresses the blocks of SHA-256. Its own padding is made for strings that
//! arrive in parts, and is four times as large.
//!
//! SHA-384 and SHA-512 are rare. Their constants are roots of primes, which no compression makes smaller. So they are calculated once.

use core::mem::{replace, take};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sha2::block_api::compress256;

/// Whether a hash has left bytes of its input on the stack.
pub(crate) static LEFT_INPUT: AtomicBool = AtomicBool::new(false);

/// FIPS 180-4 §6.2
pub(crate) fn sha256(text: &[u8]) -> [u8; 32] {
    let mut state =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
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
    compressed(text, 8)
}

/// FIPS 180-4 §6.4
pub(crate) fn sha512(text: &[u8]) -> [u8; 64] {
    compressed(text, 0)
}

/// The first value is the square roots of eight primes, from this one on (FIPS 180-4 §5.3.4, §5.3.5).
fn compressed(text: &[u8], first: usize) -> [u8; 64] {
    calculate();
    let mut state = [0; 8];
    for (word, root) in state.iter_mut().zip(SQUARE_ROOTS.get(first..).unwrap_or_default()) {
        *word = root.load(Ordering::Relaxed);
    }
    let (blocks, rest) = text.as_chunks();
    for block in blocks {
        compress512(&mut state, block);
    }
    for block in Padding::new(rest, 128, text.len()).blocks().as_chunks().0 {
        compress512(&mut state, block);
    }
    let mut digest = [0; 64];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(&state) {
        *place = word.to_be_bytes();
    }
    digest
}

/// FIPS 180-4 §6.4.2, with the names of §4.1.3.
#[allow(clippy::many_single_char_names)]
fn compress512(state: &mut [u64; 8], block: &[u8; 128]) {
    let mut words = [0u64; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    let mut next = *state;
    for constant in &CUBE_ROOTS {
        let [a, b, c, d, e, f, g, h] = next;
        let first = h
            .wrapping_add(e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41))
            .wrapping_add(e & f ^ !e & g)
            .wrapping_add(constant.load(Ordering::Relaxed))
            .wrapping_add(words[0]);
        let second = (a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39)).wrapping_add(a & b ^ a & c ^ b & c);
        next = [first.wrapping_add(second), a, b, c, d.wrapping_add(first), e, f, g];
        // The word sixteen places later.
        let (low, high) = (words[1], words[14]);
        let word = words[0]
            .wrapping_add(low.rotate_right(1) ^ low.rotate_right(8) ^ low >> 7)
            .wrapping_add(words[9])
            .wrapping_add(high.rotate_right(19) ^ high.rotate_right(61) ^ high >> 6);
        words.copy_within(1.., 0);
        words[15] = word;
    }
    for (word, more) in state.iter_mut().zip(next) {
        *word = word.wrapping_add(more);
    }
}

/// Of the first 80 primes (FIPS 180-4 §4.2.3), and of the first 16.
static CUBE_ROOTS: [AtomicU64; 80] = [const { AtomicU64::new(0) }; 80];
static SQUARE_ROOTS: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];
static ARE_KNOWN: AtomicBool = AtomicBool::new(false);

fn calculate() {
    if ARE_KNOWN.load(Ordering::Acquire) {
        return;
    }
    for (degree, roots) in [(2, &SQUARE_ROOTS[..]), (3, &CUBE_ROOTS[..])] {
        let mut prime = 1;
        for place in roots {
            prime += 1;
            while (2..prime).any(|divisor| prime % divisor == 0) {
                prime += 1;
            }
            place.store(root(prime, degree), Ordering::Relaxed);
        }
    }
    ARE_KNOWN.store(true, Ordering::Release);
}

/// The first 64 bits behind the point of a prime's root. The root is below 8, so it has three more bits.
fn root(prime: u32, degree: usize) -> u64 {
    // The lowest 32 bits first.
    let mut root = [0; 3];
    for bit in (0..67).rev() {
        let shorter = root;
        if let Some(digit) = root.get_mut(bit / 32) {
            *digit |= 1 << (bit % 32);
        }
        let mut power = [1, 0, 0, 0, 0, 0, 0];
        for _ in 0..degree {
            multiply(&mut power, root);
        }
        // No root of a prime is whole, so the power is never equal to it.
        if power.get(degree * 2).is_some_and(|whole| *whole >= prime) {
            root = shorter;
        }
    }
    u64::from(root[1]) << 32 | u64::from(root[0])
}

/// The product has at most seven digits.
#[allow(clippy::cast_possible_truncation)]
fn multiply(number: &mut [u32; 7], factor: [u32; 3]) {
    let old = take(number);
    for digit in factor.iter().rev() {
        let (mut carry, mut lower) = (0, 0);
        for (place, other) in number.iter_mut().zip(&old) {
            let sum = u64::from(lower) + u64::from(*digit) * u64::from(*other) + carry;
            lower = replace(place, sum as u32);
            carry = sum >> 32;
        }
    }
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
