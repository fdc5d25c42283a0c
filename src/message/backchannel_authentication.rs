//! Logins that the client starts, and that the person confirms on another device (OpenID Connect CIBA Core 1.0), in poll mode.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::jose::unsigned::Unsigned;
use crate::message::client_auth::SignedAssertion;
use crate::message::extra;
use crate::message::http::{HttpReply, HttpRequest};
use crate::message::member::Kind;
use crate::message::poll::{Poll, PollRefusal, Polled};
use crate::message::token::ExtensionGrant;
use crate::party::client::ClientAuth;
use crate::party::provider::{BACKCHANNEL_AUTHENTICATION_ENDPOINT, Provider};
use crate::party::relying_party::RelyingParty;
use crate::party::resource::{Resource, push_resources};
use crate::party::scope::Scope;
use crate::rule::Rule;
use crate::secret::same;
use crate::time::NumericDate;
use crate::wire::form;
use crate::wire::json::Document;
use crate::wire::text::has_word;

impl ExtensionGrant<'_> {
    /// The grant of such a login, whose parameter is `auth_req_id` (§10.1).
    pub const CIBA: ExtensionGrant<'static> = ExtensionGrant::named("urn:openid:params:grant-type:ciba");
}

/// The person who shall sign in (§7.1). A request has exactly one hint.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum PersonHint<'a> {
    /// `login_hint`: a name that the provider knows, such as an e-mail address.
    LoginHint(&'a str),
    /// `login_hint_token`: a token about the person, in a form that the provider defines.
    LoginHintToken(&'a str),
    /// `id_token_hint`: an ID token of an earlier login.
    IdTokenHint(&'a str),
}

/// It identifies a person, so printing it shows no contents.
impl fmt::Debug for PersonHint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PersonHint::LoginHint(_) => "LoginHint",
            PersonHint::LoginHintToken(_) => "LoginHintToken",
            PersonHint::IdTokenHint(_) => "IdTokenHint",
        })
    }
}

impl<'a> PersonHint<'a> {
    /// The parameter's name and value.
    fn parts(self) -> (&'static str, &'a str) {
        match self {
            PersonHint::LoginHint(hint) => ("&login_hint=", hint),
            PersonHint::LoginHintToken(hint) => ("&login_hint_token=", hint),
            PersonHint::IdTokenHint(hint) => ("&id_token_hint=", hint),
        }
    }
}

/// The parameters of a backchannel authentication request (§7.1).
#[derive(Clone)]
pub struct BackchannelAuthenticationParams<'a> {
    /// It must have `openid`.
    pub scope: Scope,
    /// The person.
    pub hint: PersonHint<'a>,
    /// A short string that both devices show, so that the person can compare them.
    pub binding_message: Option<&'a str>,
    /// A secret that only the person and the provider know.
    pub user_code: Option<&'a str>,
    /// The lifetime of the request in seconds.
    pub requested_expiry: Option<u32>,
    /// Authentication classes in order of preference, separated by spaces.
    pub acr_values: Option<&'a str>,
    /// RFC 8707 §2: the resource servers for the tokens.
    pub resource: Vec<Resource<'a>>,
    /// Further parameters, in order. They must not name one that the library sets.
    pub parameters: Vec<(&'a str, &'a str)>,
}

/// It contains personal data and a secret, so printing it shows no contents.
impl fmt::Debug for BackchannelAuthenticationParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackchannelAuthenticationParams").finish_non_exhaustive()
    }
}

/// With §7.1.1: a signed request would override all other parameters.
const RESERVED: &str = "scope login_hint login_hint_token id_token_hint binding_message user_code requested_expiry acr_values \
    resource client_id client_secret client_assertion client_assertion_type request";

/// The claim of an ID token that names its request (§10.3.1).
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";

/// The random bytes for one signed request: its `jti`.
pub const BACKCHANNEL_ENTROPY: usize = 24;

impl RelyingParty {
    /// Makes the backchannel authentication request (§7.1). `request` is the signed request, if the client signs. `assertion` is for
    /// the JWT client authentications.
    ///
    /// # Errors
    /// `request.endpoint`, `request.reserved`, `request.client_auth`; `argument.scope` without `openid`; `request.signed` if the
    /// client signs and `request` is missing; `profile.*`
    pub fn backchannel_authentication_request(
        &self,
        params: &BackchannelAuthenticationParams<'_>,
        request: Option<&str>,
        assertion: Option<&SignedAssertion>,
    ) -> Result<HttpRequest, Error> {
        let mut made = self.authenticated(self.backchannel_endpoint()?, assertion)?;
        let body = &mut made.body;
        match request {
            Some(jwt) => form::push(body, "&request=", jwt),
            None if self.client.request_object.is_some() => return Err(Rule::RequestSigned.into()),
            None => self.push_backchannel(body, params)?,
        }
        Ok(made.into())
    }

    /// The signed request, for the host to sign (§7.1.1).
    ///
    /// # Errors
    /// As [`RelyingParty::backchannel_authentication_request`]; `argument.requestObject` if the client signs no requests.
    pub fn backchannel_request_object(
        &self,
        params: &BackchannelAuthenticationParams<'_>,
        now: NumericDate,
        entropy: &[u8; BACKCHANNEL_ENTROPY],
    ) -> Result<Unsigned, Error> {
        self.backchannel_endpoint()?;
        let mut parameters = String::with_capacity(512);
        self.push_backchannel(&mut parameters, params)?;
        self.signed_parameters("JWT", &parameters, now, entropy)
    }

    /// §7.1: the client must authenticate.
    fn backchannel_endpoint(&self) -> Result<&str, Error> {
        self.check_options()?;
        if self.client.auth == ClientAuth::None {
            return Err(Rule::RequestClientAuth.into());
        }
        self.provider.endpoint(BACKCHANNEL_AUTHENTICATION_ENDPOINT)
    }

    fn push_backchannel(&self, out: &mut String, params: &BackchannelAuthenticationParams<'_>) -> Result<(), Error> {
        if !params.scope.contains("openid") {
            return Err(Error::argument("scope", "a scope with openid"));
        }
        #[cfg(feature = "fapi")]
        if self.client.profile.is_some() {
            crate::party::profile::Profile::judge_id_tokens(&self.client, &self.provider)?;
            // FAPI-CIBA ID1 §5.2.3. Draft 03 no longer demands it beside FAPI 2.0, but providers of ID1 do.
            if self.client.request_object.is_none() {
                return Err(Rule::ProfileRequestObject.into());
            }
            // FAPI-CIBA draft 03 §4.1.2
            let mut parameters = params.parameters.iter();
            let has_context = parameters.any(|&(name, text)| name == "authorization_details" && !text.is_empty());
            // An empty message is not sent.
            if params.binding_message.unwrap_or_default().is_empty() && !has_context {
                return Err(Rule::ProfileBindingMessage.into());
            }
        }
        let (name, hint) = params.hint.parts();
        form::push(out, "&scope=", params.scope.as_str());
        form::push(out, name, hint);
        form::push_optional(out, "&binding_message=", params.binding_message);
        form::push_optional(out, "&user_code=", params.user_code);
        if params.requested_expiry == Some(0) {
            return Err(Error::argument("requestedExpiry", "a number of seconds, more than 0"));
        }
        form::push_number(out, "&requested_expiry=", params.requested_expiry);
        form::push_optional(out, "&acr_values=", params.acr_values);
        push_resources(out, &params.resource);
        extra::push(out, &params.parameters, &|name| has_word(RESERVED, name))
    }

    /// Reads the answer (§7.3).
    ///
    /// # Errors
    /// `ciba.oauth_error`, `http.status`, `http.content_type`, `ciba.response`, `json.*`
    pub fn backchannel_authentication_response<'a>(
        &self,
        reply: &HttpReply<'a>,
        params: &BackchannelAuthenticationParams<'_>,
    ) -> Result<BackchannelAuthentication<'a>, Error> {
        CIBA.answer(reply, self.provider.http).map(BackchannelAuthentication).map_err(|error| {
            let mut secrets = self.secrets();
            secrets.add(params.hint.parts().1);
            secrets.add(params.user_code.unwrap_or_default());
            error.without(&secrets)
        })
    }

    /// Whether the verified ID token belongs to this request. It need not name it (§10.3.1).
    ///
    /// # Errors
    /// `ciba.auth_req_id`
    pub fn check_backchannel_claims(&self, claims: &str, request: &BackchannelAuthentication<'_>) -> Result<(), Error> {
        let claims = Document::parse_object(claims.as_bytes())?;
        match claims.get(AUTH_REQ_ID) {
            Some(id) if !id.str().is_some_and(|id| same(id, request.auth_req_id())) => Err(Rule::CibaAuthReqId.into()),
            _ => Ok(()),
        }
    }
}

pub(crate) static CIBA: Polled = Polled {
    oauth_error: Rule::CibaOauthError,
    response: Rule::CibaResponse,
    expired: Rule::CibaExpired,
    members: &[
        ("auth_req_id", Kind::Text, true),
        ("expires_in", Kind::Seconds, true),
        ("interval", Kind::Seconds, false),
    ],
    argument: ("request", "the object from backchannelAuthentication()"),
};

/// The provider's answer: the person has been asked.
#[derive(Clone)]
pub struct BackchannelAuthentication<'a>(Document<'a>);

/// It contains a secret, so printing it shows no contents.
impl fmt::Debug for BackchannelAuthentication<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackchannelAuthentication").finish_non_exhaustive()
    }
}

impl<'a> BackchannelAuthentication<'a> {
    /// Reads the answer from JSON text of the provider's response.
    ///
    /// # Errors
    /// `argument.request`
    pub fn parse(json: &'a str, provider: &Provider) -> Result<BackchannelAuthentication<'a>, Error> {
        CIBA.parse(json, provider.http).map(BackchannelAuthentication)
    }

    /// The answer as JSON text.
    pub fn json(&self) -> &'a str {
        self.0.text()
    }

    /// The request's identifier, for the token endpoint. Secret.
    pub fn auth_req_id(&self) -> &str {
        self.0.str("auth_req_id").unwrap_or_default()
    }

    /// When to ask for the tokens, for the first time or after a refusal (§10.1, §11). `elapsed` is the time in seconds since the
    /// answer came, and `interval` that of the question before. `None` if the refusal ends the login.
    ///
    /// # Errors
    /// `ciba.expired`
    pub fn next_poll(
        &self,
        elapsed: u32,
        interval: Option<u32>,
        refusal: Option<PollRefusal<'_>>,
    ) -> Result<Option<Poll>, Error> {
        CIBA.next(&self.0, elapsed, interval, refusal)
    }
}
