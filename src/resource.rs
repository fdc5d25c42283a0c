//! Resource indicators (RFC 8707): which resource server a token is for.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::rule::Rule;
use crate::wire::uri::Uri;

/// A resource server: an absolute URI without fragment (RFC 8707 §2).
///
/// ```
/// use oidc_wasm::Resource;
/// assert!(Resource::parse("https://api.example.com").is_ok());
/// assert_eq!(Resource::parse("/api").unwrap_err().code(), "request.resource");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "&str", into = "&str")]
pub struct Resource<'a>(&'a str);

impl<'a> Resource<'a> {
    /// Takes an absolute URI without fragment.
    ///
    /// # Errors
    /// `request.resource`
    pub fn parse(text: &'a str) -> Result<Resource<'a>, Error> {
        match Uri::parse(text) {
            Some(uri) if uri.fragment.is_none() => Ok(Resource(text)),
            _ => Err(Rule::RequestResource.into()),
        }
    }

    /// The URI, to the letter.
    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for Resource<'a> {
    type Error = Error;

    fn try_from(text: &'a str) -> Result<Resource<'a>, Error> {
        Resource::parse(text)
    }
}

impl<'a> From<Resource<'a>> for &'a str {
    fn from(resource: Resource<'a>) -> &'a str {
        resource.0
    }
}
