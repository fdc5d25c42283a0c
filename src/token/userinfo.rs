//! The userinfo response, plain or signed (OpenID Connect Core §5.3.2).

use core::fmt;

use crate::error::Error;
use crate::jose::jws::{Jws, TokenKind};
use crate::jose::signature::Verified;
use crate::message::http::HttpReply;
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::Secrets;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::token::report::Verdict;
use crate::wire::json::Document;

/// A checked userinfo response, or a signed one that the host must verify first.
#[derive(Clone)]
#[non_exhaustive]
pub enum Userinfo<'a> {
    /// The claims' JSON text.
    Claims(&'a str),
    /// A signed response: verify it, then call [`RelyingParty::userinfo_claims`].
    Signed(Jws<'a>),
    /// An encrypted response: decrypt it ([`RelyingParty::encrypted_token`]). It contains a signed one, or the
    /// claims ([`RelyingParty::decrypted_userinfo`]).
    #[cfg(feature = "jwe")]
    Encrypted(&'a str),
}

/// It describes a person, so printing it shows no contents.
impl fmt::Debug for Userinfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Userinfo::Claims(_) => "Claims",
            Userinfo::Signed(_) => "Signed",
            #[cfg(feature = "jwe")]
            Userinfo::Encrypted(_) => "Encrypted",
        })
    }
}

impl RelyingParty {
    /// Reads the reply to the request with this access token. A client that is registered for signed responses accepts no other.
    ///
    /// # Errors
    /// `userinfo.status`, `userinfo.content_type`, `userinfo.sub`, `json.*`; as [`RelyingParty::id_token`] for a signed one.
    pub fn userinfo_response<'a>(
        &self,
        reply: &HttpReply<'a>,
        access_token: &str,
        expected_subject: &str,
    ) -> Result<Userinfo<'a>, Error> {
        let mut secrets = Secrets::new();
        secrets.add(access_token);
        self.read_userinfo(reply, expected_subject).map_err(|error| error.without(&secrets))
    }

    fn read_userinfo<'a>(&self, reply: &HttpReply<'a>, expected_subject: &str) -> Result<Userinfo<'a>, Error> {
        let refused = || reply.refuse(Rule::UserinfoStatus, reply.oauth_error());
        match reply.status {
            200 => {}
            401 | 403 => {
                return Err(refused().expecting("an access token for userinfo; one for a resource is refused there"));
            }
            429 | 500.. => return Err(refused().expecting("an answer at another time")),
            _ => return Err(refused()),
        }
        let is_relaxed = self.client.relaxes(Relaxation::ContentType);
        if reply.is("application/jwt") || is_relaxed && reply.body.starts_with(b"eyJ") {
            let token = core::str::from_utf8(reply.body).map_err(|_| Rule::JwsMalformed)?;
            #[cfg(feature = "jwe")]
            if self.encrypted_token(token, TokenKind::Userinfo)?.is_some() {
                return Ok(Userinfo::Encrypted(token));
            }
            let jws = self.token(token, TokenKind::Userinfo)?;
            return Ok(Userinfo::Signed(jws));
        }
        #[cfg(feature = "jwe")]
        if self.client.decryption.registered(TokenKind::Userinfo).is_some() {
            return Err(Rule::JweRequired.into());
        }
        if !(is_relaxed || reply.is("application/json")) || self.client.userinfo_signed_response_alg.is_some() {
            return Err(Rule::UserinfoContentType.into());
        }
        let document = Document::parse_object(reply.body)?;
        if is_about(&document, expected_subject) == Verdict::Fail {
            // A response without a subject may contain an error.
            let is_refusal = document.get("sub").is_none() && reply.oauth_error().is_some();
            return Err(if is_refusal { refused() } else { Rule::UserinfoSub.into() });
        }
        Ok(Userinfo::Claims(document.text()))
    }

    /// The claims of a signed response, as JSON text.
    ///
    /// # Errors
    /// `json.*`, `userinfo.sub`, `userinfo.iss`, `userinfo.aud`, `userinfo.exp`
    pub fn userinfo_claims<'a>(
        &self,
        verified: Verified<'a, '_>,
        expected_subject: &str,
        now: NumericDate,
    ) -> Result<&'a str, Error> {
        let document = verified.jws_of(TokenKind::Userinfo)?.claims()?;
        self.judge_userinfo(&document, expected_subject, now)?;
        Ok(document.text())
    }

    /// Validates claims only. The caller has verified the signature.
    pub(crate) fn judge_userinfo(
        &self,
        document: &Document<'_>,
        expected_subject: &str,
        now: NumericDate,
    ) -> Result<(), Error> {
        let claims = Claims { root: document.root(), rp: self, now };
        // No time is required, but a present one must be valid.
        claims.keep(Rule::UserinfoSub, "sub", is_about(document, expected_subject))?;
        claims.keep(Rule::JwsTyp, "", (!claims.is_of_another_kind(false)).into())?;
        claims.keep(Rule::UserinfoIss, "iss", claims.iss())?;
        claims.keep(Rule::UserinfoAud, "aud", claims.aud(false))?;
        claims.keep(Rule::UserinfoExp, "exp", claims.exp(claims.get("exp"), false))?;
        for &name in &["nbf", "iat"] {
            claims.keep(Rule::UserinfoExp, name, claims.begins(claims.get(name), false, claims.tolerance()))?;
        }
        Ok(())
    }
}

/// OpenID Connect Core §5.3.4: compared before any other claim is used.
pub(crate) fn is_about(claims: &Document<'_>, subject: &str) -> Verdict {
    (!subject.is_empty() && claims.get("sub").is_some_and(|sub| sub.is_text(subject))).into()
}
