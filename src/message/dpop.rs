//! Proof of possession (RFC 9449) at the client: the proof of a request, and the nonce that a server requires.

use alloc::string::String;
use core::fmt;

use crate::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::jose::jwk::Jwk;
use crate::jose::unsigned::Unsigned;
use crate::message::http::HttpReply;
use crate::message::userinfo::credentials;
use crate::party::relying_party::RelyingParty;
use crate::time::NumericDate;
use crate::wire::base64url;
use crate::wire::challenge::{Challenge, parse_challenges};
use crate::wire::json::{Document, ObjectWriter};
use crate::wire::sha2::sha256;
use crate::wire::text::before;
use crate::wire::uri::Uri;

/// The public key of the pair that tokens are bound to.
///
/// ```
/// use oidc_wasm::{Algorithm, DpopKey};
/// // RFC 9449 §4.2 and §6.1
/// let key = DpopKey::parse(Algorithm::Es256, r#"{"kty":"EC","crv":"P-256",
///     "x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}"#)?;
/// assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopKey {
    algorithm: Algorithm,
    jwk: Jwk,
}

impl DpopKey {
    /// Reads a public key as a JWK, and the algorithm of its private key.
    ///
    /// # Errors
    /// `argument.dpop` for a private, symmetric or weak key, or one of another algorithm.
    pub fn parse(algorithm: Algorithm, jwk: &str) -> Result<DpopKey, Error> {
        let document = Document::parse_object(jwk.as_bytes()).ok();
        let jwk = document.and_then(|document| Jwk::read(document.root()));
        match jwk.filter(|jwk| jwk.signs(algorithm) && !jwk.is_weak()) {
            Some(jwk) => Ok(DpopKey { algorithm, jwk }),
            None => Err(Error::argument("dpop", "a key pair such as createDpopKey() makes")),
        }
    }

    /// The SHA-256 thumbprint (RFC 7638). A token names it in `cnf.jkt` (§6.1), a request in `dpop_jkt` (§10).
    pub fn thumbprint(&self) -> String {
        self.jwk.thumbprint()
    }
}

/// The random bytes for one proof: its `jti`.
pub const PROOF_ENTROPY: usize = 24;

/// The values in a proof.
#[derive(Clone, Copy, Default)]
pub struct ProofParams<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// Its address.
    pub url: &'a str,
    /// The access token, if the request goes to a resource (§7).
    pub access_token: Option<&'a str>,
    /// The server's newest `DPoP-Nonce` (§8, §9).
    pub nonce: Option<&'a str>,
}

/// It contains a token, so printing it shows no contents.
impl fmt::Debug for ProofParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofParams").finish_non_exhaustive()
    }
}

impl DpopKey {
    /// The proof of one request, for the host to sign (§4.2). It is the value of the header `DPoP`. Each request needs its own.
    pub fn proof(&self, params: &ProofParams<'_>, now: NumericDate, entropy: &[u8; PROOF_ENTROPY]) -> Unsigned {
        let mut header = ObjectWriter::new();
        header.text("typ", TYP).text("alg", self.algorithm.name()).json("jwk", self.jwk.json());
        let mut claims = ObjectWriter::new();
        claims
            .text("jti", &base64url::encode(entropy))
            .text("htm", params.method)
            // §4.2: without query and fragment.
            .text("htu", before(params.url, b"?#").0)
            .integer("iat", now.whole_seconds())
            .optional("ath", params.access_token.map(token_hash).as_deref())
            .optional("nonce", params.nonce);
        Unsigned::new(self.algorithm, header, claims)
    }
}

/// Whether a reply requires a nonce (§8 and §9). Then repeat the same request once, with the nonce of this reply's header
/// `DPoP-Nonce`.
pub fn wants_dpop_nonce(reply: &HttpReply<'_>) -> bool {
    const CODE: &str = "use_dpop_nonce";
    let is_wanted = |challenge: &Challenge| {
        challenge.scheme.eq_ignore_ascii_case("DPoP") && challenge.parameter("error") == Some(CODE)
    };
    match reply.status {
        400 => reply.oauth_error().is_some_and(|oauth| oauth.error == CODE),
        401 => parse_challenges(reply.www_authenticate.unwrap_or_default()).iter().any(is_wanted),
        _ => false,
    }
}

impl RelyingParty {
    /// The value of `Authorization` for a request to a protected resource. The token's type decides the scheme (RFC 6750 §2.1,
    /// RFC 9449 §7.1).
    ///
    /// # Errors
    /// `token.token_type`; `argument.input` if the address is neither https nor loopback (RFC 6750 §5.3);
    /// `argument.access_token`.
    pub fn resource_authorization(&self, url: &str, token_type: &str, access_token: &str) -> Result<String, Error> {
        if !Uri::target(url).is_some_and(|uri| uri.is_secure()) {
            return Err(Error::argument("input", "an https address, or one on loopback"));
        }
        credentials("access_token", self.scheme(token_type)?, access_token)
    }
}

/// The `typ` of a proof (§4.2).
pub(crate) const TYP: &str = "dpop+jwt";

/// `ath`: the hash of an access token (§4.2).
pub(crate) fn token_hash(access_token: &str) -> String {
    base64url::encode(&sha256(access_token.as_bytes()))
}
