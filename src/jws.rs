//! Compact JSON Web Signatures (RFC 7515 §7.1): structure and header.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::algorithm::Algorithm;
use crate::client::Client;
use crate::error::Error;
use crate::provider::Provider;
use crate::report::{Check, first_failure};
use crate::rule::Rule;
use crate::secret::Secret;
use crate::wire::base64url;
use crate::wire::json::Document;
use crate::wire::text::split;

/// Which signed token is expected, and so what its `typ` may be (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// A signed userinfo answer (OpenID Connect Core §5.3.2).
    Userinfo,
    /// An access token that is a JWT (RFC 9068 §2.1).
    AccessToken,
    /// A logout token (OpenID Connect Back-Channel Logout §2.4).
    LogoutToken,
}

impl TokenKind {
    /// Every kind, in the order of its number.
    pub const ALL: &'static [TokenKind] =
        &[TokenKind::IdToken, TokenKind::Userinfo, TokenKind::AccessToken, TokenKind::LogoutToken];

    fn typ(self) -> &'static str {
        match self {
            TokenKind::IdToken | TokenKind::Userinfo => "JWT",
            TokenKind::AccessToken => "at+jwt",
            TokenKind::LogoutToken => "logout+jwt",
        }
    }
}

/// A compact JWS whose structure and header are good. Its signature is not verified yet.
#[derive(Clone)]
pub struct Jws {
    token: Secret,
    kind: TokenKind,
    is_typed: bool,
    algorithm: Algorithm,
    kid: Option<String>,
    header: String,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    /// Reads a token that this client may be sent by this provider.
    ///
    /// # Errors
    /// `id_token.encrypted`, `jws.malformed`, `json.*` for its header, `jws.alg`, `jws.crit`, `jws.typ`.
    pub fn parse(token: &str, expected: TokenKind, provider: &Provider, client: &Client) -> Result<Jws, Error> {
        let parts = Parts::split(token)?;
        let header = Document::parse_object(parts.header)?;
        let kid = match header.get("kid") {
            Some(kid) => Some(kid.str().ok_or(Rule::JwsMalformed)?.into()),
            None => None,
        };
        let mut checks = Vec::new();
        check_header(&header, expected, provider, client, &mut checks);
        first_failure(checks)?;
        Ok(Jws {
            token: token.into(),
            kind: expected,
            is_typed: header.str("typ").is_some_and(|typ| is_typ(typ, expected.typ())),
            algorithm: named_algorithm(&header).ok_or(Rule::JwsAlg)?,
            kid,
            header: header.text().into(),
            payload: parts.payload,
            signature: parts.signature,
        })
    }

    /// The algorithm its header names.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key its header names.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The header's JSON text.
    pub fn header(&self) -> &str {
        &self.header
    }

    pub(crate) fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Whether its `typ` names the kind that was expected, rather than nothing or any JWT.
    pub(crate) fn is_typed(&self) -> bool {
        self.is_typed
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What it says, which must be an object (RFC 7519 §7.2 step 10).
    pub(crate) fn claims(&self) -> Result<Document, Rule> {
        Document::parse_object(self.payload.clone())
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The bytes that are signed (RFC 7515 §5.2 step 8).
    pub(crate) fn signing_input(&self) -> &[u8] {
        let token = self.token.expose().as_bytes();
        let end = token.iter().rposition(|&byte| byte == b'.').unwrap_or_default();
        token.get(..end).unwrap_or_default()
    }
}

/// A token's contents are not printed.
impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("algorithm", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The three parts of a compact JWS, decoded.
pub(crate) struct Parts {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Parts {
    /// Three parts are a JWS (RFC 7515 §7.1), five a JWE (RFC 7516 §7.1), anything else is nothing.
    pub(crate) fn split(token: &str) -> Result<Parts, Rule> {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let decode = |part| base64url::decode(part).ok_or(Rule::JwsMalformed);
        // A sixth part decides as well as a million.
        let mut parts = [""; 6];
        let mut count = 0;
        for (place, part) in parts.iter_mut().zip(split(token, b'.')) {
            *place = part;
            count += 1;
        }
        let [header, payload, signature, ..] = parts;
        match count {
            3 if !header.is_empty() && !payload.is_empty() => {
                Ok(Parts { header: decode(header)?, payload: decode(payload)?, signature: decode(signature)? })
            }
            5 if token.bytes().all(is_base64url) => Err(Rule::IdTokenEncrypted),
            _ => Err(Rule::JwsMalformed),
        }
    }
}

pub(crate) fn named_algorithm(header: &Document) -> Option<Algorithm> {
    Algorithm::from_name(header.str("alg")?)
}

/// The rules on a header. Its `jwk`, `jku`, `x5c` and `x5u` are never looked at: keys come from the provider's key set alone.
pub(crate) fn check_header(
    header: &Document,
    kind: TokenKind,
    provider: &Provider,
    client: &Client,
    checks: &mut Vec<Check>,
) {
    // OpenID Connect Core §3.1.3.7 rules 7 and 8: the registered algorithm, or else what metadata lists; never `none`.
    let registered = match kind {
        TokenKind::IdToken | TokenKind::LogoutToken => client.id_token_signed_response_alg,
        TokenKind::Userinfo => client.userinfo_signed_response_alg.or(client.id_token_signed_response_alg),
        TokenKind::AccessToken => None,
    };
    let is_allowed = named_algorithm(header).is_some_and(|algorithm| match registered {
        Some(registered) => algorithm == registered,
        // Metadata does not say how access tokens are signed (RFC 9068 §4).
        None => !algorithm.is_symmetric() && (kind == TokenKind::AccessToken || provider.signs_with(algorithm)),
    });
    let expected = registered.map_or("an asymmetric algorithm that the metadata lists", Algorithm::name);
    // RFC 7797 §6: b64 is an extension that crit has to name; alone it is no better.
    let is_plain = header.get("crit").is_none() && header.get("b64").is_none_or(|b64| b64.bool() == Some(true));
    let typ = header.get("typ").map(|typ| typ.str().unwrap_or_default());
    let rule = match kind {
        TokenKind::IdToken | TokenKind::Userinfo => Rule::JwsTyp,
        TokenKind::AccessToken => Rule::AccessTokenTyp,
        TokenKind::LogoutToken => Rule::LogoutTokenTyp,
    };
    let own_typ = kind.typ();
    let is_fit = |typ| is_typ(typ, "JWT") || is_typ(typ, own_typ);
    checks.push(Check::that(Rule::JwsAlg, is_allowed).compared(expected, header.str("alg")));
    checks.push(Check::that(Rule::JwsCrit, is_plain));
    checks.push(Check::that(rule, typ.is_none_or(is_fit)).compared(own_typ, typ));
}

/// RFC 7519 §5.1 and RFC 7515 §4.1.9: letter case and the `application/` prefix are free.
fn is_typ(typ: &str, name: &str) -> bool {
    let subtype = match typ.split_at_checked(12) {
        Some((prefix, subtype)) if prefix.eq_ignore_ascii_case("application/") => subtype,
        _ => typ,
    };
    subtype.eq_ignore_ascii_case(name)
}
