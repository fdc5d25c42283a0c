//! Resource indicators (RFC 8707): which resource server a token is for.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::rule::Rule;
use crate::scope::Scope;
use crate::wire::json::ObjectWriter;
use crate::wire::text::split;
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

/// Which of the requested scopes reach which resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Downscoping<'a> {
    /// A row for each: the provider itself first (`None`), where any scope is its own, then the resources in the order of the request.
    pub table: Vec<DownscopingRow<'a>>,
    /// The requested scopes that reach nobody.
    pub dropped: Vec<&'a str>,
}

impl Downscoping<'_> {
    /// As the JSON text of an object with `table` and `dropped`.
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

/// One receiver of scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DownscopingRow<'a> {
    /// The resource server; `None` is the provider itself.
    pub resource: Option<&'a str>,
    /// The scopes that reach it, in the order of the request.
    pub scopes: Vec<&'a str>,
}

/// What the provider itself gives (OpenID Connect Core §5.4 and §11).
const OPENID_SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

/// Computes what a token for each resource will hold (RFC 8707 §2.2). The registry says which scopes each resource server knows.
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
/// `resource.unknown` for a resource that is not in the registry.
pub fn downscope<'a>(
    scope: &'a Scope,
    resources: &[Resource<'a>],
    registry: &[(&str, Vec<&str>)],
) -> Result<Downscoping<'a>, Error> {
    let mut requested: Vec<&str> = Vec::new();
    for token in split(scope.as_str(), b' ') {
        if !requested.contains(&token) {
            requested.push(token);
        }
    }
    let that = |is_wanted: &dyn Fn(&&str) -> bool| requested.iter().copied().filter(is_wanted).collect::<Vec<_>>();
    let reached = |known: &[&str]| that(&|token| known.contains(token));
    let mut table = alloc::vec![DownscopingRow { resource: None, scopes: reached(&OPENID_SCOPES) }];
    for resource in resources {
        let entry = registry.iter().find(|entry| entry.0 == resource.0);
        let known = &entry.ok_or(Rule::ResourceUnknown)?.1;
        if !table.iter().any(|row| row.resource == Some(resource.0)) {
            table.push(DownscopingRow { resource: Some(resource.0), scopes: reached(known) });
        }
    }
    let dropped = that(&|token| !table.iter().any(|row| row.scopes.contains(token)));
    table.retain(|row| row.resource.is_some() || !row.scopes.is_empty());
    Ok(Downscoping { table, dropped })
}
