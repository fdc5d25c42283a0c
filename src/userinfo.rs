//! Userinfo (OpenID Connect Core §5.3): the request and the answer, plain or signed.

use crate::claims::{Claims, all_kept};
use crate::error::Error;
use crate::http::{HttpReply, HttpRequest};
use crate::jws::{Jws, TokenKind};
use crate::relying_party::RelyingParty;
use crate::report::Verdict;
use crate::rule::Rule;
use crate::secret::{Secret, Secrets};
use crate::signature::Verified;
use crate::time::NumericDate;
use crate::wire::json::Document;
use crate::wire::text::holds;

/// A userinfo answer that may be believed, or one whose signature the host must verify first.
#[derive(Clone, Debug)]
pub enum Userinfo {
    /// The claims' JSON text.
    Claims(Secret),
    /// A signed answer: verify it, then [`RelyingParty::userinfo_claims`].
    Signed(Jws),
}

impl RelyingParty {
    /// Asks for the claims that an access token gives access to.
    ///
    /// # Errors
    /// `request.endpoint`; `argument.accessToken` when it is empty or cannot stand in a header (RFC 6750 §2.1).
    pub fn userinfo_request(&self, access_token: &str) -> Result<HttpRequest, Error> {
        let is_b64token = |byte: u8| byte.is_ascii_alphanumeric() || holds(b"-._~+/=", byte);
        if access_token.is_empty() || !access_token.bytes().all(is_b64token) {
            return Err(Error::argument("accessToken", "an access token as the provider gave it"));
        }
        let mut request = HttpRequest::get(self.provider.userinfo_endpoint()?, "application/json, application/jwt");
        request.headers.push(("Authorization", ["Bearer ", access_token].concat()));
        Ok(request)
    }

    /// Reads the answer to the request with this access token. A client that registered signed answers takes no other.
    ///
    /// # Errors
    /// `userinfo.status`, `userinfo.content_type`, `userinfo.sub`, `json.*`; as [`Jws::parse`] for a signed one.
    pub fn userinfo_response(
        &self,
        reply: &HttpReply<'_>,
        access_token: &str,
        expected_subject: &str,
    ) -> Result<Userinfo, Error> {
        let mut secrets = Secrets::default();
        secrets.add(access_token);
        self.read_userinfo(reply, expected_subject).map_err(|error| error.without(&secrets))
    }

    fn read_userinfo(&self, reply: &HttpReply<'_>, expected_subject: &str) -> Result<Userinfo, Error> {
        if reply.status != 200 {
            return Err(reply.refuse(Rule::UserinfoStatus, reply.oauth_error()));
        }
        if reply.is("application/jwt") {
            let token = core::str::from_utf8(reply.body).map_err(|_| Rule::JwsMalformed)?;
            let jws = self.token(token, TokenKind::Userinfo)?;
            return Ok(Userinfo::Signed(jws));
        }
        if !reply.is("application/json") || self.client.userinfo_signed_response_alg.is_some() {
            return Err(Rule::UserinfoContentType.into());
        }
        let document = Document::parse_object(reply.body.into())?;
        all_kept(&[(Rule::UserinfoSub, is_about(&document, expected_subject))])?;
        Ok(Userinfo::Claims(document.into_text()))
    }

    /// The claims of a signed answer, as JSON text.
    ///
    /// # Errors
    /// `json.*`, `userinfo.sub`, `userinfo.iss`, `userinfo.aud`, `userinfo.exp`
    pub fn userinfo_claims(
        &self,
        verified: Verified<'_>,
        expected_subject: &str,
        now: NumericDate,
    ) -> Result<Secret, Error> {
        self.judged_userinfo(verified.jws_of(TokenKind::Userinfo)?, expected_subject, now)
    }

    /// The same for an answer whose signature somebody must vouch for.
    pub(crate) fn judged_userinfo(&self, jws: &Jws, expected_subject: &str, now: NumericDate) -> Result<Secret, Error> {
        let document = jws.claims()?;
        let claims = Claims { root: document.root(), rp: self, now };
        // No time is required here; what is there holds.
        all_kept(&[
            (Rule::UserinfoSub, is_about(&document, expected_subject)),
            (Rule::JwsTyp, (!claims.is_of_another_kind()).into()),
            (Rule::UserinfoIss, claims.iss()),
            (Rule::UserinfoAud, claims.aud()),
            (Rule::UserinfoExp, claims.exp(false)),
            (Rule::UserinfoExp, claims.begins("nbf", false)),
            (Rule::UserinfoExp, claims.begins("iat", false)),
        ])?;
        Ok(document.into_text())
    }
}

/// OpenID Connect Core §5.3.4: compared before anything else is believed.
fn is_about(claims: &Document, subject: &str) -> Verdict {
    claims.str("sub").is_some_and(|sub| !sub.is_empty() && sub == subject).into()
}
