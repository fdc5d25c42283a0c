//! Provider and client, and the values that their login keeps.

#[cfg(feature = "authorization-details")]
pub(crate) mod authorization_details;
pub(crate) mod client;
#[cfg(feature = "jwe")]
pub(crate) mod decryption;
pub(crate) mod pkce;
#[cfg(feature = "fapi")]
pub(crate) mod profile;
pub(crate) mod provider;
pub(crate) mod redirect_uri;
pub(crate) mod relaxation;
pub(crate) mod relying_party;
pub(crate) mod resource;
pub(crate) mod response_type;
pub(crate) mod scope;
pub(crate) mod transaction;
