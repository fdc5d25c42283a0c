//! Access tokens that are JWTs (RFC 9068, and plain ones), for resource servers.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Detail, Error, OAuthError};
use crate::jws::{Jws, TokenKind};
use crate::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::signature::Verified;
use crate::time::NumericDate;
use crate::wire::json::{Document, Value};
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
        let claims = Document::parse_object(jws.payload().into()).map_err(|rule| refused(KIND, rule.into()))?;
        // RFC 9068 §5: where typ says nothing, what only other tokens hold gives them away.
        let is_other = ["nonce", "at_hash", "c_hash", "events"].iter().any(|name| claims.get(name).is_some());
        if is_other && !jws.is_typed() {
            return Err(refused(KIND, Rule::AccessTokenTyp.into()));
        }
        match self.check_access_token(&claims, expected, now) {
            Ok(()) => Ok(claims.into_text()),
            Err(rule) => Err(refused(KIND, rule.into())),
        }
    }

    fn check_access_token(
        &self,
        claims: &Document,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<(), Rule> {
        if claims.str("iss") != Some(self.provider.issuer()) {
            return Err(Rule::AccessTokenIss);
        }
        let audiences = claims.get("aud").and_then(Value::texts).unwrap_or_default();
        if !audiences.iter().any(|aud| expected.audience.contains(aud)) {
            return Err(Rule::AccessTokenAud);
        }
        let time = |name| claims.get(name).map(NumericDate::read);
        let tolerance = self.client.clock_tolerance;
        if time("exp").flatten().is_none_or(|exp| exp.plus(tolerance) <= now) {
            return Err(Rule::AccessTokenExp);
        }
        let has_begun = |name| time(name).is_none_or(|time| time.is_some_and(|time| time <= now.plus(tolerance)));
        if !has_begun("nbf") || !has_begun("iat") {
            return Err(Rule::AccessTokenNbf);
        }
        let granted = claims.get("scope").or(claims.get("scp")).and_then(Value::texts).unwrap_or_default();
        let has = |token: &str| granted.iter().any(|scope| has_word(scope, token));
        if expected.scope.as_ref().is_some_and(|scope| !split(scope.as_str(), b' ').all(has)) {
            return Err(Rule::AccessTokenScope);
        }
        Ok(())
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
