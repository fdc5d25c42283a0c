//! The boundary to JavaScript: convert, call, convert. No protocol rule.
//!
//! Text crosses as the UTF-8 bytes of `TextEncoder`, which costs a fraction of a string argument; arguments with members
//! cross as JSON and are read by the engine's own strict reader. What arrived as JSON and was found good is not sent
//! back: the host parses the very text that was judged. Errors cross as the number of their rule.
//!
//! Two functions are all that JavaScript calls, because each one costs a few hundred bytes of every download: [`step`] for
//! what the host gives, [`reply`] for what a server answered. [`Step`] says which there are.
//!
//! Neither returns a JavaScript value: the answer goes into an array that the caller hands in. V8 up to 12.4 (Node 20 and 22) ends the
//! process when memory grows during a call that it has inlined and that returns a reference. The build refuses such an export.
// Besides the attribute macros of wasm-bindgen, only `heap` writes unsafe code.
#![allow(unsafe_code)]
// What is public here is public to JavaScript. Owned bytes are wiped after use, and JavaScript documents errors itself.
#![allow(unreachable_pub, clippy::needless_pass_by_value, clippy::missing_errors_doc)]
// A JavaScript number is a double.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_possible_wrap)]

extern crate std;

mod arguments;
mod error;
mod heap;
mod host;
mod step;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Headers;

use self::arguments::{Arguments, Of, text};
use self::heap::Heap;
use self::host::Reply;
use self::step::Step;
use crate::client_auth::SignedAssertion;
use crate::error::Error;
use crate::http::HttpReply;
use crate::jwks::Jwks;
use crate::jws::{Jws, TokenKind};
use crate::pkce::Pkce;
use crate::provider::Provider;
use crate::redirect::Redirect;
use crate::relying_party::RelyingParty;
use crate::report::{Check, Report, SignatureStatus, Verdict};
use crate::rule::Rule;
use crate::userinfo::Userinfo;
use crate::wire::json::{ObjectWriter, push_integer};

#[global_allocator]
static HEAP: Heap = Heap::new();

/// A relying party, the provider's key set, and the token that is being verified.
struct Party {
    rp: RelyingParty,
    keys: Jwks,
    /// From the first step of a verification to the last: any other step forgets it.
    read: Option<Jws>,
}

std::thread_local! {
    /// Every party that was not freed yet, at its number.
    static PARTIES: RefCell<Vec<Option<Box<Party>>>> = const { RefCell::new(Vec::new()) };
}

/// What the host gives to a step.
struct Given {
    kind: TokenKind,
    args: Vec<u8>,
    token: Vec<u8>,
}

/// One step with what the host gives: text, bytes or a report is the first item of `answer` then, or the text of an error.
#[wasm_bindgen]
pub fn step(step: u8, party: usize, kind: u8, args: Vec<u8>, token: Vec<u8>, answer: &Array) {
    answer.set(0, take_step(step, party, kind, args, token));
    wipe_stack();
}

#[inline(never)]
fn take_step(step: u8, party: usize, kind: u8, args: Vec<u8>, token: Vec<u8>) -> JsValue {
    let given =
        Given { kind: TokenKind::ALL.get(usize::from(kind)).copied().unwrap_or(TokenKind::IdToken), args, token };
    answer(named(step).and_then(|step| match step {
        Step::CreatePkce
        | Step::CodeChallenge
        | Step::ParseChallenges
        | Step::Downscope
        | Step::DiscoveryRequest
        | Step::RelyingParty => said(alone(step, given)),
        Step::Free => {
            PARTIES.with_borrow_mut(|parties| parties.get_mut(party).map(Option::take));
            Ok(JsValue::UNDEFINED)
        }
        _ => with_party(party, |party| {
            // Any other step would come between.
            if !matches!(step, Step::Key | Step::Claims | Step::ReportIdToken) {
                party.read = None;
            }
            match step {
                Step::Verification => party.verification(given),
                Step::CheckIdToken | Step::ReportIdToken => party.report(step, given),
                _ => said(party.ask(step, given)),
            }
        }),
    }))
}

/// One step with what a server answered, whose `answer` is filled in the same way.
#[wasm_bindgen]
pub fn reply(step: u8, party: usize, args: Vec<u8>, status: u16, headers: &Headers, body: Vec<u8>, answer: &Array) {
    answer.set(0, take_reply(step, party, args, status, headers, &body));
    wipe_stack();
}

/// Whatever calls have left on the stack: SHA-256 reads a verifier from there.
#[inline(never)]
fn wipe_stack() {
    core::hint::black_box(&mut [0u8; 8192]);
}

#[inline(never)]
fn take_reply(step: u8, party: usize, args: Vec<u8>, status: u16, headers: &Headers, body: &[u8]) -> JsValue {
    let reply = Reply::new(status, headers);
    let reply = reply.with(body);
    answer(named(step).and_then(|step| match step {
        Step::DiscoveryResponse => said(discovered(args, &reply)),
        _ => with_party(party, |party| said(party.read(step, args, &reply))),
    }))
}

fn named(step: u8) -> Result<Step, Error> {
    Step::ALL.get(usize::from(step)).copied().ok_or_else(|| Rule::Internal.into())
}

fn said(text: Result<String, Error>) -> Result<JsValue, Error> {
    Ok(JsValue::from_str(&text?))
}

fn answer(outcome: Result<JsValue, Error>) -> JsValue {
    outcome.unwrap_or_else(JsValue::from)
}

fn with_party(number: usize, work: impl FnOnce(&mut Party) -> Result<JsValue, Error>) -> Result<JsValue, Error> {
    PARTIES.with_borrow_mut(|parties| match parties.get_mut(number) {
        Some(Some(party)) => work(party),
        _ => Err(Rule::Internal.into()),
    })
}

/// The number of a new party: the lowest one that is free.
fn keep(rp: RelyingParty) -> usize {
    let party = Some(Box::new(Party { rp, keys: Jwks::default(), read: None }));
    PARTIES.with_borrow_mut(|parties| {
        let number = parties.iter().position(Option::is_none).unwrap_or(parties.len());
        match parties.get_mut(number) {
            Some(place) => *place = party,
            None => parties.push(party),
        }
        number
    })
}

/// The steps that need no party.
fn alone(step: Step, Given { args, token, .. }: Given) -> Result<String, Error> {
    Ok(match step {
        Step::CreatePkce => {
            let pkce = Pkce::new(&*host::entropy()?);
            [pkce.verifier().expose(), "\n", &pkce.challenge()].concat()
        }
        Step::CodeChallenge => crate::pkce::code_challenge(text(args, "verifier")?.expose())?,
        Step::ParseChallenges => {
            error::challenges_json(&crate::challenge::parse_challenges(text(args, "header")?.expose()))
        }
        Step::Downscope => arguments::downscope(&Arguments::parse(args, "request"))?,
        Step::DiscoveryRequest => {
            let arguments = Arguments::parse(args, "options");
            let discovery = arguments::discovery(&arguments);
            arguments.verdict()?;
            crate::provider::discovery_request(discovery.issuer, discovery.metadata)?.to_json()
        }
        _ => {
            let mut number = String::new();
            push_integer(&mut number, keep(arguments::relying_party(args, token)?) as i64);
            number
        }
    })
}

fn discovered(args: Vec<u8>, reply: &HttpReply<'_>) -> Result<String, Error> {
    let arguments = Arguments::parse(args, "options");
    let discovery = arguments::discovery(&arguments);
    arguments.verdict()?;
    Provider::discovered(discovery.issuer, reply, discovery.issuer_template)?;
    Ok(String::new())
}

impl Party {
    fn ask(&mut self, step: Step, Given { kind, args, token }: Given) -> Result<String, Error> {
        let rp = &self.rp;
        Ok(match step {
            Step::AuthorizationRequest => {
                let arguments = Arguments::parse(args, "params");
                let params = arguments::authorization_params(&arguments);
                arguments.verdict()?;
                let request = rp.authorization_request(&params, &*host::entropy()?)?;
                [&request.url, "\n", &request.state, "\n", request.transaction.expose()].concat()
            }
            Step::AuthorizationResponse => {
                let arguments = Arguments::parse(args, "response");
                let members = arguments.members(&["response", "form", "transaction"]);
                let redirect = match members.text("form") {
                    Some(form) => Redirect::Parameters(form),
                    None => Redirect::Text(members.required("response", "the address that the browser came back to")),
                };
                let transaction = members.transaction(rp);
                arguments.verdict()?;
                let transaction = transaction.ok_or(Rule::TransactionMalformed)?;
                rp.authorization_response(redirect, &transaction)?.to_json()
            }
            Step::ClientAssertion => match rp.client_assertion(host::now(), &*host::entropy()?) {
                Some(assertion) => [assertion.algorithm().name(), "\n", assertion.signing_input()].concat(),
                None => String::new(),
            },
            Step::TokenRequest => {
                let arguments = Arguments::parse(args, "grant");
                let transaction = arguments.transaction(rp);
                let grant = arguments::grant(&arguments, transaction.as_ref())?;
                rp.token_request_with(&grant, SignedAssertion::read(&token).as_ref())?.to_json()
            }
            Step::JwksRequest => rp.provider().jwks_request()?.to_json(),
            Step::Key => {
                let jws = self.jws(kind, token)?;
                let key = jws.verification(&self.keys)?.key();
                key.map_or_else(String::new, |key| key.json().into())
            }
            Step::SignatureRefused => {
                let jws = self.jws(kind, token)?;
                return Err(jws.signature_refused());
            }
            Step::Expect => {
                let arguments = Arguments::parse(args, "expected");
                let transaction = arguments.transaction(rp);
                arguments::expected(&arguments, kind, transaction.as_ref());
                arguments.verdict()?;
                String::new()
            }
            Step::Claims => self.claims(args)?,
            Step::UserinfoRequest => rp.userinfo_request(text(args, "accessToken")?.expose())?.to_json(),
            Step::RevocationRequest => {
                let assertion = SignedAssertion::read(&token);
                rp.revocation_request(text(args, "token")?.expose(), assertion.as_ref())?.to_json()
            }
            Step::IntrospectionRequest => {
                let assertion = SignedAssertion::read(&token);
                rp.introspection_request(text(args, "token")?.expose(), assertion.as_ref())?.to_json()
            }
            Step::InitiatedLogin => {
                let login = rp.initiated_login(text(args, "request")?.expose())?;
                let mut out = ObjectWriter::new();
                out.optional("loginHint", login.login_hint()).optional("targetLinkUri", login.target_link_uri());
                out.finish()
            }
            Step::EndSessionUrl => {
                let arguments = Arguments::parse(args, "params");
                let params = arguments::end_session_params(&arguments);
                arguments.verdict()?;
                rp.end_session_url(&params)?
            }
            Step::EndSessionReturned => {
                let arguments = Arguments::parse(args, "response");
                let (response, state) = arguments::end_session_return(&arguments);
                arguments.verdict()?;
                truth(rp.end_session_returned(response, state))
            }
            _ => return Err(Rule::Internal.into()),
        })
    }

    fn read(&mut self, step: Step, args: Vec<u8>, reply: &HttpReply<'_>) -> Result<String, Error> {
        let rp = &self.rp;
        let mut said = String::new();
        match step {
            Step::TokenResponse => {
                let arguments = Arguments::parse(args, "grant");
                let transaction = arguments.transaction(rp);
                let grant = arguments::grant(&arguments, transaction.as_ref())?;
                let response = rp.token_response(reply, &grant)?;
                if response.is_expires_in_text() {
                    let seconds = i64::try_from(response.expires_in().unwrap_or_default());
                    push_integer(&mut said, seconds.unwrap_or(i64::MAX));
                }
            }
            Step::JwksResponse => self.keys = Jwks::from_reply(reply)?,
            Step::UserinfoResponse => {
                let arguments = Arguments::parse(args, "options");
                let members = arguments.members(arguments::USERINFO);
                let [access_token, subject] =
                    ["accessToken", "expectedSubject"].map(|name| members.text(name).unwrap_or_default());
                arguments.verdict()?;
                said = truth(matches!(rp.userinfo_response(reply, access_token, subject)?, Userinfo::Signed(_)));
            }
            Step::RevocationResponse => rp.revocation_response(reply, text(args, "token")?.expose())?,
            Step::IntrospectionResponse => {
                said.push_str(rp.introspection_response(reply, text(args, "token")?.expose())?.expose());
            }
            _ => return Err(Rule::Internal.into()),
        }
        Ok(said)
    }

    fn jws(&self, kind: TokenKind, token: Vec<u8>) -> Result<Jws, Error> {
        self.rp.token(text(token, "token")?.expose(), kind)
    }

    /// What the host must verify. The token is kept as it was read, for the claims that are judged meanwhile.
    fn verification(&mut self, Given { kind, token, .. }: Given) -> Result<JsValue, Error> {
        let jws = self.jws(kind, token)?;
        let verification = jws.verification(&self.keys)?;
        let place = verification.key().and_then(|key| self.keys.position(key)).map_or(0, |index| index as u16 + 1);
        let [low, high] = place.to_le_bytes();
        let bytes = [&[jws.algorithm() as u8, low, high], verification.signature()].concat();
        self.read = Some(jws);
        Ok(Uint8Array::from(&*bytes).into())
    }

    /// The claims of the token that was read last, judged while the host still verifies its signature: JavaScript keeps them to
    /// itself until then.
    fn claims(&mut self, args: Vec<u8>) -> Result<String, Error> {
        let jws = self.read.take().ok_or(Rule::Internal)?;
        let arguments = Arguments::parse(args, "expected");
        let transaction = arguments.transaction(&self.rp);
        let expected = arguments::expected(&arguments, jws.kind(), transaction.as_ref());
        arguments.verdict()?;
        let claims = match expected.of {
            Of::IdToken(of) => self.rp.judged_id_token(&jws, &of, expected.now)?.into_text(),
            Of::Userinfo(subject) => self.rp.judged_userinfo(&jws, subject, expected.now)?,
            Of::AccessToken(of) => self.rp.judged_access_token(&jws, &of, expected.now)?,
            Of::LogoutToken => self.rp.judged_logout_token(&jws, expected.now)?,
        };
        Ok(claims.expose().into())
    }

    /// Every rule on an ID token: on this one, or on the one that was read last, as if the host had found its signature good.
    fn report(&mut self, step: Step, Given { args, token, .. }: Given) -> Result<JsValue, Error> {
        let arguments = Arguments::parse(args, "expected");
        let transaction = arguments.transaction(&self.rp);
        let expected = arguments::expected(&arguments, TokenKind::IdToken, transaction.as_ref());
        let is_uncached = arguments::is_uncached(&arguments);
        arguments.verdict()?;
        let Of::IdToken(of) = expected.of else { return Err(Rule::Internal.into()) };
        let mut report = if step == Step::ReportIdToken {
            let jws = self.read.take().ok_or(Rule::Internal)?;
            self.rp.report_on(&jws, SignatureStatus::Valid, &of, expected.now)
        } else {
            self.rp.check_id_token(text(token, "idToken")?.expose(), &of, expected.now)
        };
        if let Some(is_uncached) = is_uncached {
            let verdict = if is_uncached { Verdict::Pass } else { Verdict::Warn };
            report.checks.push(Check::new(Rule::TokenCacheControl, verdict));
        }
        report_value(&report)
    }
}

fn truth(is_true: bool) -> String {
    String::from(if is_true { "true" } else { "" })
}

/// A report as `[valid, signature, header, claims, checks]`, a check as `[rule, verdict, expected, found]`: lists, because
/// the host knows what is where, and numbers for rules and verdicts, because it has their names.
fn report_value(report: &Report) -> Result<JsValue, Error> {
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
    serde_wasm_bindgen::to_value(&value).map_err(|_| Rule::Internal.into())
}
