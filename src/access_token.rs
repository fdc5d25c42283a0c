//! Access tokens that are JWTs (RFC 9068, and plain ones), for resource servers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::claims::{Claims, all_kept};
use crate::error::{Detail, Error, OAuthError};
use crate::jws::{Jws, TokenKind};
use crate::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::signature::Verified;
use crate::time::NumericDate;
use crate::wire::json::Value;
use crate::wire::text::{has_word, split};

/// What a resource server expects of a token.
#[derive(Clone, Debug, Default)]
pub struct AccessTokenExpected<'a> {
    /// The names of this resource server; the token must be meant for one of them.
    pub audience: Vec<&'a str>,
    /// The scope that the request needs.
    pub scope: Option<Scope>,
}

const KIND: TokenKind = TokenKind::AccessToken;

impl RelyingParty {
    /// Reads an access token up to its signature; [`Jws::verification`] says what the host must verify next.
    ///
    /// # Errors
    /// As [`Jws::parse`], `access_token.typ`; with status and error code as [`RelyingParty::access_token_claims`].
    pub fn access_token(&self, token: &str) -> Result<Jws, Error> {
        self.token(token, KIND)
    }

    /// The claims of a verified access token, as JSON text.
    ///
    /// # Errors
    /// `json.*`, `access_token.*`, each with the status and error code to answer with (RFC 6750 §3.1): 403
    /// `insufficient_scope` for a missing scope, 401 `invalid_token` for all else.
    pub fn access_token_claims(
        &self,
        verified: Verified<'_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<Secret, Error> {
        let jws = verified.jws_of(KIND).map_err(|rule| refused(KIND, rule.into()))?;
        self.judged_access_token(jws, expected, now)
    }

    /// The same for a token whose signature somebody must vouch for.
    pub(crate) fn judged_access_token(
        &self,
        jws: &Jws,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<Secret, Error> {
        let document = jws.claims().map_err(|rule| refused(KIND, rule.into()))?;
        let claims = Claims { root: document.root(), rp: self, now };
        let audiences = claims.audiences();
        let granted = claims.get("scope").or(claims.get("scp")).and_then(Value::texts).unwrap_or_default();
        let is_granted = |token: &str| granted.iter().any(|scope| has_word(scope, token));
        let has_scope = expected.scope.as_ref().is_none_or(|scope| split(scope.as_str(), b' ').all(is_granted));
        all_kept(&[
            (Rule::AccessTokenTyp, (jws.is_typed() || !claims.is_of_another_kind()).into()),
            (Rule::AccessTokenIss, claims.iss()),
            (Rule::AccessTokenAud, audiences.iter().any(|aud| expected.audience.contains(aud)).into()),
            (Rule::AccessTokenExp, claims.exp(true)),
            (Rule::AccessTokenNbf, claims.begins("nbf", false)),
            (Rule::AccessTokenNbf, claims.begins("iat", false)),
            (Rule::AccessTokenScope, has_scope.into()),
        ])
        .map_err(|rule| refused(KIND, rule.into()))?;
        Ok(document.into_text())
    }
}

/// A refusal; of an access token with what a resource server answers (RFC 6750 §3.1).
pub(crate) fn refused(kind: TokenKind, error: Error) -> Error {
    if kind != TokenKind::AccessToken {
        return error;
    }
    let rule = error.rule();
    let (status, error) =
        if rule == Rule::AccessTokenScope { (403, "insufficient_scope") } else { (401, "invalid_token") };
    let oauth = OAuthError { error: String::from(error), ..OAuthError::default() };
    Error::with(rule, Detail { status: Some(status), oauth: Some(oauth), ..Detail::default() })
}
