//! Times of tokens (RFC 7519 §2, `NumericDate`).

use crate::wire::json::{Value, fixed_point};

/// Seconds since 1970-01-01T00:00:00Z, with milliseconds. Further digits are dropped.
///
/// ```
/// use oidc_wasm::NumericDate;
/// assert!(NumericDate::from_seconds(1311280970) < NumericDate::from_seconds(1311281970));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumericDate {
    milliseconds: i64,
}

/// The largest second that a double still represents exactly.
const MAX_SECONDS: i64 = 1 << 53;

impl NumericDate {
    /// From whole seconds, limited to ±2⁵³.
    pub const fn from_seconds(seconds: i64) -> NumericDate {
        let seconds = if seconds > MAX_SECONDS {
            MAX_SECONDS
        } else if seconds < -MAX_SECONDS {
            -MAX_SECONDS
        } else {
            seconds
        };
        NumericDate { milliseconds: seconds * 1000 }
    }

    /// From milliseconds, as JavaScript clocks count.
    pub const fn from_milliseconds(milliseconds: i64) -> NumericDate {
        let seconds = NumericDate::from_seconds(milliseconds.div_euclid(1000));
        NumericDate { milliseconds: seconds.milliseconds + milliseconds.rem_euclid(1000) }
    }

    /// From a JSON number within ±2⁵³. Any other value is invalid.
    pub(crate) fn read(value: Value<'_>) -> Option<NumericDate> {
        NumericDate::parse(value.number()?)
    }

    /// From the digits of a number.
    pub(crate) fn parse(number: &str) -> Option<NumericDate> {
        let milliseconds = fixed_point(number, 3);
        (milliseconds.unsigned_abs() <= MAX_SECONDS.unsigned_abs() * 1000).then_some(NumericDate { milliseconds })
    }

    #[inline(never)]
    pub(crate) const fn whole_seconds(self) -> i64 {
        self.milliseconds.div_euclid(1000)
    }

    /// This time plus a number of seconds.
    pub(crate) const fn plus(self, seconds: u32) -> NumericDate {
        NumericDate { milliseconds: self.milliseconds + seconds as i64 * 1000 }
    }
}
