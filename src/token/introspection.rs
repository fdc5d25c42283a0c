//! The signed introspection response (RFC 9701 §5). Its signature and its own claims come first, then the rules of a plain one.

use alloc::string::String;

use crate::error::Error;
use crate::jose::jws::{Jws, TokenKind};
use crate::jose::signature::Verified;
use crate::message::introspection::{INACTIVE, is_active};
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::wire::json::Document;

const KIND: TokenKind = TokenKind::Introspection;

impl RelyingParty {
    /// Reads the token of [`RelyingParty::signed_introspection`]. [`Jws::verification`] then gives the signature for the host to verify.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`]; `introspection.typ`.
    pub fn introspection_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, KIND)
    }

    /// What a verified response says about the token, as JSON text: as [`RelyingParty::introspection_response`].
    ///
    /// # Errors
    /// `introspection.*`, `json.*`, `jws.typ`
    pub fn introspection_claims(&self, verified: Verified<'_, '_>, now: NumericDate) -> Result<String, Error> {
        self.judged_introspection(&verified.jws_of(KIND)?.claims()?, now)
    }

    /// Validates claims only. The caller has verified the signature.
    pub(crate) fn judged_introspection(&self, document: &Document<'_>, now: NumericDate) -> Result<String, Error> {
        let claims = Claims { root: document.root(), rp: self, now };
        // RFC 9701 §5: it names the resource server, whose name may be an address.
        let audiences = claims.audiences();
        let is_ours = !audiences.is_empty() && audiences.iter().all(|audience| self.client.is_or_trusts(audience));
        let rules = [Rule::IntrospectionIss, Rule::IntrospectionAud, Rule::IntrospectionIat];
        claims.keep_response(rules, is_ours, "iat")?;
        let about = claims.get("token_introspection").filter(|about| about.members().is_some());
        let about = about.ok_or(Rule::IntrospectionTokenIntrospection)?;
        Ok(if is_active(about)? { about.json() } else { INACTIVE.into() })
    }
}
