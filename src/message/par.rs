//! Pushed authorization requests (RFC 9126): the provider receives the parameters directly, and the browser carries a reference.

use alloc::string::String;
use core::fmt;

use crate::error::Error;
use crate::message::authorization::{AUTHORIZATION_ENTROPY, AuthorizationParams};
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{HttpReply, HttpRequest};
use crate::party::client::ClientAuth;
#[cfg(feature = "fapi")]
use crate::party::profile::MAX_PUSHED_LIFE;
use crate::party::provider::PAR_ENDPOINT;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::wire::form;
use crate::wire::json::fixed_point;
use crate::wire::uri::Uri;

/// The request for the provider, and the values to keep until the redirect.
#[derive(Clone)]
#[non_exhaustive]
pub struct PushedAuthorizationRequest {
    /// The request to the provider. [`RelyingParty::pushed_authorization_response`] reads its reply.
    pub request: HttpRequest,
    /// The request's `state`. Store the transaction under this name.
    pub state: String,
    /// The values that the response must match, as in [`AuthorizationRequest`](crate::AuthorizationRequest). Secret.
    pub transaction: Secret,
}

/// It contains the state, so printing shows only the request.
impl fmt::Debug for PushedAuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedAuthorizationRequest").field("request", &self.request).finish_non_exhaustive()
    }
}

impl RelyingParty {
    /// Makes a pushed authorization request (§2.1). `assertion` is for the JWT client authentications.
    ///
    /// # Errors
    /// As [`RelyingParty::authorization_request`], `request.client_auth`.
    pub fn pushed_authorization_request(
        &self,
        params: &AuthorizationParams<'_>,
        assertion: Option<&SignedAssertion>,
        entropy: &[u8; AUTHORIZATION_ENTROPY],
    ) -> Result<PushedAuthorizationRequest, Error> {
        #[cfg(feature = "jar")]
        self.permit_unsigned()?;
        let endpoint = self.par_endpoint()?;
        // Checked before any request, because the browser goes there.
        let own = self.start_authorization(&mut String::new())?;
        let mut request = self.authenticated(endpoint, assertion)?;
        let body = &mut request.body;
        let (state, transaction) = self.push_authorization(body, self.absent_client_id(), params, entropy, &own)?;
        Ok(PushedAuthorizationRequest { request: request.into(), state, transaction })
    }

    /// Pushes a signed request object (§3). [`RelyingParty::pushed_authorization_response`] reads the reply.
    ///
    /// # Errors
    /// `request.endpoint`, `request.client_auth`
    #[cfg(feature = "jar")]
    pub fn pushed_request_object(
        &self,
        request: &str,
        assertion: Option<&SignedAssertion>,
    ) -> Result<HttpRequest, Error> {
        let mut made = self.authenticated(self.par_endpoint()?, assertion)?;
        let body = &mut made.body;
        form::push_optional(body, "&client_id=", self.absent_client_id());
        form::push(body, "&request=", request);
        Ok(made.into())
    }

    /// HTTP Basic has the client ID in a header only.
    fn absent_client_id(&self) -> Option<&str> {
        matches!(self.client.auth, ClientAuth::ClientSecretBasic(_)).then_some(&self.client.client_id)
    }

    /// The endpoint for pushed requests.
    pub(crate) fn par_endpoint(&self) -> Result<&str, Error> {
        let endpoint = self.provider.endpoint(PAR_ENDPOINT);
        #[cfg(feature = "fapi")]
        if endpoint.is_err() && self.client.profile.is_some() {
            return Err(Rule::ProfilePar.into());
        }
        endpoint
    }

    /// Reads the reply: returns the address for the browser (§2.2 and §4).
    ///
    /// # Errors
    /// `par.*`, `profile.expires_in`, `json.*`
    pub fn pushed_authorization_response(&self, reply: &HttpReply<'_>) -> Result<String, Error> {
        self.read_pushed(reply).map_err(|error| error.without(&self.secrets()))
    }

    fn read_pushed(&self, reply: &HttpReply<'_>) -> Result<String, Error> {
        let rules = [Rule::ParOauthError, Rule::ParStatus, Rule::ParContentType];
        let document = reply.document(rules, 201..202, false)?;
        let request_uri = document.str("request_uri").filter(|uri| Uri::parse(uri).is_some());
        let request_uri = request_uri.ok_or(Rule::ParRequestUri)?;
        let expires_in = document.get("expires_in").and_then(|seconds| Some(fixed_point(seconds.number()?, 0)));
        if !expires_in.is_some_and(|seconds| (1..i64::MAX).contains(&seconds)) {
            return Err(Rule::ParExpiresIn.into());
        }
        #[cfg(feature = "fapi")]
        if self.client.profile.is_some() && expires_in.is_some_and(|seconds| seconds >= MAX_PUSHED_LIFE) {
            return Err(Rule::ProfileExpiresIn.into());
        }
        let mut url = self.authorization_of_client()?;
        form::push(&mut url, "&request_uri=", request_uri);
        Ok(url)
    }
}
