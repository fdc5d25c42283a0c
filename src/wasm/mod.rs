//! The boundary to JavaScript: convert, call, convert. No protocol rule.
//!
//! Text crosses as the UTF-8 bytes of `TextEncoder`, which costs a fraction of a string argument; arguments with members
//! cross as JSON and are read by the engine's own strict reader. What arrived as JSON and was found good is not sent
//! back: the host parses the very text that was judged. Errors cross as the number of their rule.
// The attribute macros of wasm-bindgen expand to unsafe code; nothing here writes any.
#![allow(unsafe_code)]
// What is public here is public to JavaScript. Owned bytes are wiped after use, and JavaScript documents errors itself.
#![allow(unreachable_pub, clippy::needless_pass_by_value, clippy::missing_errors_doc)]
// A JavaScript number is a double.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]

extern crate std;

mod arguments;
mod error;
mod host;

use alloc::rc::Rc;
use alloc::vec::Vec;
use std::alloc::System;

use js_sys::{JsString, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Headers;
use zeroize::Zeroizing;
use zeroizing_alloc::ZeroAlloc;

use self::arguments::{Arguments, Judged, text};
use self::host::Reply;
use crate::client_auth::{Assertion, SignedAssertion};
use crate::jwks::Jwks;
use crate::jws::{Jws, TokenKind};
use crate::pkce::Pkce;
use crate::provider::Provider;
use crate::redirect::Redirect;
use crate::relying_party::RelyingParty;
use crate::report::{Check, Report, SignatureStatus, Verdict};
use crate::rule::Rule;
use crate::signature::Verified;
use crate::userinfo::Userinfo;
use crate::wire::json::ObjectWriter;
use crate::{AUTHORIZATION_ENTROPY, Signature};

type Result<T> = core::result::Result<T, JsValue>;

/// Whatever memory is given back is wiped first: it may have held a token, a code or a secret.
#[global_allocator]
static HEAP: ZeroAlloc<System> = ZeroAlloc(System);

/// Verifier and challenge, on two lines.
#[wasm_bindgen]
pub fn create_pkce() -> Result<JsString> {
    let pkce = Pkce::new(&*host::entropy()?);
    Ok([pkce.verifier().expose(), "\n", &pkce.challenge()].concat().into())
}

/// The S256 challenge of a verifier.
#[wasm_bindgen]
pub fn code_challenge(verifier: Vec<u8>) -> Result<JsString> {
    Ok(crate::pkce::code_challenge(text(verifier, "verifier")?.expose())?.into())
}

/// `{issuer, metadata?}` → the request, as JSON.
#[wasm_bindgen]
pub fn discovery_request(args: Vec<u8>) -> Result<JsString> {
    let arguments = Arguments::parse(args, "options");
    let discovery = arguments::discovery(&arguments);
    arguments.verdict()?;
    Ok(crate::provider::discovery_request(discovery.issuer, discovery.metadata)?.to_json().into())
}

/// Judges a discovery document; the host parses the body itself.
#[wasm_bindgen]
pub fn discovery_response(args: Vec<u8>, status: u16, headers: &Headers, body: &[u8]) -> Result<()> {
    let arguments = Arguments::parse(args, "options");
    let discovery = arguments::discovery(&arguments);
    arguments.verdict()?;
    let reply = Reply::new(status, headers);
    Provider::discovered(discovery.issuer, &reply.with(body), discovery.issuer_template)?;
    Ok(())
}

/// `{scope, resource?, registry}` → which scopes reach which resource, as JSON.
#[wasm_bindgen]
pub fn downscope(args: Vec<u8>) -> Result<JsString> {
    Ok(arguments::downscope(&Arguments::parse(args, "request"))?.into())
}

/// Every challenge of a `WWW-Authenticate` header, as JSON.
#[wasm_bindgen]
pub fn parse_challenges(header: Vec<u8>) -> Result<JsString> {
    let challenges = crate::challenge::parse_challenges(text(header, "header")?.expose());
    Ok(error::challenges_json(&challenges).into())
}

/// A relying party and the provider's key set, in memory of the module's.
#[wasm_bindgen]
pub struct Engine {
    rp: RelyingParty,
    keys: Rc<Jwks>,
}

#[wasm_bindgen]
impl Engine {
    /// `{provider, client}`
    #[wasm_bindgen(constructor)]
    pub fn new(config: Vec<u8>) -> Result<Engine> {
        let arguments = Arguments::parse(config, "client");
        Ok(Engine { rp: arguments::relying_party(&arguments)?, keys: Rc::default() })
    }

    /// Address, state and transaction, on three lines.
    pub fn authorization_request(&self, params: Vec<u8>) -> Result<JsString> {
        let arguments = Arguments::parse(params, "params");
        let params = arguments::authorization_params(&arguments);
        arguments.verdict()?;
        let request = self.rp.authorization_request(&params, &*host::entropy::<AUTHORIZATION_ENTROPY>()?)?;
        Ok([&request.url, "\n", &request.state, "\n", request.transaction.expose()].concat().into())
    }

    /// `{response | form, transaction}` → the parameters, as JSON.
    pub fn authorization_response(&self, args: Vec<u8>) -> Result<JsString> {
        let arguments = Arguments::parse(args, "response");
        let members = arguments.members(&["response", "form", "transaction"]);
        let redirect = match members.text("form") {
            Some(form) => Redirect::Parameters(form),
            None => Redirect::Text(members.required("response", "the address that the browser came back to")),
        };
        let transaction = members.transaction(&self.rp);
        arguments.verdict()?;
        let transaction = transaction.ok_or(Rule::TransactionMalformed).map_err(crate::Error::from)?;
        Ok(self.rp.authorization_response(redirect, &transaction)?.to_json().into())
    }

    /// What the host must sign before the next request that proves who the client is; `undefined` where nothing is signed.
    pub fn client_assertion(&self) -> Result<Option<ClientAssertion>> {
        let assertion = self.rp.client_assertion(host::now(), &*host::entropy()?);
        Ok(assertion.map(|assertion| ClientAssertion { assertion, signature: Vec::new() }))
    }

    /// The request for a grant, as JSON.
    pub fn token_request(&self, grant: Vec<u8>, assertion: Option<ClientAssertion>) -> Result<JsString> {
        let arguments = Arguments::parse(grant, "grant");
        let transaction = arguments.transaction(&self.rp);
        let grant = arguments::grant(&arguments, transaction.as_ref())?;
        Ok(self.rp.token_request_with(&grant, ClientAssertion::signed(assertion).as_ref())?.to_json().into())
    }

    /// Judges a token response; the host parses the body itself. What comes back is `expires_in` where the body has it as text, else NaN.
    pub fn token_response(&self, status: u16, headers: &Headers, body: Vec<u8>, grant: Vec<u8>) -> Result<f64> {
        let body = Zeroizing::new(body);
        let arguments = Arguments::parse(grant, "grant");
        let transaction = arguments.transaction(&self.rp);
        let grant = arguments::grant(&arguments, transaction.as_ref())?;
        let reply = Reply::new(status, headers);
        let response = self.rp.token_response(&reply.with(&body), &grant)?;
        Ok(match response.expires_in() {
            Some(seconds) if response.is_expires_in_text() => seconds as f64,
            _ => f64::NAN,
        })
    }

    /// The request for the key set, as JSON.
    pub fn jwks_request(&self) -> Result<JsString> {
        Ok(self.rp.provider().jwks_request()?.to_json().into())
    }

    /// Takes a new key set; the old one stays when this one cannot be read.
    pub fn jwks_response(&mut self, status: u16, headers: &Headers, body: &[u8]) -> Result<()> {
        self.keys = Jwks::from_reply(&Reply::new(status, headers).with(body))?.into();
        Ok(())
    }

    fn pending(&self, token: Vec<u8>, name: &'static str, kind: TokenKind) -> Result<PendingToken> {
        Ok(PendingToken::new(self.rp.token(text(token, name)?.expose(), kind)?))
    }

    /// Reads an ID token up to its signature.
    pub fn id_token(&self, token: Vec<u8>) -> Result<PendingToken> {
        self.pending(token, "idToken", TokenKind::IdToken)
    }

    /// Chooses the key that the token must be verified with: its place in the set, or -1 for the client secret.
    pub fn select_key(&self, token: &mut PendingToken) -> Result<i32> {
        // The set may be replaced while the host verifies: the token keeps the one that its key is of.
        token.keys = Rc::clone(&self.keys);
        let key = token.jws.verification(&self.keys)?.key();
        Ok(key.and_then(|key| self.keys.position(key)).map_or(-1, |index| index as i32))
    }

    /// The public key at this place, as JSON.
    pub fn key(&self, index: usize) -> JsString {
        self.keys.get(index).map_or("", |key| key.json()).into()
    }

    /// Every rule on an ID token but its signature.
    pub fn check_id_token(&self, token: Vec<u8>, expected: Vec<u8>) -> Result<JsValue> {
        let token = text(token, "idToken")?;
        self.judge(expected, &|expected| {
            report_value(self.rp.check_id_token(token.expose(), &expected.claims, expected.now), expected)
        })
    }

    /// Judges what a token will be compared with, before anything is sent.
    pub fn expect(&self, expected: Vec<u8>) -> Result<()> {
        self.judge(expected, &|_| Ok(JsValue::UNDEFINED))?;
        Ok(())
    }

    /// Reads what a token is compared with, and goes on if all of it is good.
    fn judge(&self, expected: Vec<u8>, go_on: &dyn Fn(&Judged<'_>) -> Result<JsValue>) -> Result<JsValue> {
        let arguments = Arguments::parse(expected, "expected");
        let transaction = arguments.transaction(&self.rp);
        let expected = arguments::expected(&arguments, transaction.as_ref());
        arguments.verdict()?;
        go_on(&expected)
    }

    /// The request for userinfo, as JSON.
    pub fn userinfo_request(&self, access_token: Vec<u8>) -> Result<JsString> {
        Ok(self.rp.userinfo_request(text(access_token, "accessToken")?.expose())?.to_json().into())
    }

    /// Judges a userinfo answer. `undefined`: it is good and the host parses the body itself; a token: it is signed.
    pub fn userinfo_response(
        &self,
        status: u16,
        headers: &Headers,
        body: &[u8],
        subject: Vec<u8>,
    ) -> Result<Option<PendingToken>> {
        let subject = text(subject, "expectedSubject")?;
        let answer = self.rp.userinfo_response(&Reply::new(status, headers).with(body), subject.expose())?;
        Ok(match answer {
            Userinfo::Claims(_) => None,
            Userinfo::Signed(jws) => Some(PendingToken::new(jws)),
        })
    }

    /// Judges what an access token will be compared with, and reads the token up to its signature.
    pub fn access_token(&self, token: Vec<u8>, expected: Vec<u8>) -> Result<PendingToken> {
        let arguments = Arguments::parse(expected, "expected");
        arguments::access_token_expected(&arguments);
        arguments.verdict()?;
        self.pending(token, "jwt", TokenKind::AccessToken)
    }

    /// Judges the options, and reads a logout token up to its signature.
    pub fn logout_token(&self, token: Vec<u8>, args: Vec<u8>) -> Result<PendingToken> {
        let arguments = Arguments::parse(args, "options");
        arguments.members(&["now"]).now();
        arguments.verdict()?;
        self.pending(token, "jwt", TokenKind::LogoutToken)
    }

    /// The request that ends a token, as JSON.
    pub fn revocation_request(&self, token: Vec<u8>, assertion: Option<ClientAssertion>) -> Result<JsString> {
        let assertion = ClientAssertion::signed(assertion);
        Ok(self.rp.revocation_request(text(token, "token")?.expose(), assertion.as_ref())?.to_json().into())
    }

    /// Judges the answer to it.
    pub fn revocation_response(&self, status: u16, headers: &Headers, body: &[u8]) -> Result<()> {
        Ok(self.rp.revocation_response(&Reply::new(status, headers).with(body))?)
    }

    /// The request that asks about a token, as JSON.
    pub fn introspection_request(&self, token: Vec<u8>, assertion: Option<ClientAssertion>) -> Result<JsString> {
        let assertion = ClientAssertion::signed(assertion);
        Ok(self.rp.introspection_request(text(token, "token")?.expose(), assertion.as_ref())?.to_json().into())
    }

    /// Judges the answer to it; the host parses the body itself.
    pub fn introspection_response(&self, status: u16, headers: &Headers, body: &[u8]) -> Result<()> {
        self.rp.introspection_response(&Reply::new(status, headers).with(body))?;
        Ok(())
    }

    /// The parameters of a login that somebody else starts → `{loginHint?, targetLinkUri?}`, as JSON.
    pub fn initiated_login(&self, request: Vec<u8>) -> Result<JsString> {
        let login = self.rp.initiated_login(text(request, "request")?.expose())?;
        let mut out = ObjectWriter::new();
        out.optional("loginHint", login.login_hint()).optional("targetLinkUri", login.target_link_uri());
        Ok(out.finish().into())
    }

    /// Whether `{response, state}` is the return from signing out.
    pub fn end_session_returned(&self, args: Vec<u8>) -> Result<bool> {
        let arguments = Arguments::parse(args, "response");
        let (response, state) = arguments::end_session_return(&arguments);
        arguments.verdict()?;
        Ok(self.rp.end_session_returned(response, state))
    }

    /// The address that signs the person out.
    pub fn end_session_url(&self, params: Vec<u8>) -> Result<JsString> {
        let arguments = Arguments::parse(params, "params");
        let params = arguments::end_session_params(&arguments);
        arguments.verdict()?;
        Ok(self.rp.end_session_url(&params)?.into())
    }
}

/// A statement of who the client is, for the host to sign.
#[wasm_bindgen]
pub struct ClientAssertion {
    assertion: Assertion,
    signature: Vec<u8>,
}

#[wasm_bindgen]
impl ClientAssertion {
    fn signed(assertion: Option<ClientAssertion>) -> Option<SignedAssertion> {
        assertion.map(|ClientAssertion { assertion, signature }| assertion.sign(&signature))
    }

    /// The `alg` to sign with.
    #[wasm_bindgen(getter)]
    pub fn alg(&self) -> JsString {
        self.assertion.algorithm().name().into()
    }

    /// The text to sign.
    pub fn signing_input(&self) -> JsString {
        self.assertion.signing_input().into()
    }

    /// Takes the host's signature.
    pub fn sign(&mut self, signature: Vec<u8>) {
        self.signature = signature;
    }
}

/// A signed token that waits for the host's verdict on its signature.
#[wasm_bindgen]
pub struct PendingToken {
    jws: Jws,
    /// The set that its key was chosen from.
    keys: Rc<Jwks>,
}

#[wasm_bindgen]
impl PendingToken {
    fn new(jws: Jws) -> PendingToken {
        PendingToken { jws, keys: Rc::default() }
    }

    fn conclude(&self, valid: bool) -> Result<Verified<'_>> {
        Ok(self.jws.verification(&self.keys)?.conclude(valid)?)
    }

    /// The `alg` to verify with.
    #[wasm_bindgen(getter)]
    pub fn alg(&self) -> JsString {
        self.jws.algorithm().name().into()
    }

    /// The signature's bytes.
    pub fn signature(&self) -> Result<Uint8Array> {
        Ok(self.jws.verification(&self.keys)?.signature().into())
    }

    /// The host's verdict in, the claims' JSON text out.
    #[wasm_bindgen(unchecked_return_type = "string")]
    pub fn claims(&self, engine: &Engine, expected: Vec<u8>, valid: bool) -> Result<JsValue> {
        engine.judge(expected, &|expected| {
            let claims = engine.rp.claims(self.conclude(valid)?, &expected.claims, expected.now)?;
            Ok(claims.json().into())
        })
    }

    /// The host's verdict in, every rule out.
    pub fn report(&self, engine: &Engine, expected: Vec<u8>, valid: bool) -> Result<JsValue> {
        engine.judge(expected, &|expected| {
            let signature = match self.conclude(valid) {
                Ok(verified) => Signature::Valid(verified),
                Err(_) => Signature::Invalid(&self.jws),
            };
            report_value(engine.rp.report(signature, &expected.claims, expected.now), expected)
        })
    }

    /// The host's verdict in, an access token's claims out, as JSON.
    pub fn access_token(&self, engine: &Engine, expected: Vec<u8>, valid: bool) -> Result<JsString> {
        let arguments = Arguments::parse(expected, "expected");
        let (expected, now) = arguments::access_token_expected(&arguments);
        arguments.verdict()?;
        Ok(engine.rp.access_token_claims(self.conclude(valid)?, &expected, now)?.expose().into())
    }

    /// The host's verdict in, a logout token's claims out, as JSON.
    pub fn logout_token(&self, engine: &Engine, args: Vec<u8>, valid: bool) -> Result<JsString> {
        let arguments = Arguments::parse(args, "options");
        let now = arguments.members(&["now"]).now();
        arguments.verdict()?;
        Ok(engine.rp.logout_token_claims(self.conclude(valid)?, now)?.expose().into())
    }

    /// The host's verdict in, the claims of a signed userinfo answer out, as JSON.
    pub fn userinfo(&self, engine: &Engine, subject: Vec<u8>, valid: bool) -> Result<JsString> {
        let subject = text(subject, "expectedSubject")?;
        Ok(engine.rp.userinfo_claims(self.conclude(valid)?, subject.expose(), host::now())?.expose().into())
    }
}

/// A report as `[valid, signature, header, claims, checks]`, a check as `[rule, verdict, expected, found]`: lists, because
/// the host knows what is where, and numbers for rules and verdicts, because it has their names.
fn report_value(mut report: Report, expected: &Judged<'_>) -> Result<JsValue> {
    if let Some(is_uncached) = expected.is_uncached {
        let verdict = if is_uncached { Verdict::Pass } else { Verdict::Warn };
        report.checks.push(Check::new(Rule::TokenCacheControl, verdict));
    }
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| (check.rule as u8, check.verdict as u8, check.expected.as_deref(), check.found.as_deref()))
        .collect();
    let signature = match report.signature {
        SignatureStatus::Unchecked => 0,
        SignatureStatus::Valid => 1,
        SignatureStatus::Invalid => 2,
    };
    let value = (report.is_valid(), signature, &*report.header, &*report.claims, checks);
    Ok(serde_wasm_bindgen::to_value(&value).map_err(|_| crate::Error::from(Rule::Internal))?)
}
