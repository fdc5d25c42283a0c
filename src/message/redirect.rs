//! The authorization response (RFC 6749 §4.1.2, OpenID Connect Core §3.1.2.5).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::{Error, OAuthError};
use crate::message::token::seconds;
use crate::party::redirect_uri::PARAMETERS;
use crate::party::relying_party::RelyingParty;
use crate::party::response_type::ResponseMode;
use crate::party::transaction::Transaction;
use crate::rule::Rule;
#[cfg(feature = "jarm")]
use crate::secret::Secret;
use crate::secret::{Secrets, same};
use crate::wiped::WipedText;
use crate::wire::form::Form;
#[cfg(feature = "jarm")]
use crate::wire::json::Document;
use crate::wire::json::MAX_BYTES;
use crate::wire::text::{before, is_address, lossy, query, split_once};
use crate::wire::uri::Uri;

/// The redirect as it arrived.
#[derive(Clone, Copy)]
pub enum Redirect<'a> {
    /// The whole address of the browser, or the body with `form_post`.
    Text(&'a str),
    /// Parameters that the host has read from the requested response mode.
    Parameters(&'a str),
}

/// It contains a code or tokens, so printing it shows no contents.
impl fmt::Debug for Redirect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Redirect::Text(_) => "Text",
            Redirect::Parameters(_) => "Parameters",
        })
    }
}

/// The parameters of the redirect. It borrows the redirect if nothing was decoded. An ID token in it is not verified yet: verify
/// it before you use other values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthorizationResponse<'a>(Answer<'a>);

/// It contains a code or tokens, so printing it shows no contents.
impl fmt::Debug for AuthorizationResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationResponse").finish_non_exhaustive()
    }
}

impl AuthorizationResponse<'_> {
    /// The parameters as strings: `code`, `id_token`, `access_token`, `session_state`, `token_type`, `scope`, `iss`, `expires_in`.
    pub(crate) fn parts(&self) -> [Option<&str>; 8] {
        [CODE, ID_TOKEN, ACCESS_TOKEN, SESSION_STATE, TOKEN_TYPE, SCOPE, ISS, EXPIRES_IN].map(|at| self.0.get(at))
    }

    /// The authorization code (RFC 6749 §4.1.2).
    pub fn code(&self) -> Option<&str> {
        self.0.get(CODE)
    }

    /// The ID token (OpenID Connect Core §3.2.2.5). Not verified yet.
    pub fn id_token(&self) -> Option<&str> {
        self.0.get(ID_TOKEN)
    }

    /// The access token (RFC 6749 §4.2.2).
    pub fn access_token(&self) -> Option<&str> {
        self.0.get(ACCESS_TOKEN)
    }

    /// `Bearer` or `DPoP`, in any letter case. Present only with an access token.
    pub fn token_type(&self) -> Option<&str> {
        self.0.get(TOKEN_TYPE)
    }

    /// The access token's lifetime in seconds.
    pub fn expires_in(&self) -> Option<u64> {
        seconds(self.0.get(EXPIRES_IN)?)
    }

    /// The granted scope, if it differs from the requested one. Present only with an access token.
    pub fn scope(&self) -> Option<&str> {
        self.0.get(SCOPE)
    }

    /// `session_state` (OpenID Connect Session Management §2).
    pub fn session_state(&self) -> Option<&str> {
        self.0.get(SESSION_STATE)
    }

    /// The tenant's issuer, if the relaxation `issuer-template` accepted it. The ID token must have the same
    /// ([`IdTokenExpected::iss`](crate::IdTokenExpected)). Absent if `iss` was the provider's own (RFC 9207 §2.4).
    pub fn iss(&self) -> Option<&str> {
        self.0.get(ISS)
    }
}

impl RelyingParty {
    /// Reads the redirect for this transaction.
    ///
    /// # Errors
    /// In this order: `redirect.malformed`, `redirect.response_mode`, `redirect.duplicate_parameter`, `redirect.iss`,
    /// `redirect.state`, `redirect.oauth_error`, `redirect.unexpected_parameter`, `redirect.missing_parameter`,
    /// `token.token_type`.
    pub fn authorization_response<'a>(
        &self,
        redirect: Redirect<'a>,
        transaction: &Transaction<'_>,
    ) -> Result<AuthorizationResponse<'a>, Error> {
        let mut response = AuthorizationResponse::default();
        self.read_response(redirect, transaction, &mut response)?;
        Ok(response)
    }

    /// The same into the caller's place: it is large, and each copy takes time.
    pub(crate) fn read_response<'a>(
        &self,
        redirect: Redirect<'a>,
        transaction: &Transaction<'_>,
        AuthorizationResponse(answer): &mut AuthorizationResponse<'a>,
    ) -> Result<(), Error> {
        located(self, answer, redirect, transaction)?;
        #[cfg(feature = "jarm")]
        if answer.get(RESPONSE).is_some() {
            // Never ignored, whatever stands beside it.
            let is_signed = transaction.response_mode.is_signed() && answer.is_alone(RESPONSE);
            return Err(if is_signed { Rule::JarmUnverified } else { Rule::RedirectUnexpectedParameter }.into());
        }
        #[cfg(feature = "jarm")]
        if transaction.response_mode.is_signed() && answer.get(ERROR).is_none() {
            let is_plain = answer.is_any();
            return Err(if is_plain { Rule::RedirectResponseMode } else { Rule::RedirectMissingParameter }.into());
        }
        self.judge_answer(answer, transaction)
    }

    /// The signed token of a redirect, for the host to verify. `None` if the request asked for a plain answer.
    ///
    /// # Errors
    /// As [`RelyingParty::authorization_response`] for an answer without a signed token.
    #[cfg(feature = "jarm")]
    pub fn signed_response(
        &self,
        redirect: Redirect<'_>,
        transaction: &Transaction<'_>,
    ) -> Result<Option<Secret>, Error> {
        if !transaction.response_mode.is_signed() {
            return Ok(None);
        }
        let mut answer = Answer::default();
        located(self, &mut answer, redirect, transaction)?;
        match answer.get(RESPONSE) {
            Some(token) if answer.is_alone(RESPONSE) => Ok(Some(Secret::from(token))),
            _ => self.authorization_response(redirect, transaction).map(|_| None),
        }
    }

    /// The verified answer: the claims' JSON text as parameters. The caller has verified the signature.
    #[cfg(feature = "jarm")]
    pub(crate) fn verified_response<'a>(
        &self,
        claims: &Document<'_>,
        transaction: &Transaction<'_>,
    ) -> Result<AuthorizationResponse<'a>, Error> {
        let mut answer = Answer::signed(claims);
        if answer.get(RESPONSE).is_some() {
            return Err(Rule::RedirectUnexpectedParameter.into());
        }
        answer.check_readable()?;
        self.judge_answer(&mut answer, transaction)?;
        Ok(AuthorizationResponse(answer))
    }

    /// The rules after the answer was read.
    fn judge_answer(&self, answer: &mut Answer<'_>, transaction: &Transaction<'_>) -> Result<(), Error> {
        self.check_iss(answer, transaction)?;
        if !answer.has_state(transaction) {
            return Err(Rule::RedirectState.into());
        }
        if answer.has(ERROR) {
            return Err(answer.oauth_error());
        }
        check_promises(self, answer, transaction)?;
        // Without an access token, its parameters have no meaning.
        if !answer.has(ACCESS_TOKEN) {
            answer.drop(&[TOKEN_TYPE, EXPIRES_IN, SCOPE]);
        }
        if answer.get(ISS) == Some(self.provider.issuer()) {
            answer.drop(&[ISS]);
        }
        answer.is_ours = false;
        Ok(())
    }

    /// Whether `iss` is a tenant's issuer, and an ID token with the same issuer will follow.
    fn is_tenants(&self, iss: &str, transaction: &Transaction<'_>) -> bool {
        let asked = transaction.response_type;
        let brings_id_token = asked.has_id_token() || asked.has_code() && transaction.nonce.is_some();
        brings_id_token && self.provider.tenant_of(iss).is_some_and(|tenant| self.client.takes_tenant(tenant))
    }

    /// RFC 9207 §2.4
    fn check_iss(&self, answer: &Answer<'_>, transaction: &Transaction<'_>) -> Result<(), Error> {
        let issuer = self.provider.issuer();
        let is_error = answer.has(ERROR);
        let found = match answer.get(ISS) {
            _ if answer.is_ours => return Ok(()),
            Some(iss) if iss == issuer && !self.provider.is_template() => return Ok(()),
            Some(iss) if !is_error && self.is_tenants(iss, transaction) => return Ok(()),
            // A string other than an address may be a secret.
            Some(iss) if Uri::parse(iss).is_some() => before(iss, b"?#").0,
            Some(_) => "no address",
            // The verified `iss` of the ID token replaces it.
            None if !self.provider.announces_iss() || answer.get(ID_TOKEN).is_some() && !is_error => return Ok(()),
            None => "nothing",
        };
        Err(Error::of_comparison(Rule::RedirectIss, issuer, found))
    }
}

/// The response type promises some parameters and excludes others.
fn check_promises(rp: &RelyingParty, answer: &Answer<'_>, transaction: &Transaction<'_>) -> Result<(), Rule> {
    let asked = transaction.response_type;
    let is_missing = |at| answer.get(at).is_none_or(str::is_empty);
    let (mut is_unexpected, mut is_incomplete) = (false, false);
    for (at, is_asked) in
        [(CODE, asked.has_code()), (ID_TOKEN, asked.has_id_token()), (ACCESS_TOKEN, asked.has_token())]
    {
        is_unexpected |= !is_asked && answer.has(at);
        is_incomplete |= is_asked && is_missing(at);
    }
    if is_unexpected {
        return Err(Rule::RedirectUnexpectedParameter);
    }
    if is_incomplete {
        return Err(Rule::RedirectMissingParameter);
    }
    if asked.has_token() {
        if is_missing(TOKEN_TYPE) {
            return Err(Rule::RedirectMissingParameter);
        }
        if !answer.get(TOKEN_TYPE).is_some_and(|name| rp.takes_token_type(name)) {
            return Err(Rule::TokenTokenType);
        }
        if answer.get(EXPIRES_IN).is_some_and(|text| seconds(text).is_none()) {
            return Err(Rule::RedirectMalformed);
        }
    }
    Ok(())
}

// Indexes of `PARAMETERS`.
const CODE: usize = 0;
const STATE: usize = 1;
const ISS: usize = 2;
const ERROR: usize = 3;
const ERROR_DESCRIPTION: usize = 4;
const ERROR_URI: usize = 5;
const ACCESS_TOKEN: usize = 6;
const TOKEN_TYPE: usize = 7;
const EXPIRES_IN: usize = 8;
const SCOPE: usize = 9;
const ID_TOKEN: usize = 10;
const SESSION_STATE: usize = 11;
#[cfg(feature = "jarm")]
const RESPONSE: usize = 12;

/// The first value of each protocol parameter.
// Each flag is a fact about the text.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Default, PartialEq, Eq)]
struct Answer<'a> {
    values: [Option<WipedText<'a>>; PARAMETERS.len()],
    /// Whether `iss` is the provider's issuer in its usual form. Then it has no value here.
    is_ours: bool,
    /// Whether any parameter is duplicate.
    is_twice: bool,
    /// Whether a parameter that every answer needs is not UTF-8.
    is_malformed: bool,
    /// Whether another parameter is not UTF-8. It must not hide an error.
    is_odd: bool,
}

impl<'a> Answer<'a> {
    /// `issuer`: that of the provider in a form, or empty.
    fn read(&mut self, text: &'a str, issuer: &str) {
        for (name, value) in Form::parse(text).pairs() {
            let name = name.bytes();
            let Some(at) = PARAMETERS.iter().position(|known| known.as_bytes() == &*name) else { continue };
            if let Some(place) = self.values.get_mut(at) {
                if place.is_some() || at == ISS && self.is_ours {
                    self.is_twice = true;
                    continue;
                }
                if at == ISS && !issuer.is_empty() && issuer.as_bytes() == value.raw_bytes() {
                    self.is_ours = true;
                    continue;
                }
                if value.is_plain() {
                    *place = Some(Cow::Borrowed(value.raw()).into());
                    continue;
                }
                let text = value.text();
                // A host's parser writes U+FFFD for invalid UTF-8.
                let has_replacement =
                    |text: &str| before(text, b"\xEF").1.as_bytes().windows(3).any(|part| part == b"\xEF\xBF\xBD");
                let is_good = text.as_deref().is_some_and(|text| !has_replacement(text));
                let is_told = matches!(at, ERROR_DESCRIPTION | ERROR_URI);
                let is_decisive = matches!(at, STATE | ISS | ERROR);
                self.is_malformed |= !is_good && is_decisive;
                self.is_odd |= !is_good && !is_decisive && !is_told;
                let replaced = || {
                    if is_told { lossy(&value.bytes()).into() } else { Cow::default() }
                };
                *place = Some(text.unwrap_or_else(replaced).into());
            }
        }
    }

    /// The same instead of its values.
    fn replace(&mut self, text: &'a str, issuer: &str) {
        *self = Answer::default();
        self.read(text, issuer);
    }

    /// The claims of a signed answer (JARM §2.1). All parameters are strings but `expires_in`.
    #[cfg(feature = "jarm")]
    fn signed(claims: &Document<'_>) -> Answer<'a> {
        let mut answer = Answer::default();
        for ((at, name), place) in PARAMETERS.iter().enumerate().zip(&mut answer.values) {
            let Some(value) = claims.get(name) else { continue };
            let text = if at == EXPIRES_IN { value.str().or(value.number()) } else { value.str() };
            answer.is_malformed |= text.is_none() && matches!(at, STATE | ISS | ERROR);
            answer.is_odd |= text.is_none();
            *place = Some(Cow::<str>::from(String::from(text.unwrap_or_default())).into());
        }
        answer
    }

    /// Whether this is the only parameter.
    #[cfg(feature = "jarm")]
    fn is_alone(&self, at: usize) -> bool {
        !self.is_ours && self.values.iter().enumerate().all(|(other, value)| value.is_none() || other == at)
    }

    fn check_readable(&self) -> Result<(), Rule> {
        if self.is_malformed || self.is_odd && !self.has(ERROR) {
            return Err(Rule::RedirectMalformed);
        }
        Ok(())
    }

    #[inline(always)]
    fn get(&self, at: usize) -> Option<&str> {
        self.values.get(at)?.as_deref()
    }

    #[inline(always)]
    fn has(&self, at: usize) -> bool {
        self.values.get(at).is_some_and(Option::is_some)
    }

    fn drop(&mut self, places: &[usize]) {
        for at in places {
            if let Some(value) = self.values.get_mut(*at) {
                *value = None;
            }
        }
    }

    /// Whether the value is an address.
    fn is_any(&self) -> bool {
        #[cfg(feature = "jarm")]
        if self.has(RESPONSE) {
            return true;
        }
        self.has(CODE) || self.has(ERROR) || self.has(ACCESS_TOKEN) || self.has(ID_TOKEN)
    }

    /// The provider's error, without secrets that it repeats.
    fn oauth_error(&self) -> Error {
        let text = |at| self.get(at).map(String::from);
        let error = text(ERROR).unwrap_or_default();
        if error.is_empty() {
            return Rule::RedirectMalformed.into();
        }
        let (error_description, error_uri) = (text(ERROR_DESCRIPTION), text(ERROR_URI));
        let mut secrets = Secrets::new();
        secrets.add(self.get(CODE).unwrap_or_default());
        secrets.add(self.get(ACCESS_TOKEN).unwrap_or_default());
        let oauth = OAuthError { error, error_description, error_uri, members: Vec::new() };
        Error::with(Rule::RedirectOauthError, |detail| detail.oauth = Some(oauth)).without(&secrets)
    }

    fn has_state(&self, transaction: &Transaction<'_>) -> bool {
        self.get(STATE).is_some_and(|state| same(state, transaction.state))
    }
}

/// Reads the answer. Each parameter must be there once and readable.
fn located<'a>(
    rp: &RelyingParty,
    answer: &mut Answer<'a>,
    redirect: Redirect<'a>,
    transaction: &Transaction<'_>,
) -> Result<(), Rule> {
    locate(rp, answer, redirect, transaction)?;
    if answer.is_twice {
        return Err(Rule::RedirectDuplicateParameter);
    }
    answer.check_readable()
}

/// Reads the requested response mode. An error with the right state may use any mode, because some providers use another one for
/// errors.
fn locate<'a>(
    rp: &RelyingParty,
    answer: &mut Answer<'a>,
    redirect: Redirect<'a>,
    transaction: &Transaction<'_>,
) -> Result<(), Rule> {
    let issuer = &rp.provider.issuer_in_form;
    let (Redirect::Text(text) | Redirect::Parameters(text)) = redirect;
    if text.len() > MAX_BYTES {
        return Err(Rule::RedirectMalformed);
    }
    if let Redirect::Parameters(form) = redirect {
        answer.read(form, issuer);
        return Ok(());
    }
    let is_address = is_address(text);
    let form = |mode| match mode {
        ResponseMode::Query if is_address => query(text).unwrap_or_default(),
        ResponseMode::Fragment if is_address => {
            let fragment = split_once(text, b'#').map_or("", |parts| parts.1);
            // A router with its path in the fragment puts a slash before the provider's parameters.
            fragment.strip_prefix("/").unwrap_or(fragment)
        }
        ResponseMode::FormPost if !is_address => text,
        _ => "",
    };
    let asked = transaction.response_mode.place(transaction.response_type);
    answer.read(form(asked), issuer);
    if answer.is_any() {
        return Ok(());
    }
    let mut is_elsewhere = is_address && asked == ResponseMode::FormPost;
    for &mode in &[ResponseMode::Query, ResponseMode::Fragment, ResponseMode::FormPost] {
        if mode == asked {
            continue;
        }
        answer.replace(form(mode), issuer);
        if answer.has(ERROR) && answer.has_state(transaction) {
            return Ok(());
        }
        is_elsewhere |= answer.is_any();
    }
    if is_elsewhere {
        return Err(Rule::RedirectResponseMode);
    }
    answer.replace(form(asked), issuer);
    Ok(())
}
