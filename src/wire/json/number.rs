//! JSON numbers (RFC 8259 §6), without rounding.

use alloc::string::String;

use crate::wire::text::{place, trim_start};

/// A valid JSON number, without rounding.
struct Decimal<'a> {
    is_negative: bool,
    /// The digits from the first that is not zero up to the exponent, perhaps with a point. Empty for zero.
    digits: &'a str,
    /// The digits before the point, without exponent and leading zeros: 1e308 has 309. Zero has none.
    magnitude: i64,
}

impl<'a> Decimal<'a> {
    fn read(number: &'a str) -> Decimal<'a> {
        let end = number.bytes().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(number.len());
        let (mantissa, power) = number.split_at_checked(end).unwrap_or_default();
        let digits = trim_start(mantissa, b"-0.");
        // An exponent may have any number of digits. Above this bound it only counts as large.
        let mut exponent = 0i64;
        for byte in power.bytes().filter(u8::is_ascii_digit) {
            exponent = (exponent * 10 + i64::from(byte - b'0')).min(1 << 40);
        }
        if power.as_bytes().get(1) == Some(&b'-') {
            exponent = -exponent;
        }
        let point = place(mantissa.as_bytes(), b'.') as i64;
        let start = (mantissa.len() - digits.len()) as i64;
        let magnitude = match digits {
            "" => 0,
            _ => point - start + i64::from(start > point) + exponent,
        };
        Decimal { is_negative: number.as_bytes().starts_with(b"-"), digits, magnitude }
    }
}

/// `number` times ten to the `decimals`, without further digits. The largest number if it does not fit.
pub(crate) fn fixed_point(number: &str, decimals: i64) -> i64 {
    // Most numbers are times, with a few digits only.
    if number.len() < 15 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        let value = number.bytes().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        return (0..decimals).fold(value, |value, _| value * 10);
    }
    let decimal = Decimal::read(number);
    let mut left = decimal.magnitude + decimals;
    if left > 19 {
        return i64::MAX;
    }
    // Nineteen digits fit into 64 bits. A checked product would add a 128-bit helper to the module.
    let mut value = 0u64;
    for digit in decimal.digits.bytes() {
        if left > 0 && digit.is_ascii_digit() {
            value = value * 10 + u64::from(digit - b'0');
            left -= 1;
        }
    }
    for _ in 0..left {
        value *= 10;
    }
    match i64::try_from(value) {
        Ok(value) if decimal.is_negative => -value,
        Ok(value) => value,
        Err(_) => i64::MAX,
    }
}

/// Whether it is too large for a double: 1e308 is the first such power of ten.
pub(super) fn is_too_large(number: &str, has_power: bool) -> bool {
    (has_power || number.len() > 308) && Decimal::read(number).magnitude > 308
}

/// Whether it is below zero. `-0` is not.
pub(crate) fn is_negative(number: &str) -> bool {
    let decimal = Decimal::read(number);
    decimal.is_negative && !decimal.digits.is_empty()
}

/// Appends an integer in decimal digits.
pub(crate) fn push_integer(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    push_digits(out, value.unsigned_abs());
}

// The last digit.
#[allow(clippy::cast_possible_truncation)]
fn push_digits(out: &mut String, value: u64) {
    if value > 9 {
        push_digits(out, value / 10);
    }
    out.push(char::from(b'0' + (value % 10) as u8));
}
