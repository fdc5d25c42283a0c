//! The provider: its metadata (OpenID Connect Discovery §3, RFC 8414 §2) and how it is found.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::algorithm::Algorithm;
use crate::error::{Detail, Error};
use crate::http::{HttpReply, HttpRequest, endpoint};
use crate::rule::Rule;
use crate::wire::json::{Document, Value};
use crate::wire::text::{holds, split_once};
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

/// What the engine knows of a provider. Endpoints are kept as the provider wrote them and judged when they are used.
///
/// ```
/// let provider = oidc_wasm::Provider::parse(br#"{
///     "issuer": "https://op.example",
///     "authorization_endpoint": "https://op.example/authorize"
/// }"#)?;
/// assert_eq!(provider.issuer(), "https://op.example");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provider {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    introspection_endpoint: Option<String>,
    /// Those of `id_token_signing_alg_values_supported` that are known here.
    id_token_signing_algs: Vec<Algorithm>,
    /// Whether any asymmetric algorithm is among them, known here or not.
    lists_asymmetric: bool,
    /// `authorization_response_iss_parameter_supported`
    announces_iss: bool,
}

impl Provider {
    /// Reads metadata that the caller vouches for.
    ///
    /// # Errors
    /// `json.*`; `discovery.issuer` without an issuer; `discovery.metadata` when a member has the wrong type.
    pub fn parse(json: &[u8]) -> Result<Provider, Error> {
        Provider::read(Document::parse_object(json.into())?.root())
    }

    pub(crate) fn read(metadata: Value<'_>) -> Result<Provider, Error> {
        // Some providers write null for what they do not have.
        let member = |name| metadata.get(name).filter(|value| !value.is_null());
        let mut provider = Provider {
            issuer: String::new(),
            authorization_endpoint: None,
            token_endpoint: None,
            jwks_uri: None,
            userinfo_endpoint: None,
            end_session_endpoint: None,
            revocation_endpoint: None,
            introspection_endpoint: None,
            id_token_signing_algs: Vec::new(),
            lists_asymmetric: false,
            announces_iss: false,
        };
        let mut issuer = None;
        for (name, text) in &mut [
            ("issuer", &mut issuer),
            ("authorization_endpoint", &mut provider.authorization_endpoint),
            ("token_endpoint", &mut provider.token_endpoint),
            ("jwks_uri", &mut provider.jwks_uri),
            ("userinfo_endpoint", &mut provider.userinfo_endpoint),
            ("end_session_endpoint", &mut provider.end_session_endpoint),
            ("revocation_endpoint", &mut provider.revocation_endpoint),
            ("introspection_endpoint", &mut provider.introspection_endpoint),
        ] {
            if let Some(value) = member(name) {
                **text = Some(value.str().ok_or_else(|| wrong(name))?.into());
            }
        }
        if let Some(names) = member(ALGORITHMS) {
            let names = names.items().and_then(|_| names.texts()).ok_or_else(|| wrong(ALGORITHMS))?;
            let is_symmetric = |name: &str| name == "none" || name.starts_with("HS");
            provider.lists_asymmetric = !names.iter().all(|name| is_symmetric(name));
            provider.id_token_signing_algs = names.into_iter().filter_map(Algorithm::from_name).collect();
        }
        if let Some(announces) = member(ISS) {
            provider.announces_iss = announces.bool().ok_or_else(|| wrong(ISS))?;
        }
        provider.issuer = issuer.filter(|issuer| !issuer.is_empty()).ok_or(Rule::DiscoveryIssuer)?;
        Ok(provider)
    }

    /// Reads the reply to [`discovery_request`] and checks that the issuer speaks for itself.
    /// `issuer_template` is the relaxation of that name.
    ///
    /// # Errors
    /// `http.status`, `discovery.content_type`, `discovery.issuer`; as [`Provider::parse`].
    pub fn discovered(issuer: &str, reply: &HttpReply<'_>, issuer_template: bool) -> Result<Provider, Error> {
        if reply.status != 200 {
            return Err(reply.refuse(Rule::HttpStatus, reply.oauth_error()));
        }
        if !reply.is("application/json") {
            return Err(Rule::DiscoveryContentType.into());
        }
        let provider = Provider::parse(reply.body)?;
        // A URL object cannot be without a path, so the issuer that was asked for may have a slash too many. What tokens
        // name is compared with the metadata's own issuer, to the letter.
        let is_same = provider.issuer == issuer
            || issuer.strip_suffix('/') == Some(&*provider.issuer)
            || issuer_template
                && split_tenant(&provider.issuer).is_some_and(|(before, after)| {
                    let tenant = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                    tenant.is_some_and(is_tenant)
                });
        if !is_same {
            return Err(Error::with(
                Rule::DiscoveryIssuer,
                Detail {
                    expected: Some(String::from(issuer).into()),
                    found: Some(provider.issuer),
                    ..Detail::default()
                },
            ));
        }
        Ok(provider)
    }

    /// The issuer identifier, to the letter.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The issuer that a token must name; under the relaxation `issuer-template` its own `tid` stands in for `{tenantid}`.
    pub(crate) fn issuer_of(&self, tenant: Option<&str>) -> Cow<'_, str> {
        match (tenant, split_tenant(&self.issuer)) {
            (Some(tenant), Some((before, after))) => [before, tenant, after].concat().into(),
            _ => Cow::Borrowed(&self.issuer),
        }
    }

    pub(crate) fn announces_iss(&self) -> bool {
        self.announces_iss
    }

    /// Whether an ID token without a registered algorithm may be signed this way: as metadata lists, RS256 where it lists none.
    pub(crate) fn signs_with(&self, algorithm: Algorithm) -> bool {
        let is_default = !self.lists_asymmetric && algorithm == Algorithm::Rs256;
        is_default || !algorithm.is_symmetric() && self.id_token_signing_algs.contains(&algorithm)
    }

    /// The request for the key set.
    ///
    /// # Errors
    /// `request.endpoint`
    pub fn jwks_request(&self) -> Result<HttpRequest, Error> {
        let url = endpoint(self.jwks_uri.as_deref())?;
        Ok(HttpRequest::get(url, "application/json, application/jwk-set+json"))
    }

    pub(crate) fn authorization_endpoint(&self) -> Result<&str, Error> {
        endpoint(self.authorization_endpoint.as_deref())
    }

    pub(crate) fn token_endpoint(&self) -> Result<&str, Error> {
        endpoint(self.token_endpoint.as_deref())
    }

    pub(crate) fn userinfo_endpoint(&self) -> Result<&str, Error> {
        endpoint(self.userinfo_endpoint.as_deref())
    }

    pub(crate) fn revocation_endpoint(&self) -> Option<&str> {
        self.revocation_endpoint.as_deref()
    }

    pub(crate) fn introspection_endpoint(&self) -> Option<&str> {
        self.introspection_endpoint.as_deref()
    }

    pub(crate) fn end_session_endpoint(&self) -> Result<&str, Error> {
        endpoint(self.end_session_endpoint.as_deref())
    }
}

/// A member of the wrong type.
fn wrong(member: &'static str) -> Error {
    Error::with(Rule::DiscoveryMetadata, Detail { member: Some(member), ..Detail::default() })
}

const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const ISS: &str = "authorization_response_iss_parameter_supported";

/// What may stand in for `{tenantid}`: a part of a path.
pub(crate) fn is_tenant(text: &str) -> bool {
    !text.is_empty() && !holds(text.as_bytes(), b'/')
}

/// What stands around `{tenantid}`, which Microsoft's shared issuers write in place of a tenant.
fn split_tenant(issuer: &str) -> Option<(&str, &str)> {
    let (before, rest) = split_once(issuer, b'{')?;
    Some((before, rest.strip_prefix("tenantid}")?))
}

/// The request for a provider's metadata. One trailing slash of the issuer is left out of the address (OpenID Connect Discovery §4.1).
///
/// ```
/// use oidc_wasm::{Metadata, discovery_request};
/// let request = discovery_request("https://op.example/tenant/", Metadata::Oidc)?;
/// assert_eq!(request.url, "https://op.example/tenant/.well-known/openid-configuration");
/// let request = discovery_request("https://op.example/tenant", Metadata::Oauth2)?;
/// assert_eq!(request.url, "https://op.example/.well-known/oauth-authorization-server/tenant");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
///
/// # Errors
/// `request.endpoint` unless the issuer is https (http on loopback) without query and fragment.
pub fn discovery_request(issuer: &str, metadata: Metadata) -> Result<HttpRequest, Error> {
    let url = endpoint(Some(issuer))?;
    let uri = Uri::parse(url).filter(|uri| uri.query.is_none()).ok_or(Rule::RequestEndpoint)?;
    let path = uri.path.strip_suffix('/').unwrap_or(uri.path);
    let origin = url.strip_suffix(uri.path).unwrap_or(url);
    let url = match metadata {
        Metadata::Oidc => [origin, path, "/.well-known/openid-configuration"].concat(),
        Metadata::Oauth2 => [origin, "/.well-known/oauth-authorization-server", path].concat(),
    };
    Ok(HttpRequest::get(&url, "application/json"))
}
