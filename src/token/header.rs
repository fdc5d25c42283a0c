//! The header of a signed token (RFC 7515 §4, RFC 8725 §3).

use alloc::string::String;

use crate::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::jose::jws::{Jws, Parts, TokenKind, refused};
#[cfg(feature = "fapi")]
use crate::party::profile::Profile;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::token::report::Checks;
use crate::wire::json::Document;

impl RelyingParty {
    /// Reads an ID token. [`Jws::verification`] then gives the signature for the host to verify.
    ///
    /// # Errors
    /// `id_token.encrypted`, `jws.malformed`, `json.*` for its header, `jws.alg`, `jws.crit`, `jws.typ`.
    pub fn id_token<'t>(&self, token: &'t str) -> Result<Jws<'t>, Error> {
        self.token(token, TokenKind::IdToken)
    }

    /// Reads a token of any kind from this provider.
    pub(crate) fn token<'t>(&self, token: &'t str, kind: TokenKind) -> Result<Jws<'t>, Error> {
        self.read_token(token, kind).map_err(|error| refused(kind, error))
    }

    fn read_token<'t>(&self, token: &'t str, kind: TokenKind) -> Result<Jws<'t>, Error> {
        // Every other kind of token is for the client itself.
        if kind != TokenKind::AccessToken {
            self.client.id()?;
        }
        let parts = Parts::split(token)?;
        let header = Document::parse_object(&parts.header)?;
        let kid = match header.get("kid") {
            Some(kid) => Some(String::from(kid.str().ok_or(Rule::JwsMalformed)?)),
            None => None,
        };
        let mut checks = Checks::default();
        check_header(&header, kind, self, &mut checks);
        checks.first_failure()?;
        let algorithm = named_algorithm(&header).ok_or(Rule::JwsAlg)?;
        let is_typed = header.str("typ").is_some_and(|typ| is_typ(typ, kind.typ()));
        drop(header);
        Ok(Jws { token, kind, is_typed, algorithm, kid, parts })
    }
}

pub(crate) fn named_algorithm(header: &Document<'_>) -> Option<Algorithm> {
    Algorithm::from_name(header.str("alg")?)
}

/// The rules on a header. They ignore `jwk`, `jku`, `x5c` and `x5u`: keys come from the provider's key set only.
pub(crate) fn check_header(
    header: &Document<'_>,
    kind: TokenKind,
    RelyingParty { provider, client }: &RelyingParty,
    checks: &mut Checks,
) {
    // OpenID Connect Core §3.1.3.7 rules 7 and 8: the registered algorithm, or otherwise those in the metadata; never `none`.
    let registered = match kind {
        TokenKind::IdToken | TokenKind::LogoutToken => client.id_token_signed_response_alg,
        TokenKind::Userinfo => client.userinfo_signed_response_alg.or(client.id_token_signed_response_alg),
        TokenKind::AccessToken => None,
        #[cfg(feature = "dpop")]
        TokenKind::DpopProof => None,
        #[cfg(feature = "jarm")]
        TokenKind::AuthorizationResponse => client.authorization_signed_response_alg,
        #[cfg(feature = "jwt-introspection")]
        TokenKind::Introspection => client.introspection_signed_response_alg,
    };
    let is_allowed = named_algorithm(header).is_some_and(|algorithm| match registered {
        Some(registered) => algorithm == registered,
        // The metadata do not list algorithms of access tokens (RFC 9068 §4).
        None => !algorithm.is_symmetric() && (kind == TokenKind::AccessToken || provider.signs_with(algorithm)),
    });
    let expected = registered.map_or("an asymmetric algorithm that the metadata lists", Algorithm::name);
    let typ = header.get("typ").map(|typ| typ.str().unwrap_or_default());
    let rule = match kind {
        TokenKind::IdToken | TokenKind::Userinfo => Rule::JwsTyp,
        TokenKind::AccessToken => Rule::AccessTokenTyp,
        TokenKind::LogoutToken => Rule::LogoutTokenTyp,
        #[cfg(feature = "dpop")]
        TokenKind::DpopProof => Rule::DpopProof,
        #[cfg(feature = "jarm")]
        TokenKind::AuthorizationResponse => Rule::JwsTyp,
        #[cfg(feature = "jwt-introspection")]
        TokenKind::Introspection => Rule::IntrospectionTyp,
    };
    let own_typ = kind.typ();
    let is_fit = |typ| is_typ(typ, "JWT") || is_typ(typ, own_typ);
    let is_typed = typ.is_none_or(is_fit);
    // RFC 9701 §5: it may resemble an access token, so `typ` is required.
    #[cfg(feature = "jwt-introspection")]
    let is_typed = match kind {
        TokenKind::Introspection => typ.is_some_and(|typ| is_typ(typ, own_typ)),
        _ => is_typed,
    };
    checks.compare(Rule::JwsAlg, is_allowed, expected, header.str("alg"));
    #[cfg(feature = "fapi")]
    if client.profile.is_some() {
        let is_permitted = named_algorithm(header).is_some_and(Profile::permits);
        checks.compare(Rule::ProfileAlgorithm, is_permitted, "PS256, ES256 or EdDSA", header.str("alg"));
    }
    checks.add(Rule::JwsCrit, is_plain(header).into());
    checks.compare(rule, is_typed, own_typ, typ);
}

/// Whether the header has no extension.
pub(crate) fn is_plain(header: &Document<'_>) -> bool {
    // RFC 7797 §6: `crit` must list the extension `b64`, so a `b64` other than true is rejected without `crit` too. `crit` is
    // rejected with any value, even null: it must stop readers without the extension (RFC 7515 §4.1.11).
    let is_critical = header.root().members().is_some_and(|mut members| members.any(|(name, _)| name == "crit"));
    !is_critical && header.get("b64").is_none_or(|b64| b64.bool() == Some(true))
}

/// RFC 7519 §5.1 and RFC 7515 §4.1.9: letter case and the `application/` prefix do not matter.
pub(crate) fn is_typ(typ: &str, name: &str) -> bool {
    let subtype = match typ.split_at_checked(12) {
        Some((prefix, subtype)) if prefix.eq_ignore_ascii_case("application/") => subtype,
        _ => typ,
    };
    subtype.eq_ignore_ascii_case(name)
}
