//! Client authentication at the token endpoint (RFC 6749 §2.3.1, OpenID Connect Core §9).

use alloc::string::String;

use crate::capability;
use crate::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::jose::unsigned::{Unsigned, signed};
use crate::message::http::Draft;
use crate::party::client::{AssertionAudience, Client, ClientAuth};
#[cfg(feature = "ciba")]
use crate::party::provider::BACKCHANNEL_AUTHENTICATION_ENDPOINT;
#[cfg(feature = "device")]
use crate::party::provider::DEVICE_ENDPOINT;
#[cfg(feature = "par")]
use crate::party::provider::PAR_ENDPOINT;
use crate::party::provider::{INTROSPECTION_ENDPOINT, REVOCATION_ENDPOINT, TOKEN_ENDPOINT};
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::{Secret, Secrets};
use crate::time::NumericDate;
use crate::wiped::{Wiped, with_room};
use crate::wire::json::ObjectWriter;
use crate::wire::text::concat;
use crate::wire::{base64url, form};

/// A signed statement of the client's identity (RFC 7523 §3), for the host to sign. It is valid for one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion(Unsigned);

/// An [`Assertion`] with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAssertion(Secret);

impl Assertion {
    /// The algorithm to sign with.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    /// The bytes to sign.
    pub fn signing_input(&self) -> &str {
        self.0.signing_input()
    }

    pub(crate) fn into_unsigned(self) -> Unsigned {
        self.0
    }

    /// Adds the host's signature. For ECDSA: the two raw coordinates, one after the other (RFC 7518 §3.4).
    pub fn sign(self, signature: &[u8]) -> SignedAssertion {
        SignedAssertion(self.0.sign(signature).into())
    }
}

impl SignedAssertion {
    /// The result of [`Assertion::sign`] for an assertion with this signing input.
    pub(crate) fn of(signing_input: &str, signature: &[u8]) -> SignedAssertion {
        SignedAssertion(signed(signing_input, signature).into())
    }
}

/// The endpoint of an authenticated request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// RFC 6749 §3.2
    Token,
    /// RFC 7009 §2
    Revocation,
    /// RFC 7662 §2
    Introspection,
    /// RFC 9126 §2
    #[cfg(feature = "par")]
    PushedAuthorizationRequest,
    /// RFC 8628 §3.1
    #[cfg(feature = "device")]
    DeviceAuthorization,
    /// CIBA Core 1.0 §7
    #[cfg(feature = "ciba")]
    BackchannelAuthentication,
}

/// The random bytes for one assertion: its `jti`.
pub const ASSERTION_ENTROPY: usize = 24;

impl RelyingParty {
    /// Whether each authenticated request needs an assertion.
    pub(crate) fn signs_assertions(&self) -> bool {
        capability::ASSERTION
            && matches!(self.client.auth, ClientAuth::ClientSecretJwt(_) | ClientAuth::PrivateKeyJwt { .. })
    }

    /// The assertion for the next request to this endpoint, for the host to sign. `None` if the client authenticates otherwise. It
    /// has one audience, the issuer or the one that [`Client::assertion`] names: some providers reject a second. Its `iat` lies
    /// `clock_tolerance` in the past, because the provider's clock may be slow.
    ///
    /// # Errors
    /// `request.endpoint` if the provider lacks the endpoint that is the audience.
    pub fn client_assertion(
        &self,
        endpoint: Endpoint,
        now: NumericDate,
        entropy: &[u8; ASSERTION_ENTROPY],
    ) -> Result<Option<Assertion>, Error> {
        const LIFE: u32 = 60;
        let (client, provider) = (&self.client, &self.provider);
        let (algorithm, kid) = match &client.auth {
            ClientAuth::ClientSecretJwt(_) => (Algorithm::Hs256, None),
            ClientAuth::PrivateKeyJwt { algorithm, kid } => (*algorithm, kid.as_deref()),
            _ => return Ok(None),
        };
        let audience = match client.assertion_audience {
            AssertionAudience::Issuer => provider.issuer(),
            named => provider.endpoint(match (named, endpoint) {
                (AssertionAudience::Endpoint, Endpoint::Revocation) => REVOCATION_ENDPOINT,
                (AssertionAudience::Endpoint, Endpoint::Introspection) => INTROSPECTION_ENDPOINT,
                #[cfg(feature = "par")]
                (AssertionAudience::Endpoint, Endpoint::PushedAuthorizationRequest) => PAR_ENDPOINT,
                #[cfg(feature = "device")]
                (AssertionAudience::Endpoint, Endpoint::DeviceAuthorization) => DEVICE_ENDPOINT,
                #[cfg(feature = "ciba")]
                (AssertionAudience::Endpoint, Endpoint::BackchannelAuthentication) => {
                    BACKCHANNEL_AUTHENTICATION_ENDPOINT
                }
                _ => TOKEN_ENDPOINT,
            })?,
        };
        let mut header = ObjectWriter::new();
        header.text("alg", algorithm.name()).text("typ", "JWT").optional("kid", kid).rest(&client.assertion_header);
        let mut claims = ObjectWriter::new();
        claims
            .text("iss", &client.client_id)
            .text("sub", &client.client_id)
            .text("aud", audience)
            .text("jti", &base64url::encode(entropy))
            .integer("iat", now.whole_seconds() - i64::from(client.clock_tolerance))
            .integer("exp", now.plus(LIFE).whole_seconds())
            .rest(&client.assertion_claims);
        Ok(Some(Assertion(Unsigned::new(algorithm, header, claims))))
    }

    /// A form with the client's authentication.
    #[cfg(any(feature = "ciba", feature = "par"))]
    pub(crate) fn authenticated<'p>(
        &'p self,
        url: &'p str,
        assertion: Option<&SignedAssertion>,
    ) -> Result<Draft<'p>, Error> {
        let mut form = Draft { url: url.into(), ..Draft::default() };
        self.authenticate(&mut form, assertion)?;
        Ok(form)
    }

    /// Adds the client's authentication: parameters in the body, or a header.
    pub(crate) fn authenticate<'p>(
        &'p self,
        Draft { start, body, authorization, .. }: &mut Draft<'p>,
        assertion: Option<&SignedAssertion>,
    ) -> Result<(), Error> {
        const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let client = &self.client;
        // The caller may have set a relaxation after the secret.
        client.check()?;
        #[cfg(feature = "client-options")]
        self.check_options()?;
        client.require_id()?;
        if let ClientAuth::ClientSecretBasic(secret) = &client.auth {
            let credentials = Wiped::new(basic(client, secret.expose()));
            *authorization = Some(concat(&["Basic ", &credentials]));
            return Ok(());
        }
        if let Some([.., id]) = start {
            *id = &self.client_id_in_form;
        } else {
            form::push_encoded(body, &self.client_id_in_form);
        }
        match (&client.auth, assertion) {
            (ClientAuth::ClientSecretPost(secret), _) => form::push(body, "&client_secret=", secret.expose()),
            (ClientAuth::ClientSecretJwt(_) | ClientAuth::PrivateKeyJwt { .. }, Some(SignedAssertion(jwt))) => {
                form::push(body, "&client_assertion_type=", JWT_BEARER);
                form::push(body, "&client_assertion=", jwt.expose());
            }
            (ClientAuth::ClientSecretJwt(_) | ClientAuth::PrivateKeyJwt { .. }, None) => {
                return Err(Rule::RequestClientAuth.into());
            }
            _ => {}
        }
        Ok(())
    }
}

impl RelyingParty {
    /// The secrets of an authenticated request. Errors must not repeat them.
    pub(crate) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::new();
        if let Some(secret) = self.client.secret() {
            secrets.add(secret.expose());
            secrets.add(&Wiped::new(basic(&self.client, secret.expose())));
        }
        secrets
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded first, so a colon in either one is safe.
fn basic(client: &Client, secret: &str) -> String {
    let is_raw = client.relaxes(Relaxation::RawBasic);
    // An encoded byte has three characters.
    let mut credentials = Wiped::new(with_room(0, || 3 * (client.client_id.len() + secret.len()) + 1));
    let add = |out: &mut String, half: &str| {
        if is_raw {
            out.push_str(half);
        } else {
            form::encode(out, half);
        }
    };
    add(&mut credentials, &client.client_id);
    credentials.push(':');
    add(&mut credentials, secret);
    base64url::encode_basic(credentials.as_bytes())
}
