//! Signed tokens and the rules on their claims.

pub(crate) mod access_token;
#[cfg(feature = "jarm")]
pub(crate) mod authorization_response;
pub(crate) mod claims;
#[cfg(feature = "dpop")]
pub(crate) mod dpop_proof;
#[cfg(feature = "jwe")]
pub(crate) mod encrypted;
pub(crate) mod header;
pub(crate) mod id_token;
#[cfg(feature = "jwt-introspection")]
pub(crate) mod introspection;
pub(crate) mod logout_token;
pub(crate) mod report;
pub(crate) mod userinfo;
