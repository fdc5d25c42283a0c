//! What is sent and what is answered, in the order of a login.

pub(crate) mod authorization;
pub(crate) mod client_auth;
pub(crate) mod discovery;
#[cfg(feature = "dpop")]
pub(crate) mod dpop;
pub(crate) mod end_session;
pub(crate) mod extra;
pub(crate) mod front_channel_logout;
pub(crate) mod http;
pub(crate) mod initiated_login;
pub(crate) mod introspection;
pub(crate) mod jwks;
#[cfg(feature = "par")]
pub(crate) mod par;
pub(crate) mod redirect;
pub(crate) mod revocation;
pub(crate) mod token;
pub(crate) mod userinfo;
