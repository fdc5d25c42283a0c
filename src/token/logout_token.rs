//! Logout tokens: the provider says that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.4).

use crate::error::Error;
use crate::jose::jws::{Jws, TokenKind};
use crate::jose::signature::Verified;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::{Claims, all_kept};

impl RelyingParty {
    /// Reads a logout token up to its signature; [`Jws::verification`] says what the host must verify next.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`], `logout_token.typ`.
    pub fn logout_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, TokenKind::LogoutToken)
    }

    /// The claims of a verified logout token, as JSON text (§2.6). Whether its `jti` was seen before, and whether its `iat`
    /// is too long ago, is for the caller: that takes a memory.
    ///
    /// # Errors
    /// `json.*`, `logout_token.*`
    pub fn logout_token_claims<'a>(&self, verified: Verified<'a, '_>, now: NumericDate) -> Result<&'a str, Error> {
        self.judged_logout_token(verified.jws_of(TokenKind::LogoutToken)?, now)
    }

    /// The same for a token whose signature the host still has to verify.
    pub(crate) fn judged_logout_token<'a>(&self, jws: &'a Jws<'_>, now: NumericDate) -> Result<&'a str, Error> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let document = jws.claims()?;
        let claims = Claims { root: document.root(), rp: self, now };
        let event = claims.get("events").and_then(|events| events.get(EVENT)?.members());
        let subject = |name| claims.get(name).map(|value| value.str().is_some_and(|text| !text.is_empty()));
        let subjects = [subject("sub"), subject("sid")];
        all_kept(&[
            (Rule::LogoutTokenIss, claims.iss()),
            (Rule::LogoutTokenAud, claims.aud()),
            (Rule::LogoutTokenIat, claims.begins("iat", true)),
            (Rule::LogoutTokenExp, claims.exp(true)),
            (Rule::LogoutTokenEvents, event.is_some().into()),
            // §2.4: so that no logout token passes for an ID token.
            (Rule::LogoutTokenNonce, claims.get("nonce").is_none().into()),
            // One of them, and neither empty.
            (Rule::LogoutTokenSubject, (subjects != [None, None] && !subjects.contains(&Some(false))).into()),
        ])?;
        Ok(document.text())
    }
}
