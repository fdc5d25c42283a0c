//! Compact JSON Web Signatures (RFC 7515 §7.1): structure and header.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::{Error, OAuthError};
use crate::jose::algorithm::Algorithm;
use crate::rule::Rule;
use crate::wiped::Wiped;
use crate::wire::base64url;
use crate::wire::json::Document;
use crate::wire::text::split_once;

/// The expected kind of token. It decides which `typ` is allowed (RFC 8725 §3.11).
// A word needs no mask.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// A signed userinfo response (OpenID Connect Core §5.3.2).
    Userinfo,
    /// An access token that is a JWT (RFC 9068 §2.1).
    AccessToken,
    /// A logout token (OpenID Connect Back-Channel Logout §2.4).
    LogoutToken,
    /// A proof of possession (RFC 9449 §4.2).
    #[cfg(feature = "dpop")]
    DpopProof,
    /// A signed authorization response (JARM §2.1).
    #[cfg(feature = "jarm")]
    AuthorizationResponse,
    /// A signed introspection response (RFC 9701 §5).
    #[cfg(feature = "jwt-introspection")]
    Introspection,
}

impl TokenKind {
    /// Every kind, in the order of its number.
    pub const ALL: &'static [TokenKind] = &[
        TokenKind::IdToken,
        TokenKind::Userinfo,
        TokenKind::AccessToken,
        TokenKind::LogoutToken,
        #[cfg(feature = "dpop")]
        TokenKind::DpopProof,
        #[cfg(feature = "jarm")]
        TokenKind::AuthorizationResponse,
        #[cfg(feature = "jwt-introspection")]
        TokenKind::Introspection,
    ];

    pub(crate) fn typ(self) -> &'static str {
        match self {
            TokenKind::IdToken | TokenKind::Userinfo => "JWT",
            TokenKind::AccessToken => "at+jwt",
            TokenKind::LogoutToken => "logout+jwt",
            #[cfg(feature = "dpop")]
            TokenKind::DpopProof => "dpop+jwt",
            #[cfg(feature = "jarm")]
            TokenKind::AuthorizationResponse => "JWT",
            #[cfg(feature = "jwt-introspection")]
            TokenKind::Introspection => "token-introspection+jwt",
        }
    }

    /// Whether a client presents it to this resource server. All others are for the client itself.
    pub(crate) fn is_presented(self) -> bool {
        match self {
            TokenKind::AccessToken => true,
            #[cfg(feature = "dpop")]
            TokenKind::DpopProof => true,
            _ => false,
        }
    }
}

/// The error of a rule. For tokens at a resource server it has the status and error for the response (RFC 6750 §3.1, RFC 9449
/// §7.1 and §9).
pub(crate) fn refused(kind: TokenKind, mut error: Error) -> Error {
    if !kind.is_presented() {
        return error;
    }
    let (status, name) = match (kind, error.rule()) {
        (_, Rule::AccessTokenScope) => (403, "insufficient_scope"),
        // RFC 9470 §3
        (_, Rule::AccessTokenAcr | Rule::AccessTokenAuthTime) => (401, "insufficient_user_authentication"),
        #[cfg(feature = "dpop")]
        (_, Rule::DpopNonce) => (401, "use_dpop_nonce"),
        #[cfg(feature = "dpop")]
        (TokenKind::DpopProof, _) => (401, "invalid_dpop_proof"),
        _ => (401, "invalid_token"),
    };
    let detail = error.detail_mut();
    detail.status = Some(status);
    detail.oauth = Some(OAuthError { error: String::from(name), ..OAuthError::default() });
    error
}

/// A compact JWS with valid structure and header. Its signature is not verified yet. It borrows the token.
#[derive(Clone)]
pub struct Jws<'t> {
    pub(crate) token: &'t str,
    pub(crate) kind: TokenKind,
    pub(crate) is_typed: bool,
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) parts: Parts,
}

impl<'t> Jws<'t> {
    /// A place on the heap for a token whose parts are still to be read.
    // Its callers keep it there, and a move would copy it.
    #[allow(clippy::unnecessary_box_returns)]
    pub(crate) fn unread(token: &'t str, kind: TokenKind) -> Box<Jws<'t>> {
        let (algorithm, parts) = (Algorithm::Rs256, Parts::default());
        Box::new(Jws { token, kind, is_typed: false, algorithm, kid: None, parts })
    }

    /// The header's `alg`.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header's `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The header's JSON text.
    pub fn header(&self) -> &str {
        core::str::from_utf8(&self.parts.header).unwrap_or_default()
    }

    pub(crate) fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Whether `typ` names the expected kind. False if `typ` is absent or `JWT`.
    pub(crate) fn is_typed(&self) -> bool {
        self.is_typed
    }

    /// The payload, which must be a JSON object (RFC 7519 §7.2 step 10).
    #[inline(always)]
    pub(crate) fn claims(&self) -> Result<Document<'_>, Error> {
        Document::parse_object(&self.parts.payload).map_err(|error| refused(self.kind, error.into()))
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.parts.signature
    }

    /// The signing input (RFC 7515 §5.2 step 8).
    pub(crate) fn signing_input(&self) -> &'t [u8] {
        // The token ends with a dot and the signature, whose bytes have only one encoding.
        let token = self.token.as_bytes();
        let end = token.len().checked_sub(1 + (self.signature().len() * 4).div_ceil(3));
        token.get(..end.unwrap_or_default()).unwrap_or_default()
    }
}

/// Printing it shows no token.
impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("algorithm", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The most bytes of a token. Tokens travel in headers, which servers limit to less.
pub(crate) const MAX_TOKEN: usize = 1 << 16;

/// The three parts of a compact JWS, decoded.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    pub(crate) header: Wiped<Vec<u8>>,
    pub(crate) payload: Wiped<Vec<u8>>,
    pub(crate) signature: Wiped<Vec<u8>>,
}

impl Parts {
    /// Three parts are a JWS (RFC 7515 §7.1), five are a JWE (RFC 7516 §7.1). Any other number is malformed.
    pub(crate) fn split(&mut self, token: &str) -> Result<(), Rule> {
        if token.len() > MAX_TOKEN {
            return Err(Rule::JwsTooLarge);
        }
        if self.read(token).is_some() {
            Ok(())
        } else if is_encrypted(token) {
            Err(Rule::IdTokenEncrypted)
        } else {
            Err(Rule::JwsMalformed)
        }
    }

    fn read(&mut self, token: &str) -> Option<()> {
        let (header, rest) = split_once(token, b'.')?;
        let (payload, signature) = split_once(rest, b'.')?;
        if header.is_empty() || payload.is_empty() {
            return None;
        }
        decode(&mut self.header, header)?;
        decode(&mut self.payload, payload)?;
        decode(&mut self.signature, signature)
    }
}

fn decode(part: &mut Wiped<Vec<u8>>, text: &str) -> Option<()> {
    *part = Wiped::new(base64url::decode(text)?);
    Some(())
}

/// Whether it has the five parts of a JWE.
pub(crate) fn is_encrypted(token: &str) -> bool {
    let mut dots = 0;
    for byte in token.bytes() {
        match byte {
            b'.' => dots += 1,
            b'-' | b'_' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
    }
    dots == 4
}
