//! Token revocation (RFC 7009).

use crate::error::Error;
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{Draft, HttpReply, HttpRequest};
use crate::party::provider::REVOCATION_ENDPOINT;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::form;

impl RelyingParty {
    /// A request that revokes an access or refresh token (RFC 7009 §2.1). `assertion` is for the JWT client authentications.
    ///
    /// # Errors
    /// `request.endpoint`, `request.client_auth`; `argument.token` if it is empty.
    pub fn revocation_request(&self, token: &str, assertion: Option<&SignedAssertion>) -> Result<HttpRequest, Error> {
        let mut draft = Draft::default();
        self.draft_inspection(&mut draft, REVOCATION_ENDPOINT, token, assertion)?;
        Ok(draft.into())
    }

    /// Reads the reply for this token. An unknown token counts as revoked (RFC 7009 §2.2).
    ///
    /// # Errors
    /// `revocation.oauth_error`, `revocation.status`
    pub fn revocation_response(&self, reply: &HttpReply<'_>, token: &str) -> Result<(), Error> {
        let oauth = reply.oauth_error();
        let rule = match &oauth {
            // Keycloak returns this for a token that has ended already.
            Some(error) if reply.status == 200 && error.error == "invalid_token" => return Ok(()),
            Some(_) => Rule::RevocationOauthError,
            // Status 202 and 204 are success too (RFC 9110 §15.3.3, §15.3.5).
            None if matches!(reply.status, 200 | 202 | 204) => return Ok(()),
            None => Rule::RevocationStatus,
        };
        Err(self.inspection_refused(reply.refuse(rule, oauth), token))
    }

    /// An error without the secrets of the request.
    pub(crate) fn inspection_refused(&self, error: Error, token: &str) -> Error {
        let mut secrets = self.secrets();
        secrets.add(token);
        error.without(&secrets)
    }

    /// The form of revocation and introspection (RFC 7662 §2.1).
    pub(crate) fn draft_inspection<'p>(
        &'p self,
        draft: &mut Draft<'p>,
        endpoint: usize,
        token: &str,
        assertion: Option<&SignedAssertion>,
    ) -> Result<(), Error> {
        if token.is_empty() {
            return Err(Error::argument("token", "a token of the provider"));
        }
        draft.read_endpoint(&self.provider, endpoint)?;
        form::push(&mut draft.body, "&token=", token);
        self.authenticate(draft, assertion)
    }
}
