//! Logins on a device without a browser (RFC 8628): the person signs in on another device, while this one polls.

use alloc::string::String;

use crate::error::Error;
use crate::message::client_auth::SignedAssertion;
use crate::message::http::{HttpReply, HttpRequest};
use crate::message::member::{Kind, judge};
use crate::message::token::{ExtensionGrant, Grant};
use crate::party::provider::{DEVICE_ENDPOINT, Http, Provider};
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
        self.asking(self.provider.endpoint(DEVICE_ENDPOINT)?, String::new(), grant, assertion)
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

    fn thousandths(&self, name: &str) -> Option<i64> {
        Some(fixed_point(self.0.get(name).and_then(Value::number)?, 3).unwrap_or(i64::MAX))
    }

    /// When to ask for the tokens, for the first time or after a refusal (§3.5). `elapsed` is the time in seconds since the codes came,
    /// and `interval` that of the question before. `None` if the refusal ends the login.
    ///
    /// # Errors
    /// `device.expired`
    pub fn next_question(
        &self,
        elapsed: u32,
        interval: Option<u32>,
        refusal: Option<DeviceRefusal<'_>>,
    ) -> Result<Option<DeviceQuestion>, Error> {
        // §3.2: 5 if the provider names none. A fraction counts as a whole second, because the wait must not be shorter.
        let given = || self.thousandths("interval").map_or(5, |interval| interval.saturating_add(999) / 1000);
        let mut interval = interval.unwrap_or_else(|| u32::try_from(given()).unwrap_or(LONGEST));
        let mut retry_after = 0;
        if let Some(refusal) = refusal {
            retry_after = refusal.retry_after.unwrap_or_default();
            match (refusal.code, refusal.error) {
                ("token.oauth_error", "authorization_pending") => {}
                ("token.oauth_error", "slow_down") => interval = interval.saturating_add(5),
                _ if !refusal.is_passing() => return Ok(None),
                // With `Retry-After` the server says itself when it can answer.
                _ if retry_after == 0 => interval = interval.saturating_mul(2).max(1),
                _ => {}
            }
        }
        interval = interval.min(LONGEST);
        let wait = interval.max(retry_after);
        if i64::from(wait) + i64::from(elapsed) > self.thousandths("expires_in").unwrap_or_default() / 1000 {
            return Err(Rule::DeviceExpired.into());
        }
        Ok(Some(DeviceQuestion { interval, wait }))
    }
}

/// The longest interval in seconds: 68 years. The host's numbers have a sign.
const LONGEST: u32 = u32::MAX >> 1;

/// A question to the token endpoint that brought no tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeviceRefusal<'a> {
    /// The error's code.
    pub code: &'a str,
    /// The OAuth error code; empty if there is none.
    pub error: &'a str,
    /// The status of the answer; 0 without an answer.
    pub status: u16,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u32>,
}

impl DeviceRefusal<'_> {
    /// Whether it says nothing about the login: no answer (§3.5), or a server that cannot answer now (RFC 6585 §4, RFC 9110 §15.6).
    fn is_passing(&self) -> bool {
        matches!(self.code, "http.failed" | "http.timeout") || matches!(self.status, 429 | 500..)
    }
}

/// The next question to the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceQuestion {
    /// Seconds between two questions from now on.
    pub interval: u32,
    /// Seconds to wait before this one.
    pub wait: u32,
}
