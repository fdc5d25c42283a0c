//! Token introspection (RFC 7662).

use crate::error::Error;
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{HttpReply, HttpRequest};
use crate::party::provider::INTROSPECTION_ENDPOINT;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::json::Value;

impl RelyingParty {
    /// A request that asks whether a token is active. `assertion` is for the JWT client authentications.
    ///
    /// # Errors
    /// `request.endpoint`, `request.client_auth`; `argument.token` if it is empty.
    pub fn introspection_request(
        &self,
        token: &str,
        assertion: Option<&SignedAssertion>,
    ) -> Result<HttpRequest, Error> {
        self.token_inspection(self.provider.endpoint(INTROSPECTION_ENDPOINT), token, assertion)
    }

    /// Reads the reply for this token, as JSON text: `active`, and the other members only if it is true.
    ///
    /// # Errors
    /// `introspection.oauth_error`, `introspection.status`, `introspection.content_type`, `introspection.active`, `json.*`
    pub fn introspection_response<'a>(&self, reply: &HttpReply<'a>, token: &str) -> Result<&'a str, Error> {
        let rules = [Rule::IntrospectionOauthError, Rule::IntrospectionStatus, Rule::IntrospectionContentType];
        let document = reply.document(rules, false, false).map_err(|error| self.inspection_refused(error, token))?;
        match document.get("active").and_then(Value::bool) {
            Some(true) => Ok(document.text()),
            // RFC 7662 §2.2: other members of an inactive response do not describe a token.
            Some(false) => Ok(r#"{"active":false}"#),
            None => Err(Rule::IntrospectionActive.into()),
        }
    }
}
