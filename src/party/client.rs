//! The client: the relying party as registered at the provider.

use alloc::string::String;
use alloc::vec::Vec;

use crate::capability;
use crate::error::Error;
use crate::jose::algorithm::Algorithm;
#[cfg(feature = "fapi")]
use crate::party::profile::Profile;
use crate::party::provider::is_tenant;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::secret::Secret;
use crate::wire::json::Document;
use crate::wire::text::{has_word, holds, join};

/// How the client authenticates at the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// A public client: `client_id` alone.
    #[default]
    None,
    /// HTTP Basic (RFC 6749 §2.3.1).
    ClientSecretBasic(Secret),
    /// The secret in the body (RFC 6749 §2.3.1).
    ClientSecretPost(Secret),
    /// An assertion signed with the secret, by HS256 (RFC 7523 §2.2).
    ClientSecretJwt(Secret),
    /// An assertion signed with the client's own key (RFC 7523 §2.2).
    PrivateKeyJwt {
        /// The key's algorithm, an asymmetric one.
        algorithm: Algorithm,
        /// The `kid` in the client's published key set.
        kid: Option<String>,
    },
    /// A certificate of a trusted issuer, identified by its subject (RFC 8705 §2.1). The host presents it.
    #[cfg(feature = "mtls")]
    TlsClientAuth,
    /// A certificate that the client has registered itself (RFC 8705 §2.2). The host presents it.
    #[cfg(feature = "mtls")]
    SelfSignedTlsClientAuth,
}

/// The audience of an assertion (RFC 7523 §3). Providers accept different ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The provider's issuer. Current providers accept it.
    #[default]
    Issuer,
    /// The token endpoint, for every request: Okta, Microsoft Entra ID, login.gov.
    TokenEndpoint,
    /// The endpoint that receives the request.
    Endpoint,
}

impl AssertionAudience {
    /// Its name in the npm package.
    pub fn from_name(name: &str) -> Option<AssertionAudience> {
        match name {
            "issuer" => Some(AssertionAudience::Issuer),
            "token_endpoint" => Some(AssertionAudience::TokenEndpoint),
            "endpoint" => Some(AssertionAudience::Endpoint),
            _ => None,
        }
    }
}

/// The client's registration and settings.
///
/// ```
/// use oidc_wasm::{Client, ClientAuth};
/// let client = Client::new("s6BhdRkqt3")?
///     .redirect_uri("https://client.example.org/cb")?
///     .auth(ClientAuth::ClientSecretBasic("gX1fBat3bV".into()))?;
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
// `client_id` is the standard's name, so it stays. Each flag is an option of its own.
#[allow(clippy::struct_excessive_bools, clippy::struct_field_names)]
#[derive(Clone, Debug)]
pub struct Client {
    /// Empty for a resource server, which is not a client.
    pub(crate) client_id: String,
    pub(crate) redirect_uri: Option<RedirectUri>,
    pub(crate) auth: ClientAuth,
    pub(crate) assertion_audience: AssertionAudience,
    /// Members as JSON text without the braces.
    pub(crate) assertion_header: String,
    pub(crate) assertion_claims: String,
    pub(crate) id_token_signed_response_alg: Option<Algorithm>,
    pub(crate) userinfo_signed_response_alg: Option<Algorithm>,
    pub(crate) trusted_audiences: Vec<String>,
    /// Separated by single spaces.
    pub(crate) allowed_tenants: Option<String>,
    pub(crate) require_auth_time: bool,
    pub(crate) clock_tolerance: u32,
    pub(crate) relaxations: Relaxations,
    pub(crate) has_dpop_key: bool,
    /// `None`: push if the provider's metadata requires it.
    pub(crate) pushes: Option<bool>,
    #[cfg(feature = "fapi")]
    pub(crate) profile: Option<Profile>,
    /// `None`: the caller has not named it.
    #[cfg(feature = "fapi")]
    pub(crate) dpop_algorithm: Option<Algorithm>,
    #[cfg(feature = "fapi")]
    pub(crate) requires_s_hash: bool,
    /// The most seconds since `iat` of an ID token. `None`: no limit.
    #[cfg(feature = "fapi")]
    pub(crate) max_token_age: Option<u32>,
    /// `None`: an asymmetric one in the provider's metadata.
    #[cfg(feature = "jarm")]
    pub(crate) authorization_signed_response_alg: Option<Algorithm>,
    /// `None`: introspection responses are plain, unless they are encrypted.
    #[cfg(feature = "jwt-introspection")]
    pub(crate) introspection_signed_response_alg: Option<Algorithm>,
    /// Its decryption keys.
    #[cfg(feature = "jwe")]
    pub(crate) decryption: crate::party::decryption::Decryption,
    /// The algorithm of the key that signs authorization requests, and its `kid`.
    #[cfg(feature = "jar")]
    pub(crate) request_object: Option<(Algorithm, Option<String>)>,
    /// Whether tokens must be bound to the certificate.
    #[cfg(feature = "mtls")]
    pub(crate) expects_certificate_bound_tokens: bool,
}

impl Client {
    /// A public client.
    ///
    /// # Errors
    /// `argument.clientId` if it is empty.
    pub fn new(client_id: &str) -> Result<Client, Error> {
        let client = Client { client_id: client_id.into(), ..Client::resource_server() };
        client.require_id()?;
        Ok(client)
    }

    /// A resource server: it verifies access tokens, and has no client ID. A call that needs one fails with `argument.clientId`.
    // A call is smaller than its members.
    #[inline(never)]
    pub fn resource_server() -> Client {
        Client {
            client_id: String::new(),
            redirect_uri: None,
            auth: ClientAuth::None,
            assertion_audience: AssertionAudience::Issuer,
            assertion_header: String::new(),
            assertion_claims: String::new(),
            id_token_signed_response_alg: None,
            userinfo_signed_response_alg: None,
            trusted_audiences: Vec::new(),
            allowed_tenants: None,
            require_auth_time: false,
            clock_tolerance: 30,
            relaxations: Relaxations::default(),
            has_dpop_key: false,
            pushes: None,
            #[cfg(feature = "fapi")]
            profile: None,
            #[cfg(feature = "fapi")]
            dpop_algorithm: None,
            #[cfg(feature = "fapi")]
            requires_s_hash: false,
            #[cfg(feature = "fapi")]
            max_token_age: None,
            #[cfg(feature = "jarm")]
            authorization_signed_response_alg: None,
            #[cfg(feature = "jwt-introspection")]
            introspection_signed_response_alg: None,
            #[cfg(feature = "jwe")]
            decryption: crate::party::decryption::Decryption::default(),
            #[cfg(feature = "jar")]
            request_object: None,
            #[cfg(feature = "mtls")]
            expects_certificate_bound_tokens: false,
        }
    }

    /// The client's identifier.
    ///
    /// # Errors
    /// `argument.clientId` for a resource server.
    #[inline(always)]
    pub(crate) fn id(&self) -> Result<&str, Error> {
        self.require_id()?;
        Ok(&self.client_id)
    }

    /// # Errors
    /// As [`Client::id`]
    pub(crate) fn require_id(&self) -> Result<(), Error> {
        if self.client_id.is_empty() {
            return Err(Error::argument("clientId", "your client ID at the provider"));
        }
        Ok(())
    }

    /// The redirect URI. If it needs a relaxation, call [`Client::relax`] first.
    ///
    /// # Errors
    /// `request.redirect_uri`
    pub fn redirect_uri(mut self, uri: &str) -> Result<Client, Error> {
        self.redirect_uri = Some(RedirectUri::relaxed(uri, self.relaxations)?);
        Ok(self)
    }

    /// Sets the client authentication at the token endpoint.
    ///
    /// # Errors
    /// `argument.secret` if the secret is empty, or too short for its algorithm (RFC 7518 §3.2). `argument.clientId` if HTTP Basic
    /// cannot carry it. Call [`Client::relax`] first.
    pub fn auth(mut self, auth: ClientAuth) -> Result<Client, Error> {
        self.auth = auth;
        // A variable that is not set. With `short-secret`, anybody could sign tokens with it.
        if self.secret().is_some_and(|secret| secret.expose().is_empty()) {
            return Err(Error::argument("secret", "the client secret"));
        }
        self.check().map(|()| self)
    }

    /// The audience of assertions, and further members of header and claims, each as JSON text of an object (RFC 7523 §3).
    /// Microsoft Entra ID requires `x5t` or `x5t#S256` in the header (RFC 7515 §4.1.7 and §4.1.8).
    ///
    /// # Errors
    /// `argument.header`, `argument.claims` if it is not an object, or has a member that the library sets.
    pub fn assertion(mut self, audience: AssertionAudience, header: &str, claims: &str) -> Result<Client, Error> {
        self.set_assertion(audience, header, claims).map(|()| self)
    }

    pub(crate) fn set_assertion(
        &mut self,
        audience: AssertionAudience,
        header: &str,
        claims: &str,
    ) -> Result<(), Error> {
        const HEADER: &str = "an object without alg, typ and kid";
        const CLAIMS: &str = "an object without iss, sub, aud, jti, iat and exp";
        self.assertion_audience = audience;
        read_members(&mut self.assertion_header, "header", HEADER, "alg typ kid", header)?;
        read_members(&mut self.assertion_claims, "claims", CLAIMS, "iss sub aud jti iat exp", claims)
    }

    /// The required algorithm of ID tokens. Default: the asymmetric ones in the provider's metadata.
    ///
    /// # Errors
    /// `argument.idTokenSignedResponseAlg` for an HS algorithm without a secret, `argument.secret` if it is too short. Call
    /// [`Client::auth`] first.
    pub fn id_token_signed_response_alg(mut self, algorithm: Algorithm) -> Result<Client, Error> {
        self.id_token_signed_response_alg = Some(algorithm);
        self.check().map(|()| self)
    }

    /// The required algorithm of userinfo responses. Without it, plain responses are accepted too.
    ///
    /// # Errors
    /// `argument.userinfoSignedResponseAlg` for an HS algorithm without a secret, `argument.secret` for one that is too short: call
    /// [`Client::auth`] before.
    pub fn userinfo_signed_response_alg(mut self, algorithm: Algorithm) -> Result<Client, Error> {
        self.userinfo_signed_response_alg = Some(algorithm);
        self.check().map(|()| self)
    }

    /// Other audiences that a token may name besides this client, and sister clients accepted as `azp`. On Android, Google
    /// issues an ID token to the app for the server.
    #[must_use]
    pub fn trusted_audiences(mut self, audiences: Vec<String>) -> Client {
        self.trusted_audiences = audiences;
        self
    }

    /// The tenants that may sign in, by `tid`, with the relaxation `issuer-template`. Default: all of the provider's.
    #[must_use]
    pub fn allowed_tenants(mut self, tenants: &[&str]) -> Client {
        self.allowed_tenants = Some(join(tenants));
        self
    }

    /// Set if the client registered `require_auth_time`: then every ID token must have `auth_time` (OpenID Connect Core §2).
    #[must_use]
    pub fn require_auth_time(mut self) -> Client {
        self.require_auth_time = true;
        self
    }

    /// Allowed clock difference in seconds. Default 30.
    #[must_use]
    pub fn clock_tolerance(mut self, seconds: u32) -> Client {
        self.clock_tolerance = seconds;
        self
    }

    /// Set if every request carries a proof of possession (RFC 9449). Then tokens may be bound to its key.
    #[must_use]
    pub fn dpop(mut self) -> Client {
        self.has_dpop_key = true;
        self
    }

    /// The profile of FAPI 2.0 that the client keeps. What it forbids is then refused before anything is sent.
    #[cfg(feature = "fapi")]
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Client {
        self.profile = Some(profile);
        self
    }

    /// The algorithm of the key for proofs of possession (RFC 9449), which a profile may forbid.
    #[cfg(feature = "fapi")]
    #[must_use]
    pub fn dpop_by(mut self, algorithm: Algorithm) -> Client {
        self.has_dpop_key = true;
        self.dpop_algorithm = Some(algorithm);
        self
    }

    /// Set if the ID token must have `s_hash`, the hash of the request's state (FAPI 1.0 Part 2 §5.2.2.1). In a hybrid flow the one from
    /// the token endpoint may lack it.
    #[cfg(feature = "fapi")]
    #[must_use]
    pub fn require_s_hash(mut self) -> Client {
        self.requires_s_hash = true;
        self
    }

    /// The most seconds since an ID token was issued (OpenID Connect Core §3.1.3.7 rule 10). Default: no limit.
    #[cfg(feature = "fapi")]
    #[must_use]
    pub fn max_token_age(mut self, seconds: u32) -> Client {
        self.max_token_age = Some(seconds);
        self
    }

    /// The algorithm of signed authorization responses (JARM §3). Default: the asymmetric ones in the provider's metadata.
    ///
    /// # Errors
    /// `argument.authorizationSignedResponseAlg` for an HS algorithm without a secret, `argument.secret` for a short one. Call
    /// [`Client::auth`] first.
    #[cfg(feature = "jarm")]
    pub fn authorization_signed_response_alg(mut self, algorithm: Algorithm) -> Result<Client, Error> {
        self.authorization_signed_response_alg = Some(algorithm);
        self.check().map(|()| self)
    }

    /// The algorithm of signed introspection responses (RFC 9701 §6). A plain response is then refused.
    ///
    /// # Errors
    /// `argument.introspectionSignedResponseAlg` for an HS algorithm without a secret, `argument.secret` for a short one. Call
    /// [`Client::auth`] first.
    #[cfg(feature = "jwt-introspection")]
    pub fn introspection_signed_response_alg(mut self, algorithm: Algorithm) -> Result<Client, Error> {
        self.introspection_signed_response_alg = Some(algorithm);
        self.check().map(|()| self)
    }

    /// The key that signs authorization requests (RFC 9101): its algorithm, and its `kid` in the client's published key set.
    ///
    /// # Errors
    /// `argument.requestObject` for an HS algorithm.
    #[cfg(feature = "jar")]
    pub fn request_object(mut self, algorithm: Algorithm, kid: Option<&str>) -> Result<Client, Error> {
        self.sign_requests(algorithm, kid).map(|()| self)
    }

    #[cfg(feature = "jar")]
    pub(crate) fn sign_requests(&mut self, algorithm: Algorithm, kid: Option<&str>) -> Result<(), Error> {
        if algorithm.is_symmetric() {
            return Err(Error::argument("requestObject", "a key for an asymmetric signature"));
        }
        self.request_object = Some((algorithm, kid.map(String::from)));
        Ok(())
    }

    /// Set if the host presents a certificate to every endpoint of the provider, which binds tokens to it (RFC 8705 §3).
    #[cfg(feature = "mtls")]
    #[must_use]
    pub fn mtls(mut self) -> Client {
        self.expects_certificate_bound_tokens = true;
        self
    }

    /// Whether the host presents a certificate (RFC 8705).
    #[cfg(feature = "mtls")]
    pub(crate) fn has_certificate(&self) -> bool {
        self.expects_certificate_bound_tokens
            || matches!(self.auth, ClientAuth::TlsClientAuth | ClientAuth::SelfSignedTlsClientAuth)
    }

    /// Whether tokens may be bound to a key of this client.
    pub(crate) fn has_dpop_key(&self) -> bool {
        cfg!(feature = "dpop") && self.has_dpop_key
    }

    /// Whether authorization requests are pushed (RFC 9126). Default: if the provider's metadata demands it.
    #[must_use]
    pub fn pushed_authorization_requests(mut self, pushes: bool) -> Client {
        self.pushes = Some(pushes);
        self
    }

    /// Enables a relaxation.
    #[must_use]
    pub fn relax(mut self, relaxation: Relaxation) -> Client {
        self.relaxations = self.relaxations.with(relaxation);
        self
    }

    /// Whether any tenant may sign in, with the relaxation `issuer-template`.
    pub(crate) fn takes_tenant(&self, tenant: &str) -> bool {
        self.relaxes(Relaxation::IssuerTemplate)
            && is_tenant(tenant)
            && self.allowed_tenants.as_ref().is_none_or(|allowed| has_word(allowed, tenant))
    }

    /// Whether these audiences include this client, and only trusted ones besides.
    pub(crate) fn is_meant_by(&self, audiences: &[&str], trusts_all: bool) -> bool {
        !self.client_id.is_empty()
            && audiences.contains(&self.client_id.as_str())
            && (trusts_all || audiences.iter().all(|audience| self.is_or_trusts(audience)))
    }

    /// Whether it is this client's ID or a trusted one.
    pub(crate) fn is_or_trusts(&self, name: &str) -> bool {
        self.client_id == name || self.trusted_audiences.iter().any(|trusted| trusted == name)
    }

    pub(crate) fn relaxes(&self, relaxation: Relaxation) -> bool {
        self.relaxations.has(relaxation)
    }

    /// The client secret, if there is one.
    pub fn secret(&self) -> Option<&Secret> {
        match &self.auth {
            ClientAuth::ClientSecretBasic(secret)
            | ClientAuth::ClientSecretPost(secret)
            | ClientAuth::ClientSecretJwt(secret) => Some(secret),
            _ => None,
        }
    }

    /// An HS algorithm needs a secret as long as its hash (RFC 7518 §3.2). HTTP Basic must be able to carry the client ID.
    pub(crate) fn check(&self) -> Result<(), Error> {
        // RFC 7617 §2: without encoding, the first colon ends the user-id, so the rest would become part of the password.
        if self.relaxes(Relaxation::RawBasic)
            && matches!(self.auth, ClientAuth::ClientSecretBasic(_))
            && holds(self.client_id.as_bytes(), b':')
        {
            return Err(Error::argument(
                "clientId",
                "an identifier without a colon, because of the relaxation raw-basic",
            ));
        }
        if !capability::HMAC {
            return Ok(());
        }
        let own = matches!(self.auth, ClientAuth::ClientSecretJwt(_)).then_some(Algorithm::Hs256);
        for (argument, algorithm) in &[
            ("idTokenSignedResponseAlg", self.id_token_signed_response_alg),
            ("userinfoSignedResponseAlg", self.userinfo_signed_response_alg),
            #[cfg(feature = "jarm")]
            ("authorizationSignedResponseAlg", self.authorization_signed_response_alg),
            #[cfg(feature = "jwt-introspection")]
            ("introspectionSignedResponseAlg", self.introspection_signed_response_alg),
            ("auth", own),
        ] {
            let Some(algorithm) = algorithm.filter(|algorithm| algorithm.is_symmetric()) else { continue };
            let Some(secret) = self.secret() else {
                return Err(Error::argument(
                    argument,
                    "an asymmetric algorithm, because no client secret is configured",
                ));
            };
            if secret.expose().len() < algorithm.hash().bytes() && !self.relaxes(Relaxation::ShortSecret) {
                const LENGTHS: &str =
                    "32 bytes or more for HS256, 48 for HS384, 64 for HS512; or the relaxation short-secret";
                return Err(Error::argument("secret", LENGTHS));
            }
        }
        Ok(())
    }
}

/// Reads the members of the caller's object. It must not have one of the `own`, which the library sets.
fn read_members(
    read: &mut String,
    argument: &'static str,
    expected: &'static str,
    own: &str,
    json: &str,
) -> Result<(), Error> {
    let document = Document::parse_object(json.as_bytes()).ok();
    let mut members = document.as_ref().and_then(|document| document.root().members()).into_iter().flatten();
    if document.is_none() || members.any(|(name, _)| has_word(own, name)) {
        return Err(Error::argument(argument, expected));
    }
    let json = json.trim_ascii();
    *read = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().trim_ascii().into();
    Ok(())
}
