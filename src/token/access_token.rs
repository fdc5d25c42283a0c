//! Access tokens that are JWTs (RFC 9068, and plain ones), for resource servers.

use alloc::vec::Vec;

use crate::error::Error;
use crate::jose::jws::{Jws, MAX_TOKEN, TokenKind, refused};
use crate::jose::signature::Verified;
use crate::message::token::DPOP;
#[cfg(feature = "authorization-details")]
use crate::party::authorization_details::is_authorization_details;
use crate::party::relying_party::RelyingParty;
use crate::party::scope::Scope;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::token::report::Verdict;
use crate::wire::json::{Document, Value};
use crate::wire::text::{has_word, split};

/// The expectations of a resource server.
#[derive(Clone, Debug, Default)]
pub struct AccessTokenExpected<'a> {
    /// The audiences of this resource server. The token must have one.
    pub audience: Vec<&'a str>,
    /// The required scope.
    pub scope: Option<Scope>,
    /// The issuer of access tokens, if it differs from the provider's: `access_token_issuer` in the metadata of AD FS, or
    /// `https://sts.windows.net/…/` of Microsoft Entra ID.
    pub issuer: Option<&'a str>,
    /// The accepted clients, by `client_id` or `azp`. The token may then lack `aud` (Amazon Cognito), or have a `nonce` beside the
    /// claim `typ: "Bearer"` (Keycloak before version 25).
    pub client_id: Vec<&'a str>,
    /// Authentication classes. The token must have one of them (RFC 9470 §4). Empty: any.
    pub acr_values: Vec<&'a str>,
    /// The most seconds since the sign-in (RFC 9470 §4).
    pub max_age: Option<u32>,
    /// The thumbprint of the certificate that the sender has presented ([`certificate_thumbprint`]). The token must be bound to
    /// it (RFC 8705 §3), or to the proven key.
    #[cfg(feature = "mtls")]
    pub certificate: Option<&'a str>,
    /// The thumbprint of the proven key (RFC 9449 §7.1). The token must be bound to it. Without a key, a bound token is rejected,
    /// because it is no bearer token.
    pub key: Option<&'a str>,
}

const KIND: TokenKind = TokenKind::AccessToken;

impl RelyingParty {
    /// Reads an access token. [`Jws::verification`] then gives the signature for the host to verify.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`], `access_token.typ`; with status and error code as [`RelyingParty::access_token_claims`].
    pub fn access_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, KIND)
    }

    /// The claims of a verified access token, as JSON text.
    ///
    /// # Errors
    /// `json.*`, `access_token.*`, each with the status and error code for the response (RFC 6750 §3.1): 403 `insufficient_scope`
    /// for a missing scope, otherwise 401 `invalid_token`.
    pub fn access_token_claims<'a>(
        &self,
        verified: Verified<'a, '_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<&'a str, Error> {
        let jws = verified.jws_of(KIND).map_err(|rule| refused(KIND, rule.into()))?;
        let document = jws.claims()?;
        self.judge_access_token(jws, &document, expected, now)?;
        Ok(document.text())
    }

    /// Validates claims only. The caller has verified the signature.
    pub(crate) fn judge_access_token(
        &self,
        jws: &Jws<'_>,
        document: &Document<'_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<(), Error> {
        let claims = Claims { root: document.root(), rp: self, now };
        let is_access_token = || {
            // Keycloak writes the kind of a token into the claim `typ`.
            let kind = claims.text("typ");
            let may_have_nonce = is_held(&claims, &expected.client_id) && kind == Some("Bearer");
            let is_another = kind.is_some_and(|kind| has_word("ID Refresh Offline Logout", kind));
            // A signed authorization response has no subject (JARM §2.1). Anybody can get one with an error.
            let has = |name: &&str| claims.get(name).is_some();
            let is_answer = !has(&"sub") && ["code", "error", "state"].iter().any(has);
            !is_another && !is_answer && !claims.is_of_another_kind(may_have_nonce)
        };
        let typ = jws.is_typed() || is_access_token();
        judged(&claims, expected, (Rule::AccessTokenTyp, typ), true).map_err(|error| refused(KIND, error))
    }

    /// Checks an introspection response about an opaque token (RFC 7662 §2.2): JSON text of [`RelyingParty::introspection_response`].
    ///
    /// # Errors
    /// `json.*`; `access_token.*`, with status and error code as [`RelyingParty::access_token_claims`].
    pub fn introspected(
        &self,
        claims: &str,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<(), Error> {
        // The size limit of a token: the search for scopes takes time.
        if claims.len() > MAX_TOKEN {
            return Err(refused(KIND, Rule::JsonTooLarge.into()));
        }
        let document = Document::parse_object(claims.as_bytes())?;
        let claims = Claims { root: document.root(), rp: self, now };
        let active = claims.get("active").and_then(Value::bool) == Some(true);
        judged(&claims, expected, (Rule::AccessTokenActive, active), false).map_err(|error| refused(KIND, error))
    }
}

/// Whether the token is for this resource server, valid now, and sufficient for the request. `first` is the rule of its kind. A
/// JWT must have `iss` and `exp`. An introspection response may lack them (RFC 7662 §2.2).
fn judged(
    claims: &Claims<'_>,
    expected: &AccessTokenExpected<'_>,
    first: (Rule, bool),
    is_jwt: bool,
) -> Result<(), Error> {
    let is_ours = is_held(claims, &expected.client_id);
    let issuer = claims.issuer();
    let issuer = expected.issuer.unwrap_or(&issuer);
    let iss = !is_jwt && claims.get("iss").is_none() || claims.is("iss", issuer);
    let aud =
        is_ours && claims.get("aud").is_none() || claims.audiences().iter().any(|aud| expected.audience.contains(aud));
    claims.keep(first.0, "", first.1.into())?;
    claims.keep_wanted(Rule::AccessTokenIss, "iss", iss.into(), &[issuer])?;
    let is_held = is_ours || expected.client_id.is_empty();
    claims.keep_wanted(Rule::AccessTokenClientId, "client_id", is_held.into(), &expected.client_id)?;
    claims.keep_wanted(Rule::AccessTokenAud, "aud", aud.into(), &expected.audience)?;
    claims.keep(Rule::AccessTokenExp, "exp", claims.exp(claims.get("exp"), is_jwt))?;
    for &name in &["nbf", "iat"] {
        claims.keep(Rule::AccessTokenNbf, name, claims.begins(claims.get(name), false, claims.tolerance()))?;
    }
    #[cfg(feature = "mtls")]
    if let Some(certificate) = expected.certificate {
        let bound = claims.get("cnf").and_then(|cnf| cnf.get(CERTIFICATE));
        let is_bound = bound.map_or(expected.key.is_some(), |hash| hash.is_text(certificate));
        claims.keep(Rule::AccessTokenCertificate, "", is_bound.into())?;
    }
    // RFC 9449 §6.2: the type of an introspected token shows that it is bound, even if `cnf` is missing.
    let is_bound = !is_jwt && claims.text("token_type").is_some_and(|name| name.eq_ignore_ascii_case(DPOP));
    let is_proven = is_proven(claims.get("cnf"), expected) && (expected.key.is_some() || !is_bound);
    claims.keep(Rule::AccessTokenCnf, "", is_proven.into())?;
    #[cfg(feature = "authorization-details")]
    {
        let is_fit = claims.get("authorization_details").is_none_or(is_authorization_details);
        claims.keep(Rule::AccessTokenAuthorizationDetails, "", is_fit.into())?;
    }
    if let Some(scope) = &expected.scope {
        let granted = claims.get("scope").or(claims.get("scp")).and_then(Value::texts).unwrap_or_default();
        let is_granted = |token: &str| granted.iter().any(|scope| has_word(scope, token));
        let has_all = split(scope.as_str(), b' ').all(is_granted);
        claims.keep_wanted(Rule::AccessTokenScope, "scope", has_all.into(), &[scope.as_str()])?;
    }
    let acr_values = &expected.acr_values;
    if !acr_values.is_empty() {
        claims.keep_wanted(Rule::AccessTokenAcr, "acr", claims.has_acr(acr_values).into(), acr_values)?;
    }
    let auth_time = match expected.max_age {
        None => Verdict::Skip,
        limit => claims.auth_time(claims.get("auth_time"), limit, true, claims.tolerance()),
    };
    claims.keep(Rule::AccessTokenAuthTime, "auth_time", auth_time)
}

/// The thumbprint of a certificate (RFC 8705 §3.1).
#[cfg(feature = "mtls")]
const CERTIFICATE: &str = "x5t#S256";

/// Whether the sender has proven every confirmation of the token (RFC 7800 §3.1). A proven key must be among them. A bound token is no
/// bearer token.
#[cfg(any(feature = "dpop", feature = "mtls"))]
fn is_proven(cnf: Option<Value<'_>>, expected: &AccessTokenExpected<'_>) -> bool {
    let key = expected.key;
    let Some(cnf) = cnf else { return key.is_none() };
    let Some(members) = cnf.members() else { return false };
    let mut needs_key = key.is_some();
    for (name, value) in members {
        match name {
            "jkt" if needs_key && value.str() == key => needs_key = false,
            // Compared before.
            #[cfg(feature = "mtls")]
            CERTIFICATE if expected.certificate.is_some() => {}
            _ => return false,
        }
    }
    !needs_key
}

/// Without proofs, each confirmation is missing.
#[cfg(not(any(feature = "dpop", feature = "mtls")))]
fn is_proven(cnf: Option<Value<'_>>, _: &AccessTokenExpected<'_>) -> bool {
    cnf.is_none_or(|cnf| cnf.members().is_some_and(|mut members| members.next().is_none()))
}

/// The thumbprint of a certificate in DER (RFC 8705 §3.1), for [`AccessTokenExpected::certificate`].
///
/// # Errors
/// `argument.certificate` if it is not one DER sequence.
#[cfg(feature = "mtls")]
pub fn certificate_thumbprint(der: &[u8]) -> Result<alloc::string::String, Error> {
    use crate::wire::{base64url, sha2::sha256};

    // X.690 §8.1.3: a certificate is longer than 127 bytes, so its length has bytes of its own.
    let is_certificate = match der {
        [0x30, 0x81, a, rest @ ..] => rest.len() == usize::from(*a),
        [0x30, 0x82, a, b, rest @ ..] => rest.len() == usize::from(u16::from_be_bytes([*a, *b])),
        _ => false,
    };
    if is_certificate {
        Ok(base64url::encode(&sha256(der)))
    } else {
        Err(Error::argument("certificate", "the bytes of one certificate in DER"))
    }
}

/// Whether one of these clients has the token. `client_id` (RFC 9068 §2.2) and `azp` must be listed, if present.
fn is_held(claims: &Claims<'_>, clients: &[&str]) -> bool {
    claims.names(["client_id", "azp"], &|client| clients.contains(&client))
}
