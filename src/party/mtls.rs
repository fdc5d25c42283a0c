//! The provider's metadata for clients with a certificate (RFC 8705).

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::error::Error;
use crate::party::provider::wrong;
use crate::wire::json::Value;

const ALIASES: &str = "mtls_endpoint_aliases";
const BINDING: &str = "tls_client_certificate_bound_access_tokens";

/// The endpoints that a client calls itself. The browser opens the others, without the client's certificate.
const ENDPOINTS: [&str; 7] = [
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "backchannel_authentication_endpoint",
];

/// The metadata about certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Mtls {
    /// Endpoints by name, and their addresses for a client with a certificate (§5).
    pub(crate) aliases: Vec<(&'static str, String)>,
    /// Whether the provider binds access tokens to certificates (§3.3).
    pub(crate) binds_tokens: bool,
}

impl Mtls {
    /// # Errors
    /// `discovery.metadata` if a member has the wrong type.
    pub(crate) fn read(metadata: Value<'_>) -> Result<Mtls, Error> {
        let mut mtls = Mtls::default();
        if let Some(binding) = metadata.get(BINDING) {
            mtls.binds_tokens = binding.bool().ok_or_else(|| wrong(BINDING))?;
        }
        if let Some(aliases) = metadata.get(ALIASES) {
            aliases.members().ok_or_else(|| wrong(ALIASES))?;
            for name in ENDPOINTS {
                if let Some(address) = aliases.get(name) {
                    mtls.aliases.push((name, address.str().ok_or_else(|| wrong(ALIASES))?.into()));
                }
            }
        }
        Ok(mtls)
    }
}
