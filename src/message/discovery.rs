//! How a provider is found: the request for its metadata and the reply (OpenID Connect Discovery §4, RFC 8414 §3).

use alloc::string::String;

use serde::Serialize;

use crate::error::{Detail, Error};
use crate::message::http::{HttpReply, HttpRequest};
use crate::party::provider::{Http, Provider};
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::rule::Rule;
use crate::wire::text::concat;
use crate::wire::uri::Uri;

/// Which metadata document to ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Metadata {
    /// OpenID Connect Discovery §4: after the issuer's path.
    #[default]
    Oidc,
    /// RFC 8414 §3.1: between host and path.
    Oauth2,
}

/// The request for a provider's metadata. One trailing slash of the issuer is left out of the address (OpenID Connect Discovery §4.1).
///
/// ```
/// use oidc_wasm::{Metadata, Relaxations, discovery_request};
/// let none = Relaxations::default();
/// let request = discovery_request("https://op.example/tenant/", Metadata::Oidc, none)?;
/// assert_eq!(request.url, "https://op.example/tenant/.well-known/openid-configuration");
/// let request = discovery_request("https://op.example/tenant", Metadata::Oauth2, none)?;
/// assert_eq!(request.url, "https://op.example/.well-known/oauth-authorization-server/tenant");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
///
/// # Errors
/// `request.endpoint` unless the issuer is https (http on loopback, and under `http-provider` on an inner network) without query
/// and fragment.
pub fn discovery_request(issuer: &str, metadata: Metadata, relaxations: Relaxations) -> Result<HttpRequest, Error> {
    let url = Http::of(issuer, relaxations.has(Relaxation::HttpProvider)).endpoint(Some(issuer))?;
    let uri = Uri::parse(url).filter(|uri| uri.query.is_none()).ok_or(Rule::RequestEndpoint)?;
    let path = uri.path.strip_suffix('/').unwrap_or(uri.path);
    let origin = url.strip_suffix(uri.path).unwrap_or(url);
    let url = match metadata {
        Metadata::Oidc => concat(&[origin, path, "/.well-known/openid-configuration"]),
        Metadata::Oauth2 => concat(&[origin, "/.well-known/oauth-authorization-server", path]),
    };
    Ok(HttpRequest::get(&url, "application/json"))
}

impl Provider {
    /// Reads the reply to [`discovery_request`] and checks that the issuer speaks for itself.
    /// The relaxations are those of the client that asks.
    ///
    /// # Errors
    /// `http.status`, `discovery.content_type`, `discovery.issuer`; as [`Provider::parse`].
    pub fn discovered(issuer: &str, reply: &HttpReply<'_>, relaxations: Relaxations) -> Result<Provider, Error> {
        if reply.status != 200 {
            return Err(reply.refuse(Rule::HttpStatus, reply.oauth_error()));
        }
        if !reply.is("application/json") {
            return Err(Rule::DiscoveryContentType.into());
        }
        let provider = Provider::parse(reply.body)?;
        // A URL object cannot be without a path, so the issuer that was asked for may have a slash too many. What tokens
        // name is compared with the metadata's own issuer, to the letter.
        let is_same = provider.issuer() == issuer
            || issuer.strip_suffix('/') == Some(provider.issuer())
            || relaxations.has(Relaxation::IssuerTemplate) && provider.tenant_of(issuer).is_some();
        if !is_same {
            return Err(Error::with(
                Rule::DiscoveryIssuer,
                Detail {
                    expected: Some(String::from(issuer).into()),
                    found: Some(provider.issuer().into()),
                    ..Detail::default()
                },
            ));
        }
        Ok(provider)
    }
}
