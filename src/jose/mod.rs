//! Algorithms, keys and signatures (RFC 7515, RFC 7517, RFC 7518). This module does not depend on provider or client.

pub(crate) mod algorithm;
pub(crate) mod curve;
#[cfg(feature = "jwe")]
pub(crate) mod jwe;
pub(crate) mod jwk;
pub(crate) mod jws;
pub(crate) mod signature;
pub(crate) mod unsigned;
