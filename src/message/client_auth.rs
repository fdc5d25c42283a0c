//! Client authentication at the token endpoint (RFC 6749 §2.3.1, OpenID Connect Core §9).

use alloc::string::String;

use crate::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::message::http::HttpRequest;
use crate::party::client::{Client, ClientAuth};
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::{Secret, Secrets};
use crate::time::NumericDate;
use crate::wiped::Wiped;
use crate::wire::json::ObjectWriter;
use crate::wire::text::{concat, holds};
use crate::wire::{base64url, form};

/// A statement of who the client is, for the host to sign (RFC 7523 §3). It lives for a minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    algorithm: Algorithm,
    signing_input: String,
}

/// An [`Assertion`] with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAssertion(Secret);

impl Assertion {
    /// The algorithm to sign with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes to sign.
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// Takes the host's signature; for ECDSA the two raw coordinates one after the other (RFC 7518 §3.4).
    pub fn sign(self, signature: &[u8]) -> SignedAssertion {
        SignedAssertion::of(&self.signing_input, signature)
    }
}

impl SignedAssertion {
    /// What [`Assertion::sign`] would give for an assertion with this signing input.
    pub(crate) fn of(signing_input: &str, signature: &[u8]) -> SignedAssertion {
        SignedAssertion(concat(&[signing_input, ".", &base64url::encode(signature)]).into())
    }
}

/// The random bytes an assertion is made from: its `jti`.
pub const ASSERTION_ENTROPY: usize = 24;

impl RelyingParty {
    /// Whether each authenticated request needs an assertion.
    pub(crate) fn signs_assertions(&self) -> bool {
        matches!(self.client.auth, ClientAuth::ClientSecretJwt(_) | ClientAuth::PrivateKeyJwt { .. })
    }

    /// What the host must sign for the next request to the token, revocation or introspection endpoint; `None` for a client
    /// that authenticates otherwise. The provider's issuer is its one audience: some providers refuse a second.
    pub fn client_assertion(&self, now: NumericDate, entropy: &[u8; ASSERTION_ENTROPY]) -> Option<Assertion> {
        const LIFE: u32 = 60;
        let (algorithm, kid) = match &self.client.auth {
            ClientAuth::ClientSecretJwt(_) => (Algorithm::Hs256, None),
            ClientAuth::PrivateKeyJwt { algorithm, kid } => (*algorithm, kid.as_deref()),
            _ => return None,
        };
        let mut header = ObjectWriter::new();
        header.text("alg", algorithm.name()).text("typ", "JWT").optional("kid", kid);
        let mut claims = ObjectWriter::new();
        claims
            .text("iss", &self.client.client_id)
            .text("sub", &self.client.client_id)
            .text("aud", self.provider.issuer())
            .text("jti", &base64url::encode(entropy))
            .integer("iat", now.whole_seconds())
            .integer("exp", now.plus(LIFE).whole_seconds());
        let encode = |part: ObjectWriter| base64url::encode(part.finish().as_bytes());
        Some(Assertion { algorithm, signing_input: concat(&[&encode(header), ".", &encode(claims)]) })
    }

    /// Adds what proves the client's identity: parameters to the body, or a header.
    pub(crate) fn authenticate(
        &self,
        request: &mut HttpRequest,
        assertion: Option<&SignedAssertion>,
    ) -> Result<(), Error> {
        const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let client = &self.client;
        let body = request.body.get_or_insert_default();
        if let ClientAuth::ClientSecretBasic(secret) = &client.auth {
            let credentials = basic(client, secret.expose())?;
            request.headers.push(("Authorization", concat(&["Basic ", &credentials]).into()));
            return Ok(());
        }
        form::push(body, "client_id", client.id()?);
        match (&client.auth, assertion) {
            (ClientAuth::ClientSecretPost(secret), _) => form::push(body, "client_secret", secret.expose()),
            (ClientAuth::ClientSecretJwt(_) | ClientAuth::PrivateKeyJwt { .. }, Some(SignedAssertion(jwt))) => {
                form::push(body, "client_assertion_type", JWT_BEARER);
                form::push(body, "client_assertion", jwt.expose());
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
    /// What no reply to an authenticated request must repeat.
    pub(crate) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::new();
        if let Some(secret) = self.client.secret() {
            secrets.add(secret.expose());
            secrets.add(&basic(&self.client, secret.expose()).unwrap_or_default());
        }
        secrets
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined, so that a colon in either is no separator.
fn basic(client: &Client, secret: &str) -> Result<String, Error> {
    let is_raw = client.relaxes(Relaxation::RawBasic);
    // RFC 7617 §2: raw, the first colon ends the user-id, and the rest would be read as part of the password.
    if is_raw && holds(client.client_id.as_bytes(), b':') {
        return Err(Error::argument("clientId", "an identifier without a colon, because of the relaxation raw-basic"));
    }
    let mut credentials = Wiped::new(String::new());
    let add = |out: &mut String, half: &str| {
        if is_raw {
            out.push_str(half);
        } else {
            form::encode(out, half);
        }
    };
    add(&mut credentials, client.id()?);
    credentials.push(':');
    add(&mut credentials, secret);
    Ok(base64url::encode_basic(credentials.as_bytes()))
}
