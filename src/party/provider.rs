//! The provider and its metadata (OpenID Connect Discovery §3, RFC 8414 §2).

use alloc::borrow::Cow;
use alloc::string::String;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::rule::Rule;
use crate::wire::form;
use crate::wire::json::{Document, Value};
use crate::wire::text::{before, concat, split_once};
use crate::wire::uri::{Uri, Way};

/// The provider's metadata. Endpoints stay unchanged and are checked at use.
///
/// ```
/// let provider = oidc_wasm::Provider::parse(br#"{
///     "issuer": "https://op.example",
///     "authorization_endpoint": "https://op.example/authorize"
/// }"#)?;
/// assert_eq!(provider.issuer(), "https://op.example");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
// Each of them is a member of the metadata.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provider {
    issuer: String,
    /// In the order of [`ENDPOINTS`].
    #[serde(flatten, serialize_with = "by_name")]
    endpoints: [Option<String>; ENDPOINTS.len()],
    /// A bit for each supported algorithm in `id_token_signing_alg_values_supported`.
    id_token_signing_algs: u32,
    /// Whether that list has an asymmetric algorithm, supported here or not.
    lists_asymmetric: bool,
    /// `authorization_response_iss_parameter_supported`
    announces_iss: bool,
    /// `require_pushed_authorization_requests`
    requires_par: bool,
    /// `require_signed_request_object`
    #[cfg(feature = "jar")]
    pub(crate) requires_signed_requests: bool,
    /// Whether `code_challenge_methods_supported` lacks S256.
    #[cfg(feature = "fapi")]
    pub(crate) lacks_s256: bool,
    /// `tls_client_certificate_bound_access_tokens` (RFC 8705 §3.3)
    #[cfg(feature = "mtls")]
    pub(crate) binds_tokens_to_certificates: bool,
    /// The endpoints for a client with a certificate (RFC 8705 §5), in the same order.
    #[cfg(feature = "mtls")]
    #[serde(serialize_with = "by_name")]
    mtls_endpoint_aliases: [Option<String>; ENDPOINTS.len()],
    /// The endpoints that may use http.
    #[serde(skip)]
    pub(crate) http: Http,
    /// The issuer in a form, if it is ASCII. Empty for a template, because no redirect names it.
    #[serde(skip)]
    pub(crate) issuer_in_form: String,
    /// A bit for each endpoint that was checked already.
    #[serde(skip)]
    checked: u32,
}

impl Provider {
    /// Reads metadata that the caller trusts.
    ///
    /// # Errors
    /// `json.*`; `discovery.issuer` without an issuer; `discovery.metadata` if a member has the wrong type.
    pub fn parse(json: &[u8]) -> Result<Provider, Error> {
        Provider::read(Document::parse_object(json)?.root())
    }

    pub(crate) fn read(metadata: Value<'_>) -> Result<Provider, Error> {
        let mut provider = Provider::empty();
        provider.take(metadata)?;
        Ok(provider)
    }

    /// It has no metadata yet.
    pub(crate) fn empty() -> Provider {
        Provider {
            issuer: String::new(),
            endpoints: [const { None }; ENDPOINTS.len()],
            id_token_signing_algs: 0,
            lists_asymmetric: false,
            announces_iss: false,
            requires_par: false,
            #[cfg(feature = "jar")]
            requires_signed_requests: false,
            #[cfg(feature = "fapi")]
            lacks_s256: false,
            #[cfg(feature = "mtls")]
            binds_tokens_to_certificates: false,
            #[cfg(feature = "mtls")]
            mtls_endpoint_aliases: [const { None }; ENDPOINTS.len()],
            http: Http::Never,
            issuer_in_form: String::new(),
            checked: 0,
        }
    }

    pub(crate) fn take(&mut self, metadata: Value<'_>) -> Result<(), Error> {
        #[cfg(feature = "fapi")]
        if let Some(methods) = metadata.get("code_challenge_methods_supported") {
            self.lacks_s256 = !methods.texts().unwrap_or_default().contains(&"S256");
        }
        let issuer = metadata.get(ISSUER);
        if issuer.is_some_and(|issuer| issuer.str().is_none()) {
            return Err(wrong(ISSUER));
        }
        read_texts(metadata, ENDPOINTS, &mut self.endpoints, None)?;
        #[cfg(feature = "mtls")]
        if let Some(aliases) = metadata.get(ALIASES) {
            aliases.members().ok_or_else(|| wrong(ALIASES))?;
            read_texts(aliases, ENDPOINTS, &mut self.mtls_endpoint_aliases, Some(ALIASES))?;
        }
        if let Some(names) = metadata.get(ALGORITHMS) {
            for name in names.items().ok_or_else(|| wrong(ALGORITHMS))? {
                let name = name.str().ok_or_else(|| wrong(ALGORITHMS))?;
                self.lists_asymmetric |= name != "none" && !name.starts_with("HS");
                self.id_token_signing_algs |= Algorithm::from_name(name).map_or(0, Algorithm::bit);
            }
        }
        for (name, flag) in &mut [
            (ISS, &mut self.announces_iss),
            (REQUIRE_PAR, &mut self.requires_par),
            #[cfg(feature = "jar")]
            (REQUIRE_SIGNED, &mut self.requires_signed_requests),
            #[cfg(feature = "mtls")]
            (BINDS_TOKENS, &mut self.binds_tokens_to_certificates),
        ] {
            if let Some(value) = metadata.get(name) {
                **flag = value.bool().ok_or_else(|| wrong(name))?;
            }
        }
        let issuer = issuer.and_then(Value::str).filter(|issuer| !issuer.is_empty()).ok_or(Rule::DiscoveryIssuer)?;
        self.issuer.push_str(issuer);
        self.http = Http::of(issuer, false);
        // The library's own function for this is larger.
        if !self.is_template() && issuer.bytes().all(|byte| byte.is_ascii()) {
            form::encode(&mut self.issuer_in_form, issuer);
        }
        self.check_endpoints();
        Ok(())
    }

    /// The exact issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The address of an endpoint by its name in the metadata, such as `revocation_endpoint` or `jwks_uri`. `None` if the provider has
    /// none that a request may use.
    ///
    /// ```
    /// # let provider = oidc_wasm::Provider::parse(br#"{"issuer": "https://op.example", "jwks_uri": "https://op.example/jwks"}"#)?;
    /// assert_eq!(provider.address("jwks_uri"), Some("https://op.example/jwks"));
    /// assert_eq!(provider.address("end_session_endpoint"), None);
    /// # Ok::<(), oidc_wasm::Error>(())
    /// ```
    pub fn address(&self, member: &str) -> Option<&str> {
        self.endpoint(ENDPOINTS.iter().position(|name| *name == member)?).ok()
    }

    /// The issuer that a token must have. With the relaxation `issuer-template`, its own `tid` replaces `{tenantid}`.
    pub(crate) fn issuer_of(&self, tenant: Option<&str>) -> Cow<'_, str> {
        match tenant.and_then(|tenant| Some((tenant, split_tenant(&self.issuer)?))) {
            Some((tenant, (before, after))) => concat(&[before, tenant, after]).into(),
            None => Cow::Borrowed(&self.issuer),
        }
    }

    /// The relaxation `http-provider`.
    pub(crate) fn allow_http(&mut self) {
        self.http = Http::of(&self.issuer, true);
        self.check_endpoints();
    }

    /// The tenant, if this is the issuer of a tenant and the provider's issuer is a template.
    pub(crate) fn tenant_of<'a>(&self, issuer: &'a str) -> Option<&'a str> {
        let (before, after) = split_tenant(&self.issuer)?;
        issuer.strip_prefix(before)?.strip_suffix(after).filter(|tenant| is_tenant(tenant))
    }

    /// Whether the issuer is a template for all tenants.
    pub(crate) fn is_template(&self) -> bool {
        split_tenant(&self.issuer).is_some()
    }

    pub(crate) fn announces_iss(&self) -> bool {
        self.announces_iss
    }

    /// Whether an ID token may use this algorithm, if none is registered: an asymmetric one in the metadata, or RS256 without a list.
    pub(crate) fn signs_with(&self, algorithm: Algorithm) -> bool {
        let is_default = !self.lists_asymmetric && algorithm == Algorithm::Rs256;
        is_default || !algorithm.is_symmetric() && self.id_token_signing_algs & algorithm.bit() != 0
    }

    /// Whether its metadata list one of these algorithms for ID tokens. Each has a [bit](Algorithm::bit).
    #[cfg(feature = "fapi")]
    pub(crate) fn lists_one_of(&self, algorithms: u32) -> bool {
        self.id_token_signing_algs & algorithms != 0
    }

    /// The addresses for a client with a certificate (RFC 8705 §5).
    #[cfg(feature = "mtls")]
    pub(crate) fn take_aliases(&mut self) {
        for (endpoint, alias) in self.endpoints.iter_mut().zip(&mut self.mtls_endpoint_aliases) {
            if alias.is_some() {
                *endpoint = alias.take();
            }
        }
        self.check_endpoints();
    }

    pub(crate) fn requires_par(&self) -> bool {
        self.requires_par
    }

    /// The address of one of [`ENDPOINTS`].
    ///
    /// # Errors
    /// As [`Http::endpoint`]
    pub(crate) fn endpoint(&self, at: usize) -> Result<&str, Error> {
        match self.endpoints.get(at).and_then(Option::as_deref) {
            Some(url) if self.checked & 1 << at != 0 => Ok(url),
            url => self.http.endpoint(endpoint_name(at), url),
        }
    }

    /// Checks the endpoints after a change, because every request needs one.
    fn check_endpoints(&mut self) {
        self.checked = 0;
        for at in 0..ENDPOINTS.len() {
            if self.endpoint(at).is_ok() {
                self.checked |= 1 << at;
            }
        }
    }
}

// Indexes of `ENDPOINTS`.
pub(crate) const AUTHORIZATION_ENDPOINT: usize = 0;
pub(crate) const END_SESSION_ENDPOINT: usize = 1;
pub(crate) const JWKS_URI: usize = 2;
pub(crate) const TOKEN_ENDPOINT: usize = 3;
pub(crate) const USERINFO_ENDPOINT: usize = 4;
pub(crate) const REVOCATION_ENDPOINT: usize = 5;
pub(crate) const INTROSPECTION_ENDPOINT: usize = 6;
#[cfg(feature = "par")]
pub(crate) const PAR_ENDPOINT: usize = 7;
#[cfg(feature = "device")]
pub(crate) const DEVICE_ENDPOINT: usize = 7 + cfg!(feature = "par") as usize;
#[cfg(feature = "ciba")]
pub(crate) const BACKCHANNEL_AUTHENTICATION_ENDPOINT: usize =
    7 + cfg!(feature = "par") as usize + cfg!(feature = "device") as usize;

/// The members of the metadata that are addresses.
const ENDPOINTS: &[&str] = &[
    "authorization_endpoint",
    "end_session_endpoint",
    "jwks_uri",
    "token_endpoint",
    "userinfo_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    #[cfg(feature = "par")]
    "pushed_authorization_request_endpoint",
    #[cfg(feature = "device")]
    "device_authorization_endpoint",
    #[cfg(feature = "ciba")]
    "backchannel_authentication_endpoint",
];

/// The name of one of them.
pub(crate) fn endpoint_name(at: usize) -> &'static str {
    ENDPOINTS.get(at).copied().unwrap_or_default()
}

/// The first ones have no alias: the client does not call them itself, or without a certificate.
const WITHOUT_ALIAS: usize = 3;

/// Reads these members, which must be strings. `aliases` is the member that has aliases of endpoints.
fn read_texts(
    from: Value<'_>,
    names: &[&'static str],
    into: &mut [Option<String>],
    aliases: Option<&'static str>,
) -> Result<(), Error> {
    let skipped = if aliases.is_some() { WITHOUT_ALIAS } else { 0 };
    for (name, place) in names.iter().zip(into).skip(skipped) {
        if let Some(value) = from.get(name) {
            *place = Some(value.str().ok_or_else(|| wrong(aliases.unwrap_or(name)))?.into());
        }
    }
    Ok(())
}

fn by_name<S: Serializer>(endpoints: &[Option<String>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(ENDPOINTS.iter().zip(endpoints))
}

/// A member of the wrong type.
pub(crate) fn wrong(member: &'static str) -> Error {
    Error::of_member(Rule::DiscoveryMetadata, member)
}

const ISSUER: &str = "issuer";
const ALGORITHMS: &str = "id_token_signing_alg_values_supported";
const ISS: &str = "authorization_response_iss_parameter_supported";
const REQUIRE_PAR: &str = "require_pushed_authorization_requests";
#[cfg(feature = "jar")]
const REQUIRE_SIGNED: &str = "require_signed_request_object";
#[cfg(feature = "mtls")]
const BINDS_TOKENS: &str = "tls_client_certificate_bound_access_tokens";
#[cfg(feature = "mtls")]
const ALIASES: &str = "mtls_endpoint_aliases";

/// A valid value for `{tenantid}`: one path segment, without spaces and without a template.
pub(crate) fn is_tenant(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| matches!(byte, b'/' | b' ' | b'{'))
}

/// The parts before and after `{tenantid}`. Microsoft's shared issuers have it instead of a tenant.
fn split_tenant(issuer: &str) -> Option<(&str, &str)> {
    let (before, rest) = split_once(issuer, b'{')?;
    Some((before, rest.strip_prefix("tenantid}")?))
}

/// The addresses that may use http. All may use https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Http {
    Never,
    Loopback,
    /// Inner networks.
    Inner,
    LoopbackAndInner,
}

impl Http {
    /// The addresses that this issuer's metadata may name. An https issuer must name https endpoints, never services on the
    /// client's own machine. `is_relaxed` is the relaxation `http-provider`.
    pub(crate) fn of(issuer: &str, is_relaxed: bool) -> Http {
        match Uri::parse(issuer).and_then(|uri| uri.way()) {
            Some(Way::Loopback) if is_relaxed => Http::LoopbackAndInner,
            Some(Way::Loopback) => Http::Loopback,
            Some(Way::Inner) if is_relaxed => Http::Inner,
            _ => Http::Never,
        }
    }

    /// An address that may receive secrets (RFC 6749 §3.1): no fragment, and https or allowed here.
    pub(crate) fn address(self, url: &str) -> Option<Uri<'_>> {
        Uri::parse(url).filter(|uri| {
            let may_be_asked = match uri.way() {
                Some(Way::Tls) => true,
                Some(Way::Loopback) => matches!(self, Http::Loopback | Http::LoopbackAndInner),
                Some(Way::Inner) => matches!(self, Http::Inner | Http::LoopbackAndInner),
                Some(Way::Open) | None => false,
            };
            may_be_asked && uri.fragment.is_none()
        })
    }

    /// An endpoint, exactly as in the metadata.
    ///
    /// # Errors
    /// `request.endpoint` if it is missing, has a fragment, or is neither https nor allowed here.
    pub(crate) fn endpoint<'u>(self, member: &'static str, url: Option<&'u str>) -> Result<&'u str, Error> {
        url.filter(|url| self.address(url).is_some()).ok_or_else(|| {
            // A query may contain secrets.
            let found = url.map_or("nothing", |url| before(url, b"?#").0);
            refused(member, "an https address without a fragment", found)
        })
    }
}

/// The error for an endpoint that is missing or unsafe.
#[cold]
pub(crate) fn refused(member: &'static str, expected: &'static str, found: &str) -> Error {
    let mut error = Error::of_value(Rule::RequestEndpoint, found).expecting(expected);
    error.detail_mut().member = Some(member);
    error
}
