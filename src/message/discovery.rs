//! How a provider is found: the request for its metadata and the reply (OpenID Connect Discovery §4, RFC 8414 §3).

use alloc::borrow::Cow;
use alloc::string::String;

use serde::Serialize;

use crate::error::{Detail, Error};
use crate::message::http::{HttpReply, HttpRequest};
use crate::party::provider::{Http, Provider};
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::rule::Rule;
use crate::wire::text::{before, concat};
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

const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// The question for a provider's metadata. One trailing slash of the issuer is left out of the address (OpenID Connect Discovery §4.1).
///
/// ```
/// use oidc_wasm::{Discovery, Metadata};
/// let request = Discovery { issuer: "https://op.example/tenant/", ..Discovery::default() }.request()?;
/// assert_eq!(request.url, "https://op.example/tenant/.well-known/openid-configuration");
/// let discovery = Discovery { issuer: "https://op.example/tenant", metadata: Metadata::Oauth2, ..Discovery::default() };
/// assert_eq!(discovery.request()?.url, "https://op.example/.well-known/oauth-authorization-server/tenant");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discovery<'a> {
    /// The issuer. The address of its document is taken too: then that is asked, and the issuer is what it was made from.
    pub issuer: &'a str,
    /// Where the document stands, unless `issuer` is its address.
    pub metadata: Metadata,
    /// The issuer that the document must name, to the letter, where that is another. Azure AD B2C needs it.
    pub expected_issuer: Option<&'a str>,
    /// Those of the client that asks.
    pub relaxations: Relaxations,
}

impl Discovery<'_> {
    /// The request to send.
    ///
    /// # Errors
    /// `argument.issuer` unless it is https (http on loopback, and under `http-provider` on an inner network) without fragment. Only
    /// the address of a document may have a query.
    pub fn request(&self) -> Result<HttpRequest, Error> {
        const EXPECTED: &str = "the provider's issuer, an https address without query and fragment; http-provider permits http on inner networks";
        let http = Http::of(self.issuer, self.relaxations.has(Relaxation::HttpProvider));
        let uri = http.address(self.issuer).ok_or_else(|| Error::argument("issuer", EXPECTED))?;
        if self.issuer_of_document().is_some() {
            return Ok(HttpRequest::get(self.issuer, "application/json"));
        }
        if uri.query.is_some() {
            return Err(Error::argument("issuer", EXPECTED));
        }
        let path = uri.path.strip_suffix('/').unwrap_or(uri.path);
        let origin = self.issuer.strip_suffix(uri.path).unwrap_or(self.issuer);
        let url = match self.metadata {
            Metadata::Oidc => concat(&[origin, path, OPENID_CONFIGURATION]),
            Metadata::Oauth2 => concat(&[origin, OAUTH_AUTHORIZATION_SERVER, path]),
        };
        Ok(HttpRequest::get(&url, "application/json"))
    }

    /// Reads the reply, and checks that the issuer speaks for itself.
    ///
    /// # Errors
    /// `http.status`, `discovery.content_type`, `discovery.issuer`; as [`Provider::parse`].
    pub fn provider(&self, reply: &HttpReply<'_>) -> Result<Provider, Error> {
        if reply.status != 200 {
            return Err(reply.refuse(Rule::HttpStatus, reply.oauth_error()));
        }
        if !self.relaxations.has(Relaxation::ContentType) && !reply.is("application/json") {
            return Err(Rule::DiscoveryContentType.into());
        }
        let provider = Provider::parse(reply.body)?;
        let of_document = self.issuer_of_document();
        let expected = self.expected_issuer.or(of_document.as_deref()).unwrap_or(self.issuer);
        // A URL object cannot be without a path, so an issuer that was asked for may have a slash too many. What tokens name is
        // compared with the metadata's own issuer, to the letter.
        let is_asked = self.expected_issuer.is_none() && of_document.is_none();
        let is_same = provider.issuer() == expected
            || is_asked && expected.strip_suffix('/') == Some(provider.issuer())
            || self.expected_issuer.is_none()
                && self.relaxations.has(Relaxation::IssuerTemplate)
                && provider.tenant_of(expected).is_some();
        if !is_same {
            return Err(Error::with(
                Rule::DiscoveryIssuer,
                Detail {
                    expected: Some(Cow::Owned(expected.into())),
                    found: Some(provider.issuer().into()),
                    ..Detail::default()
                },
            ));
        }
        Ok(provider)
    }

    /// The issuer, where the address of its document was given. The document's name stands behind the issuer's path or in front of it
    /// (OpenID Connect Discovery §4, RFC 8414 §3.1 and §5).
    fn issuer_of_document(&self) -> Option<String> {
        let address = before(self.issuer, b"?").0;
        let path = Uri::parse(address)?.path;
        let origin = address.strip_suffix(path)?;
        for name in [OPENID_CONFIGURATION, OAUTH_AUTHORIZATION_SERVER] {
            let in_front = path.strip_prefix(name).filter(|rest| rest.starts_with('/'));
            if let Some(path) = path.strip_suffix(name).or(in_front) {
                return Some(concat(&[origin, path]));
            }
        }
        None
    }
}
