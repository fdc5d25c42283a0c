//! The ID token's claims (OpenID Connect Core §2, §3.1.3.7): every rule judged, in one place, for the report and the verdict alike.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::algorithm::{Algorithm, Hash};
use crate::client::Relaxation;
use crate::error::Error;
use crate::jws::{Jws, Parts, TokenKind, check_header, named_algorithm};
use crate::provider::is_tenant;
use crate::relying_party::RelyingParty;
use crate::report::{Check, Report, SignatureStatus, Verdict, first_failure};
use crate::rule::Rule;
use crate::secret::same;
use crate::signature::Verified;
use crate::time::NumericDate;
use crate::transaction::Transaction;
use crate::wire::base64url;
use crate::wire::json::{Document, Value, push_integer};
use crate::wire::text::{join, shortened};

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
    pub fn of(transaction: &'a Transaction) -> IdTokenExpected<'a> {
        IdTokenExpected {
            nonce: transaction.nonce(),
            max_age: transaction.max_age,
            needs_auth_time: transaction.needs_auth_time(),
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
    /// `jws.typ` for evidence of another kind of token; `json.*`, `id_token.*`: the first rule that the report shows as broken.
    pub fn claims(
        &self,
        verified: Verified<'_>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<IdTokenClaims, Error> {
        self.judged_id_token(verified.jws_of(TokenKind::IdToken)?, expected, now)
    }

    /// The claims of an ID token that keeps every rule but its signature's, which somebody must vouch for.
    pub(crate) fn judged_id_token(
        &self,
        jws: &Jws,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<IdTokenClaims, Error> {
        let claims = Document::parse_object(jws.payload().into())?;
        first_failure(self.check_claims(&claims, Some(jws.algorithm().hash()), expected, now))?;
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
        self.report_on(token, SignatureStatus::Unchecked, expected, now)
    }

    /// Every rule on an ID token, with what is known of its signature.
    pub(crate) fn report_on(
        &self,
        token: &str,
        signature: SignatureStatus,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Report {
        match Parts::split(token) {
            Ok(parts) => self.check_parts(parts.header, parts.payload, signature, expected, now),
            Err(rule) => {
                let mut checks = alloc::vec![Check::that(rule, false)];
                skip_header(&mut checks);
                skip_claims(&mut checks);
                Report { signature, header: "{}".into(), claims: "{}".into(), checks }
            }
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
        let claims = Document::parse_object(payload);
        match &claims {
            Ok(claims) => {
                let hash = header.as_ref().ok().and_then(named_algorithm).map(Algorithm::hash);
                checks.extend(self.check_claims(claims, hash, expected, now));
            }
            Err(rule) => {
                checks.push(Check::that(*rule, false));
                skip_claims(&mut checks);
            }
        }
        let text = |document: &Result<Document, Rule>| match document {
            Ok(document) => document.text().into(),
            Err(_) => "{}".into(),
        };
        Report { signature, header: text(&header), claims: text(&claims), checks }
    }

    /// The rules on the claims, in the order of [`Claims::RULES`].
    fn check_claims(
        &self,
        document: &Document,
        hash: Option<Hash>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Vec<Check> {
        let latest = now.plus(self.client.clock_tolerance);
        let claims = Claims { root: document.root(), rp: self, expected, hash, now, latest };
        Claims::RULES.iter().map(|&(rule, judge)| judge(&claims, rule)).collect()
    }
}

const HEADER_RULES: [Rule; 3] = [Rule::JwsAlg, Rule::JwsCrit, Rule::JwsTyp];

fn skip_header(checks: &mut Vec<Check>) {
    for rule in &HEADER_RULES {
        checks.push(Check::new(*rule, Verdict::Skip));
    }
}

fn skip_claims(checks: &mut Vec<Check>) {
    for (rule, _) in &Claims::RULES {
        checks.push(Check::new(*rule, Verdict::Skip));
    }
}

type Judge<'a> = fn(&Claims<'a>, Rule) -> Check;

/// Claims and all that they are compared with: one method a rule.
struct Claims<'a> {
    root: Value<'a>,
    rp: &'a RelyingParty,
    expected: &'a IdTokenExpected<'a>,
    /// The hash of the token's algorithm, where that is known.
    hash: Option<Hash>,
    now: NumericDate,
    /// `now` by the fastest clock tolerated.
    latest: NumericDate,
}

impl<'a> Claims<'a> {
    /// Every rule on the claims, in the order of judgement.
    const RULES: [(Rule, Judge<'a>); 17] = [
        (Rule::IdTokenIss, Self::iss),
        (Rule::IdTokenSub, Self::sub),
        (Rule::IdTokenAud, Self::aud),
        (Rule::IdTokenAzp, Self::azp),
        (Rule::IdTokenExp, Self::exp),
        (Rule::IdTokenIat, |claims, rule| claims.begins(rule, "iat", true)),
        (Rule::IdTokenNbf, |claims, rule| claims.begins(rule, "nbf", false)),
        (Rule::IdTokenNonce, Self::nonce),
        (Rule::IdTokenAuthTime, Self::auth_time),
        (Rule::IdTokenAcr, Self::acr),
        (Rule::IdTokenAmr, Self::amr),
        (Rule::IdTokenEvents, |claims, rule| Check::that(rule, claims.get("events").is_none())),
        (Rule::IdTokenAtHash, |claims, rule| {
            claims.hash(rule, "at_hash", claims.expected.access_token, claims.expected.channel == Channel::Front)
        }),
        (Rule::IdTokenCHash, |claims, rule| {
            claims.hash(rule, "c_hash", claims.expected.code, claims.expected.channel == Channel::Front)
        }),
        (Rule::IdTokenSHash, |claims, rule| claims.hash(rule, "s_hash", claims.expected.state, false)),
        (Rule::IdTokenPrevious, Self::previous),
        (Rule::IdTokenHybrid, Self::hybrid),
    ];

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
        if !is_kept {
            push_integer(&mut now, self.now.whole_seconds());
        }
        self.compare(rule, name, is_kept, &now)
    }

    fn tolerance(&self) -> u32 {
        self.rp.client.clock_tolerance
    }

    fn iss(&self, rule: Rule) -> Check {
        let is_relaxed = self.rp.client.relaxes(Relaxation::IssuerTemplate);
        let tenant = self.text("tid").filter(|tid| is_relaxed && is_tenant(tid));
        let issuer = self.rp.provider.issuer_of(tenant);
        self.compare(rule, "iss", self.text("iss") == Some(&issuer), &issuer)
    }

    fn sub(&self, rule: Rule) -> Check {
        let is_subject = |sub: &str| (1..=255).contains(&sub.len()) && sub.is_ascii();
        Check::that(rule, self.text("sub").is_some_and(is_subject))
    }

    fn audiences(&self) -> Vec<&'a str> {
        self.get("aud").and_then(Value::texts).unwrap_or_default()
    }

    fn aud(&self, rule: Rule) -> Check {
        let client = &self.rp.client;
        self.compare(rule, "aud", client.is_meant_by(&self.audiences()), &client.client_id)
    }

    fn azp(&self, rule: Rule) -> Check {
        let client_id = self.rp.client.client_id.as_str();
        if self.get("azp").is_none() && self.audiences().len() < 2 {
            return Check::new(rule, Verdict::Skip);
        }
        self.compare(rule, "azp", self.text("azp") == Some(client_id), client_id)
    }

    fn exp(&self, rule: Rule) -> Check {
        let is_alive = self.time("exp").is_some_and(|exp| exp.plus(self.tolerance()) > self.now);
        self.compare_time(rule, "exp", is_alive)
    }

    /// `iat` and `nbf`: not later than now.
    fn begins(&self, rule: Rule, name: &str, is_required: bool) -> Check {
        if self.get(name).is_none() && !is_required {
            return Check::new(rule, Verdict::Skip);
        }
        self.compare_time(rule, name, self.time(name).is_some_and(|time| time <= self.latest))
    }

    fn nonce(&self, rule: Rule) -> Check {
        let previous = self.expected.previous;
        let is_refresh = previous.is_some() || self.expected.channel == Channel::Refresh;
        let sent = self.expected.nonce.or(previous.and_then(|previous| previous.0.get("nonce")?.str()));
        match (self.get("nonce"), sent) {
            // OpenID Connect Core §12.2: a refreshed token should have none.
            (None, sent) => Check::that(rule, is_refresh || sent.is_none()),
            (Some(found), Some(sent)) => Check::that(rule, found.str().is_some_and(|found| same(found, sent))),
            (Some(_), None) if is_refresh && previous.is_none() => Check::new(rule, Verdict::Skip),
            (Some(_), None) => Check::that(rule, self.rp.client.relaxes(Relaxation::UnexpectedNonce)),
        }
    }

    fn auth_time(&self, rule: Rule) -> Check {
        let is_required =
            self.expected.max_age.is_some() || self.expected.needs_auth_time || self.rp.client.require_auth_time;
        if self.get("auth_time").is_none() && !is_required {
            return Check::new(rule, Verdict::Skip);
        }
        let is_fresh = self.time("auth_time").is_some_and(|time| {
            let is_old = |max_age: u32| time.plus(max_age).plus(self.tolerance()) < self.now;
            time <= self.latest && !self.expected.max_age.is_some_and(is_old)
        });
        self.compare_time(rule, "auth_time", is_fresh)
    }

    fn acr(&self, rule: Rule) -> Check {
        let wanted = &self.expected.acr_values;
        if self.get("acr").is_none() && wanted.is_empty() {
            return Check::new(rule, Verdict::Skip);
        }
        let is_met = self.text("acr").is_some_and(|acr| wanted.is_empty() || wanted.contains(&acr));
        self.compare(rule, "acr", is_met, &join(wanted))
    }

    fn amr(&self, rule: Rule) -> Check {
        let Some(amr) = self.get("amr") else {
            return Check::new(rule, Verdict::Skip);
        };
        Check::that(rule, amr.str().is_none() && amr.texts().is_some())
    }

    /// `at_hash`, `c_hash`, `s_hash`: required where the specification says so, checked wherever present.
    fn hash(&self, rule: Rule, name: &str, text: Option<&str>, is_required: bool) -> Check {
        match (self.get(name), text, self.hash) {
            (Some(claim), Some(text), Some(hash)) => {
                Check::that(rule, claim.str().is_some_and(|found| same(found, &half_hash(hash, text))))
            }
            (Some(claim), ..) if claim.str().is_none() => Check::that(rule, false),
            (None, Some(_), _) if is_required => Check::that(rule, false),
            _ => Check::new(rule, Verdict::Skip),
        }
    }

    fn previous(&self, rule: Rule) -> Check {
        let Some(PreviousClaims(previous)) = self.expected.previous else {
            return Check::new(rule, Verdict::Skip);
        };
        let text = |claims: Value<'a>, name| claims.get(name).map(Value::str);
        let sorted = |claims: Value<'a>| {
            let mut audiences = claims.get("aud").and_then(Value::texts).unwrap_or_default();
            audiences.sort_unstable();
            audiences
        };
        let time = |claims: Value<'a>| claims.get("auth_time").map(NumericDate::read);
        let is_same = ["iss", "sub", "azp"].iter().all(|name| text(self.root, name) == text(previous, name))
            && sorted(self.root) == sorted(previous)
            && (time(self.root).is_none() || time(previous).is_none() || time(self.root) == time(previous));
        Check::that(rule, is_same)
    }

    fn hybrid(&self, rule: Rule) -> Check {
        let Some(PreviousClaims(sibling)) = self.expected.sibling else {
            return Check::new(rule, Verdict::Skip);
        };
        let is_same = |name| self.text(name) == sibling.get(name).and_then(Value::str);
        Check::that(rule, is_same("iss") && is_same("sub"))
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
