//! The token endpoint (RFC 6749 §3.2): the request for each grant and the response.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::message::client_auth::SignedAssertion;
#[cfg(feature = "extension-grants")]
use crate::message::extension_grant::judge;
use crate::message::extra;
use crate::message::http::{ANY_SUCCESS, Draft, HttpReply, HttpRequest, OK};
#[cfg(feature = "authorization-details")]
use crate::party::authorization_details::is_authorization_details;
use crate::party::client::ClientAuth;
use crate::party::pkce::VERIFIER_IN_FORM;
use crate::party::provider::TOKEN_ENDPOINT;
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::party::resource::{Resource, push_resources};
use crate::party::scope::Scope;
use crate::party::transaction::Transaction;
use crate::rule::Rule;
use crate::secret::Secrets;
use crate::wire::form::{self, are_unreserved};
use crate::wire::json::{Document, Value, fixed_point, is_negative};
use crate::wire::text::{has_word, is_digits, join};
use crate::wire::uri::Uri;

/// The grant and its parameters.
#[derive(Clone)]
pub struct Grant<'a> {
    /// The grant itself.
    pub kind: GrantType<'a>,
    /// A smaller scope than granted before, or the requested scope.
    pub scope: Option<Scope>,
    /// RFC 8707 §2.2: the resource servers for the token.
    pub resource: Vec<Resource<'a>>,
    /// Further parameters, in order. They must not name one that the library sets.
    pub parameters: Vec<(&'a str, &'a str)>,
}

/// It contains secrets, so printing it shows only the kind.
impl fmt::Debug for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The kinds of grant.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum GrantType<'a> {
    /// RFC 6749 §4.1.3
    AuthorizationCode {
        /// The code from the redirect.
        code: &'a str,
        /// The transaction of that login.
        transaction: &'a Transaction<'a>,
    },
    /// RFC 6749 §6
    RefreshToken {
        /// The refresh token.
        token: &'a str,
        /// The login's transaction. Open Liberty requires its `code_verifier` with every refresh.
        transaction: Option<&'a Transaction<'a>>,
    },
    /// RFC 6749 §4.4
    ClientCredentials,
    /// RFC 6749 §4.3
    Password {
        /// The resource owner's user name.
        username: &'a str,
        /// The resource owner's password.
        password: &'a str,
    },
    /// RFC 6749 §4.5: an absolute URI, with its own parameters.
    Extension(ExtensionGrant<'a>),
}

/// The absolute URI of an extension grant.
///
/// ```
/// use oidc_wasm::ExtensionGrant;
/// assert!(ExtensionGrant::parse("urn:ietf:params:oauth:grant-type:device_code").is_ok());
/// assert_eq!(ExtensionGrant::parse("device_code").unwrap_err().code(), "argument.type");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionGrant<'a>(&'a str);

impl<'a> ExtensionGrant<'a> {
    /// A constant that is known to be such a URI.
    #[cfg(any(feature = "ciba", feature = "device"))]
    pub(crate) const fn named(uri: &'a str) -> ExtensionGrant<'a> {
        ExtensionGrant(uri)
    }

    /// Takes an absolute URI (RFC 6749 §4.5).
    ///
    /// # Errors
    /// `argument.type`
    pub fn parse(uri: &'a str) -> Result<ExtensionGrant<'a>, Error> {
        match Uri::parse(uri) {
            Some(_) => Ok(ExtensionGrant(uri)),
            None => Err(Error::argument("type", "a grant type of RFC 6749, or an absolute URI")),
        }
    }
}

impl GrantType<'_> {
    /// RFC 8693 §2.1
    fn is_exchange(&self) -> bool {
        const NAME: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
        matches!(self, GrantType::Extension(ExtensionGrant(NAME)))
    }

    /// Its `grant_type`.
    pub fn name(&self) -> &str {
        match self {
            GrantType::AuthorizationCode { .. } => "authorization_code",
            GrantType::RefreshToken { .. } => "refresh_token",
            GrantType::ClientCredentials => "client_credentials",
            GrantType::Password { .. } => "password",
            GrantType::Extension(uri) => uri.0,
        }
    }

    /// The login's code verifier (RFC 7636 §4.5).
    fn verifier(&self) -> Option<&str> {
        match self {
            GrantType::AuthorizationCode { transaction, .. }
            | GrantType::RefreshToken { transaction: Some(transaction), .. } => transaction.verifier,
            _ => None,
        }
    }

    /// The hint for an error of the token endpoint (RFC 6749 §5.2, RFC 8707 §2).
    fn hint(&self, error: &str) -> Option<&'static str> {
        Some(match (self, error) {
            (_, "invalid_client") => "Compare clientId and auth with the client's registration.",
            (_, "unauthorized_client") => "Allow this grant type in the client's registration.",
            (GrantType::AuthorizationCode { .. }, "invalid_grant") => {
                "The code is used, expired or bound to another redirect URI. Start a new login."
            }
            (GrantType::RefreshToken { .. }, "invalid_grant") => {
                "The refresh token is used, expired or revoked. Start a new login."
            }
            (GrantType::ClientCredentials, error)
                if has_word("invalid_request invalid_scope invalid_target", error) =>
            {
                "Some providers want a resource or a scope with client credentials."
            }
            _ => return None,
        })
    }
}

/// Grants contain secrets, so printing one shows only the kind.
impl fmt::Debug for GrantType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'a> From<GrantType<'a>> for Grant<'a> {
    fn from(kind: GrantType<'a>) -> Grant<'a> {
        let mut grant = Grant::unread();
        grant.take(kind);
        grant
    }
}

impl<'a> Grant<'a> {
    /// A place for a grant that is still to be read.
    pub(crate) fn unread() -> Grant<'a> {
        Grant { kind: GrantType::ClientCredentials, scope: None, resource: Vec::new(), parameters: Vec::new() }
    }

    /// Takes the grant's type. If the login requested one resource, the code's request names it too (RFC 8707 §2.2).
    pub(crate) fn take(&mut self, kind: GrantType<'a>) {
        self.kind = kind;
        if let GrantType::AuthorizationCode { transaction: Transaction { resource: Some(asked), .. }, .. } = kind {
            self.resource.push(*asked);
        }
    }
}

const RESERVED: &str =
    "grant_type refresh_token client_id client_secret client_assertion client_assertion_type scope resource";

impl RelyingParty {
    /// Makes the token request for a grant.
    ///
    /// # Errors
    /// `request.endpoint`, `request.reserved`; `request.client_auth` for client credentials without a secret.
    pub fn token_request(&self, grant: &Grant<'_>) -> Result<HttpRequest, Error> {
        self.token_request_with(grant, None)
    }

    /// The same for a client that authenticates with a signed [`Assertion`](crate::Assertion).
    ///
    /// # Errors
    /// As [`RelyingParty::token_request`]; `request.client_auth` if an assertion is required and absent.
    pub fn token_request_with(
        &self,
        grant: &Grant<'_>,
        assertion: Option<&SignedAssertion>,
    ) -> Result<HttpRequest, Error> {
        let mut draft = Draft::default();
        self.token_form(&mut draft, grant, assertion)?;
        Ok(draft.into())
    }

    /// The same before it becomes a request.
    pub(crate) fn token_form<'p>(
        &'p self,
        request: &mut Draft<'p>,
        grant: &Grant<'p>,
        assertion: Option<&SignedAssertion>,
    ) -> Result<(), Error> {
        request.read_endpoint(&self.provider, TOKEN_ENDPOINT)?;
        let body = &mut request.body;
        if let GrantType::AuthorizationCode {
            code,
            transaction: Transaction { redirect_uri, verifier: Some(verifier), .. },
        } = grant.kind
            && self.is_client_uri(redirect_uri)
            && are_unreserved(code)
        {
            // The usual form needs no copy. The verifier's characters stay as they are.
            request.start =
                Some(["grant_type=authorization_code&code=", code, &self.redirect_uri_in_form, verifier, ""]);
        } else {
            form::push(body, "&grant_type=", grant.kind.name());
        }
        match grant.kind {
            GrantType::AuthorizationCode { .. } if request.start.is_some() => {}
            GrantType::AuthorizationCode { code, transaction } => {
                form::push(body, "&code=", code);
                form::push(body, "&redirect_uri=", transaction.redirect_uri);
                form::push_optional(body, VERIFIER_IN_FORM, transaction.verifier);
            }
            GrantType::RefreshToken { token, transaction } => {
                form::push(body, "&refresh_token=", token);
                let verifier = transaction.and_then(|transaction| transaction.verifier);
                form::push_optional(body, VERIFIER_IN_FORM, verifier);
            }
            GrantType::ClientCredentials => {
                // RFC 6749 §4.4: only a confidential client may use client credentials.
                if self.client.auth == ClientAuth::None {
                    return Err(Rule::RequestClientAuth.into());
                }
            }
            #[cfg(feature = "fapi")]
            GrantType::Password { .. } if self.client.profile.is_some() => return Err(Rule::ProfileGrant.into()),
            GrantType::Password { username, password } => {
                form::push(body, "&username=", username);
                form::push(body, "&password=", password);
            }
            #[cfg(feature = "extension-grants")]
            GrantType::Extension(ExtensionGrant(uri)) => judge(uri, grant)?,
            #[cfg(not(feature = "extension-grants"))]
            GrantType::Extension(_) => {}
        }
        self.ask(request, grant, assertion)
    }

    /// The common end of a token request: client ID, scope, resources and the caller's parameters.
    pub(crate) fn ask<'p>(
        &'p self,
        request: &mut Draft<'p>,
        grant: &Grant<'_>,
        assertion: Option<&SignedAssertion>,
    ) -> Result<(), Error> {
        self.authenticate(request, assertion)?;
        let body = &mut request.body;
        if let Some(scope) = &grant.scope {
            form::push(body, "&scope=", scope.as_str());
        }
        push_resources(body, &grant.resource);
        extra::push(body, &grant.parameters, &|name| sets(&grant.kind, name))
    }

    /// Reads the token response for this grant.
    ///
    /// # Errors
    /// `token.*`, `json.*`
    pub fn token_response<'a>(&self, reply: &HttpReply<'a>, grant: &Grant<'_>) -> Result<TokenResponse<'a>, Error> {
        self.read_tokens(reply, grant).map_err(|error| {
            let hint = error.oauth().and_then(|oauth| grant.kind.hint(&oauth.error));
            error.hinting(hint).without(&self.secrets_of(grant))
        })
    }

    fn read_tokens<'a>(&self, reply: &HttpReply<'a>, grant: &Grant<'_>) -> Result<TokenResponse<'a>, Error> {
        let relaxes = |relaxation| self.client.relaxes(relaxation);
        let rules = [Rule::TokenOauthError, Rule::TokenStatus, Rule::TokenContentType];
        let success = if relaxes(Relaxation::TokenStatus) { ANY_SUCCESS } else { OK };
        let document = reply.document(rules, success, relaxes(Relaxation::ContentType))?;
        for &(name, rule) in &[
            ("access_token", Rule::TokenAccessToken),
            ("refresh_token", Rule::TokenRefreshToken),
            ("id_token", Rule::TokenIdToken),
        ] {
            let is_fit = match document.get(name) {
                None => rule != Rule::TokenAccessToken,
                Some(value) => value.str().is_some_and(|text| !text.is_empty()),
            };
            if !is_fit {
                return Err(rule.into());
            }
        }
        let is_known = match document.get("token_type") {
            None => relaxes(Relaxation::TokenType),
            // RFC 8693 §2.2.1: a token exchange may return another kind of token.
            Some(token_type) => token_type.str().is_some_and(|token_type| {
                self.takes_token_type(token_type) || grant.kind.is_exchange() && token_type.eq_ignore_ascii_case("N_A")
            }),
        };
        if !is_known {
            return Err(Rule::TokenTokenType.into());
        }
        #[cfg(feature = "fapi")]
        self.permit_token_type(document.str("token_type").unwrap_or(BEARER))?;
        #[cfg(feature = "authorization-details")]
        if document.get("authorization_details").is_some_and(|details| !is_authorization_details(details)) {
            return Err(Rule::TokenAuthorizationDetails.into());
        }
        #[cfg(feature = "extension-grants")]
        if grant.kind.is_exchange() {
            let is_named = match document.get("issued_token_type") {
                None => relaxes(Relaxation::TokenType),
                Some(name) => name.str().and_then(Uri::parse).is_some(),
            };
            if !is_named {
                return Err(Rule::TokenIssuedTokenType.into());
            }
        }
        let scopes = match document.get("scope").filter(|scope| scope.str().is_none()) {
            None => None,
            Some(list) if relaxes(Relaxation::ScopeArray) => Some(join(&list.texts().ok_or(Rule::TokenScope)?)),
            Some(_) => return Err(Rule::TokenScope.into()),
        };
        let expires_in = match document.get("expires_in") {
            Some(value) => Some(expires_in(value).ok_or(Rule::TokenExpiresIn)?),
            None => None,
        };
        let is_login =
            matches!(grant.kind, GrantType::AuthorizationCode { transaction, .. } if transaction.nonce.is_some());
        // CIBA Core 1.0 §10.1.1: such a login brings an ID token, because its scope has openid.
        #[cfg(feature = "ciba")]
        let is_login = is_login || matches!(grant.kind, GrantType::Extension(ExtensionGrant::CIBA));
        if is_login && document.get("id_token").is_none() {
            return Err(Rule::TokenMissingIdToken.into());
        }
        Ok(TokenResponse { document, expires_in, scopes, is_uncached: reply.is_uncached() })
    }
}

impl RelyingParty {
    /// The secrets of this grant. Errors must not repeat them.
    fn secrets_of(&self, grant: &Grant<'_>) -> Secrets {
        let mut secrets = self.secrets();
        match grant.kind {
            GrantType::AuthorizationCode { code: secret, .. }
            | GrantType::RefreshToken { token: secret, .. }
            | GrantType::Password { password: secret, .. } => secrets.add(secret),
            GrantType::ClientCredentials | GrantType::Extension(_) => {}
        }
        secrets.add(grant.kind.verifier().unwrap_or_default());
        for (name, value) in &grant.parameters {
            if !names_a_thing(name) {
                secrets.add(value);
            }
        }
        secrets
    }
}

/// Whether a parameter's value is public: a type or an audience (RFC 8693 §2.1).
fn names_a_thing(parameter: &str) -> bool {
    has_word("audience subject_token_type actor_token_type requested_token_type requested_token_use", parameter)
}

/// Whether the library sets this parameter. A code, its verifier and a password belong only to their own grants: some providers
/// require `code_verifier` with a refresh, and an extension grant has its own parameters.
fn sets(kind: &GrantType<'_>, name: &str) -> bool {
    let own = match kind {
        GrantType::AuthorizationCode { .. } => "code redirect_uri code_verifier",
        GrantType::RefreshToken { transaction: Some(_), .. } => "code_verifier",
        GrantType::Password { .. } => "username password",
        _ => return has_word(RESERVED, name),
    };
    has_word(RESERVED, name) || has_word(own, name)
}

/// A token response (RFC 6749 §5.1). Its ID token is not verified yet.
#[derive(Clone, Debug)]
pub struct TokenResponse<'a> {
    /// All members are already checked.
    document: Document<'a>,
    expires_in: Option<u64>,
    /// The scope, if it came as an array.
    scopes: Option<String>,
    is_uncached: bool,
}

impl<'a> TokenResponse<'a> {
    /// The whole response as JSON text, with unknown members too.
    pub fn json(&self) -> &'a str {
        self.document.text()
    }

    /// The access token (RFC 6749 §1.4).
    pub fn access_token(&self) -> &str {
        self.document.str("access_token").unwrap_or_default()
    }

    /// `Bearer` in any letter case. Also if absent under the relaxation `token-type`. `N_A` after a token exchange.
    pub fn token_type(&self) -> &str {
        self.document.str("token_type").unwrap_or(BEARER)
    }

    /// Whether the reply contains it.
    pub(crate) fn has_token_type(&self) -> bool {
        self.document.str("token_type").is_some()
    }

    /// The access token's lifetime in seconds, without fractions.
    pub fn expires_in(&self) -> Option<u64> {
        self.expires_in
    }

    /// Whether `expires_in` came as a string of digits.
    pub fn is_expires_in_text(&self) -> bool {
        self.document.str("expires_in").is_some()
    }

    /// The refresh token (RFC 6749 §1.5). It replaces the earlier one.
    pub fn refresh_token(&self) -> Option<&str> {
        self.document.str("refresh_token")
    }

    /// The ID token (OpenID Connect Core §3.1.3.3). Not verified yet.
    pub fn id_token(&self) -> Option<&str> {
        self.document.str("id_token")
    }

    /// The granted scope, if it differs from the requested one.
    pub fn scope(&self) -> Option<&str> {
        self.scopes().or(self.document.str("scope"))
    }

    /// The same, if it came as an array.
    pub(crate) fn scopes(&self) -> Option<&str> {
        self.scopes.as_deref()
    }

    /// Whether the reply forbids caches to store it, as RFC 6749 §5.1 requires.
    pub fn is_uncached(&self) -> bool {
        self.is_uncached
    }
}

pub(crate) const BEARER: &str = "Bearer";
pub(crate) const DPOP: &str = "DPoP";

impl RelyingParty {
    /// RFC 6749 §7.1 and RFC 9449 §5, in any letter case. A client without a key cannot use a bound token.
    pub(crate) fn takes_token_type(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(BEARER) || self.client.has_dpop_key() && name.eq_ignore_ascii_case(DPOP)
    }
}

#[cfg(feature = "fapi")]
impl RelyingParty {
    /// FAPI 2.0 Security Profile §5.3.3.1: a token must be bound to a key or to a certificate.
    pub(crate) fn permit_token_type(&self, name: &str) -> Result<(), Rule> {
        if name.eq_ignore_ascii_case(BEARER) && !self.takes_bearer() {
            return Err(Rule::ProfileSenderConstraint);
        }
        Ok(())
    }
}

/// A number that is not negative, or a string of digits, as some servers send it.
fn expires_in(value: Value<'_>) -> Option<u64> {
    match value.number() {
        Some(number) if is_negative(number) => None,
        Some(number) => Some(fixed_point(number, 0).unsigned_abs()),
        None => seconds(value.str()?),
    }
}

/// A string of digits only. A number that does not fit counts as the largest one.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    is_digits(text).then(|| fixed_point(text, 0).unsigned_abs())
}
