//! Signed authorization requests (RFC 9101): the parameters as a request object, by value or by reference.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::jose::unsigned::Unsigned;
use crate::message::authorization::{AUTHORIZATION_ENTROPY, AuthorizationParams};
use crate::party::relying_party::RelyingParty;
use crate::secret::Secret;
use crate::time::NumericDate;
use crate::wire::form::Form;
use crate::wire::json::{Document, ObjectWriter};
use crate::wire::text::has_word;
use crate::wire::uri::Uri;
use crate::wire::{base64url, form};

/// The random bytes for one request object: those of the authorization request, and its `jti`.
pub const REQUEST_OBJECT_ENTROPY: usize = AUTHORIZATION_ENTROPY + 24;

/// An authorization request for the host to sign, and the values to keep until the person returns.
#[derive(Clone)]
#[non_exhaustive]
pub struct RequestObject {
    /// The request object. Its signature makes it the parameter `request`.
    pub unsigned: Unsigned,
    /// The request's `state`. Use it as the name under which you keep the transaction.
    pub state: String,
    /// The values that the answer must match, as in [`AuthorizationRequest`](crate::AuthorizationRequest). Secret.
    pub transaction: Secret,
}

/// It contains the state, so printing it shows only the algorithm.
impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObject").field("unsigned", &self.unsigned).finish_non_exhaustive()
    }
}

/// How the authorization request carries the request object (§5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RequestBy<'a> {
    /// The request object itself (§5.1).
    Value(&'a str),
    /// The address at which the provider fetches it (§5.2).
    Reference(&'a str),
}

/// A request object may contain an ID token, so printing shows no contents.
impl fmt::Debug for RequestBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RequestBy::Value(_) => "Value",
            RequestBy::Reference(_) => "Reference",
        })
    }
}

/// Claims of every request object. They are no parameters of the caller (§4, §10.8: `sub` would make it an assertion of the client).
const CLAIMS: &str = "iss aud sub exp nbf iat jti";

/// Parameters that hold JSON.
const JSON: &str = "max_age claims authorization_details request_context";

/// The lifetime in seconds. The Message Signing profile of FAPI 2.0 permits an hour (§5.3.1).
const LIFE: u32 = 300;

/// §5.2: longer addresses do not reach every provider.
const MAX_REFERENCE: usize = 512;

impl RelyingParty {
    /// Makes the request object of an authorization request (§4).
    ///
    /// # Errors
    /// As [`RelyingParty::authorization_request`]; `argument.requestObject` if the client signs no requests.
    pub fn request_object(
        &self,
        params: &AuthorizationParams<'_>,
        now: NumericDate,
        entropy: &[u8; REQUEST_OBJECT_ENTROPY],
    ) -> Result<RequestObject, Error> {
        let (own_entropy, jti) = entropy.split_first_chunk().unwrap_or((&[0; AUTHORIZATION_ENTROPY], &[]));
        // Checked before anything is signed, because the answer goes there.
        let own = self.start_authorization(&mut String::new())?;
        let client_id = self.client.id()?;
        let mut parameters = String::with_capacity(1024);
        let (state, transaction) =
            self.push_authorization(&mut parameters, Some(client_id), params, own_entropy, &own)?;
        Ok(RequestObject {
            unsigned: self.signed_parameters("oauth-authz-req+jwt", &parameters, now, jti)?,
            state,
            transaction,
        })
    }

    /// The parameters of a request as claims, for the host to sign.
    pub(crate) fn signed_parameters(
        &self,
        typ: &str,
        parameters: &str,
        now: NumericDate,
        jti: &[u8],
    ) -> Result<Unsigned, Error> {
        const KEY: &str = "the key that signs authorization requests";
        let (algorithm, kid) =
            self.client.request_object.as_ref().ok_or_else(|| Error::argument("requestObject", KEY))?;
        let mut header = ObjectWriter::new();
        header.text("alg", algorithm.name()).text("typ", typ).optional("kid", kid.as_deref());
        let mut claims = ObjectWriter::new();
        let issued = now.whole_seconds() - i64::from(self.client.clock_tolerance);
        claims
            .text("iss", self.client.id()?)
            .text("aud", self.provider.issuer())
            .text("jti", &base64url::encode(jti))
            .integer("iat", issued)
            .integer("nbf", issued)
            .integer("exp", now.plus(LIFE).whole_seconds());
        push_members(&mut claims, &Form::parse(parameters))?;
        Ok(Unsigned::new(*algorithm, header, claims))
    }

    /// The address for the browser, with the signed request object (§5).
    ///
    /// # Errors
    /// `request.endpoint`; `argument.uri` unless the reference is an https address of at most 512 ASCII characters.
    pub fn signed_authorization_request(
        &self,
        params: &AuthorizationParams<'_>,
        request: RequestBy<'_>,
    ) -> Result<String, Error> {
        let (name, value) = match request {
            RequestBy::Value(jwt) => ("&request=", jwt),
            RequestBy::Reference(uri) => {
                let is_short = uri.len() <= MAX_REFERENCE && uri.bytes().all(|byte| byte.is_ascii_graphic());
                if !is_short || !Uri::parse(uri).is_some_and(|uri| uri.is_secure()) {
                    return Err(Error::argument("uri", "an https address of at most 512 ASCII characters"));
                }
                ("&request_uri=", uri)
            }
        };
        let mut url = self.authorization_of_client()?;
        // OpenID Connect Core §6.1 requires these beside the request object.
        if params.scope.contains("openid") {
            form::push(&mut url, "&response_type=", params.response_type.name());
            form::push(&mut url, "&scope=", params.scope.as_str());
        }
        form::push(&mut url, name, value);
        Ok(url)
    }
}

/// The parameters as members: strings, and JSON where a parameter holds JSON (§4). A parameter that occurs several times becomes an
/// array (RFC 8707 §2).
fn push_members(claims: &mut ObjectWriter, parameters: &Form<'_>) -> Result<(), Error> {
    for (place, (name, _)) in parameters.pairs().enumerate() {
        let name = name.text().unwrap_or_default();
        if has_word(CLAIMS, &name) {
            return Err(Error::reserved(&name));
        }
        let (mut is_first, mut values) = (true, Vec::new());
        for (at, (other, value)) in parameters.pairs().enumerate() {
            if other.is(&name) {
                is_first &= at >= place;
                values.push(value.text().unwrap_or_default());
            }
        }
        match &*values {
            _ if !is_first => {}
            // The caller's own parameter of this name may hold something else.
            [json, ..] if has_word(JSON, &name) && Document::parse(json.as_bytes()).is_ok() => {
                claims.json(&name, json);
            }
            [text] => {
                claims.text(&name, text);
            }
            texts => {
                claims.texts(&name, texts);
            }
        }
    }
    Ok(())
}
