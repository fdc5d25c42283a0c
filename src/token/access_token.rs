//! Access tokens that are JWTs (RFC 9068, and plain ones), for resource servers.

use alloc::vec::Vec;

use crate::error::Error;
use crate::jose::jws::{Jws, TokenKind, refused};
use crate::jose::signature::Verified;
use crate::party::relying_party::RelyingParty;
use crate::party::scope::Scope;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::{Claims, all_kept};
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
    /// As [`RelyingParty::id_token`], `access_token.typ`; with status and error code as [`RelyingParty::access_token_claims`].
    pub fn access_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, KIND)
    }

    /// The claims of a verified access token, as JSON text.
    ///
    /// # Errors
    /// `json.*`, `access_token.*`, each with the status and error code to answer with (RFC 6750 §3.1): 403
    /// `insufficient_scope` for a missing scope, 401 `invalid_token` for all else.
    pub fn access_token_claims<'a>(
        &self,
        verified: Verified<'a, '_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<&'a str, Error> {
        let jws = verified.jws_of(KIND).map_err(|rule| refused(KIND, rule.into()))?;
        self.judged_access_token(jws, expected, now)
    }

    /// The same for a token whose signature the host still has to verify.
    pub(crate) fn judged_access_token<'a>(
        &self,
        jws: &'a Jws<'_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<&'a str, Error> {
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
        Ok(document.text())
    }
}
