//! Points in time as tokens write them (RFC 7519 §2, `NumericDate`).

use crate::wire::json::{Value, fixed_point};

/// Seconds since 1970-01-01T00:00:00Z, kept exactly to the millisecond; further digits are dropped.
///
/// ```
/// use oidc_wasm::NumericDate;
/// assert!(NumericDate::from_seconds(1311280970) < NumericDate::from_seconds(1311281970));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumericDate {
    milliseconds: i64,
}

/// Seconds that a double still tells apart.
const MAX_SECONDS: i64 = 1 << 53;

impl NumericDate {
    /// Whole seconds; beyond ±2⁵³ the bound is taken.
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

    /// Milliseconds, as a JavaScript clock counts them.
    pub const fn from_milliseconds(milliseconds: i64) -> NumericDate {
        let seconds = NumericDate::from_seconds(milliseconds.div_euclid(1000));
        NumericDate { milliseconds: seconds.milliseconds + milliseconds.rem_euclid(1000) }
    }

    /// A JSON number within ±2⁵³; nothing else is a time.
    pub(crate) fn read(value: Value<'_>) -> Option<NumericDate> {
        NumericDate::parse(value.number()?)
    }

    /// The same of a number's text.
    pub(crate) fn parse(number: &str) -> Option<NumericDate> {
        let milliseconds = fixed_point(number, 3)?;
        (milliseconds.unsigned_abs() <= MAX_SECONDS.unsigned_abs() * 1000).then_some(NumericDate { milliseconds })
    }

    pub(crate) const fn whole_seconds(self) -> i64 {
        self.milliseconds.div_euclid(1000)
    }

    /// The time this many seconds later.
    pub(crate) const fn plus(self, seconds: u32) -> NumericDate {
        NumericDate { milliseconds: self.milliseconds + seconds as i64 * 1000 }
    }
}
