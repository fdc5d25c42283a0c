//! The key set as a message: the request for it and the reply (OpenID Connect Discovery §3, RFC 7517 §5).

use crate::error::Error;
use crate::jose::jwk::Jwks;
use crate::message::http::{Draft, HttpReply, HttpRequest};
use crate::party::provider::{JWKS_URI, Provider};
use crate::rule::Rule;

impl Provider {
    /// The request for the key set.
    ///
    /// # Errors
    /// `request.endpoint`
    pub fn jwks_request(&self) -> Result<HttpRequest, Error> {
        let mut draft = Draft::default();
        self.draft_jwks(&mut draft)?;
        Ok(draft.into())
    }

    /// The same before it becomes a request.
    pub(crate) fn draft_jwks<'p>(&'p self, draft: &mut Draft<'p>) -> Result<(), Error> {
        draft.read_endpoint(self, JWKS_URI)?;
        draft.accept = Some("application/json, application/jwk-set+json");
        Ok(())
    }
}

impl Jwks {
    /// Reads the reply to a key-set request. Any content type is accepted, if the body is JSON.
    ///
    /// # Errors
    /// `http.status`; as [`Jwks::parse`]; `jwks.no_match` if no key is well-formed. Keys that are available already are better than
    /// such a set.
    pub fn from_reply(reply: &HttpReply<'_>) -> Result<Jwks, Error> {
        if reply.status != 200 {
            return Err(reply.refuse(Rule::HttpStatus, None));
        }
        let keys = Jwks::parse(reply.body)?;
        if keys.is_empty() && !Jwks::is_sound(reply.body) {
            return Err(Error::of_value(Rule::JwksNoMatch, "none").expecting("a well-formed key"));
        }
        Ok(keys)
    }
}
