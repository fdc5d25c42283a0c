//! Access tokens that are JWTs (RFC 9068, and plain ones), for resource servers.

use alloc::vec::Vec;

use crate::error::Error;
use crate::jose::jws::{Jws, MAX_TOKEN, TokenKind, refused};
use crate::jose::signature::Verified;
use crate::party::relying_party::RelyingParty;
use crate::party::scope::Scope;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::token::report::Verdict;
use crate::wire::json::{Document, Value};
use crate::wire::text::{has_word, split};

/// What a resource server expects of a token.
#[derive(Clone, Debug, Default)]
pub struct AccessTokenExpected<'a> {
    /// The names of this resource server; the token must be meant for one of them.
    pub audience: Vec<&'a str>,
    /// The scope that the request needs.
    pub scope: Option<Scope>,
    /// The issuer of its access tokens, where a provider has another for them: `access_token_issuer` of the metadata of AD FS, or
    /// `https://sts.windows.net/…/` of Microsoft Entra ID.
    pub issuer: Option<&'a str>,
    /// The clients of whom one must hold the token, by `client_id` or `azp`. Then a token may lack `aud`, as those of Amazon Cognito
    /// do, or have a `nonce` beside the claim `typ: "Bearer"`, as those of Keycloak before version 25 do.
    pub client_id: Vec<&'a str>,
    /// The authentication classes one of which the token must name (RFC 9470 §4); any when empty.
    pub acr_values: Vec<&'a str>,
    /// Seconds since the person signed in, at the most (RFC 9470 §4).
    pub max_age: Option<u32>,
    /// The thumbprint of the key whose possession was proven (RFC 9449 §7.1): the token must be bound to it. Without one, a token that
    /// is bound to a key is refused: it is no bearer token.
    pub key: Option<&'a str>,
}

const KIND: TokenKind = TokenKind::AccessToken;

impl RelyingParty {
    /// Reads an access token up to its signature; [`Jws::verification`] says what the host must verify next.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`], `access_token.typ`; with status and error code as [`RelyingParty::access_token_claims`].
    pub fn access_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, KIND)
    }

    /// The claims of a verified access token, as JSON text.
    ///
    /// # Errors
    /// `json.*`, `access_token.*`, each with the status and error code to answer with (RFC 6750 §3.1): 403
    /// `insufficient_scope` for a missing scope, 401 `invalid_token` for all else.
    pub fn access_token_claims<'a>(
        &self,
        verified: Verified<'a, '_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<&'a str, Error> {
        let jws = verified.jws_of(KIND).map_err(|rule| refused(KIND, rule.into()))?;
        self.judged_access_token(jws, expected, now)
    }

    /// The same for a token whose signature the host still has to verify.
    pub(crate) fn judged_access_token<'a>(
        &self,
        jws: &'a Jws<'_>,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<&'a str, Error> {
        let document = jws.claims().map_err(|rule| refused(KIND, rule.into()))?;
        let claims = Claims { root: document.root(), rp: self, now };
        // Keycloak names the kind of its tokens by the claim `typ`.
        let kind = claims.text("typ");
        let may_have_nonce = is_held(&claims, &expected.client_id) && kind == Some("Bearer");
        let is_another = matches!(kind, Some("ID" | "Refresh" | "Offline" | "Logout"));
        let typ = jws.is_typed() || !is_another && !claims.is_of_another_kind(may_have_nonce);
        judged(&claims, expected, (Rule::AccessTokenTyp, typ), true).map_err(|error| refused(KIND, error))?;
        Ok(document.text())
    }

    /// Judges what introspection says of an opaque token (RFC 7662 §2.2): JSON text as [`RelyingParty::introspection_response`] gives it.
    ///
    /// # Errors
    /// `json.*`, `access_token.*`, with status and error code as [`RelyingParty::access_token_claims`].
    pub fn introspected(
        &self,
        claims: &str,
        expected: &AccessTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<(), Error> {
        // As much as a token: what is wanted is looked for in what was granted.
        if claims.len() > MAX_TOKEN {
            return Err(refused(KIND, Rule::JsonTooLarge.into()));
        }
        let document = Document::parse_object(claims.as_bytes())?;
        let claims = Claims { root: document.root(), rp: self, now };
        let active = claims.get("active").and_then(Value::bool) == Some(true);
        judged(&claims, expected, (Rule::AccessTokenActive, active), false).map_err(|error| refused(KIND, error))
    }
}

/// Whether the token reaches this resource server, now, for what the request needs; `first` is the rule that only such a token has. A
/// JWT names its issuer and ends; introspection need not say so (RFC 7662 §2.2).
fn judged(
    claims: &Claims<'_>,
    expected: &AccessTokenExpected<'_>,
    first: (Rule, bool),
    is_jwt: bool,
) -> Result<(), Error> {
    let is_ours = is_held(claims, &expected.client_id);
    let issuer = claims.issuer();
    let issuer = expected.issuer.unwrap_or(&issuer);
    let iss = !is_jwt && claims.get("iss").is_none() || claims.text("iss") == Some(issuer);
    let aud =
        is_ours && claims.get("aud").is_none() || claims.audiences().iter().any(|aud| expected.audience.contains(aud));
    claims.keep(first.0, "", first.1.into(), &[])?;
    claims.keep(Rule::AccessTokenIss, "iss", iss.into(), &[issuer])?;
    let is_held = is_ours || expected.client_id.is_empty();
    claims.keep(Rule::AccessTokenClientId, "client_id", is_held.into(), &expected.client_id)?;
    claims.keep(Rule::AccessTokenAud, "aud", aud.into(), &expected.audience)?;
    claims.keep(Rule::AccessTokenExp, "exp", claims.exp(is_jwt), &[])?;
    for &name in &["nbf", "iat"] {
        claims.keep(Rule::AccessTokenNbf, name, claims.begins(name, false, claims.tolerance()), &[])?;
    }
    let cnf = is_proven(claims.get("cnf"), expected.key);
    claims.keep(Rule::AccessTokenCnf, "", cnf.into(), &[])?;
    if let Some(scope) = &expected.scope {
        let granted = claims.get("scope").or(claims.get("scp")).and_then(Value::texts).unwrap_or_default();
        let is_granted = |token: &str| granted.iter().any(|scope| has_word(scope, token));
        let has_all = split(scope.as_str(), b' ').all(is_granted);
        claims.keep(Rule::AccessTokenScope, "scope", has_all.into(), &[scope.as_str()])?;
    }
    let acr_values = &expected.acr_values;
    let acr = acr_values.is_empty() || claims.text("acr").is_some_and(|acr| acr_values.contains(&acr));
    claims.keep(Rule::AccessTokenAcr, "acr", acr.into(), acr_values)?;
    claims.keep(Rule::AccessTokenAuthTime, "auth_time", signed_in_within(claims, expected.max_age), &[])
}

/// Whether the one confirmation of the token (RFC 7800 §3.1) is the key whose possession was proven; without a proof, whether there is none. A
/// bound token is no bearer token, whatever confirms it: a certificate binds it too (RFC 8705 §3.1).
fn is_proven(cnf: Option<Value<'_>>, key: Option<&str>) -> bool {
    let Some(cnf) = cnf else { return key.is_none() };
    let Some(mut members) = cnf.members() else { return false };
    match key {
        Some(key) => {
            let jkt = members.next();
            jkt.is_some_and(|(name, jkt)| name == "jkt" && jkt.str() == Some(key)) && members.next().is_none()
        }
        None => members.next().is_none(),
    }
}

/// RFC 9470 §3: how long ago the person signed in, where that matters.
fn signed_in_within(claims: &Claims<'_>, max_age: Option<u32>) -> Verdict {
    let Some(max_age) = max_age else { return Verdict::Skip };
    let tolerance = claims.tolerance();
    match claims.date("auth_time") {
        Some(time) if time.plus(max_age).plus(tolerance) >= claims.now => claims.begins("auth_time", true, tolerance),
        _ => Verdict::Fail,
    }
}

/// Whether one of these clients holds the token: whichever of `client_id` (RFC 9068 §2.2) and `azp` are there name one.
fn is_held(claims: &Claims<'_>, clients: &[&str]) -> bool {
    claims.names(["client_id", "azp"], &|client| clients.contains(&client))
}
