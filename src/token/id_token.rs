//! The ID token's claims (OpenID Connect Core §2, §3.1.3.7): every rule judged, in one place, for the report and the verdict alike.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::take;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::error::Error;
use crate::jose::algorithm::{Algorithm, Hash};
use crate::jose::jws::{Jws, Parts, TokenKind};
use crate::jose::signature::Verified;
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::party::response_type::ResponseType;
use crate::party::transaction::Transaction;
use crate::rule::Rule;
use crate::secret::same;
use crate::time::NumericDate;
use crate::token::claims::Claims;
use crate::token::header::{check_header, named_algorithm};
use crate::token::report::{Check, Report, SignatureStatus, Verdict, first_failure};
use crate::wire::base64url;
use crate::wire::json::{Document, Value};

/// Where an ID token came from, which decides what it must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The token endpoint, for a code.
    TokenEndpoint,
    /// The redirect: hashes of what came beside it are required (OpenID Connect Core §3.2.2.9, §3.3.2.11).
    Front,
    /// The token endpoint, for a refresh token (OpenID Connect Core §12.2).
    Refresh,
}

impl Channel {
    /// The only way on which the ID token of such a login comes. In a hybrid flow there are two.
    fn of(response_type: ResponseType) -> Option<Channel> {
        match (response_type.has_id_token(), response_type.has_code()) {
            (true, true) => None,
            (false, true) => Some(Channel::TokenEndpoint),
            (_, false) => Some(Channel::Front),
        }
    }

    /// Whether an ID token of such a login comes this way.
    pub(crate) fn is_of(self, response_type: ResponseType) -> bool {
        if self == Channel::Front { response_type.has_id_token() } else { response_type.has_code() }
    }
}

/// What an ID token is compared with.
#[derive(Clone, Default)]
pub struct IdTokenExpected<'a> {
    /// Where it came from. Needed beside an access token or a code, unless the transaction tells.
    pub channel: Option<Channel>,
    /// The `iss` of the redirect, where the relaxation `issuer-template` let a tenant's own pass (RFC 9207 §2.4).
    pub iss: Option<&'a str>,
    /// The nonce that was sent; `None` when none was.
    pub nonce: Option<&'a str>,
    /// Whether a code challenge was sent, which binds a code to the login as a nonce does (RFC 7636).
    pub has_pkce: bool,
    /// The `max_age` that was sent.
    pub max_age: Option<u32>,
    /// Whether `auth_time` was asked for as essential.
    pub needs_auth_time: bool,
    /// The authentication classes one of which must be met; none when empty.
    pub acr_values: Vec<&'a str>,
    /// The access token that came with it.
    pub access_token: Option<&'a str>,
    /// The code that came with it, or that it was traded for.
    pub code: Option<&'a str>,
    /// The state of the redirect.
    pub state: Option<&'a str>,
    /// The claims of the token it replaces.
    pub previous: Option<PreviousClaims<'a>>,
    /// In a hybrid flow, the claims of the token from the redirect.
    pub sibling: Option<PreviousClaims<'a>>,
}

impl<'a> IdTokenExpected<'a> {
    /// What the login of this transaction expects.
    pub fn of(transaction: &Transaction<'a>) -> IdTokenExpected<'a> {
        IdTokenExpected {
            channel: Channel::of(transaction.response_type),
            nonce: transaction.nonce,
            has_pkce: transaction.verifier.is_some(),
            max_age: transaction.max_age,
            needs_auth_time: transaction.needs_auth_time,
            acr_values: transaction.acr_values.clone(),
            state: Some(transaction.state),
            ..IdTokenExpected::default()
        }
    }

    /// Which hashes the token must have depends on where it came from: where nobody knows that, an access token or a code that was
    /// swapped would pass (OpenID Connect Core §3.2.2.9, §3.3.2.10).
    pub(crate) fn require_channel(&self) -> Result<(), Error> {
        if self.channel.is_none() && (self.access_token.is_some() || self.code.is_some()) {
            return Err(Error::argument("channel", "front or token, beside an access token or a code"));
        }
        Ok(())
    }
}

/// The claims of an earlier ID token, as far as a later one is compared with them (OpenID Connect Core §12.2).
#[derive(Clone, Copy, Debug)]
pub struct PreviousClaims<'a>(Value<'a>);

impl<'a> PreviousClaims<'a> {
    /// `None` when they are not the claims of an ID token.
    pub fn read(claims: Value<'a>) -> Option<PreviousClaims<'a>> {
        let is_text = |name| claims.get(name).and_then(Value::str).is_some();
        let is_complete = is_text("iss") && is_text("sub") && claims.get("aud").and_then(Value::texts).is_some();
        is_complete.then_some(PreviousClaims(claims))
    }
}

/// The claims of an ID token whose signature and every rule were good.
#[derive(Clone, Debug)]
pub struct IdTokenClaims<'a>(Document<'a>);

impl<'a> IdTokenClaims<'a> {
    /// All claims as JSON text, exactly as the provider signed it.
    pub fn json(&self) -> &'a str {
        self.0.text()
    }

    /// `iss`: together with the subject it names the person.
    pub fn issuer(&self) -> &str {
        self.0.str("iss").unwrap_or_default()
    }

    /// `sub`: the person, as this issuer names them.
    pub fn subject(&self) -> &str {
        self.0.str("sub").unwrap_or_default()
    }

    /// The claims, for the comparison with a token that replaces this one.
    pub fn as_previous(&self) -> PreviousClaims<'_> {
        PreviousClaims(self.0.root())
    }
}

/// What the caller knows of a token's signature, for a report.
#[derive(Clone, Copy, Debug)]
pub enum Signature<'a, 't> {
    /// The host verified it.
    Valid(Verified<'a, 't>),
    /// The host refused it.
    Invalid(&'a Jws<'t>),
}

impl RelyingParty {
    /// The claims of a verified ID token.
    ///
    /// # Errors
    /// `jws.typ` for evidence of another kind of token; `argument.channel` where an access token or a code is expected and nobody
    /// says where the ID token came from; `json.*`, `id_token.*`: the first rule that the report shows as broken.
    pub fn claims<'a>(
        &self,
        verified: Verified<'a, '_>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<IdTokenClaims<'a>, Error> {
        self.judged_id_token(verified.jws_of(TokenKind::IdToken)?, expected, now)
    }

    /// The same for a token whose signature the host still has to verify.
    pub(crate) fn judged_id_token<'a>(
        &self,
        jws: &'a Jws<'_>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<IdTokenClaims<'a>, Error> {
        expected.require_channel()?;
        let claims = jws.claims()?;
        let mut checks = Vec::new();
        self.check_claims(Some(&claims), Some(jws.algorithm().hash()), expected, now, &mut checks);
        first_failure(checks)?;
        Ok(IdTokenClaims(claims))
    }

    /// Every rule on an ID token whose signature the host has judged.
    pub fn report(&self, signature: Signature<'_, '_>, expected: &IdTokenExpected<'_>, now: NumericDate) -> Report {
        let (jws, status) = match signature {
            Signature::Valid(verified) => (verified.jws(), SignatureStatus::Valid),
            Signature::Invalid(jws) => (jws, SignatureStatus::Invalid),
        };
        self.check_parts(jws.parts.clone(), status, expected, now)
    }

    /// Every rule on an ID token but its signature. Never fails: the report says what is wrong.
    pub fn check_id_token(&self, token: &str, expected: &IdTokenExpected<'_>, now: NumericDate) -> Report {
        self.report_as(token, SignatureStatus::Unchecked, expected, now)
    }

    /// Every rule on an ID token with what is known, or will be known, of its signature.
    pub(crate) fn report_as(
        &self,
        token: &str,
        signature: SignatureStatus,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Report {
        match Parts::split(token) {
            Ok(parts) => self.check_parts(parts, signature, expected, now),
            Err(rule) => {
                let mut checks = alloc::vec![Check::that(rule, false)];
                skip_header(&mut checks);
                self.check_claims(None, None, expected, now, &mut checks);
                Report { signature, header: "{}".into(), claims: "{}".into(), checks }
            }
        }
    }

    fn check_parts(
        &self,
        mut parts: Parts,
        signature: SignatureStatus,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Report {
        let mut checks = Vec::new();
        let header = Document::parse_object(&parts.header).map_err(Rule::from);
        match &header {
            Ok(header) => {
                let has_kid = header.get("kid").is_none_or(|kid| kid.str().is_some());
                checks.push(Check::that(Rule::JwsMalformed, has_kid));
                check_header(header, TokenKind::IdToken, self, &mut checks);
            }
            Err(rule) => {
                checks.push(Check::that(Rule::JwsMalformed, true));
                checks.push(Check::that(*rule, false));
                skip_header(&mut checks);
            }
        }
        checks.push(Check::new(
            Rule::JwsSignature,
            match signature {
                SignatureStatus::Unchecked => Verdict::Skip,
                SignatureStatus::Valid => Verdict::Pass,
                SignatureStatus::Invalid => Verdict::Fail,
            },
        ));
        let claims = Document::parse_object(&parts.payload).map_err(Rule::from);
        if let Err(rule) = &claims {
            checks.push(Check::that(*rule, false));
        }
        let hash = header.as_ref().ok().and_then(named_algorithm).map(Algorithm::hash);
        self.check_claims(claims.as_ref().ok(), hash, expected, now, &mut checks);
        // What is good JSON is UTF-8.
        let text = |is_good: bool, json: Vec<u8>| match String::from_utf8(json) {
            Ok(text) if is_good => text,
            _ => "{}".into(),
        };
        let (has_header, has_claims) = (header.is_ok(), claims.is_ok());
        drop((header, claims));
        let (header, claims) = (text(has_header, take(&mut parts.header)), text(has_claims, take(&mut parts.payload)));
        Report { signature, header, claims, checks }
    }

    /// The rules on the claims, in the order of [`IdToken::RULES`]; none can be judged on claims that cannot be read.
    fn check_claims(
        &self,
        document: Option<&Document<'_>>,
        hash: Option<Hash>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
        checks: &mut Vec<Check>,
    ) {
        for row in &IdToken::RULES {
            checks.push(match document {
                Some(document) => {
                    let claims = Claims { root: document.root(), rp: self, now };
                    IdToken { claims, expected, hash }.check(row)
                }
                None => Check::new(row.rule, Verdict::Skip),
            });
        }
    }
}

fn skip_header(checks: &mut Vec<Check>) {
    for rule in [Rule::JwsAlg, Rule::JwsCrit, Rule::JwsTyp] {
        checks.push(Check::new(rule, Verdict::Skip));
    }
}

/// Claims and all that they are compared with.
struct IdToken<'a> {
    claims: Claims<'a>,
    expected: &'a IdTokenExpected<'a>,
    /// The hash of the token's algorithm, where that is known.
    hash: Option<Hash>,
}

/// A rule, the claim that it is about, and how that is judged.
struct Row<'a> {
    rule: Rule,
    claim: &'static str,
    judge: fn(&IdToken<'a>, &str) -> Verdict,
}

const fn row<'a>(rule: Rule, claim: &'static str, judge: fn(&IdToken<'a>, &str) -> Verdict) -> Row<'a> {
    Row { rule, claim, judge }
}

impl<'a> IdToken<'a> {
    /// Every rule on the claims, in the order of judgement.
    const RULES: [Row<'a>; 17] = [
        row(Rule::IdTokenIss, "iss", Self::iss),
        row(Rule::IdTokenSub, "sub", Self::sub),
        row(Rule::IdTokenAud, "aud", Self::aud),
        row(Rule::IdTokenAzp, "azp", Self::azp),
        row(Rule::IdTokenExp, "exp", |token, _| token.claims.exp(true)),
        row(Rule::IdTokenIat, "iat", |token, iat| token.claims.begins(iat, true, token.claims.slow_clock())),
        row(Rule::IdTokenNbf, "nbf", Self::nbf),
        row(Rule::IdTokenNonce, "nonce", Self::nonce),
        row(Rule::IdTokenAuthTime, "auth_time", Self::auth_time),
        row(Rule::IdTokenAcr, "acr", Self::acr),
        row(Rule::IdTokenAmr, "amr", Self::amr),
        row(Rule::IdTokenEvents, "events", |token, events| token.claims.get(events).is_none().into()),
        row(Rule::IdTokenAtHash, "at_hash", |token, at_hash| token.hash(at_hash, token.expected.access_token, true)),
        row(Rule::IdTokenCHash, "c_hash", |token, c_hash| token.hash(c_hash, token.expected.code, true)),
        row(Rule::IdTokenSHash, "s_hash", |token, s_hash| token.hash(s_hash, token.expected.state, false)),
        row(Rule::IdTokenPrevious, "", Self::previous),
        row(Rule::IdTokenHybrid, "", Self::hybrid),
    ];

    fn check(&self, row: &Row<'a>) -> Check {
        let wanted = if row.rule == Rule::IdTokenAcr { &*self.expected.acr_values } else { &[] };
        self.claims.check(row.rule, row.claim, (row.judge)(self, row.claim), wanted)
    }

    fn iss(&self, iss: &str) -> Verdict {
        match self.expected.iss {
            Some(redirected) if self.claims.text(iss) != Some(redirected) => Verdict::Fail,
            _ => self.claims.iss(),
        }
    }

    /// Under the relaxation `other-audiences` the party that the token was issued to stands for all others: zitadel adds the
    /// whole project.
    fn aud(&self, _: &str) -> Verdict {
        let Claims { rp: RelyingParty { client, .. }, .. } = self.claims;
        let is_issued_to_us = self.claims.text("azp") == Some(&client.client_id);
        self.claims.aud(is_issued_to_us && client.relaxes(Relaxation::OtherAudiences))
    }

    /// Not after `iat`, it says no more than that does.
    fn nbf(&self, nbf: &str) -> Verdict {
        let claims = self.claims;
        match (claims.date(nbf), claims.date("iat")) {
            (Some(time), Some(iat)) if time <= iat => Verdict::Pass,
            _ => claims.begins(nbf, false, claims.tolerance()),
        }
    }

    fn sub(&self, sub: &str) -> Verdict {
        // The standard library's test for ASCII reads words at a time, no gain for so few bytes.
        let is_subject = |sub: &str| (1..=255).contains(&sub.len()) && sub.bytes().all(|byte| byte.is_ascii());
        self.claims.text(sub).is_some_and(is_subject).into()
    }

    fn azp(&self, azp: &str) -> Verdict {
        match self.claims.get(azp) {
            None if self.claims.audiences().len() < 2 => Verdict::Skip,
            azp => azp.and_then(Value::str).is_some_and(|azp| self.claims.rp.client.is_or_trusts(azp)).into(),
        }
    }

    fn nonce(&self, nonce: &str) -> Verdict {
        let previous = self.expected.previous;
        let Claims { rp: RelyingParty { client, .. }, .. } = self.claims;
        let is_refresh = previous.is_some() || self.expected.channel == Some(Channel::Refresh);
        // The code that bought it was this login's: PKCE says so where the nonce does not.
        let is_bound = self.expected.channel == Some(Channel::TokenEndpoint) && self.expected.has_pkce;
        let may_lack = is_refresh || is_bound && client.relaxes(Relaxation::MissingNonce);
        let sent = self.expected.nonce.or(previous.and_then(|previous| previous.0.get(nonce)?.str()));
        match (self.claims.get(nonce), sent) {
            // OpenID Connect Core §12.2: a refreshed token should have none.
            (None, sent) => (may_lack || sent.is_none()).into(),
            (Some(found), Some(sent)) => found.str().is_some_and(|found| same(found, sent)).into(),
            (Some(_), None) if is_refresh && previous.is_none() => Verdict::Skip,
            (Some(_), None) => client.relaxes(Relaxation::UnexpectedNonce).into(),
        }
    }

    fn auth_time(&self, auth_time: &str) -> Verdict {
        let Claims { rp: RelyingParty { client, .. }, now, .. } = self.claims;
        let IdTokenExpected { max_age, needs_auth_time, .. } = *self.expected;
        let is_required = max_age.is_some() || needs_auth_time || client.require_auth_time;
        match (self.claims.date(auth_time), max_age) {
            (Some(time), Some(max_age)) if time.plus(max_age).plus(client.clock_tolerance) < now => Verdict::Fail,
            (None, _) if !is_required => self.oddity(auth_time, false),
            _ => self.claims.begins(auth_time, is_required, self.claims.slow_clock()),
        }
    }

    fn acr(&self, acr: &str) -> Verdict {
        let wanted = &self.expected.acr_values;
        match self.claims.text(acr) {
            found if wanted.is_empty() => self.oddity(acr, found.is_some()),
            found => found.is_some_and(|acr| wanted.contains(&acr)).into(),
        }
    }

    fn amr(&self, amr: &str) -> Verdict {
        let is_list = self.claims.get(amr).is_some_and(|amr| amr.str().is_none() && amr.texts().is_some());
        self.oddity(amr, is_list)
    }

    /// A claim that nobody asked for: its shape decides nothing, so that another than the standard's is no reason to refuse a login.
    fn oddity(&self, claim: &str, is_right: bool) -> Verdict {
        match self.claims.get(claim) {
            None => Verdict::Skip,
            Some(_) if is_right => Verdict::Pass,
            Some(_) => Verdict::Warn,
        }
    }

    /// `at_hash`, `c_hash`, `s_hash`: required where the specification says so, checked wherever present.
    fn hash(&self, name: &str, text: Option<&str>, is_required_in_front: bool) -> Verdict {
        // Where nobody says that it came from the token endpoint.
        let is_front = matches!(self.expected.channel, None | Some(Channel::Front));
        match (self.claims.get(name), text, self.hash) {
            (Some(claim), Some(text), Some(hash)) => {
                claim.str().is_some_and(|found| same(found, &half_hash(hash, text))).into()
            }
            (Some(claim), ..) if claim.str().is_none() => Verdict::Fail,
            (None, Some(_), _) if is_required_in_front && is_front => Verdict::Fail,
            _ => Verdict::Skip,
        }
    }

    fn previous(&self, _: &str) -> Verdict {
        let Some(PreviousClaims(previous)) = self.expected.previous else {
            return Verdict::Skip;
        };
        let root = self.claims.root;
        let sorted = |claims: Value<'a>| {
            let mut audiences = claims.get("aud").and_then(Value::texts).unwrap_or_default();
            audiences.sort_unstable();
            audiences
        };
        let is_same_text = |name: &&str| root.get(name).map(Value::str) == previous.get(name).map(Value::str);
        if !["iss", "sub", "azp"].iter().all(is_same_text) || sorted(root) != sorted(previous) {
            return Verdict::Fail;
        }
        let time = |claims: Value<'a>| claims.get("auth_time").and_then(NumericDate::read);
        match (time(root), time(previous)) {
            (Some(time), Some(earlier)) if time < earlier => Verdict::Fail,
            // The person has signed in again in the same session at the provider.
            (Some(time), Some(earlier)) if time > earlier => Verdict::Warn,
            _ => Verdict::Pass,
        }
    }

    fn hybrid(&self, _: &str) -> Verdict {
        let Some(PreviousClaims(sibling)) = self.expected.sibling else {
            return Verdict::Skip;
        };
        let is_same = |name| self.claims.text(name) == sibling.get(name).and_then(Value::str);
        (is_same("iss") && is_same("sub")).into()
    }
}

/// The left half of the hash, in base64url (OpenID Connect Core §3.1.3.6).
fn half_hash(hash: Hash, text: &str) -> String {
    let digest: &[u8] = match hash {
        Hash::Sha256 => &Sha256::digest(text),
        Hash::Sha384 => &Sha384::digest(text),
        Hash::Sha512 => &Sha512::digest(text),
    };
    base64url::encode(digest.get(..digest.len() / 2).unwrap_or_default())
}
