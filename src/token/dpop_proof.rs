//! A proof of possession at a resource server (RFC 9449 §4.3 and §7.1): the sender has the token's key.

use alloc::string::String;
use core::fmt;

use crate::error::Error;
use crate::jose::jwk::{Jwk, Jwks};
use crate::jose::jws::{Jws, Parts, TokenKind, refused};
use crate::jose::signature::{Verification, Verified};
use crate::message::dpop::{TYP, token_hash};
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::token::header::{is_plain, is_typ, named_algorithm};
use crate::token::report::Verdict;
use crate::wire::json::Document;
use crate::wire::text::before;
use crate::wire::uri::Uri;

/// The maximum age of a proof in seconds. A server that stores each `jti` this long, plus the tolerance, finds every replay (§11.1).
const RECENT: u32 = 300;

/// How much longer a server stores a `jti`: a replay may wait for the provider's keys while others clear the store.
const STORED: u32 = 60;

/// The longest `jti` in bytes. A server that stores each one needs a limit (§11.1).
const LONGEST_JTI: usize = 256;

const KIND: TokenKind = TokenKind::DpopProof;

/// A proof with valid structure and header. Its signature is not verified yet.
#[derive(Clone, Debug)]
pub struct DpopProof<'t> {
    jws: Jws<'t>,
    keys: Jwks,
}

/// The request with the proof.
#[derive(Clone, Copy, Default)]
pub struct DpopExpected<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its public address (`htu`).
    pub url: &'a str,
    /// Its access token.
    pub access_token: &'a str,
    /// The nonces that this server accepts. Empty: it requires none.
    pub nonces: &'a [&'a str],
}

/// It contains a token, so printing it shows no contents.
impl fmt::Debug for DpopExpected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopExpected").finish_non_exhaustive()
    }
}

/// A verified proof.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DpopClaims {
    /// The identifier of this proof, `jti`. A server that stores it finds a replay (§11.1).
    pub jti: String,
    /// The thumbprint of the key. The token's `cnf.jkt` must equal it (§6.1).
    pub jkt: String,
    /// A server may forget the `jti` at this time, when no judgement of a replay is under way.
    pub expires: NumericDate,
}

impl<'t> DpopProof<'t> {
    /// The proof of a request with the scheme `DPoP` (§7.1). `None` for any other scheme: then a token must not be bound to a
    /// key.
    ///
    /// # Errors
    /// As [`DpopProof::parse`]; `dpop.proof` if the header `DPoP` is missing.
    pub fn of_request(authorization: Option<&str>, proof: Option<&'t str>) -> Result<Option<DpopProof<'t>>, Error> {
        let (scheme, _) = before(authorization.unwrap_or_default(), b" ");
        if !scheme.eq_ignore_ascii_case("DPoP") {
            return Ok(None);
        }
        match proof {
            Some(proof) => DpopProof::parse(proof).map(Some),
            None => Err(refused(KIND, Rule::DpopProof.into())),
        }
    }

    /// Reads the value of the header `DPoP`, without verifying the signature (§4.3, checks 2 to 6).
    ///
    /// # Errors
    /// `dpop.proof` with status 401 and `invalid_dpop_proof`; `jws.*` and `json.*` likewise.
    pub fn parse(proof: &'t str) -> Result<DpopProof<'t>, Error> {
        DpopProof::read(proof).map_err(|error| refused(KIND, error))
    }

    fn read(proof: &'t str) -> Result<DpopProof<'t>, Error> {
        let mut parts = Parts::default();
        parts.split(proof)?;
        let header = Document::parse_object(&parts.header)?;
        if !is_plain(&header) {
            return Err(Rule::JwsCrit.into());
        }
        let algorithm = named_algorithm(&header).filter(|algorithm| !algorithm.is_symmetric()).ok_or(Rule::JwsAlg)?;
        if !header.str("typ").is_some_and(|typ| is_typ(typ, TYP)) {
            return Err(Rule::DpopProof.into());
        }
        // A private key is rejected here (check 7).
        let key = header.get("jwk").and_then(Jwk::read).ok_or(Rule::DpopProof)?;
        drop(header);
        let jws = Jws { token: proof, kind: KIND, is_typed: true, algorithm, kid: None, parts };
        Ok(DpopProof { jws, keys: Jwks::from_iter([key]) })
    }

    /// The signature for the host to verify, with the proof's own key (check 6).
    ///
    /// # Errors
    /// `dpop.proof` if the key is weak or not of the algorithm; `jws.signature` if the signature's length is impossible.
    pub fn verification(&self) -> Result<Verification<'_, 't>, Error> {
        // An error of the key counts as an error of the proof.
        self.jws.verification(&self.keys).map_err(|error| match error.rule() {
            Rule::JwsSignature => error,
            _ => refused(KIND, Rule::DpopProof.into()),
        })
    }

    /// Compares the proof with its request (checks 8 to 12).
    ///
    /// # Errors
    /// `jws.signature` if `verified` is of another proof; `dpop.jti`, `dpop.htm`, `dpop.htu`, `dpop.iat`, `dpop.ath`, `dpop.nonce`; `json.*`. Each has status 401 and the error code
    /// for the response: `use_dpop_nonce` for a missing or old nonce, otherwise `invalid_dpop_proof`.
    pub fn claims(
        &self,
        rp: &RelyingParty,
        verified: Verified<'_, '_>,
        expected: &DpopExpected<'_>,
        now: NumericDate,
    ) -> Result<DpopClaims, Error> {
        let jws = verified.jws_of(KIND).map_err(|rule| refused(KIND, rule.into()))?;
        // The key is in the token, so equal tokens have the same key.
        if jws.token != self.jws.token {
            return Err(self.jws.signature_refused());
        }
        self.judged(rp, expected, now)
    }

    /// Validates claims only. The caller has verified the signature.
    pub(crate) fn judged(
        &self,
        rp: &RelyingParty,
        expected: &DpopExpected<'_>,
        now: NumericDate,
    ) -> Result<DpopClaims, Error> {
        self.judge(rp, expected, now).map_err(|error| refused(KIND, error))
    }

    fn judge(&self, rp: &RelyingParty, expected: &DpopExpected<'_>, now: NumericDate) -> Result<DpopClaims, Error> {
        let document = self.jws.claims()?;
        let claims = Claims { root: document.root(), rp, now };
        let is_here = |htu: &str| match (Uri::target(htu), Uri::target(expected.url)) {
            (Some(htu), Some(url)) => htu.is_same_target(&url),
            _ => false,
        };
        let jti = claims.text("jti").filter(|jti| (1..=LONGEST_JTI).contains(&jti.len())).ok_or(Rule::DpopJti)?;
        let htm = claims.is("htm", expected.method);
        claims.keep_wanted(Rule::DpopHtm, "htm", htm.into(), &[expected.method])?;
        let htu = claims.text("htu").is_some_and(is_here);
        claims.keep_wanted(Rule::DpopHtu, "htu", htu.into(), &[expected.url])?;
        if !expected.nonces.is_empty() && !claims.text("nonce").is_some_and(|nonce| expected.nonces.contains(&nonce)) {
            return Err(Rule::DpopNonce.into());
        }
        let expires = claims.date("iat").unwrap_or(now).plus(RECENT.saturating_add(claims.tolerance()));
        let is_recent = claims.begins(claims.get("iat"), true, claims.tolerance()) == Verdict::Pass && now <= expires;
        claims.keep(Rule::DpopIat, "iat", is_recent.into())?;
        // RFC 7519 §4.1.4 and §4.1.5 limit every token.
        claims.keep(Rule::DpopIat, "exp", claims.exp(claims.get("exp"), false))?;
        claims.keep(Rule::DpopIat, "nbf", claims.begins(claims.get("nbf"), false, claims.tolerance()))?;
        if !claims.is("ath", &token_hash(expected.access_token)) {
            return Err(Rule::DpopAth.into());
        }
        let jkt = self.keys.get(0).map(Jwk::thumbprint).unwrap_or_default();
        Ok(DpopClaims { jti: jti.into(), jkt, expires: expires.plus(STORED) })
    }
}
