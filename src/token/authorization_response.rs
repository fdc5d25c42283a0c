//! The signed authorization response (JARM §2.1). Its signature and its own claims come first, then the rules of the redirect.

use crate::error::Error;
use crate::jose::jws::{Jws, TokenKind};
use crate::jose::signature::Verified;
use crate::message::redirect::AuthorizationResponse;
use crate::party::relying_party::RelyingParty;
use crate::party::transaction::Transaction;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::wire::json::Document;

const KIND: TokenKind = TokenKind::AuthorizationResponse;

impl RelyingParty {
    /// Reads the token of [`RelyingParty::signed_response`]. [`Jws::verification`] then gives the signature for the host to verify.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`].
    pub fn authorization_response_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, KIND)
    }

    /// The parameters of a verified answer (JARM §2.4).
    ///
    /// # Errors
    /// `jarm.*`, `json.*`, `jws.typ`; then as [`RelyingParty::authorization_response`].
    pub fn signed_authorization_response(
        &self,
        verified: Verified<'_, '_>,
        transaction: &Transaction<'_>,
        now: NumericDate,
    ) -> Result<AuthorizationResponse<'static>, Error> {
        self.judged_authorization_response(&verified.jws_of(KIND)?.claims()?, transaction, now)
    }

    /// Validates claims only. The caller has verified the signature.
    pub(crate) fn judged_authorization_response(
        &self,
        document: &Document<'_>,
        transaction: &Transaction<'_>,
        now: NumericDate,
    ) -> Result<AuthorizationResponse<'static>, Error> {
        let claims = Claims { root: document.root(), rp: self, now };
        // Another client's answer must not pass, so no other audience is trusted.
        let is_ours = claims.audiences() == [&*self.client.client_id];
        claims.keep_response([Rule::JarmIss, Rule::JarmAud, Rule::JarmExp], is_ours, "exp")?;
        // An ID token has the same issuer and audience.
        claims.keep(Rule::JwsTyp, "", (!claims.is_of_another_kind(false)).into())?;
        self.verified_response(document, transaction)
    }
}
