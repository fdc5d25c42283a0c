//! What the host is asked for: randomness, the time, a reply's headers.

use alloc::string::String;

use web_sys::Headers;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::http::HttpReply;
use crate::rule::Rule;
use crate::time::NumericDate;

/// Fresh bytes of the host's secure random source.
pub(super) fn entropy<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    match getrandom::fill(&mut *bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(Rule::EntropyUnavailable.into()),
    }
}

/// The host's clock.
pub(super) fn now() -> NumericDate {
    NumericDate::from_milliseconds(js_sys::Date::now() as i64)
}

/// The headers the engine reads, copied out of the host's.
pub(super) struct Reply {
    status: u16,
    content_type: Option<String>,
    cache_control: Option<String>,
    www_authenticate: Option<String>,
}

impl Reply {
    pub(super) fn new(status: u16, headers: &Headers) -> Reply {
        let header = |name| headers.get(name).unwrap_or_default();
        Reply {
            status,
            content_type: header("content-type"),
            cache_control: header("cache-control"),
            www_authenticate: header("www-authenticate"),
        }
    }

    pub(super) fn with<'a>(&'a self, body: &'a [u8]) -> HttpReply<'a> {
        HttpReply {
            status: self.status,
            content_type: self.content_type.as_deref(),
            cache_control: self.cache_control.as_deref(),
            www_authenticate: self.www_authenticate.as_deref(),
            body,
        }
    }
}
