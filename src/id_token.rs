//! The ID token's claims (OpenID Connect Core §2, §3.1.3.7): every rule judged, in one place, for the report and the verdict alike.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::client::Relaxation;
use crate::error::Error;
use crate::jws::{Algorithm, Hash, Jws, Parts, TokenKind, Verified, check_header, named_algorithm};
use crate::provider::is_tenant;
use crate::relying_party::RelyingParty;
use crate::report::{Check, Report, SignatureStatus, Verdict};
use crate::rule::Rule;
use crate::secret::same;
use crate::time::NumericDate;
use crate::transaction::Transaction;
use crate::wire::base64url;
use crate::wire::json::{Document, Value, push_integer};
use crate::wire::text::shortened;

/// Where an ID token came from, which decides what it must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The token endpoint, for a code.
    #[default]
    TokenEndpoint,
    /// The redirect: hashes of what came beside it are required (OpenID Connect Core §3.2.2.9, §3.3.2.11).
    Front,
    /// The token endpoint, for a refresh token (OpenID Connect Core §12.2).
    Refresh,
}

/// What an ID token is compared with.
#[derive(Clone, Default)]
pub struct IdTokenExpected<'a> {
    /// Where it came from.
    pub channel: Channel,
    /// The nonce that was sent; `None` when none was.
    pub nonce: Option<&'a str>,
    /// The `max_age` that was sent.
    pub max_age: Option<u32>,
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
    pub fn of(transaction: &'a Transaction) -> IdTokenExpected<'a> {
        IdTokenExpected {
            nonce: transaction.nonce(),
            max_age: transaction.max_age,
            acr_values: transaction.acr_values(),
            state: Some(transaction.state()),
            ..IdTokenExpected::default()
        }
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
pub struct IdTokenClaims(Document);

impl IdTokenClaims {
    /// All claims as JSON text, exactly as the provider signed it.
    pub fn json(&self) -> &str {
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
pub enum Signature<'a> {
    /// The host verified it.
    Valid(Verified<'a>),
    /// The host refused it.
    Invalid(&'a Jws),
}

impl RelyingParty {
    /// The claims of a verified ID token.
    ///
    /// # Errors
    /// `json.*`, `id_token.*`: the first rule that the report shows as broken.
    pub fn claims(
        &self,
        verified: Verified<'_>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<IdTokenClaims, Error> {
        let jws = verified.jws();
        let claims = Document::parse_object(jws.payload().into())?;
        for check in self.check_claims(&claims, Some(jws.algorithm().hash()), expected, now) {
            check.into_result()?;
        }
        Ok(IdTokenClaims(claims))
    }

    /// Every rule on an ID token whose signature the host has judged.
    pub fn report(&self, signature: Signature<'_>, expected: &IdTokenExpected<'_>, now: NumericDate) -> Report {
        let (jws, status) = match signature {
            Signature::Valid(verified) => (verified.jws(), SignatureStatus::Valid),
            Signature::Invalid(jws) => (jws, SignatureStatus::Invalid),
        };
        self.check_parts(jws.header().into(), jws.payload().into(), status, expected, now)
    }

    /// Every rule on an ID token but its signature. Never fails: the report says what is wrong.
    pub fn check_id_token(&self, token: &str, expected: &IdTokenExpected<'_>, now: NumericDate) -> Report {
        match Parts::split(token) {
            Ok(parts) => self.check_parts(parts.header, parts.payload, SignatureStatus::Unchecked, expected, now),
            Err(rule) => Report {
                signature: SignatureStatus::Unchecked,
                header: "{}".into(),
                claims: "{}".into(),
                checks: core::iter::once(Check::that(rule, false))
                    .chain(skipped(&HEADER_RULES))
                    .chain(skipped(&CLAIMS_RULES))
                    .collect(),
            },
        }
    }

    fn check_parts(
        &self,
        header: Vec<u8>,
        payload: Vec<u8>,
        signature: SignatureStatus,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Report {
        let mut checks = alloc::vec![Check::that(Rule::JwsMalformed, true)];
        let header = Document::parse_object(header);
        match &header {
            Ok(header) => {
                let has_kid = header.get("kid").is_none_or(|kid| kid.str().is_some());
                checks = alloc::vec![Check::that(Rule::JwsMalformed, has_kid)];
                checks.extend(check_header(header, TokenKind::IdToken, &self.provider, &self.client));
            }
            Err(rule) => {
                checks.push(Check::that(*rule, false));
                checks.extend(skipped(&HEADER_RULES));
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
        let claims = Document::parse_object(payload);
        match &claims {
            Ok(claims) => {
                let hash = header.as_ref().ok().and_then(named_algorithm).map(Algorithm::hash);
                checks.extend(self.check_claims(claims, hash, expected, now));
            }
            Err(rule) => {
                checks.push(Check::that(*rule, false));
                checks.extend(skipped(&CLAIMS_RULES));
            }
        }
        let text = |document: &Result<Document, Rule>| match document {
            Ok(document) => document.text().into(),
            Err(_) => "{}".into(),
        };
        Report { signature, header: text(&header), claims: text(&claims), checks }
    }

    /// The rules on the claims, in the order of [`CLAIMS_RULES`].
    fn check_claims(
        &self,
        document: &Document,
        hash: Option<Hash>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Vec<Check> {
        let claims =
            Claims { root: document.root(), rp: self, expected, latest: now.plus(self.client.clock_tolerance), now };
        let is_front = expected.channel == Channel::Front;
        alloc::vec![
            claims.iss(),
            claims.sub(),
            claims.aud(),
            claims.azp(),
            claims.exp(),
            claims.begins(Rule::IdTokenIat, "iat", true),
            claims.begins(Rule::IdTokenNbf, "nbf", false),
            claims.nonce(),
            claims.auth_time(),
            claims.acr(),
            claims.amr(),
            claims.hash(Rule::IdTokenAtHash, "at_hash", hash, expected.access_token, is_front),
            claims.hash(Rule::IdTokenCHash, "c_hash", hash, expected.code, is_front),
            claims.hash(Rule::IdTokenSHash, "s_hash", hash, expected.state, false),
            claims.previous(),
            claims.hybrid(),
        ]
    }
}

const HEADER_RULES: [Rule; 3] = [Rule::JwsAlg, Rule::JwsCrit, Rule::JwsTyp];
const CLAIMS_RULES: [Rule; 16] = [
    Rule::IdTokenIss,
    Rule::IdTokenSub,
    Rule::IdTokenAud,
    Rule::IdTokenAzp,
    Rule::IdTokenExp,
    Rule::IdTokenIat,
    Rule::IdTokenNbf,
    Rule::IdTokenNonce,
    Rule::IdTokenAuthTime,
    Rule::IdTokenAcr,
    Rule::IdTokenAmr,
    Rule::IdTokenAtHash,
    Rule::IdTokenCHash,
    Rule::IdTokenSHash,
    Rule::IdTokenPrevious,
    Rule::IdTokenHybrid,
];

fn skipped(rules: &'static [Rule]) -> impl Iterator<Item = Check> {
    rules.iter().map(|&rule| Check::new(rule, Verdict::Skip))
}

/// Claims and all that they are compared with: one method a rule.
struct Claims<'a> {
    root: Value<'a>,
    rp: &'a RelyingParty,
    expected: &'a IdTokenExpected<'a>,
    now: NumericDate,
    /// `now` by the fastest clock tolerated.
    latest: NumericDate,
}

impl<'a> Claims<'a> {
    fn get(&self, name: &str) -> Option<Value<'a>> {
        self.root.get(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.str()
    }

    fn time(&self, name: &str) -> Option<NumericDate> {
        self.get(name).and_then(NumericDate::read)
    }

    /// A rule, and for a failure the claim as it is written beside what was expected.
    fn compare(&self, rule: Rule, name: &str, is_kept: bool, expected: &str) -> Check {
        let mut check = Check::that(rule, is_kept);
        if !is_kept {
            check.expected = Some(String::from(expected).into());
            check.found = self.get(name).map(|claim| shortened(&claim.json(), 256).into());
        }
        check
    }

    /// A rule on a time, compared with the clock's.
    fn compare_time(&self, rule: Rule, name: &str, is_kept: bool) -> Check {
        let mut now = String::from("the time now: ");
        push_integer(&mut now, self.now.whole_seconds());
        self.compare(rule, name, is_kept, &now)
    }

    fn tolerance(&self) -> u32 {
        self.rp.client.clock_tolerance
    }

    fn iss(&self) -> Check {
        let is_relaxed = self.rp.client.relaxes(Relaxation::IssuerTemplate);
        let tenant = self.text("tid").filter(|tid| is_relaxed && is_tenant(tid));
        let issuer = self.rp.provider.issuer_of(tenant);
        self.compare(Rule::IdTokenIss, "iss", self.text("iss") == Some(&issuer), &issuer)
    }

    fn sub(&self) -> Check {
        let is_subject = |sub: &str| (1..=255).contains(&sub.len()) && sub.is_ascii();
        Check::that(Rule::IdTokenSub, self.text("sub").is_some_and(is_subject))
    }

    fn audiences(&self) -> Vec<&'a str> {
        self.get("aud").and_then(Value::texts).unwrap_or_default()
    }

    fn aud(&self) -> Check {
        let client = &self.rp.client;
        let audiences = self.audiences();
        let is_for_us = audiences.contains(&client.client_id.as_str())
            && audiences.iter().all(|aud| *aud == client.client_id || client.trusts(aud));
        self.compare(Rule::IdTokenAud, "aud", is_for_us, &client.client_id)
    }

    fn azp(&self) -> Check {
        let client_id = self.rp.client.client_id.as_str();
        if self.get("azp").is_none() && self.audiences().len() < 2 {
            return Check::new(Rule::IdTokenAzp, Verdict::Skip);
        }
        self.compare(Rule::IdTokenAzp, "azp", self.text("azp") == Some(client_id), client_id)
    }

    fn exp(&self) -> Check {
        let is_alive = self.time("exp").is_some_and(|exp| exp.plus(self.tolerance()) > self.now);
        self.compare_time(Rule::IdTokenExp, "exp", is_alive)
    }

    /// `iat` and `nbf`: not later than now.
    fn begins(&self, rule: Rule, name: &str, is_required: bool) -> Check {
        if self.get(name).is_none() && !is_required {
            return Check::new(rule, Verdict::Skip);
        }
        self.compare_time(rule, name, self.time(name).is_some_and(|time| time <= self.latest))
    }

    fn nonce(&self) -> Check {
        const RULE: Rule = Rule::IdTokenNonce;
        let previous = self.expected.previous;
        let is_refresh = previous.is_some() || self.expected.channel == Channel::Refresh;
        let sent = self.expected.nonce.or(previous.and_then(|previous| previous.0.get("nonce")?.str()));
        match (self.get("nonce"), sent) {
            // OpenID Connect Core §12.2: a refreshed token should have none.
            (None, sent) => Check::that(RULE, is_refresh || sent.is_none()),
            (Some(found), Some(sent)) => Check::that(RULE, found.str().is_some_and(|found| same(found, sent))),
            (Some(_), None) if is_refresh && previous.is_none() => Check::new(RULE, Verdict::Skip),
            (Some(_), None) => Check::that(RULE, self.rp.client.relaxes(Relaxation::UnexpectedNonce)),
        }
    }

    fn auth_time(&self) -> Check {
        const RULE: Rule = Rule::IdTokenAuthTime;
        if self.get("auth_time").is_none() && self.expected.max_age.is_none() {
            return Check::new(RULE, Verdict::Skip);
        }
        let is_fresh = self.time("auth_time").is_some_and(|time| {
            let is_old = |max_age: u32| time.plus(max_age).plus(self.tolerance()) < self.now;
            time <= self.latest && !self.expected.max_age.is_some_and(is_old)
        });
        self.compare_time(RULE, "auth_time", is_fresh)
    }

    fn acr(&self) -> Check {
        const RULE: Rule = Rule::IdTokenAcr;
        let wanted = &self.expected.acr_values;
        if self.get("acr").is_none() && wanted.is_empty() {
            return Check::new(RULE, Verdict::Skip);
        }
        let is_met = self.text("acr").is_some_and(|acr| wanted.is_empty() || wanted.contains(&acr));
        self.compare(RULE, "acr", is_met, &wanted.join(" "))
    }

    fn amr(&self) -> Check {
        let Some(amr) = self.get("amr") else {
            return Check::new(Rule::IdTokenAmr, Verdict::Skip);
        };
        Check::that(Rule::IdTokenAmr, amr.str().is_none() && amr.texts().is_some())
    }

    /// `at_hash`, `c_hash`, `s_hash`: required where the specification says so, checked wherever present.
    fn hash(&self, rule: Rule, name: &str, hash: Option<Hash>, text: Option<&str>, is_required: bool) -> Check {
        match (self.get(name), text, hash) {
            (Some(claim), Some(text), Some(hash)) => {
                Check::that(rule, claim.str().is_some_and(|found| same(found, &half_hash(hash, text))))
            }
            (Some(claim), ..) if claim.str().is_none() => Check::that(rule, false),
            (None, Some(_), _) if is_required => Check::that(rule, false),
            _ => Check::new(rule, Verdict::Skip),
        }
    }

    fn previous(&self) -> Check {
        let Some(PreviousClaims(previous)) = self.expected.previous else {
            return Check::new(Rule::IdTokenPrevious, Verdict::Skip);
        };
        let text = |claims: Value<'a>, name| claims.get(name).map(Value::str);
        let texts = |claims: Value<'a>| claims.get("aud").and_then(Value::texts);
        let time = |claims: Value<'a>| claims.get("auth_time").map(NumericDate::read);
        let is_same = ["iss", "sub", "azp"].iter().all(|name| text(self.root, name) == text(previous, name))
            && texts(self.root) == texts(previous)
            && (time(self.root).is_none() || time(previous).is_none() || time(self.root) == time(previous));
        Check::that(Rule::IdTokenPrevious, is_same)
    }

    fn hybrid(&self) -> Check {
        let Some(PreviousClaims(sibling)) = self.expected.sibling else {
            return Check::new(Rule::IdTokenHybrid, Verdict::Skip);
        };
        let is_same = |name| self.text(name) == sibling.get(name).and_then(Value::str);
        Check::that(Rule::IdTokenHybrid, is_same("iss") && is_same("sub"))
    }
}

/// The left half of the hash, in base64url (OpenID Connect Core §3.1.3.6).
fn half_hash(hash: Hash, text: &str) -> String {
    let left = |digest: &[u8]| base64url::encode(digest.get(..digest.len() / 2).unwrap_or_default());
    match hash {
        Hash::Sha256 => left(&Sha256::digest(text)),
        Hash::Sha384 => left(&Sha384::digest(text)),
        Hash::Sha512 => left(&Sha512::digest(text)),
    }
}
