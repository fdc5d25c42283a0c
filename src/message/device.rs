//! Logins on a device without a browser (RFC 8628): the person signs in on another device, while this one polls.

use crate::error::Error;
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{Draft, HttpReply, HttpRequest};
use crate::message::member::Kind;
use crate::message::poll::{Poll, PollRefusal, Polled};
use crate::message::token::{ExtensionGrant, Grant};
use crate::party::provider::{DEVICE_ENDPOINT, Provider};
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::json::Document;

impl ExtensionGrant<'_> {
    /// The grant of a device login, whose parameter is `device_code` (§3.4).
    pub const DEVICE_CODE: ExtensionGrant<'static> =
        ExtensionGrant::named("urn:ietf:params:oauth:grant-type:device_code");
}

impl RelyingParty {
    /// Makes the device authorization request, with the grant's scope, resources and parameters (§3.1).
    /// `assertion` is for the JWT client authentications.
    ///
    /// # Errors
    /// `request.endpoint`, `request.reserved`, `request.client_auth`
    pub fn device_authorization_request(
        &self,
        grant: &Grant<'_>,
        assertion: Option<&SignedAssertion>,
    ) -> Result<HttpRequest, Error> {
        let mut request = Draft::default();
        request.read_endpoint(&self.provider, DEVICE_ENDPOINT)?;
        self.ask(&mut request, grant, assertion)?;
        Ok(request.into())
    }

    /// Reads the response (§3.2).
    ///
    /// # Errors
    /// `device.oauth_error`, `http.status`, `http.content_type`, `device.response`, `json.*`
    pub fn device_authorization_response<'a>(&self, reply: &HttpReply<'a>) -> Result<DeviceAuthorization<'a>, Error> {
        let read = DEVICE.answer(reply, self.provider.http);
        read.map(DeviceAuthorization).map_err(|error| error.without(&self.secrets()))
    }
}

pub(crate) static DEVICE: Polled = Polled {
    oauth_error: Rule::DeviceOauthError,
    response: Rule::DeviceResponse,
    expired: Rule::DeviceExpired,
    members: &[
        ("device_code", Kind::Text, true),
        ("user_code", Kind::Text, true),
        ("verification_uri", Kind::Address, true),
        ("verification_uri_complete", Kind::Address, false),
        ("expires_in", Kind::Seconds, true),
        ("interval", Kind::Seconds, false),
    ],
    argument: ("device", "the object from deviceAuthorization()"),
};

/// The codes of a device login.
#[derive(Clone, Debug)]
pub struct DeviceAuthorization<'a>(Document<'a>);

impl<'a> DeviceAuthorization<'a> {
    /// Reads the codes from JSON text of the provider's response.
    ///
    /// # Errors
    /// `argument.device`
    pub fn parse(json: &'a str, provider: &Provider) -> Result<DeviceAuthorization<'a>, Error> {
        DEVICE.parse(json, provider.http).map(DeviceAuthorization)
    }

    /// The codes as JSON text.
    pub fn json(&self) -> &'a str {
        self.0.text()
    }

    /// The device code, for the token endpoint. Secret.
    pub fn device_code(&self) -> &str {
        self.0.str("device_code").unwrap_or_default()
    }

    /// The code that the person types.
    pub fn user_code(&self) -> &str {
        self.0.str("user_code").unwrap_or_default()
    }

    /// The address of the page for the code.
    pub fn verification_uri(&self) -> &str {
        self.0.str("verification_uri").unwrap_or_default()
    }

    /// The same address with the code, for a QR code.
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.0.str("verification_uri_complete")
    }

    /// When to ask for the tokens, for the first time or after a refusal (§3.5). `elapsed` is the time in seconds since the codes came,
    /// and `interval` that of the question before. `None` if the refusal ends the login.
    ///
    /// # Errors
    /// `device.expired`
    pub fn next_poll(
        &self,
        elapsed: u32,
        interval: Option<u32>,
        refusal: Option<PollRefusal<'_>>,
    ) -> Result<Option<Poll>, Error> {
        DEVICE.next(&self.0, elapsed, interval, refusal)
    }
}
