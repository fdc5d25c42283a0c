//! An OpenID Connect relying party without I/O: time, randomness, HTTP and signature results are arguments.
//!
//! The same input always gives the same result. The engine accepts only what the specifications allow.
//!
//! ```text
//! discovery document ──► provider ─┐
//! client configuration ► client ───┤
//! entropy ──► pkce ──► authorization ──► URL + transaction
//! redirect ──► code
//! code ──► token (request) ──► HTTP ──► token (response) ──► ID token
//! key set ──► jwks ──► jws (parse, pick key) ──► host verifies ──► id_token (claims) ──► report
//! ```
//!
//! # A whole login
//!
//! Every message in order. The host has four duties: it draws random bytes, keeps the transaction, sends requests, and verifies
//! one signature with a cryptography library of its choice.
//!
//! ```
//! use oidc_wasm::*;
//!
//! // The provider's metadata.
//! let discovery = Discovery { issuer: "https://op.example", ..Discovery::default() };
//! let reply = send(&discovery.request()?);
//! let provider = discovery.provider(&reply)?;
//! let client = Client::new("s6BhdRkqt3")?.redirect_uri("https://client.example.org/cb")?;
//! let rp = RelyingParty::new(provider, client);
//!
//! // The authorization request: the browser goes to its url, the transaction is kept.
//! let entropy = random_bytes();
//! let request = rp.authorization_request(&AuthorizationParams::default(), &entropy)?;
//! assert!(request.url.starts_with("https://op.example/authorize?response_type=code&client_id=s6BhdRkqt3"));
//! let kept = request.transaction;
//!
//! // The authorization response: the browser is back.
//! let address = format!("https://client.example.org/cb?code=SplxlOBeZQQYbYS6WxSbIA&state={}", request.state);
//! let transaction = rp.transaction(kept.expose())?;
//! let response = rp.authorization_response(Redirect::Text(&address), &transaction)?;
//!
//! // The token request and response.
//! let code = response.code().ok_or("a code was asked for")?;
//! let grant = Grant::from(GrantType::AuthorizationCode { code, transaction: &transaction });
//! let reply = send(&rp.token_request(&grant)?);
//! let tokens = rp.token_response(&reply, &grant)?;
//!
//! // The ID token: structure, key, signature, claims.
//! let jws = rp.id_token(tokens.id_token().ok_or("openid was asked for")?)?;
//! let keys = Jwks::from_reply(&send(&rp.provider().jwks_request()?))?;
//! let verification = jws.verification(&keys)?;
//! let is_valid = host_verifies(&verification);
//! let verified = verification.conclude(is_valid)?;
//! let expected = IdTokenExpected { access_token: Some(tokens.access_token()), ..IdTokenExpected::of(&transaction) };
//! let claims = rp.claims(verified, &expected, NumericDate::from_seconds(1311281000))?;
//! assert_eq!(claims.subject(), "248289761001");
//!
//! # use std::sync::OnceLock;
//! # use ring::signature::{Ed25519KeyPair, KeyPair, UnparsedPublicKey, ED25519};
//! # use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
//! # fn key() -> Ed25519KeyPair { Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap() }
//! # fn random_bytes() -> [u8; AUTHORIZATION_ENTROPY] { [7; AUTHORIZATION_ENTROPY] }
//! # fn host_verifies(verification: &Verification<'_, '_>) -> bool {
//! #     let public = UnparsedPublicKey::new(&ED25519, key().public_key().as_ref().to_vec());
//! #     public.verify(verification.signing_input(), verification.signature()).is_ok()
//! # }
//! # fn send(request: &HttpRequest) -> HttpReply<'static> {
//! #     let body = if request.url.ends_with("/openid-configuration") {
//! #         r#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize",
//! #            "token_endpoint":"https://op.example/token","jwks_uri":"https://op.example/jwks",
//! #            "id_token_signing_alg_values_supported":["EdDSA"]}"#.to_string()
//! #     } else if request.url.ends_with("/jwks") {
//! #         let x = BASE64.encode(key().public_key().as_ref());
//! #         format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#)
//! #     } else {
//! #         let nonce = BASE64.encode([7; 24]);
//! #         let claims = format!(r#"{{"iss":"https://op.example","sub":"248289761001","aud":"s6BhdRkqt3",
//! #             "nonce":"{nonce}","exp":1311281970,"iat":1311280970}}"#);
//! #         let input = format!("{}.{}", BASE64.encode(r#"{"alg":"EdDSA"}"#), BASE64.encode(claims));
//! #         let signature = BASE64.encode(key().sign(input.as_bytes()));
//! #         format!(r#"{{"access_token":"SlAV32hkKG","token_type":"Bearer","id_token":"{input}.{signature}"}}"#)
//! #     };
//! #     HttpReply {
//! #         status: 200,
//! #         content_type: Some("application/json"),
//! #         cache_control: Some("no-store"),
//! #         body: body.leak().as_bytes(),
//! #         ..HttpReply::default()
//! #     }
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/rust.md` in the repository shows a signature with ring, a refresh, a sign-out and a guard for an API.
//! [`Rule`] lists every rule. [`RelyingParty::report`] gives the result of each rule for one token.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "wasm"), forbid(unsafe_code))]
#![deny(unsafe_code)]

extern crate alloc;

mod capability;
mod error;
mod jose;
mod message;
mod party;
mod removed;
mod rule;
mod secret;
mod time;
mod token;
#[doc(hidden)]
pub mod wasm;
mod wiped;
#[doc(hidden)]
pub mod wire;

pub use error::{Detail, Error, OAuthError};
pub use jose::algorithm::Algorithm;
#[cfg(feature = "jwe")]
pub use jose::jwe::{ContentEncryption, DecryptionKey, Jwe, KeyManagement};
pub use jose::jwk::{Jwk, Jwks};
pub use jose::jws::{Jws, TokenKind};
pub use jose::signature::{Verification, Verified};
pub use jose::unsigned::Unsigned;
pub use message::authorization::{AUTHORIZATION_ENTROPY, AuthorizationParams, AuthorizationRequest};
#[cfg(feature = "ciba")]
pub use message::backchannel_authentication::{
    BACKCHANNEL_ENTROPY, BackchannelAuthentication, BackchannelAuthenticationParams, PersonHint,
};
pub use message::client_auth::{ASSERTION_ENTROPY, Assertion, Endpoint, SignedAssertion};
#[cfg(feature = "device")]
pub use message::device::DeviceAuthorization;
pub use message::discovery::{Discovery, Metadata};
#[cfg(feature = "dpop")]
pub use message::dpop::{DpopKey, PROOF_ENTROPY, ProofParams, wants_dpop_nonce};
pub use message::end_session::EndSessionParams;
pub use message::http::{HttpReply, HttpRequest};
pub use message::initiated_login::InitiatedLogin;
#[cfg(feature = "par")]
pub use message::par::PushedAuthorizationRequest;
#[cfg(any(feature = "ciba", feature = "device"))]
pub use message::poll::{Poll, PollRefusal};
pub use message::redirect::{AuthorizationResponse, Redirect};
#[cfg(feature = "registration")]
pub use message::registration::{Registration, RegistrationAction, client_metadata_document};
#[cfg(feature = "jar")]
pub use message::request_object::{REQUEST_OBJECT_ENTROPY, RequestBy, RequestObject};
#[cfg(feature = "resource-metadata")]
pub use message::resource_metadata::ResourceDiscovery;
#[cfg(feature = "step-up")]
pub use message::step_up::{StepUp, step_up};
pub use message::token::{ExtensionGrant, Grant, GrantType, TokenResponse};
pub use party::client::{AssertionAudience, Client, ClientAuth};
pub use party::pkce::{Pkce, code_challenge};
#[cfg(feature = "fapi")]
pub use party::profile::Profile;
pub use party::provider::Provider;
pub use party::redirect_uri::RedirectUri;
pub use party::relaxation::{Relaxation, Relaxations};
pub use party::relying_party::RelyingParty;
pub use party::resource::{Downscoping, DownscopingRow, Resource, downscope};
pub use party::response_type::{ResponseMode, ResponseType};
pub use party::scope::Scope;
pub use party::transaction::Transaction;
pub use rule::Rule;
pub use secret::Secret;
pub use time::NumericDate;
pub use token::access_token::AccessTokenExpected;
#[cfg(feature = "mtls")]
pub use token::access_token::certificate_thumbprint;
#[cfg(feature = "dpop")]
pub use token::dpop_proof::{DpopClaims, DpopExpected, DpopProof};
pub use token::id_token::{Channel, IdTokenClaims, IdTokenExpected, PreviousClaims, Signature, StoredClaims};
pub use token::report::{Check, Report, SignatureStatus, Verdict};
pub use token::userinfo::Userinfo;
pub use wire::challenge::{Challenge, parse_challenges};

/// The Rust of docs/rust.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
struct Page;
