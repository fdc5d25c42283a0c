//! Resource indicators (RFC 8707): the resource server for a token.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::take;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::party::scope::Scope;
use crate::rule::Rule;
use crate::wire::form::{self, is_hex};
use crate::wire::json::ObjectWriter;
use crate::wire::text::words;
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
        Resource::relaxed(text, Relaxations::default())
    }

    /// Also takes a GUID, with the relaxation `resource-name`.
    ///
    /// # Errors
    /// `request.resource`
    pub fn relaxed(text: &'a str, relaxations: Relaxations) -> Result<Resource<'a>, Error> {
        let is_uri = Uri::parse(text).is_some_and(|uri| uri.fragment.is_none());
        if is_uri || relaxations.has(Relaxation::ResourceName) && is_guid(text) {
            return Ok(Resource(text));
        }
        Err(Rule::RequestResource.into())
    }

    /// The exact URI.
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

/// Appends a parameter for each of them (RFC 8707 §2).
pub(crate) fn push_resources(out: &mut String, resources: &[Resource<'_>]) {
    for resource in resources {
        form::push(out, "&resource=", resource.as_str());
    }
}

/// RFC 9562 §4: 8, 4, 4, 4 and 12 hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let is_fit = |(at, byte): (usize, u8)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { is_hex(byte) };
    text.len() == 36 && text.bytes().enumerate().all(is_fit)
}

/// The requested scopes by resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Downscoping<'a> {
    /// The provider first (`None`), if it has any scope of the request. Then the resources in the order of the request.
    pub table: Vec<DownscopingRow<'a>>,
    /// Requested scopes without a resource server.
    pub dropped: Vec<&'a str>,
}

impl Downscoping<'_> {
    /// JSON text of an object with `table` and `dropped`.
    pub fn to_json(&self) -> String {
        let mut table = String::new();
        for row in &self.table {
            let mut object = ObjectWriter::new();
            match row.resource {
                Some(resource) => object.text("resource", resource),
                None => object.json("resource", "null"),
            };
            object.texts("scopes", &row.scopes);
            table.push(if table.is_empty() { '[' } else { ',' });
            table.push_str(&object.finish());
        }
        table.push_str(if table.is_empty() { "[]" } else { "]" });
        let mut out = ObjectWriter::new();
        out.json("table", &table).texts("dropped", &self.dropped);
        out.finish()
    }
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DownscopingRow<'a> {
    /// The resource server; `None` is the provider itself.
    pub resource: Option<&'a str>,
    /// Its scopes, in the order of the request.
    pub scopes: Vec<&'a str>,
}

/// The provider's own scopes (OpenID Connect Core §5.4 and §11).
const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// Computes the scopes of the token for each resource (RFC 8707 §2.2). The registry lists the scopes of each resource server.
///
/// ```
/// use oidc_wasm::{Resource, Scope, downscope};
/// let scope = Scope::parse("openid profile email read")?;
/// let registry = [("https://api.example.com", vec!["read", "write"])];
/// let downscoping = downscope(&scope, &[Resource::parse("https://api.example.com")?], &registry)?;
/// assert_eq!(downscoping.table[0].scopes, ["openid", "profile", "email"]);
/// assert_eq!(downscoping.table[1].scopes, ["read"]);
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
///
/// # Errors
/// `resource.unknown` for a resource that the registry lacks.
pub fn downscope<'a>(
    scope: &'a Scope,
    resources: &[Resource<'a>],
    registry: &[(&str, Vec<&str>)],
) -> Result<Downscoping<'a>, Error> {
    let requested = words(scope.as_str());
    let requested = part(&requested, &requested, true);
    let mut table = Vec::new();
    let mut dropped = requested.clone();
    let mut add = |resource: Option<&'a str>, known: &[&str]| {
        let scopes = part(&requested, known, true);
        dropped = part(&dropped, known, false);
        if resource.is_some() || !scopes.is_empty() {
            table.push(DownscopingRow { resource, scopes });
        }
    };
    add(None, &OPENID_SCOPES);
    let mut asked = Vec::new();
    for resource in resources {
        asked.push(resource.as_str());
    }
    for resource in part(&asked, &asked, true) {
        let (_, known) = registry.iter().find(|entry| entry.0 == resource).ok_or(Rule::ResourceUnknown)?;
        add(Some(resource), known);
    }
    Ok(Downscoping { table, dropped })
}

/// With `is_known`, each string that the list contains, once and in its first place. Otherwise the strings that it lacks. An attacker
/// may send ten thousand, so comparing all pairs would be too slow.
fn part<'a>(texts: &[&'a str], known: &[&str], is_known: bool) -> Vec<&'a str> {
    let mut known = known.to_vec();
    known.sort_unstable();
    let mut is_new = alloc::vec![true; known.len()];
    let mut part = Vec::new();
    for text in texts {
        let is_wanted = match known.binary_search(text) {
            Ok(place) => is_known && is_new.get_mut(place).is_some_and(take),
            Err(_) => !is_known,
        };
        if is_wanted {
            part.push(*text);
        }
    }
    part
}
