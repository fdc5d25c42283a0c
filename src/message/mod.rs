//! Requests and responses, in the order of a login.

pub(crate) mod authorization;
#[cfg(feature = "ciba")]
pub(crate) mod backchannel_authentication;
pub(crate) mod client_auth;
#[cfg(feature = "device")]
pub(crate) mod device;
pub(crate) mod discovery;
#[cfg(feature = "dpop")]
pub(crate) mod dpop;
pub(crate) mod end_session;
#[cfg(feature = "extension-grants")]
pub(crate) mod extension_grant;
pub(crate) mod extra;
pub(crate) mod front_channel_logout;
pub(crate) mod http;
pub(crate) mod initiated_login;
pub(crate) mod introspection;
pub(crate) mod jwks;
#[cfg(any(feature = "ciba", feature = "device", feature = "registration", feature = "resource-metadata"))]
pub(crate) mod member;
#[cfg(feature = "par")]
pub(crate) mod par;
#[cfg(any(feature = "ciba", feature = "device"))]
pub(crate) mod poll;
pub(crate) mod redirect;
#[cfg(feature = "registration")]
pub(crate) mod registration;
#[cfg(feature = "jar")]
pub(crate) mod request_object;
#[cfg(feature = "resource-metadata")]
pub(crate) mod resource_metadata;
pub(crate) mod revocation;
#[cfg(feature = "step-up")]
pub(crate) mod step_up;
pub(crate) mod token;
pub(crate) mod userinfo;
