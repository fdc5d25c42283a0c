//! The metadata of a protected resource (RFC 9728): its authorization servers and scopes.

use alloc::string::String;

use crate::error::Error;
use crate::message::http::{Draft, HttpReply, HttpRequest, OK};
use crate::message::member::{Kind, judge};
use crate::party::provider::Http;
use crate::rule::Rule;
use crate::wire::challenge::parse_challenges;
use crate::wire::text::{before, concat};
use crate::wire::uri::Uri;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// A request for a resource's metadata.
///
/// ```
/// use oidc_wasm::ResourceDiscovery;
/// let discovery = ResourceDiscovery { resource: "https://resource.example.com/resource1", www_authenticate: None };
/// assert_eq!(discovery.request()?.url, "https://resource.example.com/.well-known/oauth-protected-resource/resource1");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceDiscovery<'a> {
    /// The resource's identifier (§1.2). After a response of the resource: the requested address.
    pub resource: &'a str,
    /// The `WWW-Authenticate` of the response. It may contain the metadata's address (§5.1).
    pub www_authenticate: Option<&'a str>,
}

impl ResourceDiscovery<'_> {
    /// The request to send: to the challenge's address, or otherwise to the well-known one (§3.1).
    ///
    /// # Errors
    /// `argument.resource` unless it is https (or http on loopback) without fragment; `resource.metadata` for such an address in a challenge.
    pub fn request(&self) -> Result<HttpRequest, Error> {
        const EXPECTED: &str = "an https address without a fragment, or its answer";
        let http = Http::of(self.resource, false);
        let uri = http.address(self.resource).ok_or_else(|| Error::argument("resource", EXPECTED))?;
        // A foreign resource must not send the client to services on its own machine (§7.7).
        let mut draft = Draft::default();
        for challenge in parse_challenges(self.www_authenticate.unwrap_or_default()) {
            let Some(url) = challenge.parameter("resource_metadata") else { continue };
            if http.address(url).is_none() {
                return Err(Error::of_member(Rule::ResourceMetadata, "resource_metadata"));
            }
            draft.get(String::from(url).into(), "application/json");
            return Ok(draft.into());
        }
        let (address, query) = before(self.resource, b"?");
        let origin = address.strip_suffix(uri.path).unwrap_or(address);
        let path = if uri.path == "/" { "" } else { uri.path };
        draft.get(concat(&[origin, WELL_KNOWN, path, query]).into(), "application/json");
        Ok(draft.into())
    }

    /// Reads the reply, and checks that it describes this resource (§3.3). Returns the JSON text unchanged.
    ///
    /// # Errors
    /// `http.status`, `http.content_type`, `resource.metadata`, `resource.identifier`, `json.*`
    pub fn metadata<'r>(&self, reply: &HttpReply<'r>) -> Result<&'r str, Error> {
        let document = reply.document([Rule::HttpStatus, Rule::HttpStatus, Rule::HttpContentType], OK, false)?;
        let resource = document.str("resource").ok_or_else(|| Error::of_member(Rule::ResourceMetadata, "resource"))?;
        // A URL object always has a path, so one slash after the host does not count (RFC 3986 §6.2.3).
        let is_host = matches!(Uri::parse(self.resource), Some(Uri { path: "" | "/", query: None, .. }));
        let trimmed = |text| if is_host { trim_slash(text) } else { text };
        if trimmed(resource) != trimmed(self.resource) {
            return Err(Error::of_value(Rule::ResourceIdentifier, resource));
        }
        let members = [
            ("authorization_servers", Kind::Issuers, false),
            ("scopes_supported", Kind::Texts, false),
            ("bearer_methods_supported", Kind::Texts, false),
        ];
        judge(&document, Http::of(self.resource, false), Rule::ResourceMetadata, &members)?;
        Ok(document.text())
    }
}

fn trim_slash(text: &str) -> &str {
    text.strip_suffix("/").unwrap_or(text)
}
