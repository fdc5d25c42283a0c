//! The authorization response (RFC 6749 §4.1.2, OpenID Connect Core §3.1.2.5): what the browser brings back.

use alloc::string::String;

use crate::authorization::ResponseMode;
use crate::error::{Detail, Error, OAuthError};
use crate::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::same;
use crate::token::{is_token_type, seconds};
use crate::transaction::Transaction;
use crate::wire::form::Form;
use crate::wire::json::{MAX_BYTES, ObjectWriter};
use crate::wire::text::{is_address, query, split_once};

/// What came back.
#[derive(Clone, Copy)]
pub enum Redirect<'a> {
    /// The whole address the browser came to; for `form_post` the body.
    Text(&'a str),
    /// Parameters that the host took from the place the request named.
    Parameters(&'a str),
}

/// What the provider put into the redirect. An ID token in it is not verified yet: verify it before anything beside it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// Every parameter was judged when it was read.
    form: Form,
}

/// The protocol's parameters; all others are ignored.
pub(crate) const PARAMETERS: [&str; 12] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "id_token",
    "session_state",
];

impl AuthorizationResponse {
    /// For the token endpoint.
    pub fn code(&self) -> Option<&str> {
        self.form.get("code")
    }

    /// OpenID Connect Core §3.2.2.5.
    pub fn id_token(&self) -> Option<&str> {
        self.form.get("id_token")
    }

    /// RFC 6749 §4.2.2.
    pub fn access_token(&self) -> Option<&str> {
        self.form.get("access_token")
    }

    /// `Bearer` or `DPoP`, in any letter case.
    pub fn token_type(&self) -> Option<&str> {
        self.beside_token("token_type")
    }

    /// Seconds that the access token lives.
    pub fn expires_in(&self) -> Option<u64> {
        seconds(self.beside_token("expires_in")?)
    }

    /// The scope granted, where it differs from the one asked.
    pub fn scope(&self) -> Option<&str> {
        self.beside_token("scope")
    }

    /// OpenID Connect Session Management §2.
    pub fn session_state(&self) -> Option<&str> {
        self.form.get("session_state")
    }

    /// What describes an access token means nothing without one.
    fn beside_token(&self, name: &str) -> Option<&str> {
        self.access_token()?;
        self.form.get(name)
    }

    /// As the JSON text of an object with the parameters that are present.
    pub fn to_json(&self) -> String {
        let mut out = ObjectWriter::new();
        for name in &["code", "id_token", "access_token", "session_state"] {
            out.optional(name, self.form.get(name));
        }
        for name in &["token_type", "scope"] {
            out.optional(name, self.beside_token(name));
        }
        if let Some(seconds) = self.expires_in() {
            out.integer("expires_in", i64::try_from(seconds).unwrap_or(i64::MAX));
        }
        out.finish()
    }
}

impl RelyingParty {
    /// Reads what came back for this transaction.
    ///
    /// # Errors
    /// In this order: `redirect.malformed`, `redirect.response_mode`, `redirect.duplicate_parameter`, `redirect.iss`,
    /// `redirect.state`, `redirect.oauth_error`, `redirect.unexpected_parameter`, `redirect.missing_parameter`,
    /// `token.token_type`.
    pub fn authorization_response(
        &self,
        redirect: Redirect<'_>,
        transaction: &Transaction,
    ) -> Result<AuthorizationResponse, Error> {
        let form = locate(redirect, transaction)?;
        if let Some(error) = self.check_redirect(&form, transaction)? {
            return Err(Error::with(Rule::RedirectOauthError, Detail { oauth: Some(error), ..Detail::default() }));
        }
        Ok(AuthorizationResponse { form })
    }

    /// The rules in order; the OAuth error where the provider answered with one.
    fn check_redirect(&self, form: &Form, transaction: &Transaction) -> Result<Option<OAuthError>, Rule> {
        let mut is_malformed = false;
        for (at, (name, value)) in form.pairs().enumerate() {
            if PARAMETERS.iter().any(|known| known.as_bytes() == name) {
                if form.pairs().take(at).any(|earlier| earlier.0 == name) {
                    return Err(Rule::RedirectDuplicateParameter);
                }
                // U+FFFD is what a host's own parser puts in the place of what is no UTF-8.
                is_malformed |=
                    core::str::from_utf8(value).is_err() || value.windows(3).any(|part| part == b"\xEF\xBF\xBD");
            }
        }
        if is_malformed {
            return Err(Rule::RedirectMalformed);
        }
        match form.get("iss") {
            Some(iss) if iss != self.provider.issuer() => return Err(Rule::RedirectIss),
            // The verified iss of an ID token beside it stands for it (RFC 9207 §2.4).
            None if self.provider.announces_iss() && (!form.has("id_token") || form.has("error")) => {
                return Err(Rule::RedirectIss);
            }
            _ => {}
        }
        if !has_state(form, transaction) {
            return Err(Rule::RedirectState);
        }
        if let Some(error) = form.get("error") {
            if error.is_empty() {
                return Err(Rule::RedirectMalformed);
            }
            return Ok(Some(OAuthError {
                error: error.into(),
                error_description: form.get("error_description").map(String::from),
                error_uri: form.get("error_uri").map(String::from),
                ..OAuthError::default()
            }));
        }

        let asked = transaction.response_type;
        let promises =
            [("code", asked.has_code()), ("id_token", asked.has_id_token()), ("access_token", asked.has_token())];
        if promises.iter().any(|&(name, is_asked)| !is_asked && form.get(name).is_some()) {
            return Err(Rule::RedirectUnexpectedParameter);
        }
        let is_missing = |name| form.get(name).is_none_or(str::is_empty);
        if promises.iter().any(|&(name, is_asked)| is_asked && is_missing(name)) {
            return Err(Rule::RedirectMissingParameter);
        }
        if asked.has_token() {
            if is_missing("token_type") {
                return Err(Rule::RedirectMissingParameter);
            }
            if !form.get("token_type").is_some_and(is_token_type) {
                return Err(Rule::TokenTokenType);
            }
            if form.get("expires_in").is_some_and(|text| seconds(text).is_none()) {
                return Err(Rule::RedirectMalformed);
            }
        }
        Ok(None)
    }
}

fn has_state(form: &Form, transaction: &Transaction) -> bool {
    form.get("state").is_some_and(|state| same(state, transaction.state()))
}

/// Reads the one place that the request asked for. Only an error with the right state is also read from the query
/// where a fragment was expected: some providers refuse a whole response type there.
fn locate(redirect: Redirect<'_>, transaction: &Transaction) -> Result<Form, Rule> {
    let (Redirect::Text(text) | Redirect::Parameters(text)) = redirect;
    if text.len() > MAX_BYTES {
        return Err(Rule::RedirectMalformed);
    }
    if let Redirect::Parameters(form) = redirect {
        return Ok(Form::parse(form));
    }
    let query = Form::parse(query(text).unwrap_or_default());
    let fragment = Form::parse(split_once(text, b'#').map_or("", |parts| parts.1));
    let is_answer = |form: &Form| ["code", "error", "access_token", "id_token"].iter().any(|name| form.has(name));
    match transaction.response_mode {
        ResponseMode::Query if is_answer(&query) || !is_answer(&fragment) => Ok(query),
        ResponseMode::Fragment if is_answer(&fragment) || !is_answer(&query) => Ok(fragment),
        ResponseMode::Fragment if query.has("error") && has_state(&query, transaction) => Ok(query),
        ResponseMode::FormPost if !is_address(text) => Ok(Form::parse(text)),
        _ => Err(Rule::RedirectResponseMode),
    }
}
