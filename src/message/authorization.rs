//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::message::extra;
#[cfg(feature = "authorization-details")]
use crate::party::authorization_details::is_authorization_details;
use crate::party::pkce::Pkce;
use crate::party::provider::AUTHORIZATION_ENDPOINT;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relying_party::RelyingParty;
use crate::party::resource::{Resource, push_resources};
use crate::party::response_type::{ResponseMode, ResponseType};
use crate::party::scope::Scope;
use crate::party::transaction::{MAX_KEEP, Transaction};
use crate::rule::Rule;
use crate::secret::Secret;
use crate::wire::base64url;
use crate::wire::form::{self, Form};
use crate::wire::json::{Document, Value};
use crate::wire::text::has_word;

/// The request's parameters. All have defaults: `AuthorizationParams::default()` requests the scope `openid`.
///
/// It borrows its strings. JSON text as a string has escapes, so read the outer text first:
///
/// ```
/// use oidc_wasm::AuthorizationParams;
/// use serde::Deserialize;
/// let read: serde_json::Value = serde_json::from_str(r#"{"claims":"{\"id_token\":{\"acr\":null}}"}"#)?;
/// let params = AuthorizationParams::deserialize(&read)?;
/// assert_eq!(params.claims, Some(r#"{"id_token":{"acr":null}}"#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizationParams<'a> {
    /// Default `openid`. [`Scope::none`] for an OAuth provider without scopes.
    pub scope: Scope,
    /// Default `code`.
    pub response_type: ResponseType,
    /// Default: the response type's own (OAuth 2.0 Multiple Response Types §2.1).
    pub response_mode: Option<ResponseMode>,
    /// Default: the client's.
    pub redirect_uri: Option<RedirectUri>,
    /// RFC 8707 §2.1: the resource servers for the tokens.
    #[serde(borrow)]
    pub resource: Vec<Resource<'a>>,
    /// `none`, `login`, `consent`, `select_account`, separated by spaces. Empty: sends no `prompt`, even with `offline_access`.
    pub prompt: Option<&'a str>,
    /// The most seconds since the last sign-in (`max_age`).
    pub max_age: Option<u32>,
    /// `page`, `popup`, `touch` or `wap`.
    pub display: Option<&'a str>,
    /// Languages in order of preference, separated by spaces.
    pub ui_locales: Option<&'a str>,
    /// An ID token of an earlier login.
    pub id_token_hint: Option<&'a str>,
    /// The account that the provider should suggest, such as an e-mail address.
    pub login_hint: Option<&'a str>,
    /// Authentication classes in order of preference, separated by spaces.
    pub acr_values: Option<&'a str>,
    /// OpenID Connect Core §5.5: individual claims, as JSON text.
    pub claims: Option<&'a str>,
    /// At most 1 KiB of the caller's data. The transaction returns it.
    pub keep: Option<&'a str>,
    /// The thumbprint of the key for the code (RFC 9449 §10).
    #[cfg(feature = "dpop")]
    pub dpop_jkt: Option<&'a str>,
    /// RFC 9396 §2: the requested access, as the JSON text of an array.
    #[cfg(feature = "authorization-details")]
    pub authorization_details: Option<&'a str>,
    /// Further parameters, in order. They must not name one that the library sets.
    pub extra: Vec<(&'a str, &'a str)>,
}

/// It may contain an ID token, so printing it shows no contents.
impl fmt::Debug for AuthorizationParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationParams").finish_non_exhaustive()
    }
}

/// The random bytes for one authorization request: verifier, state, nonce.
pub const AUTHORIZATION_ENTROPY: usize = 80;

/// The address for the browser, and the values to keep until the redirect.
#[derive(Clone)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// The address to open.
    pub url: String,
    /// The request's `state`. Store the transaction under this name.
    pub state: String,
    /// The values that the response must match, as an opaque string. Secret. [`RelyingParty::transaction`] reads it.
    pub transaction: Secret,
}

/// It may contain an ID token, so printing it shows no contents.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest").finish_non_exhaustive()
    }
}

/// With OpenID Connect Core §6.1 and RFC 9101 §4: a request object would override all other parameters. With RFC 9126 §2: a pushed
/// request has the client's authentication too.
const RESERVED: &str = "response_type client_id redirect_uri scope state nonce code_challenge code_challenge_method response_mode prompt \
    max_age display ui_locales id_token_hint login_hint acr_values claims resource request request_uri client_secret client_assertion \
    client_assertion_type";

impl RelyingParty {
    /// Creates an authorization request. `entropy` must come from a secure random source.
    ///
    /// It always sends `state`. It sends PKCE if a code is requested, and `nonce` if the scope has `openid`. With `offline_access`
    /// and no `prompt` it sends `prompt=consent`, as OpenID Connect Core §11 demands. An empty `prompt` sends none.
    ///
    /// # Errors
    /// `argument.redirectUri`, `argument.responseMode`, `argument.scope`, `argument.claims`, `argument.keep`, `request.endpoint`,
    /// `request.reserved`; `request.pushed` if the request must be pushed (RFC 9126 §5); `request.signed` if it must be signed
    /// (RFC 9101 §10.5); `profile.*`.
    pub fn authorization_request(
        &self,
        params: &AuthorizationParams<'_>,
        entropy: &[u8; AUTHORIZATION_ENTROPY],
    ) -> Result<AuthorizationRequest, Error> {
        if self.pushes() {
            return Err(Rule::RequestPushed.into());
        }
        #[cfg(feature = "jar")]
        self.permit_unsigned()?;
        let mut url = String::with_capacity(768);
        let own = self.start_authorization(&mut url)?;
        let client_id = self.client.id()?;
        let (state, transaction) = self.push_authorization(&mut url, Some(client_id), params, entropy, &own)?;
        Ok(AuthorizationRequest { url, state, transaction })
    }

    /// RFC 9101 §10.5: the client or the provider demands signed requests.
    #[cfg(feature = "jar")]
    pub(crate) fn permit_unsigned(&self) -> Result<(), Error> {
        if self.client.request_object.is_some() || self.provider.requires_signed_requests {
            return Err(Rule::RequestSigned.into());
        }
        Ok(())
    }

    /// Whether this client pushes authorization requests (RFC 9126 §5).
    pub fn pushes(&self) -> bool {
        #[cfg(feature = "fapi")]
        if self.client.profile.is_some() {
            return true;
        }
        self.client.pushes.unwrap_or(self.provider.requires_par())
    }

    /// The authorization endpoint's address, before the request's parameters.
    pub(crate) fn start_authorization<'u>(&'u self, url: &mut String) -> Result<Form<'u>, Error> {
        #[cfg(feature = "client-options")]
        self.check_options()?;
        extra::start(url, &self.provider, AUTHORIZATION_ENDPOINT, RESERVED)
    }

    /// The same with the client's ID, for a request whose parameters go another way.
    #[cfg(any(feature = "jar", feature = "par"))]
    pub(crate) fn authorization_of_client(&self) -> Result<String, Error> {
        let mut url = String::with_capacity(1024);
        self.start_authorization(&mut url)?;
        form::push(&mut url, "&client_id=", self.client.id()?);
        Ok(url)
    }

    /// The response mode of a request that the client's profile permits.
    #[cfg(feature = "fapi")]
    fn permitted_mode(&self, params: &AuthorizationParams<'_>) -> Result<Option<ResponseMode>, Rule> {
        let Some(profile) = self.client.profile else { return Ok(params.response_mode) };
        let asked = (params.response_type, params.response_mode);
        profile.response_mode(&self.client, &self.provider, asked, params.scope.contains("openid"))
    }

    /// The parameters of an authorization request. Skips the ones in the endpoint's `own` query, and `client_id` if it is sent
    /// elsewhere. Returns the state and the transaction.
    pub(crate) fn push_authorization(
        &self,
        out: &mut String,
        client_id: Option<&str>,
        params: &AuthorizationParams<'_>,
        entropy: &[u8; AUTHORIZATION_ENTROPY],
        own: &Form<'_>,
    ) -> Result<(String, Secret), Error> {
        let (verifier, rest) = entropy.split_first_chunk().unwrap_or((&[0; 32], &[]));
        let (state, nonce) = rest.split_at_checked(24).unwrap_or_default();
        let redirect_uri =
            params.redirect_uri.as_ref().or(self.client.redirect_uri.as_ref()).ok_or_else(|| {
                Error::argument("redirectUri", "the address to which the provider returns the person")
            })?;
        let response_type = params.response_type;
        #[cfg(not(feature = "fapi"))]
        let asked_mode = params.response_mode;
        #[cfg(feature = "fapi")]
        let asked_mode = self.permitted_mode(params)?;
        let response_mode = asked_mode.unwrap_or(response_type.default_mode());
        // OAuth 2.0 Multiple Response Types §5: a server would log the query.
        if response_mode.place(response_type) == ResponseMode::Query
            && response_type.default_mode() == ResponseMode::Fragment
        {
            return Err(Error::argument(
                "responseMode",
                "fragment or form_post, because the response type asks for tokens",
            ));
        }
        let is_openid = params.scope.contains("openid");
        if response_type.has_id_token() && !is_openid {
            return Err(Error::argument(
                "scope",
                "a scope with openid, because the response type asks for an ID token",
            ));
        }
        if params.keep.is_some_and(|keep| keep.len() > MAX_KEEP) {
            return Err(Error::argument("keep", "at most 1024 bytes"));
        }
        let (state, nonce) = (base64url::encode(state), base64url::encode(nonce));
        let nonce = is_openid.then_some(nonce.as_str());
        let pkce = response_type.has_code().then(|| Pkce::new(verifier));
        let asked = match params.claims {
            Some(claims) => Some(Document::parse_object(claims.as_bytes()).map_err(|_| wrong_claims())?),
            None => None,
        };
        let essential = asked.as_ref().map(Essential::read).transpose()?.unwrap_or_default();
        let transaction = Transaction {
            response_type,
            response_mode,
            redirect_uri: redirect_uri.as_str(),
            is_redirect_uri_own: params.redirect_uri.is_some(),
            state: &state,
            nonce,
            verifier: pkce.as_ref().map(|pkce| pkce.verifier().expose()),
            max_age: params.max_age,
            needs_auth_time: essential.auth_time,
            acr_values: essential.acr_values,
            keep: params.keep,
            resource: if let [resource] = &*params.resource { Some(*resource) } else { None },
        };
        let kept = transaction.write(self);
        let wants_offline = params.scope.contains("offline_access") && response_type.has_code();
        form::push(out, "&response_type=", response_type.name());
        form::push_optional(out, "&client_id=", client_id);
        form::push(out, "&redirect_uri=", redirect_uri.as_str());
        form::push_optional(out, "&scope=", Some(params.scope.as_str()));
        form::push(out, "&state=", &state);
        form::push_optional(out, "&nonce=", nonce);
        if let Some(pkce) = &pkce {
            form::push(out, "&code_challenge=", &pkce.challenge());
            form::push(out, "&code_challenge_method=", "S256");
        }
        form::push_optional(out, "&response_mode=", asked_mode.map(ResponseMode::name));
        form::push_optional(out, "&prompt=", params.prompt.or(wants_offline.then_some("consent")));
        form::push_number(out, "&max_age=", params.max_age);
        form::push_optional(out, "&display=", params.display);
        form::push_optional(out, "&ui_locales=", params.ui_locales);
        form::push_optional(out, "&id_token_hint=", params.id_token_hint);
        form::push_optional(out, "&login_hint=", params.login_hint);
        form::push_optional(out, "&acr_values=", params.acr_values);
        form::push_optional(out, "&claims=", params.claims);
        #[cfg(feature = "dpop")]
        form::push_optional(out, "&dpop_jkt=", params.dpop_jkt);
        push_resources(out, &params.resource);
        #[cfg(feature = "authorization-details")]
        form::push_optional(out, "&authorization_details=", params.judged_details()?);
        extra::push(out, &params.extra, &|name| has_word(RESERVED, name) || own.has(name) || params.sets(name))?;
        Ok((state, kept.into()))
    }
}

impl AuthorizationParams<'_> {
    /// Whether it has this parameter. `extra` may contain it otherwise.
    fn sets(&self, name: &str) -> bool {
        match name {
            #[cfg(feature = "authorization-details")]
            "authorization_details" => self.authorization_details.is_some(),
            #[cfg(feature = "dpop")]
            "dpop_jkt" => self.dpop_jkt.is_some(),
            _ => false,
        }
    }

    #[cfg(feature = "authorization-details")]
    fn judged_details(&self) -> Result<Option<&str>, Error> {
        let Some(details) = self.authorization_details else { return Ok(None) };
        match Document::parse(details.as_bytes()) {
            Ok(document) if is_authorization_details(document.root()) => Ok(Some(details)),
            _ => Err(Error::argument("authorizationDetails", "objects, each with its type")),
        }
    }
}

/// The essential claims in `claims` that this engine checks.
#[derive(Default)]
struct Essential<'a> {
    /// The requested authentication classes (OpenID Connect Core §5.5.1.1).
    acr_values: Vec<&'a str>,
    /// OpenID Connect Core §2
    auth_time: bool,
}

impl<'a> Essential<'a> {
    fn read(asked: &'a Document<'_>) -> Result<Essential<'a>, Error> {
        let claim = |name| {
            let claim = asked.get("id_token")?.get(name)?;
            claim.get("essential").and_then(Value::bool).filter(|is_essential| *is_essential).map(|_| claim)
        };
        let acr_values = match claim("acr").and_then(|acr| acr.get("value").or(acr.get("values"))) {
            Some(values) => values.texts().ok_or_else(wrong_claims)?,
            None => Vec::new(),
        };
        Ok(Essential { acr_values, auth_time: claim("auth_time").is_some() })
    }
}

fn wrong_claims() -> Error {
    Error::argument("claims", "an object as OpenID Connect Core §5.5 describes")
}
