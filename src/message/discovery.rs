//! Provider metadata: the request and the reply (OpenID Connect Discovery §4, RFC 8414 §3).

use alloc::string::String;

use serde::Serialize;

use crate::error::Error;
use crate::message::http::{Draft, HttpReply, HttpRequest};
use crate::party::provider::{Http, Provider};
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::rule::Rule;
use crate::wire::json::Document;
use crate::wire::text::{before, concat};
use crate::wire::uri::Uri;

/// The kind of metadata document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Metadata {
    /// OpenID Connect Discovery §4: the well-known path follows the issuer's path.
    #[default]
    Oidc,
    /// RFC 8414 §3.1: the well-known path stands between host and path.
    Oauth2,
}

const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// A request for provider metadata. It drops one trailing slash of the issuer (OpenID Connect Discovery §4.1).
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
    /// The issuer, or the address of its metadata document. From an address the issuer is derived.
    pub issuer: &'a str,
    /// The kind of document, unless `issuer` is an address of a document.
    pub metadata: Metadata,
    /// The exact issuer in the document, if it differs from `issuer`. Azure AD B2C needs it.
    pub expected_issuer: Option<&'a str>,
    /// The client's relaxations.
    pub relaxations: Relaxations,
}

impl Discovery<'_> {
    /// The request to send.
    ///
    /// # Errors
    /// `argument.issuer` unless it is https without fragment. Loopback may use http, and so may inner networks with `http-provider`.
    /// Only the address of a document may have a query.
    pub fn request(&self) -> Result<HttpRequest, Error> {
        let mut draft = Draft::default();
        self.draft(&mut draft)?;
        Ok(draft.into())
    }

    /// The same before it becomes a request.
    pub(crate) fn draft(&self, draft: &mut Draft<'_>) -> Result<(), Error> {
        const EXPECTED: &str = "the provider's issuer, an https address without query and fragment; http-provider permits http on inner networks";
        let http = Http::of(self.issuer, self.relaxations.has(Relaxation::HttpProvider));
        let uri = http.address(self.issuer).ok_or_else(|| Error::argument("issuer", EXPECTED))?;
        let path = uri.path.strip_suffix("/").unwrap_or(uri.path);
        let origin = self.issuer.strip_suffix(uri.path).unwrap_or(self.issuer);
        let url = match self.metadata {
            _ if self.issuer_of_document().is_some() => self.issuer.into(),
            _ if uri.query.is_some() => return Err(Error::argument("issuer", EXPECTED)),
            Metadata::Oidc => concat(&[origin, path, OPENID_CONFIGURATION]),
            Metadata::Oauth2 => concat(&[origin, OAUTH_AUTHORIZATION_SERVER, path]),
        };
        draft.get(url.into(), "application/json");
        Ok(())
    }

    /// Reads the reply, and checks that it belongs to the issuer.
    ///
    /// # Errors
    /// `http.status`, `discovery.content_type`, `discovery.issuer`; as [`Provider::parse`].
    pub fn provider(&self, reply: &HttpReply<'_>) -> Result<Provider, Error> {
        let provider = Provider::read(self.document(reply)?.root())?;
        self.check_issuer(&provider)?;
        Ok(provider)
    }

    /// The reply's document.
    pub(crate) fn document<'r>(&self, reply: &HttpReply<'r>) -> Result<Document<'r>, Error> {
        if reply.status != 200 {
            return Err(reply.refuse(Rule::HttpStatus, reply.oauth_error()));
        }
        if !self.relaxations.has(Relaxation::ContentType) && !reply.is("application/json") {
            return Err(Rule::DiscoveryContentType.into());
        }
        Ok(Document::parse_object(reply.body)?)
    }

    /// Whether the metadata are those of the issuer.
    pub(crate) fn check_issuer(&self, provider: &Provider) -> Result<(), Error> {
        let of_document = self.issuer_of_document();
        let expected = self.expected_issuer.or(of_document.as_deref()).unwrap_or(self.issuer);
        // A URL object always has a path, so the requested issuer may have a trailing slash. Tokens are compared with the metadata's
        // own issuer, exactly.
        let is_asked = self.expected_issuer.is_none() && of_document.is_none();
        let is_same = provider.issuer() == expected
            || is_asked && expected.strip_suffix("/") == Some(provider.issuer())
            || self.expected_issuer.is_none()
                && self.relaxations.has(Relaxation::IssuerTemplate)
                && provider.tenant_of(expected).is_some();
        if is_same { Ok(()) } else { Err(Error::of_comparison(Rule::DiscoveryIssuer, expected, provider.issuer())) }
    }

    /// The issuer, from the address of its document. The well-known path follows the issuer's path or stands before it
    /// (OpenID Connect Discovery §4, RFC 8414 §3.1 and §5).
    fn issuer_of_document(&self) -> Option<String> {
        let address = before(self.issuer, b"?").0;
        let path = Uri::parse(address)?.path;
        let origin = address.strip_suffix(path)?;
        for &name in &[OPENID_CONFIGURATION, OAUTH_AUTHORIZATION_SERVER] {
            let in_front = path.strip_prefix(name).filter(|rest| rest.as_bytes().starts_with(b"/"));
            if let Some(path) = path.strip_suffix(name).or(in_front) {
                return Some(concat(&[origin, path]));
            }
        }
        None
    }
}
