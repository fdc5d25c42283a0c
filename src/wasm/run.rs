//! Runs a call: reads its fields into the engine's types, creates or checks one message, and answers with its parts. It has no
//! protocol rule and no JavaScript, so native tests run the same code.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "ciba")]
use super::calls::BackchannelMembers;
#[cfg(feature = "client-options")]
use super::calls::FullClientMembers;
#[cfg(feature = "dpop")]
use super::calls::ProofMembers;
use super::calls::{
    AccessTokenMembers, AuthMembers, AuthorizationMembers, Call, ClientMembers, DiscoveryMembers, DownscopeMembers,
    EndSessionMembers, ExchangeMembers, GrantMembers, IdTokenMembers, LogoutTokenMembers, SessionMembers,
    UserinfoMembers,
};
#[cfg(any(feature = "ciba", feature = "device", not(feature = "client-options")))]
use super::frame::ABSENT;
use super::frame::{Answer, Frame, Json, Pairs, Time};
use crate::capability;
use crate::error::Error;
use crate::jose::algorithm::{Algorithm, KeyType};
#[cfg(feature = "jwe")]
use crate::jose::jwe::decrypted;
use crate::jose::jwk::Jwks;
use crate::jose::jws::{Jws, TokenKind, refused};
use crate::jose::signature::Verification;
use crate::jose::unsigned::Unsigned;
use crate::message::authorization::AuthorizationParams;
#[cfg(feature = "ciba")]
use crate::message::backchannel_authentication::{
    BackchannelAuthentication, BackchannelAuthenticationParams, CIBA, PersonHint,
};
use crate::message::client_auth::{Endpoint, SignedAssertion};
#[cfg(feature = "device")]
use crate::message::device::DEVICE;
use crate::message::discovery::{Discovery, Metadata};
#[cfg(feature = "dpop")]
use crate::message::dpop::{DpopKey, ProofParams, wants_dpop_nonce};
use crate::message::end_session::EndSessionParams;
use crate::message::http::{ACCEPT, AUTHORIZATION, Draft, HttpReply, HttpRequest};
use crate::message::initiated_login::InitiatedLogin;
#[cfg(any(feature = "ciba", feature = "device"))]
use crate::message::poll::PollRefusal;
use crate::message::redirect::{AuthorizationResponse, Redirect};
#[cfg(feature = "registration")]
use crate::message::registration::{Registration, RegistrationAction, client_metadata_document};
#[cfg(feature = "jar")]
use crate::message::request_object::RequestBy;
#[cfg(feature = "resource-metadata")]
use crate::message::resource_metadata::ResourceDiscovery;
#[cfg(feature = "step-up")]
use crate::message::step_up::step_up;
use crate::message::token::{ExtensionGrant, Grant, GrantType, TokenResponse};
use crate::party::client::{AssertionAudience, Client, ClientAuth};
use crate::party::pkce::{Pkce, code_challenge};
#[cfg(feature = "fapi")]
use crate::party::profile::Profile;
#[cfg(any(feature = "ciba", feature = "device"))]
use crate::party::provider::JWKS_URI;
use crate::party::provider::REVOCATION_ENDPOINT;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::party::relying_party::RelyingParty;
use crate::party::resource::Resource;
use crate::party::response_type::{ResponseMode, ResponseType};
use crate::party::scope::Scope;
use crate::party::transaction::Transaction;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::time::NumericDate;
use crate::token::access_token::AccessTokenExpected;
#[cfg(feature = "mtls")]
use crate::token::access_token::certificate_thumbprint;
#[cfg(feature = "dpop")]
use crate::token::dpop_proof::{DpopExpected, DpopProof};
use crate::token::header::LastHeader;
use crate::token::id_token::{Channel, IdTokenExpected, PreviousClaims};
use crate::token::report::{Check, Report, SignatureStatus, Verdict};
use crate::token::userinfo::Userinfo;
use crate::wire::json::{Document, push_integer};
#[cfg(feature = "mtls")]
use crate::wire::text::before;
use crate::wire::text::{join, words};

const STRINGS: &str = "a string or an array of strings";

/// The host's values beside the fields.
#[derive(Clone, Copy)]
pub struct Host {
    /// The time of the call.
    pub now: NumericDate,
    /// Fills bytes from a secure random source. False if there is none.
    pub entropy: fn(&mut [u8]) -> bool,
    /// A reply's `WWW-Authenticate`, if known. It explains errors and decides nothing.
    pub www_authenticate: Option<&'static str>,
    /// Its `Retry-After` in seconds. In JavaScript the host adds it to the error.
    pub retry_after: Option<u32>,
}

impl Host {
    /// Fills bytes, whose number the message knows.
    fn fill<'b, const N: usize>(&self, bytes: &'b mut [u8; N]) -> Result<&'b [u8; N], Error> {
        if (self.entropy)(bytes) { Ok(bytes) } else { Err(Rule::EntropyUnavailable.into()) }
    }
}

/// A relying party and the provider's key set.
#[derive(Clone, Debug)]
pub struct Party {
    /// The relying party.
    pub rp: RelyingParty,
    /// The key set, from the newest reply with a readable one.
    pub keys: Jwks,
    last: LastHeader,
}

/// Reads the metadata. `keep` gets a function that makes the relying party in an empty place, and may call it twice, each time with
/// other memory.
///
/// # Errors
/// The rule that the call breaks.
pub fn party<T>(
    call: Call,
    frame: Frame<'_>,
    host: Host,
    keep: impl FnOnce(&dyn Fn(&mut Party) -> Result<(), Error>) -> Result<T, Error>,
) -> Result<T, Error> {
    let (mut rest, mut checked) = (frame, Client::resource_server());
    let (discovery, document) = if call == Call::DiscoveryResponse {
        let discovery = read_discovery(&mut rest, &mut checked)?;
        let document = discovery.document(&reply(&mut rest, &host))?;
        (Some(discovery), document)
    } else {
        let _ = read_client(&mut rest, &mut checked);
        let metadata = text(&mut rest).as_bytes();
        (None, Document::parse_object(metadata).map_err(|_| Error::argument("provider", "an object"))?)
    };
    keep(&|Party { rp, .. }| {
        let (mut first, mut rest) = (frame, rest);
        if discovery.is_some() {
            let _: Option<DiscoveryMembers<'_>> = first.read();
        }
        read_client(&mut first, &mut rp.client)?;
        rp.provider.take(document.root())?;
        if let Some(discovery) = discovery {
            discovery.check_issuer(&rp.provider)?;
        }
        // Builds other than `oidc-wasm/full` must not ignore its options.
        #[cfg(not(feature = "client-options"))]
        if rest.number() != ABSENT {
            return Err(Rule::BuildFull.into());
        }
        #[cfg(feature = "client-options")]
        with_full_options(&mut rp.client, &mut rest)?;
        rp.prepare();
        #[cfg(feature = "client-options")]
        rp.check_options()?;
        Ok(())
    })
}

/// A call without a relying party.
///
/// # Errors
/// The rule that the call breaks.
pub fn alone(call: Call, mut frame: Frame<'_>, host: Host) -> Result<Answer<'_>, Error> {
    let mut answer = Answer::default();
    match call {
        Call::CreatePkce => {
            let pkce = Pkce::new(host.fill(&mut [0; _])?);
            let challenge = pkce.challenge();
            answer.made(pkce.into_verifier().into_text()).made(challenge);
        }
        Call::CodeChallenge => {
            answer.made(code_challenge(text(&mut frame))?);
        }
        Call::DiscoveryRequest => {
            // Checks the client before any request.
            let mut client = Client::resource_server();
            let discovery = read_discovery(&mut frame, &mut client)?;
            #[cfg(feature = "client-options")]
            with_full_options(&mut client, &mut frame)?;
            let draft = new_draft();
            discovery.draft(draft)?;
            push_draft(&mut answer, draft);
        }
        #[cfg(feature = "resource-metadata")]
        Call::ResourceRequest | Call::ResourceResponse => {
            let discovery = ResourceDiscovery { resource: text(&mut frame), www_authenticate: frame.text() };
            if call == Call::ResourceResponse {
                discovery.metadata(&reply(&mut frame, &host))?;
            } else {
                push_request(&mut answer, discovery.request())?;
            }
        }
        #[cfg(feature = "registration")]
        Call::RegistrationRequest | Call::RegistrationResponse => {
            let registration = registration(&mut frame)?;
            if call == Call::RegistrationResponse {
                answer.number(registration.response(&reply(&mut frame, &host))?.is_none());
            } else {
                let request = registration.request()?;
                answer.constant(request.method);
                push_request(&mut answer, Ok(request))?;
            }
        }
        #[cfg(feature = "registration")]
        Call::ClientMetadataDocument => {
            answer.made(client_metadata_document(text(&mut frame), text(&mut frame))?);
        }
        #[cfg(feature = "mtls")]
        Call::CertificateThumbprint => {
            answer.made(certificate_thumbprint(frame.body())?);
        }
        #[cfg(feature = "step-up")]
        Call::StepUp => {
            if let Some(asked) = step_up(text(&mut frame))? {
                let asked = kept(asked);
                let max_age = asked.max_age.map(|seconds| digits(seconds.into()));
                answer.told(&[asked.scope.as_deref(), asked.acr_values.as_deref(), max_age]);
            }
        }
        _ => return Err(Rule::Internal.into()),
    }
    Ok(answer)
}

/// The challenges of a header.
pub fn challenges(mut frame: Frame<'_>) -> Vec<crate::wire::challenge::Challenge> {
    crate::wire::challenge::parse_challenges(text(&mut frame))
}

/// The scopes of each resource server, passed to `work`.
///
/// # Errors
/// `argument.*`, `request.*`, `resource.unknown`
pub fn downscoping<T>(
    mut frame: Frame<'_>,
    work: impl FnOnce(&crate::party::resource::Downscoping<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let members: DownscopeMembers<'_> = frame.read_any();
    let scope = members.scope().ok_or_else(|| Error::argument("scope", STRINGS))?;
    let scope = Scope::parse(&join(scope))?;
    let mut resources = Vec::new();
    read_resources(&mut resources, members.resource(), Relaxations::default())?;
    let registry = members.registry().read().ok_or_else(|| Error::argument("registry", "an object"))?;
    work(&crate::party::resource::downscope(&scope, &resources, &registry)?)
}

/// Replaces the key set.
///
/// # Errors
/// As [`Jwks::from_reply`]
pub fn keys(mut frame: Frame<'_>, host: Host) -> Result<Jwks, Error> {
    Jwks::from_reply(&reply(&mut frame, &host))
}

impl Party {
    /// A place for a relying party.
    // A call is smaller than its members.
    #[inline(never)]
    pub fn empty() -> Party {
        Party::new(RelyingParty::unprepared(), Jwks::default())
    }

    /// A relying party with these keys.
    pub fn new(rp: RelyingParty, keys: Jwks) -> Party {
        Party { rp, keys, last: LastHeader::default() }
    }

    /// A call of this relying party.
    ///
    /// # Errors
    /// The rule that the call breaks.
    // One arm for each call.
    #[allow(clippy::too_many_lines)]
    pub fn run<'a>(&'a self, call: Call, mut frame: Frame<'a>, host: Host) -> Result<Answer<'a>, Error> {
        let (rp, frame) = (&self.rp, &mut frame);
        let mut answer = Answer::default();
        match call {
            Call::AuthorizationRequest | Call::PushedRequest | Call::RequestObject | Call::SignedRequest => {
                let mut params = AuthorizationParams::default();
                read_authorization(&mut params, frame, rp.client.relaxations)?;
                match call {
                    Call::AuthorizationRequest => {
                        let request = rp.authorization_request(&params, host.fill(&mut [0; _])?)?;
                        answer.made(request.url).made(request.state).made(request.transaction.into_text());
                    }
                    #[cfg(feature = "par")]
                    Call::PushedRequest => {
                        let (signed, entropy) = (assertion(frame), &mut [0; _]);
                        let pushed = rp.pushed_authorization_request(&params, signed, host.fill(entropy)?)?;
                        push_request(&mut answer, Ok(pushed.request))?;
                        answer.made(pushed.state).made(pushed.transaction.into_text());
                    }
                    #[cfg(feature = "jar")]
                    Call::RequestObject => {
                        let made = rp.request_object(&params, host.now, host.fill(&mut [0; _])?)?;
                        push_unsigned(&mut answer, made.unsigned);
                        answer.made(made.state).made(made.transaction.into_text());
                    }
                    #[cfg(feature = "jar")]
                    Call::SignedRequest => {
                        let object = RequestBy::Value(text(frame));
                        let request = frame.text().map_or(object, RequestBy::Reference);
                        answer.made(rp.signed_authorization_request(&params, request)?);
                    }
                    _ => return Err(Rule::BuildFull.into()),
                }
            }
            Call::AuthorizationResponse | Call::Exchange => {
                let redirect = redirect(frame)?;
                let transaction = new_transaction();
                rp.read_transaction(text(frame), transaction)?;
                let along: Option<ExchangeMembers<'_>> = frame.read();
                let response = kept_mut(AuthorizationResponse::default());
                rp.read_response(redirect, transaction, response)?;
                if let Some(along) = along {
                    self.push_exchange(&mut answer, response, transaction, along)?;
                } else {
                    push_response(&mut answer, response);
                }
            }
            #[cfg(feature = "jwe")]
            Call::Decryption => {
                let kind = kind(frame)?;
                if let Some(jwe) = rp.encrypted_token(text(frame), kind)? {
                    answer.bytes(jwe.plan.leak()).optional(jwe.epk.map(|epk| &*epk.leak()));
                }
            }
            #[cfg(feature = "jwe")]
            Call::Decrypted => {
                let kind = kind(frame)?;
                let content = match frame.number() {
                    1 => Some(core::str::from_utf8(frame.body()).map_err(|_| Rule::JwsMalformed)?),
                    _ => None,
                };
                let content = decrypted(content)?;
                if let Some(claims) = rp.unsigned_content(content, kind, text(frame))? {
                    answer.text(claims);
                }
            }
            #[cfg(feature = "jarm")]
            Call::SignedResponse => {
                let redirect = redirect(frame)?;
                if let Some(token) = rp.signed_response(redirect, &rp.transaction(text(frame))?)? {
                    answer.made(token.into_text());
                }
            }
            #[cfg(feature = "jarm")]
            Call::ExchangeSigned => {
                let claims = Document::parse_object(text(frame).as_bytes())?;
                let transaction = kept(rp.transaction(text(frame))?);
                let along: Option<ExchangeMembers<'_>> = frame.read();
                let along = along.ok_or_else(|| Error::argument("options", "an object"))?;
                let response = kept(rp.verified_response(&claims, transaction)?);
                self.push_exchange(&mut answer, response, transaction, along)?;
            }
            Call::ClientAssertion => {
                let endpoint = match Call::ALL.get(frame.number() as usize) {
                    Some(Call::RevocationRequest) => Endpoint::Revocation,
                    Some(Call::IntrospectionRequest) => Endpoint::Introspection,
                    #[cfg(feature = "par")]
                    Some(Call::PushedRequest) => Endpoint::PushedAuthorizationRequest,
                    #[cfg(all(feature = "par", feature = "jar"))]
                    Some(Call::PushedObject) => Endpoint::PushedAuthorizationRequest,
                    #[cfg(feature = "device")]
                    Some(Call::DeviceRequest) => Endpoint::DeviceAuthorization,
                    #[cfg(feature = "ciba")]
                    Some(Call::BackchannelRequest) => Endpoint::BackchannelAuthentication,
                    _ => Endpoint::Token,
                };
                if rp.signs_assertions()
                    && let Some(assertion) = rp.client_assertion(endpoint, host.now, host.fill(&mut [0; _])?)?
                {
                    push_unsigned(&mut answer, assertion.into_unsigned());
                }
            }
            Call::TokenRequest => {
                let grant = new_grant();
                self.read_grant(grant, frame)?;
                let draft = new_draft();
                rp.token_form(draft, grant, assertion(frame))?;
                push_draft(&mut answer, draft);
            }
            #[cfg(feature = "device")]
            Call::DeviceRequest => {
                let grant = new_grant();
                self.read_grant(grant, frame)?;
                push_request(&mut answer, rp.device_authorization_request(grant, assertion(frame)))?;
            }
            Call::TokenResponse | Call::Exchanged => {
                let grant = new_grant();
                self.read_grant(grant, frame)?;
                // The answer's strings are part of the reply.
                let tokens = kept(rp.token_response(&reply(frame, &host), grant)?);
                let expires_in = tokens.expires_in().filter(|_| tokens.is_expires_in_text()).map(digits);
                let token_type = (!tokens.has_token_type()).then(|| tokens.token_type());
                answer.told(&[expires_in, token_type, tokens.scopes()]);
                if call == Call::Exchanged {
                    self.push_choice(&mut answer, tokens);
                }
            }
            Call::JwksRequest => {
                let draft = new_draft();
                rp.provider.draft_jwks(draft)?;
                push_draft(&mut answer, draft);
            }
            Call::Verification | Call::Claims => {
                let kind = kind(frame)?;
                let jws = Box::leak(Jws::unread(text(frame), kind));
                rp.read_token(jws, &self.last)?;
                if call == Call::Claims {
                    self.push_claims(&mut answer, jws, frame, host)?;
                    return Ok(answer);
                }
                self.push_verification(&mut answer, jws)?;
                if !frame.is_empty() {
                    // `Claims` tells a broken rule, because the signature comes first.
                    self.push_claims(&mut answer, jws, frame, host).unwrap_or_default();
                }
            }
            Call::SignatureRefused => return Err(refused(kind(frame)?, Rule::JwsSignature.into())),
            Call::Expect => {
                let kind = kind(frame)?;
                // Its transaction was read with the redirect.
                #[cfg(feature = "jarm")]
                if kind == TokenKind::AuthorizationResponse {
                    return Ok(answer);
                }
                self.read_expected(Expected::at(host.now), kind, frame)?;
            }
            Call::CheckIdToken | Call::ReportIdToken => {
                let token = text(frame);
                let status =
                    if call == Call::CheckIdToken { SignatureStatus::Unchecked } else { SignatureStatus::Valid };
                let cache = if call == Call::CheckIdToken { None } else { frame.text() };
                let expected = Expected::at(host.now);
                self.read_expected(expected, TokenKind::IdToken, frame)?;
                let report = rp.report_as(token, &self.last, status, &expected.id_token, expected.now);
                push_report(&mut answer, report, cache);
            }
            Call::UserinfoRequest => {
                let draft = new_draft();
                rp.draft_userinfo(draft, text(frame), frame.text())?;
                push_draft(&mut answer, draft);
            }
            Call::UserinfoResponse => {
                let (access_token, subject) = (text(frame), text(frame));
                let answered = rp.userinfo_response(&reply(frame, &host), access_token, subject)?;
                answer.number(!matches!(answered, Userinfo::Claims(_)));
            }
            Call::RevocationRequest => {
                let draft = new_draft();
                rp.draft_inspection(draft, REVOCATION_ENDPOINT, text(frame), assertion(frame))?;
                push_draft(&mut answer, draft);
            }
            Call::RevocationResponse => {
                let token = text(frame);
                rp.revocation_response(&reply(frame, &host), token)?;
            }
            Call::IntrospectionRequest if capability::INTROSPECTION => {
                let (token, signed) = (text(frame), assertion(frame));
                #[cfg(feature = "jwt-introspection")]
                if rp.wants_signed_introspection() {
                    push_request(&mut answer, rp.introspection_request(token, signed))?;
                    return Ok(answer);
                }
                let draft = new_draft();
                rp.draft_introspection(draft, token, signed)?;
                push_draft(&mut answer, draft);
            }
            Call::IntrospectionResponse if capability::INTROSPECTION => {
                let (token, reply) = (text(frame), reply(frame, &host));
                #[cfg(feature = "jwt-introspection")]
                if rp.signed_introspection(&reply)?.is_some() {
                    return Ok(answer);
                }
                answer.text(rp.introspection_response(&reply, token)?);
            }
            Call::Introspected if capability::INTROSPECTION => {
                let claims = text(frame);
                let expected = Expected::at(host.now);
                self.read_expected(expected, TokenKind::AccessToken, frame)?;
                rp.introspected(claims, &expected.access_token, expected.now)?;
            }
            Call::InitiatedLogin if capability::INITIATED_LOGIN => {
                let login = kept_mut(InitiatedLogin::default());
                rp.read_initiated_login(text(frame), login)?;
                answer.told(&[login.login_hint(), login.target_link_uri()]);
            }
            Call::EndSessionUrl => {
                answer.made(rp.end_session_url(&end_session_params(frame, rp.client.relaxations)?)?);
            }
            Call::FrontChannelLogout => {
                let address = text(frame);
                let session: SessionMembers<'_> = frame.read_any();
                answer.number(rp.is_front_channel_logout(address, session.sid()));
            }
            Call::EndSessionReturned => {
                answer.number(rp.end_session_returned(text(frame), text(frame)));
            }
            #[cfg(feature = "dpop")]
            Call::DpopProof => {
                let key = dpop_key(frame)?;
                let params = ProofParams {
                    method: text(frame),
                    url: text(frame),
                    access_token: frame.text(),
                    nonce: frame.text(),
                };
                answer.made(key.proof(&params, host.now, host.fill(&mut [0; _])?).into_signing_input());
            }
            #[cfg(feature = "dpop")]
            Call::DpopThumbprint => {
                answer.made(dpop_key(frame)?.thumbprint());
            }
            #[cfg(feature = "dpop")]
            Call::DpopNonce => {
                let reply = HttpReply {
                    status: u16::try_from(frame.number()).unwrap_or_default(),
                    www_authenticate: frame.text(),
                    body: frame.body(),
                    ..HttpReply::default()
                };
                answer.number(wants_dpop_nonce(&reply));
            }
            #[cfg(feature = "dpop")]
            Call::ResourceAuthorization => {
                answer.made(rp.resource_authorization(text(frame), text(frame), text(frame))?);
            }
            #[cfg(feature = "dpop")]
            Call::ProofVerification => {
                // Its strings are part of the redirect, which stays until the host has read the answer.
                if let Some(proof) = DpopProof::of_request(frame.text(), frame.text())? {
                    push_question(&mut answer, kept(proof).verification()?, 1);
                }
            }
            #[cfg(feature = "dpop")]
            Call::ProofClaims => {
                let proof = DpopProof::parse(text(frame))?;
                let members: Option<ProofMembers<'_>> = frame.read();
                let members = members.ok_or_else(|| Error::argument("request", "a Request"))?;
                let expected = DpopExpected {
                    method: members.method().unwrap_or_default(),
                    url: members.url().unwrap_or_default(),
                    access_token: members.access_token().unwrap_or_default(),
                    nonces: members.nonce().unwrap_or_default(),
                };
                let mut now = host.now;
                read_time(&mut now, members.now())?;
                let claims = proof.judged(rp, &expected, now)?;
                answer.made(claims.jti).made(claims.jkt);
                answer.text(digits(claims.expires.whole_seconds().unsigned_abs()));
            }
            #[cfg(feature = "dpop")]
            Call::ProofReplayed => return Err(refused(TokenKind::DpopProof, Rule::DpopJti.into())),
            #[cfg(feature = "par")]
            Call::Pushes => {
                answer.number(rp.pushes());
            }
            #[cfg(all(feature = "jar", feature = "par"))]
            Call::PushedObject => {
                push_request(&mut answer, rp.pushed_request_object(text(frame), assertion(frame)))?;
            }
            #[cfg(feature = "par")]
            Call::PushedResponse => {
                answer.made(rp.pushed_authorization_response(&reply(frame, &host))?);
            }
            #[cfg(feature = "device")]
            Call::DeviceResponse => {
                rp.device_authorization_response(&reply(frame, &host))?;
            }
            #[cfg(any(feature = "ciba", feature = "device"))]
            Call::PollWait => {
                let (asked, is_backchannel) = (text(frame), frame.number() == 1);
                let (elapsed, interval) = (frame.number(), Some(frame.number()).filter(|seconds| *seconds != ABSENT));
                let code = frame.text();
                let refusal = code.map(|code| PollRefusal {
                    code,
                    error: text(frame),
                    status: u16::try_from(frame.number()).unwrap_or_default(),
                    retry_after: Some(frame.number()).filter(|seconds| *seconds != ABSENT),
                });
                let kind = match is_backchannel {
                    #[cfg(feature = "ciba")]
                    true => &CIBA,
                    #[cfg(feature = "device")]
                    false => &DEVICE,
                    #[cfg(not(all(feature = "ciba", feature = "device")))]
                    _ => return Err(Rule::BuildFull.into()),
                };
                let asked = kind.parse(asked, rp.provider.http)?;
                if let Some(next) = kind.next(&asked, elapsed, interval, refusal)? {
                    let has_keys = rp.provider.endpoint(JWKS_URI).is_ok();
                    answer.number(next.interval).number(next.wait).number(if has_keys { self.needs() } else { 0 });
                }
            }
            #[cfg(feature = "ciba")]
            Call::BackchannelObject | Call::BackchannelRequest | Call::BackchannelResponse => {
                let params = backchannel_params(frame, rp.client.relaxations)?;
                match call {
                    Call::BackchannelObject => {
                        if rp.client.request_object.is_some() {
                            let made = rp.backchannel_request_object(&params, host.now, host.fill(&mut [0; _])?)?;
                            push_unsigned(&mut answer, made);
                        }
                    }
                    Call::BackchannelRequest => {
                        let (object, signed) = (frame.text(), assertion(frame));
                        let request = rp.backchannel_authentication_request(&params, object, signed);
                        push_request(&mut answer, request)?;
                    }
                    _ => {
                        rp.backchannel_authentication_response(&reply(frame, &host), &params)?;
                    }
                }
            }
            #[cfg(feature = "ciba")]
            Call::BackchannelClaims => {
                let request = BackchannelAuthentication::parse(text(frame), &rp.provider)?;
                rp.check_backchannel_claims(text(frame), &request)?;
            }
            _ if call.is_of_full() => return Err(Rule::BuildFull.into()),
            _ => return Err(Rule::BuildDefault.into()),
        }
        Ok(answer)
    }

    /// The parameters of the redirect; the kept string; the requirements before the code is sent, because a code works only once;
    /// and the token request, if it needs no verification or signature first.
    fn push_exchange<'a>(
        &'a self,
        answer: &mut Answer<'a>,
        response: &'a AuthorizationResponse<'a>,
        transaction: &'a Transaction<'a>,
        along: ExchangeMembers<'a>,
    ) -> Result<(), Error> {
        let mut request = None;
        let mut needs = 0u8;
        if let Some(code) = response.code() {
            let kind = GrantType::AuthorizationCode { code, transaction };
            // Checked before any request.
            let mut grant = Grant::from(kind);
            complete(&mut grant, along.resource(), along.parameters(), self.rp.client.relaxations)?;
            if response.id_token().is_none() && !self.rp.signs_assertions() {
                let draft = new_draft();
                self.rp.token_form(draft, &grant, None)?;
                request = Some(draft);
            }
            // The response has an ID token if the request had a nonce.
            if transaction.nonce.is_some() {
                needs = self.needs();
            }
        }
        push_response(answer, response);
        answer.optional(transaction.kept()).number(needs);
        if let Some(request) = request {
            push_draft(answer, request);
        }
        Ok(())
    }

    /// The requirements to verify an ID token: 1 for WebCrypto, 2 for keys too.
    fn needs(&self) -> u8 {
        let algorithm = self.rp.client.id_token_signed_response_alg;
        let is_shared = algorithm.is_some_and(|algorithm| algorithm.key_type() == KeyType::Secret);
        if is_shared { 1 } else { 2 }
    }

    /// The verification of the ID token among these tokens, or the rule that prevents it.
    fn push_choice<'a>(&'a self, answer: &mut Answer<'a>, tokens: &'a TokenResponse<'a>) {
        let Some(id_token) = tokens.id_token() else { return };
        let before = answer.len();
        let jws = Box::leak(Jws::unread(id_token, TokenKind::IdToken));
        let chosen = self.rp.read_token(jws, &self.last);
        if chosen.and_then(|()| self.push_verification(answer, jws)).is_err() {
            answer.truncate(before);
        }
    }

    /// The claims of a token, if they are as expected.
    fn push_claims<'a>(
        &self,
        answer: &mut Answer<'a>,
        jws: &'a Jws<'a>,
        frame: &mut Frame<'a>,
        host: Host,
    ) -> Result<(), Error> {
        let rp = &self.rp;
        let expected = Expected::at(host.now);
        self.read_expected(expected, jws.kind(), frame)?;
        let now = expected.now;
        let claims = jws.claims()?;
        match jws.kind() {
            TokenKind::IdToken => rp.judge_id_token(jws, &claims, &expected.id_token, now)?,
            TokenKind::Userinfo => rp.judge_userinfo(&claims, expected.subject, now)?,
            TokenKind::AccessToken => rp.judge_access_token(jws, &claims, &expected.access_token, now)?,
            TokenKind::LogoutToken if capability::LOGOUT_TOKEN => rp.judge_logout_token(&claims, now)?,
            TokenKind::LogoutToken => return Err(Rule::BuildDefault.into()),
            #[cfg(feature = "dpop")]
            TokenKind::DpopProof => return Err(Rule::Internal.into()),
            #[cfg(feature = "jarm")]
            TokenKind::AuthorizationResponse => {
                rp.judged_authorization_response(&claims, &expected.transaction, now)?;
            }
            #[cfg(feature = "jwt-introspection")]
            TokenKind::Introspection => {
                answer.made(rp.judged_introspection(&claims, now)?);
                return Ok(());
            }
        }
        answer.text(claims.text());
        Ok(())
    }

    fn push_verification<'a>(&'a self, answer: &mut Answer<'a>, jws: &'a Jws<'a>) -> Result<(), Error> {
        let verification = jws.verification(&self.keys)?;
        let place = verification.key().and_then(|key| self.keys.position(key)).map_or(0, |index| index as u32 + 1);
        push_question(answer, verification, place);
        Ok(())
    }

    #[inline(always)]
    fn optional_transaction<'a>(&self, text: Option<&'a str>) -> Result<Option<&'a Transaction<'a>>, Error> {
        let Some(text) = text else { return Ok(None) };
        let transaction = new_transaction();
        self.rp.read_transaction(text, transaction)?;
        Ok(Some(transaction))
    }

    /// The grant's type. Its members must belong to it.
    fn grant_type<'a>(&self, members: GrantMembers<'a>) -> Result<GrantType<'a>, Error> {
        let name = required(members.grant_type(), "type", "the grant's type")?;
        let (is_code, is_refresh) = (name == "authorization_code", name == "refresh_token");
        let is_password = name == "password";
        refuse(members.code().is_some() && !is_code, "code")?;
        refuse(members.transaction().is_some() && !(is_code || is_refresh), "transaction")?;
        refuse(members.refresh_token().is_some() && !is_refresh, "refreshToken")?;
        refuse(members.username().is_some() && !is_password, "username")?;
        refuse(members.password().is_some() && !is_password, "password")?;
        let transaction = self.optional_transaction(members.transaction())?;
        Ok(if is_code {
            GrantType::AuthorizationCode {
                code: required(members.code(), "code", "the code of the redirect")?,
                transaction: transaction.ok_or_else(|| {
                    Error::argument("transaction", "the transaction returned by authorizationRequest()")
                })?,
            }
        } else if is_refresh {
            let token = required(members.refresh_token(), "refreshToken", "a refresh token")?;
            GrantType::RefreshToken { token, transaction }
        } else if is_password {
            GrantType::Password {
                username: required(members.username(), "username", "the person's name")?,
                password: required(members.password(), "password", "the person's password")?,
            }
        } else if name == "client_credentials" {
            GrantType::ClientCredentials
        } else {
            GrantType::Extension(ExtensionGrant::parse(name)?)
        })
    }

    fn read_grant<'a>(&self, grant: &mut Grant<'a>, frame: &mut Frame<'a>) -> Result<(), Error> {
        let Some(members) = frame.read::<GrantMembers<'_>>() else {
            return Err(Error::argument("grant", "an object"));
        };
        grant.take(self.grant_type(members)?);
        read_scope(&mut grant.scope, members.scope())?;
        complete(grant, members.resource(), members.parameters(), self.rp.client.relaxations)
    }

    fn read_id_token_expected<'a>(
        &self,
        Expected { id_token: expected, now, .. }: &mut Expected<'a>,
        frame: &mut Frame<'a>,
    ) -> Result<(), Error> {
        const CHANNELS: &str = "front, token or refresh, as the transaction's response type permits";
        let Some(members) = frame.read::<IdTokenMembers<'_>>() else {
            return Err(Error::argument("expected", "an object"));
        };
        let transaction = self.optional_transaction(members.transaction())?;
        if let Some(transaction) = transaction {
            expected.take(transaction);
        }
        let channel = one_of(members.channel(), "channel", CHANNELS, channel)?;
        if let (Some(channel), Some(transaction)) = (channel, transaction)
            && !channel.is_of(transaction.response_type)
        {
            return Err(Error::argument("channel", CHANNELS));
        }
        if channel.is_some() {
            expected.channel = channel;
        } else if members.previous().0.is_some() {
            expected.channel = Some(Channel::Refresh);
        }
        expected.iss = members.iss();
        if members.nonce().is_some() {
            expected.nonce = members.nonce();
        }
        if members.max_age().is_some() {
            expected.max_age = members.max_age();
        }
        read_classes(&mut expected.acr_values, members.acr_values())?;
        if members.state().is_some() {
            expected.state = members.state();
        }
        expected.access_token = members.access_token();
        expected.code = members.code();
        read_claims(&mut expected.previous, "previous", members.previous())?;
        read_claims(&mut expected.sibling, "sibling", members.sibling())?;
        expected.require_channel()?;
        read_time(now, members.now())
    }

    /// Reads the expected values of a token of this kind.
    fn read_expected<'a>(
        &self,
        expected: &mut Expected<'a>,
        kind: TokenKind,
        frame: &mut Frame<'a>,
    ) -> Result<(), Error> {
        match kind {
            TokenKind::IdToken => self.read_id_token_expected(expected, frame)?,
            TokenKind::Userinfo => {
                let members: UserinfoMembers<'_> = frame.read_any();
                expected.subject = members.expected_subject().unwrap_or_default();
            }
            TokenKind::AccessToken => {
                let members: AccessTokenMembers<'_> = frame.read_any();
                let (audience, client_id) =
                    (members.audience().unwrap_or_default(), members.client_id().unwrap_or_default());
                // An empty name is a missing setting.
                if audience.is_empty() && client_id.is_empty() || audience.contains(&"") || client_id.contains(&"") {
                    return Err(Error::argument("audience", "the name of this resource server, or several"));
                }
                let of = &mut expected.access_token;
                // The thumbprints of the proven key and of the certificate, with a space between.
                of.key = frame.text();
                #[cfg(feature = "mtls")]
                {
                    let (key, certificate) = before(of.key.unwrap_or_default(), b" ");
                    (of.key, of.certificate) = (Some(key).filter(|key| !key.is_empty()), certificate.get(1..));
                }
                of.audience.extend_from_slice(audience);
                of.issuer = members.issuer();
                of.client_id.extend_from_slice(client_id);
                read_classes(&mut of.acr_values, members.acr_values())?;
                of.max_age = members.max_age();
                read_scope(&mut of.scope, members.scope())?;
                read_time(&mut expected.now, members.now())?;
            }
            TokenKind::LogoutToken => {
                let members: LogoutTokenMembers<'_> = frame.read_any();
                read_time(&mut expected.now, members.now())?;
            }
            #[cfg(feature = "dpop")]
            TokenKind::DpopProof => return Err(Rule::Internal.into()),
            #[cfg(feature = "jarm")]
            TokenKind::AuthorizationResponse => {
                // It has no members of its own.
                frame.number();
                self.rp.read_transaction(text(frame), &mut expected.transaction)?;
            }
            #[cfg(feature = "jwt-introspection")]
            TokenKind::Introspection => {}
        }
        Ok(())
    }
}

/// A token for the host to sign: its algorithm and its signing input.
fn push_unsigned(answer: &mut Answer<'_>, unsigned: Unsigned) {
    answer.constant(unsigned.algorithm().name()).made(unsigned.into_signing_input());
}

/// The data for the host to verify.
fn push_question<'a>(answer: &mut Answer<'a>, verification: Verification<'a, 'a>, place: u32) {
    answer.number(verification.algorithm() as u8).number(place);
    match verification.key() {
        Some(key) => answer.text(key.json()),
        None => answer.optional(None),
    };
    answer.bytes(verification.signature()).bytes(verification.signing_input());
}

#[cfg(feature = "registration")]
fn registration<'a>(frame: &mut Frame<'a>) -> Result<Registration<'a>, Error> {
    const ACTIONS: &str = "read, update or remove";
    let action = one_of(frame.text(), "action", ACTIONS, RegistrationAction::from_name)?;
    Ok(Registration {
        action: action.unwrap_or(RegistrationAction::Create),
        issuer: text(frame),
        address: frame.text(),
        token: frame.text(),
        client_id: frame.text(),
        client_secret: frame.text(),
        metadata: frame.text(),
    })
}

#[cfg(feature = "dpop")]
fn dpop_key(frame: &mut Frame<'_>) -> Result<DpopKey, Error> {
    let algorithm = Algorithm::from_name(text(frame)).unwrap_or(Algorithm::Hs256);
    DpopKey::parse(algorithm, text(frame))
}

/// The expected values of a token. Each kind has its own.
struct Expected<'a> {
    now: NumericDate,
    id_token: IdTokenExpected<'a>,
    /// Of userinfo.
    subject: &'a str,
    access_token: AccessTokenExpected<'a>,
    /// Of an authorization response.
    #[cfg(feature = "jarm")]
    transaction: Transaction<'a>,
}

impl<'a> Expected<'a> {
    fn at(now: NumericDate) -> &'a mut Self {
        kept_mut(Expected {
            now,
            id_token: IdTokenExpected::default(),
            subject: "",
            access_token: AccessTokenExpected::default(),
            #[cfg(feature = "jarm")]
            transaction: Transaction::default(),
        })
    }
}

/// The redirect: an address, or a form.
fn redirect<'a>(frame: &mut Frame<'a>) -> Result<Redirect<'a>, Error> {
    let (redirect, form) = (frame.text(), frame.text());
    match (form, redirect.filter(|text| !text.is_empty())) {
        (Some(form), _) => Ok(Redirect::Parameters(form)),
        (None, Some(text)) => Ok(Redirect::Text(text)),
        (None, None) => Err(Error::argument("response", "the address that the browser came back to")),
    }
}

/// A string that TypeScript has checked.
fn text<'a>(frame: &mut Frame<'a>) -> &'a str {
    frame.text().unwrap_or_default()
}

#[inline(always)]
fn kind(frame: &mut Frame<'_>) -> Result<TokenKind, Error> {
    match TokenKind::ALL.get(frame.number() as usize) {
        Some(TokenKind::LogoutToken) if !capability::LOGOUT_TOKEN => Err(Rule::BuildDefault.into()),
        kind => Ok(kind.copied().unwrap_or(TokenKind::IdToken)),
    }
}

fn reply<'a>(frame: &mut Frame<'a>, host: &Host) -> HttpReply<'a> {
    HttpReply {
        status: u16::try_from(frame.number()).unwrap_or_default(),
        content_type: frame.text(),
        cache_control: frame.text(),
        www_authenticate: host.www_authenticate,
        retry_after: host.retry_after,
        body: frame.body(),
    }
}

fn assertion<'a>(frame: &mut Frame<'a>) -> Option<&'a SignedAssertion> {
    let input = frame.text();
    input.map(|input| kept(SignedAssertion::of(input, frame.body())))
}

/// A number of seconds as digits, because it may be larger than a word.
fn digits<'a>(number: u64) -> &'a str {
    let mut digits = String::new();
    push_integer(&mut digits, i64::try_from(number).unwrap_or(i64::MAX));
    digits.leak()
}

/// A value until the end of the call. The answer contains parts of it.
fn kept<'a, T: 'a>(value: T) -> &'a T {
    kept_mut(value)
}

fn kept_mut<'a, T: 'a>(value: T) -> &'a mut T {
    Box::leak(Box::new(value))
}

/// A place for a transaction.
fn new_transaction<'a>() -> &'a mut Transaction<'a> {
    kept_mut(Transaction::default())
}

/// A place for a grant.
fn new_grant<'a>() -> &'a mut Grant<'a> {
    kept_mut(Grant::unread())
}

/// A place for a draft.
fn new_draft<'a>() -> &'a mut Draft<'a> {
    kept_mut(Draft::default())
}

/// Takes a result, because a request is larger than the address of its result.
// Only features of `oidc-wasm/full` need it.
#[allow(dead_code)]
fn push_request(answer: &mut Answer<'_>, request: Result<HttpRequest, Error>) -> Result<(), Error> {
    let request = kept(request?);
    answer.text(&request.url).optional(request.body.as_deref()).number(0u8).number(false);
    answer.number(request.headers.len() as u32);
    for (name, value) in &request.headers {
        answer.constant(name);
        if let Cow::Borrowed(value) = value {
            answer.constant(value);
        } else {
            answer.text(value);
        }
    }
    Ok(())
}

/// The same before it becomes a request. A borrowed address is the same in every call, and so is every other piece of a form's start.
fn push_draft<'a>(answer: &mut Answer<'a>, draft: &'a Draft<'a>) {
    match &draft.url {
        Cow::Borrowed(url) => answer.of_party(url),
        Cow::Owned(url) => answer.text(url),
    };
    match draft.start {
        _ if draft.accept.is_some() => {
            answer.absent().number(0u8);
        }
        None => {
            answer.text(&draft.body).number(0u8);
        }
        Some([grant, code, uri, verifier, id]) => {
            let more = if draft.body.is_empty() { 0u8 } else { 2 };
            answer.of_party(grant).number(4 + more).text(code).of_party(uri).text(verifier).of_party(id);
            if more > 0 {
                answer.constant("&").text(&draft.body);
            }
        }
    }
    answer.number(draft.accept.is_none());
    answer.number(u8::from(draft.accept.is_some()) + u8::from(draft.authorization.is_some()));
    if let Some(accept) = draft.accept {
        answer.constant(ACCEPT).constant(accept);
    }
    if let Some(value) = &draft.authorization {
        answer.constant(AUTHORIZATION).text(value);
    }
}

fn push_response<'a>(answer: &mut Answer<'a>, response: &'a AuthorizationResponse<'_>) {
    let mut parts = response.parts();
    let [.., expires_in] = &mut parts;
    *expires_in = response.expires_in().map(digits);
    answer.told(&parts);
}

/// Validity, signature, header and claims. For each check: its rule with its verdict in the second byte. If the third byte is set,
/// the expected and found values follow.
fn push_report(answer: &mut Answer<'_>, mut report: Report, cache: Option<&str>) {
    if let Some(cache_control) = cache {
        let reply = HttpReply { cache_control: Some(cache_control), ..HttpReply::default() };
        let verdict = if reply.is_uncached() { Verdict::Pass } else { Verdict::Warn };
        report.checks.push(Check::new(Rule::TokenCacheControl, verdict));
    }
    let report = kept(report);
    answer.number(report.is_valid()).number(report.signature as u8).text(&report.header).text(&report.claims);
    answer.number(report.checks.len() as u32);
    for check in &report.checks {
        let has_values = check.found.is_some();
        answer.number(check.rule as u32 | (check.verdict as u32) << 8 | u32::from(has_values) << 16);
        if has_values {
            answer.optional(check.expected.as_deref()).optional(check.found.as_deref());
        }
    }
}

fn one_of<T>(
    text: Option<&str>,
    name: &'static str,
    expected: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    match text {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| Error::argument(name, expected)),
    }
}

#[inline(always)]
fn required<'a>(text: Option<&'a str>, name: &'static str, expected: &'static str) -> Result<&'a str, Error> {
    let text = text.unwrap_or_default();
    require(!text.is_empty(), name, expected)?;
    Ok(text)
}

/// A result of one word needs no memory.
fn require(is_there: bool, name: &'static str, expected: &'static str) -> Result<(), Error> {
    if is_there { Ok(()) } else { Err(Error::argument(name, expected)) }
}

/// Rejects an unknown member. The engine would ignore a typo otherwise.
fn refuse(is_there: bool, name: &'static str) -> Result<(), Error> {
    if is_there { Err(Error::unknown(name)) } else { Ok(()) }
}

fn read_scope(scope: &mut Option<Scope>, words: Option<&[&str]>) -> Result<(), Error> {
    if let Some(words) = words {
        *scope = Some(Scope::parse(&join(words))?);
    }
    Ok(())
}

/// Reads `acrValues`. A variable that is not set must not remove the check.
fn read_classes<'a>(read: &mut Vec<&'a str>, list: Option<&'a str>) -> Result<(), Error> {
    let Some(list) = list else { return Ok(()) };
    *read = words(list);
    require(!read.is_empty(), "acrValues", "at least one authentication class")
}

fn read_resources<'a>(
    read: &mut Vec<Resource<'a>>,
    given: Option<&[&'a str]>,
    relaxations: Relaxations,
) -> Result<(), Error> {
    let Some(given) = given else { return Ok(()) };
    read.clear();
    for resource in given {
        read.push(Resource::relaxed(resource, relaxations)?);
    }
    Ok(())
}

fn read_redirect_uri(read: &mut Option<RedirectUri>, uri: Option<&str>, relaxations: Relaxations) -> Result<(), Error> {
    if let Some(uri) = uri {
        *read = Some(RedirectUri::relaxed(uri, relaxations)?);
    }
    Ok(())
}

/// The time of the call, unless the caller names another.
fn read_time(now: &mut NumericDate, Time(number): Time<'_>) -> Result<(), Error> {
    if let Some(number) = number {
        *now = NumericDate::parse(number).ok_or_else(|| Error::argument("now", "a number of seconds since 1970"))?;
    }
    Ok(())
}

fn read_claims<'a>(
    read: &mut Option<PreviousClaims<'a>>,
    name: &'static str,
    Json(claims): Json<'a>,
) -> Result<(), Error> {
    let Some(claims) = claims else { return Ok(()) };
    let document = Document::parse_object(claims.as_bytes()).ok().map(kept);
    *read = document.and_then(|document| PreviousClaims::read(document.root()));
    if read.is_none() {
        return Err(Error::argument(name, "the claims of an ID token"));
    }
    Ok(())
}

fn channel(name: &str) -> Option<Channel> {
    match name {
        "token" => Some(Channel::TokenEndpoint),
        "front" => Some(Channel::Front),
        "refresh" => Some(Channel::Refresh),
        _ => None,
    }
}

/// The parameters of discovery, and the client.
fn read_discovery<'a>(frame: &mut Frame<'a>, client: &mut Client) -> Result<&'a Discovery<'a>, Error> {
    let members: Option<DiscoveryMembers<'_>> = frame.read();
    let members = members.ok_or_else(|| Error::argument("options", "an object"))?;
    let read = |name: &str| match name {
        "oidc" => Some(Metadata::Oidc),
        "oauth2" => Some(Metadata::Oauth2),
        _ => None,
    };
    let metadata = one_of(members.metadata(), "metadata", "oidc or oauth2", read)?.unwrap_or_default();
    read_client(frame, client)?;
    Ok(kept(Discovery {
        issuer: members.issuer().unwrap_or_default(),
        metadata,
        expected_issuer: members.expected_issuer(),
        relaxations: client.relaxations,
    }))
}

const ALGORITHM: &str = "a signature algorithm such as RS256; never none";

/// Reads the client into the caller's place, a new one.
fn read_client(frame: &mut Frame<'_>, client: &mut Client) -> Result<(), Error> {
    let members: Option<ClientMembers<'_>> = frame.read();
    let members = members.ok_or_else(|| Error::argument("client", "an object"))?;
    let auth = members.auth(frame);
    client.relaxations = Relaxations::named(members.relax().unwrap_or_default())?;
    // A client that signs people in or requests tokens needs an ID.
    if members.client_id().is_some() || members.redirect_uri().is_some() || auth.is_some() {
        client.client_id.push_str(members.client_id().unwrap_or_default());
        client.require_id()?;
    }
    read_redirect_uri(&mut client.redirect_uri, members.redirect_uri(), client.relaxations)?;
    if let Some(auth) = auth {
        authenticating(client, auth)?;
    }
    let read_algorithm = |read: &mut Option<Algorithm>, name, argument| {
        *read = one_of(name, argument, ALGORITHM, Algorithm::from_name)?;
        match read {
            Some(algorithm) if !capability::HMAC && algorithm.is_symmetric() => Err(Error::from(Rule::BuildDefault)),
            _ => Ok(()),
        }
    };
    let (id_token, userinfo) = (members.id_token_signed_response_alg(), members.userinfo_signed_response_alg());
    read_algorithm(&mut client.id_token_signed_response_alg, id_token, "idTokenSignedResponseAlg")?;
    read_algorithm(&mut client.userinfo_signed_response_alg, userinfo, "userinfoSignedResponseAlg")?;
    for audience in members.trusted_audiences().unwrap_or_default() {
        client.trusted_audiences.push((*audience).into());
    }
    // A list of tenants without its relaxation would have no effect.
    if members.allowed_tenants().is_some() && !client.relaxes(Relaxation::IssuerTemplate) {
        return Err(Error::argument("allowedTenants", "the relaxation issuer-template in relax"));
    }
    client.allowed_tenants = members.allowed_tenants().map(join);
    client.require_auth_time = members.require_auth_time().unwrap_or_default();
    client.clock_tolerance = members.clock_tolerance().unwrap_or(client.clock_tolerance);
    client.pushes = members.pushed_authorization_requests();
    client.check()
}

/// Adds the options that only `oidc-wasm/full` has.
#[cfg(feature = "client-options")]
fn with_full_options(client: &mut Client, frame: &mut Frame<'_>) -> Result<(), Error> {
    let members: Option<FullClientMembers<'_>> = frame.read();
    let Some(members) = members else { return Ok(()) };
    // The host reads the algorithm from the key.
    client.has_dpop_key = members.dpop().is_some();
    #[cfg(feature = "fapi")]
    {
        client.requires_s_hash = members.require_s_hash().unwrap_or_default();
        client.max_token_age = members.max_token_age();
        client.dpop_algorithm = members.dpop().and_then(Algorithm::from_name);
        client.profile = one_of(members.profile(), "profile", "fapi2 or fapi2-message-signing", Profile::from_name)?;
    }
    #[cfg(feature = "mtls")]
    {
        client.expects_certificate_bound_tokens = members.mtls().unwrap_or_default();
    }
    #[cfg(any(feature = "jar", feature = "jarm", feature = "jwt-introspection"))]
    let algorithm = |name, argument| one_of(name, argument, ALGORITHM, Algorithm::from_name);
    #[cfg(feature = "jarm")]
    {
        client.authorization_signed_response_alg =
            algorithm(members.authorization_signed_response_alg(), "authorizationSignedResponseAlg")?;
    }
    #[cfg(feature = "jwt-introspection")]
    {
        client.introspection_signed_response_alg =
            algorithm(members.introspection_signed_response_alg(), "introspectionSignedResponseAlg")?;
    }
    client.check()?;
    #[cfg(feature = "jwe")]
    {
        // The host reads the curve from the key.
        for key in members.decryption().unwrap_or_default() {
            client.decryption.take(key)?;
        }
        for &(kind, alg) in &[
            (TokenKind::IdToken, members.id_token_encrypted_response_alg()),
            (TokenKind::Userinfo, members.userinfo_encrypted_response_alg()),
            #[cfg(feature = "jarm")]
            (TokenKind::AuthorizationResponse, members.authorization_encrypted_response_alg()),
            #[cfg(feature = "jwt-introspection")]
            (TokenKind::Introspection, members.introspection_encrypted_response_alg()),
        ] {
            if let Some(alg) = alg {
                client.decryption.register(kind, alg)?;
            }
        }
    }
    #[cfg(feature = "jar")]
    if let Some(object) = members.request_object(frame) {
        client.sign_requests(algorithm(object.alg(), "alg")?.unwrap_or(Algorithm::Hs256), object.kid())?;
    }
    #[cfg(feature = "fapi")]
    if let Some(profile) = client.profile {
        profile.judge(client)?;
    }
    Ok(())
}

fn authenticating(client: &mut Client, members: AuthMembers<'_>) -> Result<(), Error> {
    const METHODS: &str = if cfg!(feature = "mtls") {
        "none, client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth or \
            self_signed_tls_client_auth"
    } else {
        "none, client_secret_basic, client_secret_post, client_secret_jwt or private_key_jwt"
    };
    const AUDIENCES: &str = "issuer, token_endpoint or endpoint";
    let method = members.method().unwrap_or_default();
    let (is_key, is_jwt) = (method == "private_key_jwt", method.ends_with("_jwt"));
    let with_secret: Option<fn(Secret) -> ClientAuth> = match method {
        "client_secret_basic" => Some(ClientAuth::ClientSecretBasic),
        "client_secret_post" => Some(ClientAuth::ClientSecretPost),
        "client_secret_jwt" => Some(ClientAuth::ClientSecretJwt),
        "none" | "private_key_jwt" => None,
        #[cfg(feature = "mtls")]
        "tls_client_auth" | "self_signed_tls_client_auth" => None,
        _ => return Err(Error::argument("method", METHODS)),
    };
    if is_jwt && !capability::ASSERTION {
        return Err(Rule::BuildDefault.into());
    }
    // Each method has its own members.
    refuse(members.secret().is_some() && with_secret.is_none(), "secret")?;
    refuse(members.alg().is_some() && !is_key, "alg")?;
    refuse(members.kid().is_some() && !is_key, "kid")?;
    refuse(members.audience().is_some() && !is_jwt, "audience")?;
    refuse(members.header().0.is_some() && !is_jwt, "header")?;
    refuse(members.claims().0.is_some() && !is_jwt, "claims")?;
    if let Some(with_secret) = with_secret {
        client.auth = with_secret(Secret::from(required(members.secret(), "secret", "the client secret")?));
    } else if is_key {
        // The host reads the algorithm from the key.
        let algorithm = one_of(members.alg(), "alg", ALGORITHM, Algorithm::from_name)?.unwrap_or(Algorithm::Rs256);
        client.auth = ClientAuth::PrivateKeyJwt { algorithm, kid: members.kid().map(String::from) };
    }
    #[cfg(feature = "mtls")]
    match method {
        "tls_client_auth" => client.auth = ClientAuth::TlsClientAuth,
        "self_signed_tls_client_auth" => client.auth = ClientAuth::SelfSignedTlsClientAuth,
        _ => {}
    }
    let audience = one_of(members.audience(), "audience", AUDIENCES, AssertionAudience::from_name)?;
    client.set_assertion(
        audience.unwrap_or_default(),
        members.header().0.unwrap_or("{}"),
        members.claims().0.unwrap_or("{}"),
    )
}

fn read_authorization<'a>(
    params: &mut AuthorizationParams<'a>,
    frame: &mut Frame<'a>,
    relaxations: Relaxations,
) -> Result<(), Error> {
    let members: AuthorizationMembers<'_> = frame.read_any();
    if members.dpop_jkt().is_some() && !cfg!(feature = "dpop")
        || members.authorization_details().0.is_some() && !cfg!(feature = "authorization-details")
    {
        return Err(Rule::BuildFull.into());
    }
    #[cfg(feature = "dpop")]
    {
        params.dpop_jkt = frame.text();
    }
    // A key takes time to read, so only authorize() can name it.
    #[cfg(feature = "dpop")]
    if members.dpop_jkt() == Some(true) && params.dpop_jkt.is_none() {
        return Err(Error::argument("dpopJkt", "authorize(), and the option dpop"));
    }
    let response_type =
        one_of(members.response_type(), "responseType", "a response type such as code", ResponseType::from_name)?;
    params.response_type = response_type.unwrap_or_default();
    #[cfg(not(feature = "jarm"))]
    if members.response_mode().is_some_and(|mode| mode.ends_with("jwt")) {
        return Err(Rule::BuildFull.into());
    }
    params.response_mode =
        one_of(members.response_mode(), "responseMode", "query, fragment or form_post", ResponseMode::from_name)?;
    if let Some(words) = members.scope() {
        let words = join(words);
        params.scope = if words.is_empty() { Scope::none() } else { Scope::parse(&words)? };
    }
    read_redirect_uri(&mut params.redirect_uri, members.redirect_uri(), relaxations)?;
    read_resources(&mut params.resource, members.resource(), relaxations)?;
    params.prompt = members.prompt();
    params.max_age = members.max_age();
    params.display = members.display();
    params.ui_locales = members.ui_locales();
    params.id_token_hint = members.id_token_hint();
    params.login_hint = members.login_hint();
    params.acr_values = members.acr_values();
    params.claims = members.claims().0;
    params.keep = members.keep();
    #[cfg(feature = "authorization-details")]
    {
        params.authorization_details = members.authorization_details().0;
    }
    members.extra().read(&mut params.extra);
    Ok(())
}

#[cfg(feature = "ciba")]
fn backchannel_params<'a>(
    frame: &mut Frame<'a>,
    relaxations: Relaxations,
) -> Result<BackchannelAuthenticationParams<'a>, Error> {
    const HINTS: &str = "exactly one of loginHint, loginHintToken and idTokenHint";
    let members: Option<BackchannelMembers<'_>> = frame.read();
    let members = members.ok_or_else(|| Error::argument("params", "an object"))?;
    let hint = match (members.login_hint(), members.login_hint_token(), members.id_token_hint()) {
        (Some(hint), None, None) if !hint.is_empty() => PersonHint::LoginHint(hint),
        (None, Some(hint), None) if !hint.is_empty() => PersonHint::LoginHintToken(hint),
        (None, None, Some(hint)) if !hint.is_empty() => PersonHint::IdTokenHint(hint),
        _ => return Err(Error::argument("loginHint", HINTS)),
    };
    let (mut scope, mut resource) = (None, Vec::new());
    read_scope(&mut scope, members.scope())?;
    read_resources(&mut resource, members.resource(), relaxations)?;
    let mut parameters = Vec::new();
    members.parameters().read(&mut parameters);
    Ok(BackchannelAuthenticationParams {
        scope: scope.unwrap_or_default(),
        hint,
        binding_message: members.binding_message(),
        user_code: members.user_code(),
        requested_expiry: members.requested_expiry(),
        acr_values: members.acr_values(),
        resource,
        parameters,
    })
}

/// Adds resources and parameters to a grant. An empty array means no resource, even if the login had one.
fn complete<'a>(
    grant: &mut Grant<'a>,
    resource: Option<&[&'a str]>,
    parameters: Pairs<'a>,
    relaxations: Relaxations,
) -> Result<(), Error> {
    parameters.read(&mut grant.parameters);
    read_resources(&mut grant.resource, resource, relaxations)
}

fn end_session_params<'a>(frame: &mut Frame<'a>, relaxations: Relaxations) -> Result<EndSessionParams<'a>, Error> {
    let members: EndSessionMembers<'_> = frame.read_any();
    let (mut redirect_uri, mut extra) = (None, Vec::new());
    members.extra().read(&mut extra);
    read_redirect_uri(&mut redirect_uri, members.post_logout_redirect_uri(), relaxations)?;
    Ok(EndSessionParams {
        id_token_hint: members.id_token_hint(),
        post_logout_redirect_uri: redirect_uri,
        state: members.state(),
        logout_hint: members.logout_hint(),
        ui_locales: members.ui_locales(),
        extra,
    })
}
