//! Token introspection (RFC 7662), with plain or signed responses (RFC 9701).

use crate::error::Error;
#[cfg(all(feature = "jwt-introspection", feature = "jwe"))]
use crate::jose::jws::TokenKind;
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{Draft, HttpReply, HttpRequest, OK};
#[cfg(feature = "fapi")]
use crate::party::profile::Profile;
use crate::party::provider::INTROSPECTION_ENDPOINT;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::json::Value;

/// The media type of a signed response (RFC 9701 §4).
#[cfg(feature = "jwt-introspection")]
const SIGNED: &str = "application/token-introspection+jwt";

impl RelyingParty {
    /// A request that asks whether a token is active. `assertion` is for the JWT client authentications.
    ///
    /// # Errors
    /// `request.endpoint`, `request.client_auth`, `profile.introspection`; `argument.token` if it is empty.
    pub fn introspection_request(
        &self,
        token: &str,
        assertion: Option<&SignedAssertion>,
    ) -> Result<HttpRequest, Error> {
        let mut draft = Draft::default();
        self.draft_introspection(&mut draft, token, assertion)?;
        #[cfg(feature = "jwt-introspection")]
        if self.wants_signed_introspection() {
            return Ok(HttpRequest::from(draft).accepting(SIGNED));
        }
        Ok(draft.into())
    }

    /// The same before it becomes a request, for a plain response.
    pub(crate) fn draft_introspection<'p>(
        &'p self,
        draft: &mut Draft<'p>,
        token: &str,
        assertion: Option<&SignedAssertion>,
    ) -> Result<(), Error> {
        #[cfg(feature = "fapi")]
        if self.client.profile == Some(Profile::Fapi2MessageSigning) && !self.wants_signed_introspection() {
            return Err(Rule::ProfileIntrospection.into());
        }
        self.draft_inspection(draft, INTROSPECTION_ENDPOINT, token, assertion)
    }

    /// Whether the client is registered for signed responses. Encrypted ones are signed too (RFC 9701 §6).
    #[cfg(feature = "jwt-introspection")]
    pub(crate) fn wants_signed_introspection(&self) -> bool {
        #[cfg(feature = "jwe")]
        if self.client.decryption.registered(TokenKind::Introspection).is_some() {
            return true;
        }
        self.client.introspection_signed_response_alg.is_some()
    }

    /// The signed or encrypted token in a good reply. `None` for a plain reply, and unless the client is registered for signed ones:
    /// then [`RelyingParty::introspection_response`] says what it is.
    ///
    /// # Errors
    /// `jws.malformed`
    #[cfg(feature = "jwt-introspection")]
    pub fn signed_introspection<'a>(&self, reply: &HttpReply<'a>) -> Result<Option<&'a str>, Error> {
        if reply.status == 200 && reply.is(SIGNED) && self.wants_signed_introspection() {
            return Ok(Some(core::str::from_utf8(reply.body).map_err(|_| Rule::JwsMalformed)?));
        }
        Ok(None)
    }

    /// Reads the plain reply for this token, as JSON text: `active`, and the other members only if it is true.
    ///
    /// # Errors
    /// `introspection.oauth_error`, `introspection.status`, `introspection.content_type`, `introspection.active`, `json.*`;
    /// `introspection.unsigned` if the client is registered for signed responses
    pub fn introspection_response<'a>(&self, reply: &HttpReply<'a>, token: &str) -> Result<&'a str, Error> {
        let content_type = Rule::IntrospectionContentType;
        // A plain response instead of a signed one is a downgrade.
        #[cfg(feature = "jwt-introspection")]
        let content_type = if self.wants_signed_introspection() { Rule::IntrospectionUnsigned } else { content_type };
        let rules = [Rule::IntrospectionOauthError, Rule::IntrospectionStatus, content_type];
        let document = reply.document(rules, OK, false).map_err(|error| self.inspection_refused(error, token))?;
        #[cfg(feature = "jwt-introspection")]
        if content_type == Rule::IntrospectionUnsigned {
            return Err(content_type.into());
        }
        Ok(if is_active(document.root())? { document.text() } else { INACTIVE })
    }
}

/// RFC 7662 §2.2: other members of an inactive response do not describe a token.
pub(crate) const INACTIVE: &str = r#"{"active":false}"#;

/// Whether a response is about an active token.
pub(crate) fn is_active(response: Value<'_>) -> Result<bool, Rule> {
    response.get("active").and_then(Value::bool).ok_or(Rule::IntrospectionActive)
}
