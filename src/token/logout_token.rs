//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4): a session has ended.

use crate::error::Error;
use crate::jose::jws::{Jws, TokenKind};
use crate::jose::signature::Verified;
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::token::report::Verdict;
use crate::wire::json::Document;

/// The maximum age of a logout token without `exp`, in seconds.
const RECENT: u32 = 300;

impl RelyingParty {
    /// Reads a logout token. [`Jws::verification`] then gives the signature for the host to verify.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`], `logout_token.typ`.
    pub fn logout_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, TokenKind::LogoutToken)
    }

    /// The claims of a verified logout token, as JSON text (§2.6). The caller must reject a repeated `jti` until the token's
    /// `exp` has passed.
    ///
    /// # Errors
    /// `json.*`, `logout_token.*`
    pub fn logout_token_claims<'a>(&self, verified: Verified<'a, '_>, now: NumericDate) -> Result<&'a str, Error> {
        let document = verified.jws_of(TokenKind::LogoutToken)?.claims()?;
        self.judge_logout_token(&document, now)?;
        Ok(document.text())
    }

    /// Validates claims only. The caller has verified the signature.
    pub(crate) fn judge_logout_token(&self, document: &Document<'_>, now: NumericDate) -> Result<(), Error> {
        const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
        let claims = Claims { root: document.root(), rp: self, now };
        let event = claims.get("events").and_then(|events| events.get(EVENT)?.members());
        let is_relaxed = self.client.relaxes(Relaxation::LogoutWithoutExp) && claims.get("exp").is_none();
        let is_recent = claims.date("iat").is_some_and(|iat| now <= iat.plus(RECENT));
        let exp = if is_relaxed { Verdict::from(is_recent) } else { claims.exp(claims.get("exp"), true) };
        let is_name = |text: &str| !text.is_empty();
        claims.keep(Rule::LogoutTokenIss, "iss", claims.iss())?;
        claims.keep(Rule::LogoutTokenAud, "aud", claims.aud(false))?;
        // RFC 7519 §4.1.5: no token may be used before its `nbf`.
        for &(name, is_required) in &[("iat", true), ("nbf", false)] {
            let begins = claims.begins(claims.get(name), is_required, claims.tolerance());
            claims.keep(Rule::LogoutTokenIat, name, begins)?;
        }
        claims.keep(Rule::LogoutTokenExp, "exp", exp)?;
        claims.keep(Rule::LogoutTokenJti, "jti", claims.text("jti").is_some_and(is_name).into())?;
        claims.keep(Rule::LogoutTokenEvents, "events", event.is_some().into())?;
        // §2.4: no logout token may be valid as an ID token.
        claims.keep(Rule::LogoutTokenNonce, "", claims.get("nonce").is_none().into())?;
        claims.keep(Rule::LogoutTokenSubject, "", claims.names(["sub", "sid"], &is_name).into())
    }
}
