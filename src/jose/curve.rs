//! Whether a public key is a point of its curve. Hosts need not check this, and none checks it for Ed25519.
//! Multiplication works bit by bit, which is enough because each key is checked once. No number is secret, so time may vary.

use alloc::vec::Vec;

/// Whether two coordinates are a point of P-256, P-384 or P-521 (SEC 1 §3.2.2.1). Their `length` identifies the curve. It is the
/// full length, with leading zeros (RFC 7518 §6.2.1.2).
pub(crate) fn is_point(length: usize, x: &[u8], y: &[u8]) -> bool {
    if x.len() != length || y.len() != length {
        return false;
    }
    let (field, b) = match length {
        32 => P256,
        48 => P384,
        _ => P521,
    };
    let (x, y) = (number(x), number(y));
    if !(field.has(&x) && field.has(&y)) {
        return false;
    }
    // y² = x³ − 3x + b
    let mut left = field.product(&y, &y);
    for _ in 0..3 {
        field.add(&mut left, &x);
    }
    let mut right = field.product(&field.product(&x, &x), &x);
    field.add(&mut right, b);
    left == right
}

/// Whether this is a usable point of Ed25519 (RFC 8032 §5.1.3): its y, lowest byte first, and the sign of its x in the topmost
/// bit. A point of order 1, 2, 4 or 8 would let anyone forge a signature.
pub(crate) fn is_ed25519_point(bytes: &[u8]) -> bool {
    let field = ED25519;
    if bytes.len() != 32 {
        return false;
    }
    let mut y = number(&reversed(bytes));
    if let Some(highest) = y.first_mut() {
        *highest &= 0x7FFF_FFFF;
    }
    // y = 0 has the order 4.
    if !field.has(&y) || is_zero(&y) {
        return false;
    }
    let y2 = field.product(&y, &y);
    let dy2 = field.product(D, &y2);
    // Twice a point of order 8 has y = 0, so that x² = −y² and d·y⁴ + 2y² = 1.
    let mut order = field.product(&dy2, &y2);
    field.add(&mut order, &y2);
    field.add(&mut order, &y2);
    // x² = (y² − 1) / (d·y² + 1); x = 0 has the order 1 or 2. y² is at least 1.
    let mut above = y2;
    subtract(&mut above, ONE);
    let mut below = dy2;
    field.add(&mut below, ONE);
    order != ONE && field.has_root(field.product(&above, &below))
}

/// The whole numbers below a prime, the highest 32 bits first. All numbers of a field are as long as its prime.
#[derive(Clone, Copy)]
struct Field(&'static [u32]);

impl Field {
    fn has(self, number: &[u32]) -> bool {
        number.len() == self.0.len() && number < self.0
    }

    fn add(self, sum: &mut [u32], number: &[u32]) {
        let mut carry = false;
        for (place, word) in sum.iter_mut().zip(number).rev() {
            let (total, first) = place.overflowing_add(*word);
            let (total, second) = total.overflowing_add(carry.into());
            (*place, carry) = (total, first | second);
        }
        if carry || *sum >= *self.0 {
            subtract(sum, self.0);
        }
    }

    fn product(self, left: &[u32], right: &[u32]) -> Vec<u32> {
        let mut product = alloc::vec![0; right.len()];
        let mut half = product.clone();
        for word in left {
            for place in (0..32).rev() {
                half.copy_from_slice(&product);
                self.add(&mut product, &half);
                if word >> place & 1 == 1 {
                    self.add(&mut product, right);
                }
            }
        }
        product
    }

    /// Whether a number is the square of one that is not zero: its Jacobi symbol is 1.
    fn has_root(self, mut number: Vec<u32>) -> bool {
        let mut modulus = self.0.to_vec();
        let mut is_root = true;
        while !is_zero(&number) {
            let last = |number: &[u32]| number.last().copied().unwrap_or_default();
            if last(&number) & 1 == 0 {
                // (2|m) is −1 for m ≡ ±3 (mod 8).
                is_root ^= matches!(last(&modulus) & 7, 3 | 5);
                halve(&mut number);
                continue;
            }
            if number < modulus {
                // Quadratic reciprocity: the sign turns where both are 3 (mod 4).
                is_root ^= last(&number) & last(&modulus) & 3 == 3;
                (number, modulus) = (modulus, number);
            }
            subtract(&mut number, &modulus);
        }
        is_root && modulus == ONE
    }
}

fn is_zero(number: &[u32]) -> bool {
    number.iter().all(|word| *word == 0)
}

fn subtract(number: &mut [u32], less: &[u32]) {
    let mut borrow = false;
    for (place, word) in number.iter_mut().zip(less).rev() {
        let (rest, first) = place.overflowing_sub(*word);
        let (rest, second) = rest.overflowing_sub(borrow.into());
        (*place, borrow) = (rest, first | second);
    }
}

fn halve(number: &mut [u32]) {
    let mut carry = 0;
    for word in number {
        let whole = *word;
        *word = whole >> 1 | carry << 31;
        carry = whole;
    }
}

/// From bytes, highest first.
fn number(bytes: &[u8]) -> Vec<u32> {
    let mut number = alloc::vec![0; bytes.len().div_ceil(4)];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for word in number.iter_mut().rev() {
            (*word, carry) = (*word << 8 | carry, *word >> 24);
        }
    }
    number
}

/// The same bytes, the last one first: Ed25519 writes the lowest byte first.
pub(crate) fn reversed(bytes: &[u8]) -> Vec<u8> {
    let mut reversed = Vec::with_capacity(bytes.len());
    for byte in bytes.iter().rev() {
        reversed.push(*byte);
    }
    reversed
}

// SP 800-186 §3.2.1: the prime and b, as printed there.
const P256: (Field, &[u32]) = (
    Field(&[0xFFFF_FFFF, 0x0000_0001, 0x0000_0000, 0x0000_0000, 0x0000_0000, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF]),
    &[0x5AC6_35D8, 0xAA3A_93E7, 0xB3EB_BD55, 0x7698_86BC, 0x651D_06B0, 0xCC53_B0F6, 0x3BCE_3C3E, 0x27D2_604B],
);
#[rustfmt::skip]
const P384: (Field, &[u32]) = (
    Field(&[
        0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFE,
        0xFFFF_FFFF, 0x0000_0000, 0x0000_0000, 0xFFFF_FFFF,
    ]),
    &[
        0xB331_2FA7, 0xE23E_E7E4, 0x988E_056B, 0xE3F8_2D19, 0x181D_9C6E, 0xFE81_4112, 0x0314_088F, 0x5013_875A,
        0xC656_398D, 0x8A2E_D19D, 0x2A85_C8ED, 0xD3EC_2AEF,
    ],
);
#[rustfmt::skip]
const P521: (Field, &[u32]) = (
    Field(&[
        0x0000_01FF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF,
        0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF,
        0xFFFF_FFFF,
    ]),
    &[
        0x0000_0051, 0x953E_B961, 0x8E1C_9A1F, 0x929A_21A0, 0xB685_40EE, 0xA2DA_725B, 0x99B3_15F3, 0xB8B4_8991,
        0x8EF1_09E1, 0x5619_3951, 0xEC7E_937B, 0x1652_C0BD, 0x3BB1_BF07, 0x3573_DF88, 0x3D2C_34F1, 0xEF45_1FD4,
        0x6B50_3F00,
    ],
);

// RFC 8032 §5.1: the prime 2²⁵⁵ − 19, and d.
const ED25519: Field =
    Field(&[0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFED]);
const D: &[u32] =
    &[0x5203_6CEE, 0x2B6F_FE73, 0x8CC7_4079, 0x7779_E898, 0x0070_0A4D, 0x4141_D8AB, 0x75EB_4DCA, 0x1359_78A3];
const ONE: &[u32] = &[0, 0, 0, 0, 0, 0, 0, 1];
