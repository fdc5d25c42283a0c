//! Logins on a device without a browser (RFC 8628): the person signs in on another device, while this one polls.

use alloc::string::String;

use crate::error::Error;
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{HttpReply, HttpRequest};
use crate::message::member::{Kind, judge};
use crate::message::token::{ExtensionGrant, Grant};
use crate::party::provider::{Http, Provider};
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::json::{Document, Value, fixed_point};

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
        self.asking(self.provider.device_authorization_endpoint()?, String::new(), grant, assertion)
    }

    /// Reads the response (§3.2).
    ///
    /// # Errors
    /// `device.oauth_error`, `http.status`, `http.content_type`, `device.response`, `json.*`
    pub fn device_authorization_response<'a>(&self, reply: &HttpReply<'a>) -> Result<DeviceAuthorization<'a>, Error> {
        let rules = [Rule::DeviceOauthError, Rule::HttpStatus, Rule::HttpContentType];
        let read = reply
            .document(rules, false, false)
            .and_then(|document| DeviceAuthorization::read(document, self.provider.http));
        read.map_err(|error| error.without(&self.secrets()))
    }
}

/// The codes of a device login.
#[derive(Clone, Debug)]
pub struct DeviceAuthorization<'a>(Document<'a>);

impl<'a> DeviceAuthorization<'a> {
    fn read(document: Document<'a>, http: Http) -> Result<DeviceAuthorization<'a>, Error> {
        let members = [
            ("device_code", Kind::Text, true),
            ("user_code", Kind::Text, true),
            ("verification_uri", Kind::Address, true),
            ("verification_uri_complete", Kind::Address, false),
            ("expires_in", Kind::Seconds, true),
            ("interval", Kind::Seconds, false),
        ];
        judge(&document, http, Rule::DeviceResponse, &members)?;
        Ok(DeviceAuthorization(document))
    }

    /// Reads the codes from JSON text of the provider's response.
    ///
    /// # Errors
    /// `argument.device`
    pub fn parse(json: &'a str, provider: &Provider) -> Result<DeviceAuthorization<'a>, Error> {
        let document = Document::parse_object(json.as_bytes()).ok();
        let device = document.and_then(|document| DeviceAuthorization::read(document, provider.http).ok());
        device.ok_or_else(|| Error::argument("device", "the object from deviceAuthorization()"))
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

    fn seconds(&self, name: &str) -> Option<i64> {
        Some(fixed_point(self.0.get(name).and_then(Value::number)?, 0).unwrap_or(i64::MAX))
    }

    /// Seconds to wait before the next token request, after a wait of `interval` seconds (§3.5). `elapsed` is the time in seconds since
    /// the codes came. `refusal` is the last error: its own code and its OAuth code. `None` if that error ends the login.
    ///
    /// # Errors
    /// `device.expired`
    pub fn wait(
        &self,
        elapsed: u32,
        interval: Option<u32>,
        refusal: Option<(&str, &str)>,
    ) -> Result<Option<u32>, Error> {
        // §3.2: the default, if the provider names none.
        let interval = interval.map_or_else(|| self.seconds("interval").unwrap_or(5), i64::from);
        let wait = match refusal {
            None | Some(("token.oauth_error", "authorization_pending")) => interval,
            Some(("token.oauth_error", "slow_down")) => interval.saturating_add(5),
            // After no response, the interval doubles (§3.5).
            Some(("http.failed" | "http.timeout", _)) => interval.saturating_mul(2).max(1),
            Some(_) => return Ok(None),
        };
        if wait.saturating_add(elapsed.into()) > self.seconds("expires_in").unwrap_or_default() {
            return Err(Rule::DeviceExpired.into());
        }
        Ok(Some(u32::try_from(wait).unwrap_or(u32::MAX)))
    }
}
