//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1): where the browser is sent to sign in.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::client::RedirectUri;
use crate::error::Error;
use crate::pkce::Pkce;
use crate::relying_party::RelyingParty;
use crate::resource::Resource;
use crate::rule::Rule;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::wire::json::{Document, ObjectWriter, Value, push_integer};
use crate::wire::text::{has_word, split};
use crate::wire::{base64url, form};

/// What the provider is asked to put in its answer (OAuth 2.0 Multiple Response Types §3 and §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseType {
    /// `code`: the authorization code flow.
    #[default]
    #[serde(rename = "code")]
    Code,
    /// `id_token`
    #[serde(rename = "id_token")]
    IdToken,
    /// `id_token token`
    #[serde(rename = "id_token token")]
    IdTokenToken,
    /// `code id_token`
    #[serde(rename = "code id_token")]
    CodeIdToken,
    /// `code token`
    #[serde(rename = "code token")]
    CodeToken,
    /// `code id_token token`
    #[serde(rename = "code id_token token")]
    CodeIdTokenToken,
    /// `token`
    #[serde(rename = "token")]
    Token,
    /// `none`: nothing but the state.
    #[serde(rename = "none")]
    None,
}

const RESPONSE_TYPES: [(&str, ResponseType); 8] = [
    ("code", ResponseType::Code),
    ("id_token", ResponseType::IdToken),
    ("id_token token", ResponseType::IdTokenToken),
    ("code id_token", ResponseType::CodeIdToken),
    ("code token", ResponseType::CodeToken),
    ("code id_token token", ResponseType::CodeIdTokenToken),
    ("token", ResponseType::Token),
    ("none", ResponseType::None),
];

impl ResponseType {
    /// The response type of this name; the words may stand in any order.
    pub fn from_name(name: &str) -> Option<ResponseType> {
        let words = |text: &str| split(text, b' ').count();
        let same = |row: &&(&str, ResponseType)| {
            words(row.0) == words(name) && split(row.0, b' ').all(|word| has_word(name, word))
        };
        RESPONSE_TYPES.iter().find(same).map(|row| row.1)
    }

    /// Its name as the specification writes it.
    pub fn name(self) -> &'static str {
        RESPONSE_TYPES.get(self as usize).map_or("", |row| row.0)
    }

    /// Whether the answer holds a code.
    pub fn has_code(self) -> bool {
        has_word(self.name(), "code")
    }

    /// Whether the answer holds an ID token.
    pub fn has_id_token(self) -> bool {
        has_word(self.name(), "id_token")
    }

    /// Whether the answer holds an access token.
    pub fn has_token(self) -> bool {
        has_word(self.name(), "token")
    }

    /// Tokens come in the fragment, which no server sees; all else in the query (OAuth 2.0 Multiple Response Types §5).
    pub fn default_mode(self) -> ResponseMode {
        if self.has_id_token() || self.has_token() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

/// Where the answer is put (OAuth 2.0 Multiple Response Types §2.1, OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the redirect URI's query.
    Query,
    /// In its fragment.
    Fragment,
    /// In the body of a `POST`.
    FormPost,
}

const RESPONSE_MODES: [(&str, ResponseMode); 3] =
    [("query", ResponseMode::Query), ("fragment", ResponseMode::Fragment), ("form_post", ResponseMode::FormPost)];

impl ResponseMode {
    /// The response mode of this name.
    pub fn from_name(name: &str) -> Option<ResponseMode> {
        RESPONSE_MODES.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        RESPONSE_MODES.get(self as usize).map_or("", |row| row.0)
    }
}

/// What to ask for. Everything has a default: `AuthorizationParams::default()` asks who the person is.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizationParams<'a> {
    /// `openid` unless set.
    pub scope: Scope,
    /// `code` unless set.
    pub response_type: ResponseType,
    /// The response type's own unless set.
    pub response_mode: Option<ResponseMode>,
    /// The client's unless set.
    pub redirect_uri: Option<RedirectUri>,
    /// RFC 8707 §2.1: the resource servers to get tokens for.
    #[serde(borrow)]
    pub resource: Vec<Resource<'a>>,
    /// `none`, `login`, `consent`, `select_account`, separated by spaces.
    pub prompt: Option<&'a str>,
    /// Seconds since the person last signed in, at the most.
    pub max_age: Option<u32>,
    /// `page`, `popup`, `touch` or `wap`.
    pub display: Option<&'a str>,
    /// Languages in order of preference, separated by spaces.
    pub ui_locales: Option<&'a str>,
    /// An ID token of an earlier login.
    pub id_token_hint: Option<&'a str>,
    /// What the person may sign in with, such as an e-mail address.
    pub login_hint: Option<&'a str>,
    /// Authentication classes in order of preference, separated by spaces.
    pub acr_values: Option<&'a str>,
    /// OpenID Connect Core §5.5: claims asked for one by one, as JSON text.
    pub claims: Option<String>,
    /// Further parameters, in order. None of them may be one that the library sets.
    pub extra: Vec<(&'a str, &'a str)>,
}

/// It may hold an ID token, so what it holds is not printed.
impl fmt::Debug for AuthorizationParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationParams").finish_non_exhaustive()
    }
}

/// The random bytes an authorization request is made from: verifier, state, nonce.
pub const AUTHORIZATION_ENTROPY: usize = 80;

/// Where to send the browser, and what to keep until it comes back.
#[derive(Clone)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// The address to open.
    pub url: String,
    /// The state in it: a good name to keep the transaction under.
    pub state: String,
    /// What the answer is checked against, as text to keep: see [`RelyingParty::transaction`]. It is secret.
    pub transaction: Secret,
}

/// It may hold an ID token, so what it holds is not printed.
impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRequest").finish_non_exhaustive()
    }
}

/// OpenID Connect Core §6.1 and RFC 9101 §4 included: a request object would override all others.
const RESERVED: [&str; 20] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "prompt",
    "max_age",
    "display",
    "ui_locales",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "claims",
    "resource",
    "request",
    "request_uri",
];

impl RelyingParty {
    /// Makes an authorization request from fresh entropy of a secure random source.
    ///
    /// PKCE goes along wherever a code is asked for, `nonce` wherever `openid` is in the scope, `state` always. With
    /// `offline_access` and no `prompt` of the caller's, `prompt=consent` is asked as OpenID Connect Core §11 demands.
    ///
    /// # Errors
    /// `argument.redirectUri`, `argument.responseMode`, `argument.scope`, `argument.claims`, `request.endpoint`, `request.reserved`.
    pub fn authorization_request(
        &self,
        params: &AuthorizationParams<'_>,
        entropy: &[u8; AUTHORIZATION_ENTROPY],
    ) -> Result<AuthorizationRequest, Error> {
        let (verifier, rest) = entropy.split_first_chunk().unwrap_or((&[0; 32], &[]));
        let (state, nonce) = rest.split_at_checked(24).unwrap_or_default();
        let redirect_uri = params.redirect_uri.as_ref().or(self.client.redirect_uri.as_ref()).ok_or_else(|| {
            Error::argument("redirectUri", "the address of your application that the provider sends people back to")
        })?;
        let response_type = params.response_type;
        let response_mode = params.response_mode.unwrap_or(response_type.default_mode());
        // OAuth 2.0 Multiple Response Types §5: a server would log what it sees in a query.
        if response_mode == ResponseMode::Query && response_type.default_mode() == ResponseMode::Fragment {
            return Err(Error::argument("responseMode", "fragment or form_post, because tokens are asked for"));
        }
        let is_openid = params.scope.contains("openid");
        if response_type.has_id_token() && !is_openid {
            return Err(Error::argument("scope", "openid in it, because an ID token is asked for"));
        }
        let (state, nonce) = (base64url::encode(state), base64url::encode(nonce));
        let nonce = is_openid.then_some(nonce.as_str());
        let pkce = response_type.has_code().then(|| Pkce::new(verifier));
        let essential = params.claims.as_deref().map(essential).transpose()?.unwrap_or_default();

        let mut transaction = ObjectWriter::new();
        transaction
            .text("iss", self.provider.issuer())
            .text("client_id", &self.client.client_id)
            .text("redirect_uri", redirect_uri.as_str())
            .text("response_type", response_type.name())
            .text("response_mode", response_mode.name())
            .text("state", &state)
            .optional("nonce", nonce)
            .optional("code_verifier", pkce.as_ref().map(|pkce| pkce.verifier().expose()));
        if params.redirect_uri.is_some() {
            transaction.json("own_redirect_uri", "true");
        }
        let mut max_age = String::new();
        if let Some(seconds) = params.max_age {
            push_integer(&mut max_age, seconds.into());
            transaction.json("max_age", &max_age);
        }
        if let Some(values) = &essential.acr_values {
            transaction.json("acr_values", values);
        }
        if essential.auth_time {
            transaction.json("needs_auth_time", "true");
        }

        let mut url = String::with_capacity(512);
        url.push_str(self.provider.authorization_endpoint()?);
        let own = form::start_query(&mut url);
        if RESERVED.iter().any(|name| own.has(name)) {
            return Err(Rule::RequestEndpoint.into());
        }
        let wants_offline = params.scope.contains("offline_access") && response_type.has_code();
        form::push(&mut url, "response_type", response_type.name());
        form::push(&mut url, "client_id", &self.client.client_id);
        form::push(&mut url, "redirect_uri", redirect_uri.as_str());
        form::push(&mut url, "scope", params.scope.as_str());
        form::push(&mut url, "state", &state);
        form::push_optional(&mut url, "nonce", nonce);
        if let Some(pkce) = &pkce {
            form::push(&mut url, "code_challenge", &pkce.challenge());
            form::push(&mut url, "code_challenge_method", "S256");
        }
        form::push_optional(&mut url, "response_mode", params.response_mode.map(ResponseMode::name));
        form::push_optional(
            &mut url,
            "prompt",
            params.prompt.filter(|prompt| !prompt.is_empty()).or(wants_offline.then_some("consent")),
        );
        form::push_optional(&mut url, "max_age", Some(&max_age));
        form::push_optional(&mut url, "display", params.display);
        form::push_optional(&mut url, "ui_locales", params.ui_locales);
        form::push_optional(&mut url, "id_token_hint", params.id_token_hint);
        form::push_optional(&mut url, "login_hint", params.login_hint);
        form::push_optional(&mut url, "acr_values", params.acr_values);
        form::push_optional(&mut url, "claims", params.claims.as_deref());
        for resource in &params.resource {
            form::push(&mut url, "resource", resource.as_str());
        }
        for (name, value) in &params.extra {
            if RESERVED.contains(name) || own.has(name) {
                return Err(Error::reserved(name));
            }
            form::push(&mut url, name, value);
        }
        Ok(AuthorizationRequest { url, state, transaction: transaction.finish().into() })
    }
}

/// What `claims` asks of the ID token as essential, as far as it is judged here.
#[derive(Default)]
struct Essential {
    /// The authentication classes that a login must meet, as JSON (OpenID Connect Core §5.5.1.1).
    acr_values: Option<String>,
    /// OpenID Connect Core §2
    auth_time: bool,
}

fn essential(claims: &str) -> Result<Essential, Error> {
    let wrong = || Error::argument("claims", "an object as OpenID Connect Core §5.5 describes");
    let document = Document::parse_object(claims.into()).map_err(|_| wrong())?;
    let claim = |name| {
        let claim = document.get("id_token")?.get(name)?;
        claim.get("essential").and_then(Value::bool).filter(|is_essential| *is_essential).map(|_| claim)
    };
    let acr_values = match claim("acr").and_then(|acr| acr.get("value").or(acr.get("values"))) {
        Some(values) if values.texts().is_some() => Some(values.json()),
        Some(_) => return Err(wrong()),
        None => None,
    };
    Ok(Essential { acr_values, auth_time: claim("auth_time").is_some() })
}
