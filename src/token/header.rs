//! The header of a signed token (RFC 7515 §4, RFC 8725 §3).

use alloc::string::String;
use core::cell::Cell;

use crate::error::Error;
use crate::jose::algorithm::Algorithm;
use crate::jose::jws::{Jws, TokenKind, refused};
#[cfg(feature = "fapi")]
use crate::party::profile::Profile;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::token::report::Checks;
use crate::wire::json::Document;

/// The last header that has passed its rules. Tokens of one provider usually have the same one, so it is not read again.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastHeader(Cell<Option<Passed>>);

#[derive(Clone, Copy, Debug)]
struct Passed {
    kind: TokenKind,
    is_typed: bool,
    algorithm: Algorithm,
    /// Its JSON text, and then its `kid`.
    text: [u8; 160],
    json: usize,
    kid: Option<usize>,
}

impl LastHeader {
    fn keep(&self, Jws { kind, is_typed, algorithm, kid, parts, .. }: &Jws<'_>) {
        let (json, id) = (&*parts.header, kid.as_deref().unwrap_or_default());
        let mut text = [0; 160];
        if let Some((place, rest)) = text.split_at_mut_checked(json.len())
            && let Some(rest) = rest.get_mut(..id.len())
        {
            place.copy_from_slice(json);
            rest.copy_from_slice(id.as_bytes());
            let (json, kid) = (json.len(), kid.as_ref().map(String::len));
            self.0.set(Some(Passed { kind: *kind, is_typed: *is_typed, algorithm: *algorithm, text, json, kid }));
        }
    }

    /// Writes what was read in this header, if it is the same.
    fn recall(&self, jws: &mut Jws<'_>) -> Option<()> {
        let Passed { is_typed, algorithm, text, json, kid, .. } =
            self.0.get().filter(|passed| passed.kind == jws.kind)?;
        let (known, rest) = text.split_at_checked(json)?;
        if known != &**jws.parts.header {
            return None;
        }
        let id = kid.and_then(|length| core::str::from_utf8(rest.get(..length)?).ok());
        (jws.is_typed, jws.algorithm, jws.kid) = (is_typed, algorithm, id.map(String::from));
        Some(())
    }
}

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
        let mut jws = Jws::unread(token, kind);
        self.read_token(&mut jws, &LastHeader::default())?;
        Ok(*jws)
    }

    /// Reads a token into the caller's place, after another one with perhaps the same header.
    pub(crate) fn read_token(&self, jws: &mut Jws<'_>, last: &LastHeader) -> Result<(), Error> {
        self.read_parts(jws, last).map_err(|error| refused(jws.kind, error))
    }

    fn read_parts(&self, jws: &mut Jws<'_>, last: &LastHeader) -> Result<(), Error> {
        // Every other kind of token is for the client itself.
        if jws.kind != TokenKind::AccessToken {
            self.client.require_id()?;
        }
        jws.parts.split(jws.token)?;
        if last.recall(jws).is_some() {
            return Ok(());
        }
        let header = Document::parse_object(&jws.parts.header)?;
        if let Some(kid) = header.get("kid") {
            jws.kid = Some(kid.str().ok_or(Rule::JwsMalformed)?.into());
        }
        let mut checks = Checks::default();
        let (algorithm, is_typed) = check_header(&header, jws.kind, self, &mut checks);
        checks.first_failure()?;
        (jws.algorithm, jws.is_typed) = (algorithm.ok_or(Rule::JwsAlg)?, is_typed);
        drop(header);
        last.keep(jws);
        Ok(())
    }
}

pub(crate) fn named_algorithm(header: &Document<'_>) -> Option<Algorithm> {
    Algorithm::from_name(header.str("alg")?)
}

/// The rules on a header. They ignore `jwk`, `jku`, `x5c` and `x5u`: keys come from the provider's key set only. Returns the algorithm,
/// and whether `typ` names the expected kind.
pub(crate) fn check_header(
    header: &Document<'_>,
    kind: TokenKind,
    RelyingParty { provider, client, .. }: &RelyingParty,
    checks: &mut Checks,
) -> (Option<Algorithm>, bool) {
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
    let named = named_algorithm(header);
    let is_allowed = named.is_some_and(|algorithm| match registered {
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
    let is_typed = typ.is_some_and(|typ| is_typ(typ, own_typ));
    let is_fit = is_typed || typ.is_none_or(|typ| is_typ(typ, "JWT"));
    // RFC 9701 §5: it may resemble an access token, so `typ` is required.
    #[cfg(feature = "jwt-introspection")]
    let is_fit = if kind == TokenKind::Introspection { is_typed } else { is_fit };
    checks.compare(Rule::JwsAlg, is_allowed, expected, header.str("alg"));
    #[cfg(feature = "fapi")]
    if client.profile.is_some() {
        let is_permitted = named.is_some_and(Profile::permits);
        checks.compare(Rule::ProfileAlgorithm, is_permitted, "PS256, ES256 or EdDSA", header.str("alg"));
    }
    checks.add(Rule::JwsCrit, is_plain(header).into());
    checks.compare(rule, is_fit, own_typ, typ);
    (named, is_typed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::client::Client;
    use crate::party::provider::Provider;
    use crate::time::NumericDate;
    use crate::token::id_token::{IdTokenExpected, Signature};
    use crate::token::report::{SignatureStatus, Verdict};
    use crate::wire::base64url;

    fn token(header: &str) -> String {
        [base64url::encode(header.as_bytes()), base64url::encode(b"{}"), base64url::encode(b"s")].join(".")
    }

    fn relying_party() -> RelyingParty {
        let document = Document::parse_object(br#"{"issuer":"https://op.example"}"#).unwrap();
        let mut client = Client::resource_server();
        client.client_id = "app".into();
        RelyingParty::new(Provider::read(document.root()).unwrap(), client)
    }

    #[test]
    fn a_header_after_itself_is_read_as_the_first_time_and_another_one_by_the_rules() {
        let rp = relying_party();
        let last = LastHeader::default();
        let long = "k".repeat(200);
        let headers = [
            r#"{"alg":"RS256","kid":"one","typ":"at+jwt"}"#.into(),
            r#"{"alg":"RS256","kid":"two","typ":"at+jwt"}"#.into(),
            r#"{"alg":"ES256","kid":"two","typ":"at+jwt"}"#.into(),
            r#"{"alg":"ES256","kid":"t\u0077o"}"#.into(),
            r#"{"alg":"ES256"}"#.into(),
            r#"{"alg":"ES256","crit":["exp"]}"#.into(),
            r#"{"alg":"none"}"#.into(),
            r#"{"alg":"HS256"}"#.into(),
            r#"{"alg":"RS256","typ":"logout+jwt"}"#.into(),
            r#"{"alg":"RS256","kid":7}"#.into(),
            "{}".into(),
            alloc::format!(r#"{{"alg":"RS256","kid":"{long}"}}"#),
        ];
        let read = |header: &str, kind, last: &LastHeader| {
            let token = token(header);
            let mut jws = Jws::unread(&token, kind);
            rp.read_token(&mut jws, last)
                .map(|()| (jws.algorithm(), jws.is_typed(), jws.kid().map(String::from), String::from(jws.header())))
                .map_err(|error| error.rule())
        };
        for kind in [TokenKind::AccessToken, TokenKind::LogoutToken, TokenKind::IdToken] {
            for first in &headers {
                for second in &headers {
                    for header in [first, first, second, second] {
                        assert_eq!(read(header, kind, &last), read(header, kind, &LastHeader::default()), "{header}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_report_after_the_same_header_is_that_of_a_read_one() {
        let rp = relying_party();
        let (last, expected, now) = (LastHeader::default(), IdTokenExpected::default(), NumericDate::from_seconds(0));
        let [good, bad] =
            [r#"{"alg":"RS256","kid":"one"}"#, r#"{"alg":"RS256","kid":"one","crit":["exp"]}"#].map(token);
        let jws = rp.id_token(&good).unwrap();
        let whole = rp.report(Signature::Invalid(&jws), &expected, now);
        let fails = |token: &str, rule| {
            let report = rp.report_as(token, &last, SignatureStatus::Invalid, &expected, now);
            report.checks.iter().any(|check| check.rule == rule && check.verdict == Verdict::Fail)
        };
        for _ in 0..2 {
            assert_eq!(rp.report_as(&good, &last, SignatureStatus::Invalid, &expected, now), whole);
            assert!(!fails(&good, Rule::JwsCrit));
            assert!(fails(&bad, Rule::JwsCrit));
        }
    }

    #[test]
    fn a_header_that_one_kind_may_have_is_wrong_for_another_after_it() {
        let rp = relying_party();
        let last = LastHeader::default();
        let token = token(r#"{"alg":"RS256","typ":"at+jwt"}"#);
        let read = |kind| rp.read_token(&mut Jws::unread(&token, kind), &last).map_err(|error| error.rule());
        assert!(read(TokenKind::AccessToken).is_ok());
        assert!(read(TokenKind::AccessToken).is_ok());
        assert_eq!(read(TokenKind::IdToken), Err(Rule::JwsTyp));
        assert!(read(TokenKind::AccessToken).is_ok());
    }
}
