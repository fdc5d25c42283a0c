//! Logout tokens: the provider says that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.4).

use crate::error::Error;
use crate::jws::{Jws, TokenKind};
use crate::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::signature::Verified;
use crate::time::NumericDate;
use crate::wire::json::{Document, Value};

impl RelyingParty {
    /// Reads a logout token up to its signature; [`Jws::verification`] says what the host must verify next.
    ///
    /// # Errors
    /// As [`Jws::parse`], `logout_token.typ`.
    pub fn logout_token(&self, token: &str) -> Result<Jws, Error> {
        self.token(token, TokenKind::LogoutToken)
    }

    /// The claims of a verified logout token, as JSON text (§2.6). Whether its `jti` was seen before, and whether its `iat`
    /// is too long ago, is for the caller: that takes a memory.
    ///
    /// # Errors
    /// `json.*`, `logout_token.*`
    pub fn logout_token_claims(&self, verified: Verified<'_>, now: NumericDate) -> Result<Secret, Error> {
        self.judged_logout_token(verified.jws_of(TokenKind::LogoutToken)?, now)
    }

    /// The same for a token whose signature somebody must vouch for.
    pub(crate) fn judged_logout_token(&self, jws: &Jws, now: NumericDate) -> Result<Secret, Error> {
        let claims = Document::parse_object(jws.payload().into())?;
        self.check_logout_token(&claims, now)?;
        Ok(claims.into_text())
    }

    fn check_logout_token(&self, claims: &Document, now: NumericDate) -> Result<(), Rule> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let tolerance = self.client.clock_tolerance;
        let time = |name| claims.get(name).and_then(NumericDate::read);
        if claims.str("iss") != Some(self.provider.issuer()) {
            return Err(Rule::LogoutTokenIss);
        }
        let audiences = claims.get("aud").and_then(Value::texts).unwrap_or_default();
        if !self.client.is_meant_by(&audiences) {
            return Err(Rule::LogoutTokenAud);
        }
        if time("iat").is_none_or(|iat| iat > now.plus(tolerance)) {
            return Err(Rule::LogoutTokenIat);
        }
        if time("exp").is_none_or(|exp| exp.plus(tolerance) <= now) {
            return Err(Rule::LogoutTokenExp);
        }
        let event = claims.get("events").and_then(|events| events.get(EVENT));
        if event.and_then(Value::members).is_none() {
            return Err(Rule::LogoutTokenEvents);
        }
        // §2.4: so that no logout token passes for an ID token.
        if claims.get("nonce").is_some() {
            return Err(Rule::LogoutTokenNonce);
        }
        let subject = |name| claims.get(name).map(|value| value.str().is_some_and(|text| !text.is_empty()));
        match (subject("sub"), subject("sid")) {
            (Some(false), _) | (_, Some(false)) | (None, None) => Err(Rule::LogoutTokenSubject),
            _ => Ok(()),
        }
    }
}
