//! The ID token's claims (OpenID Connect Core §2, §3.1.3.7). One table of rules serves both the report and the error.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

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
use crate::token::header::{LastHeader, check_header};
use crate::token::report::{Check, Checks, Report, SignatureStatus, Verdict};
use crate::wire::base64url;
use crate::wire::json::{Document, Value};
use crate::wire::sha2::{sha256, sha384, sha512};

/// The channel of an ID token. It decides the required claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The token endpoint, for a code.
    TokenEndpoint,
    /// The redirect. Hashes of the code and access token beside it are required (OpenID Connect Core §3.2.2.9, §3.3.2.11).
    Front,
    /// The token endpoint, for a refresh token (OpenID Connect Core §12.2).
    Refresh,
}

impl Channel {
    /// The channel of such a login's ID token. `None` for a hybrid flow, which has two.
    fn of(response_type: ResponseType) -> Option<Channel> {
        match (response_type.has_id_token(), response_type.has_code()) {
            (true, true) => None,
            (false, true) => Some(Channel::TokenEndpoint),
            (_, false) => Some(Channel::Front),
        }
    }

    /// Whether such a login's ID token uses this channel.
    pub(crate) fn is_of(self, response_type: ResponseType) -> bool {
        if self == Channel::Front { response_type.has_id_token() } else { response_type.has_code() }
    }
}

/// The expected values of an ID token.
#[derive(Clone, Default)]
pub struct IdTokenExpected<'a> {
    /// Its channel. Required with an access token or a code, unless the transaction defines it.
    pub channel: Option<Channel>,
    /// The redirect's `iss`, if the relaxation `issuer-template` accepted a tenant's issuer (RFC 9207 §2.4).
    pub iss: Option<&'a str>,
    /// The request's nonce; `None` if it had none.
    pub nonce: Option<&'a str>,
    /// Whether the request had a code challenge, which binds a code to the login as a nonce does (RFC 7636).
    pub has_pkce: bool,
    /// The request's `max_age`, in seconds.
    pub max_age: Option<u32>,
    /// Whether `auth_time` was an essential claim.
    pub needs_auth_time: bool,
    /// Authentication classes. `acr` must be one of them. Empty: any.
    pub acr_values: Vec<&'a str>,
    /// The access token beside the ID token.
    pub access_token: Option<&'a str>,
    /// The code beside the ID token, or the exchanged code.
    pub code: Option<&'a str>,
    /// The state of the redirect.
    pub state: Option<&'a str>,
    /// The claims of the previous ID token, after a refresh.
    pub previous: Option<PreviousClaims<'a>>,
    /// In a hybrid flow, the claims of the ID token from the redirect.
    pub sibling: Option<PreviousClaims<'a>>,
}

/// It contains a code and tokens, so printing it shows no contents.
impl fmt::Debug for IdTokenExpected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenExpected").finish_non_exhaustive()
    }
}

impl<'a> IdTokenExpected<'a> {
    /// The expected values of this transaction's login.
    pub fn of(transaction: &Transaction<'a>) -> IdTokenExpected<'a> {
        let mut expected = IdTokenExpected::default();
        expected.take(transaction);
        expected
    }

    /// Takes the expected values of this transaction's login.
    // `clone_from` would add code for a list that has values.
    #[allow(clippy::assigning_clones)]
    pub(crate) fn take(&mut self, transaction: &Transaction<'a>) {
        self.channel = Channel::of(transaction.response_type);
        self.nonce = transaction.nonce;
        self.has_pkce = transaction.verifier.is_some();
        self.max_age = transaction.max_age;
        self.needs_auth_time = transaction.needs_auth_time;
        self.acr_values = transaction.acr_values.clone();
        self.state = Some(transaction.state);
    }

    /// The channel decides which hashes are required. Without it, a swapped access token or code would pass
    /// (OpenID Connect Core §3.2.2.9, §3.3.2.10).
    pub(crate) fn require_channel(&self) -> Result<(), Error> {
        if self.channel.is_none() && (self.access_token.is_some() || self.code.is_some()) {
            return Err(Error::argument("channel", "front or token, beside an access token or a code"));
        }
        Ok(())
    }
}

/// The claims of an earlier ID token that a later one must match (OpenID Connect Core §12.2).
#[derive(Clone, Copy, Debug)]
pub struct PreviousClaims<'a>(Value<'a>);

impl<'a> PreviousClaims<'a> {
    /// `None` unless they are the claims of an ID token. [`StoredClaims`] reads them from a string.
    #[doc(hidden)]
    pub fn read(claims: Value<'a>) -> Option<PreviousClaims<'a>> {
        let is_text = |name| claims.text(name).is_some();
        let is_complete = is_text("iss") && is_text("sub") && claims.get("aud").and_then(Value::texts).is_some();
        is_complete.then_some(PreviousClaims(claims))
    }
}

/// The claims of an earlier ID token from the caller's store, where [`IdTokenClaims::json`] was kept.
///
/// ```
/// use oidc_wasm::{Channel, IdTokenExpected, StoredClaims};
/// let stored = StoredClaims::parse(r#"{"iss":"https://op.example","sub":"248289761001","aud":"app"}"#)?;
/// // For the ID token of a refresh (OpenID Connect Core §12.2).
/// let expected = IdTokenExpected {
///     channel: Some(Channel::Refresh),
///     previous: Some(stored.as_previous()),
///     ..IdTokenExpected::default()
/// };
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StoredClaims<'a>(Document<'a>);

impl<'a> StoredClaims<'a> {
    /// Reads the claims' JSON text.
    ///
    /// # Errors
    /// `argument.previous` unless they are the claims of an ID token.
    pub fn parse(json: &'a str) -> Result<StoredClaims<'a>, Error> {
        let document = Document::parse_object(json.as_bytes()).ok();
        let document = document.filter(|document| PreviousClaims::read(document.root()).is_some());
        document.map(StoredClaims).ok_or_else(|| Error::argument("previous", "the claims of an ID token"))
    }

    /// The claims, for comparison with the next ID token.
    pub fn as_previous(&self) -> PreviousClaims<'_> {
        PreviousClaims(self.0.root())
    }
}

/// The claims of a verified ID token.
#[derive(Clone, Debug)]
pub struct IdTokenClaims<'a>(Document<'a>);

impl<'a> IdTokenClaims<'a> {
    /// All claims as JSON text, unchanged.
    pub fn json(&self) -> &'a str {
        self.0.text()
    }

    /// `iss`. Together with `sub` it identifies the person.
    pub fn issuer(&self) -> &str {
        self.0.str("iss").unwrap_or_default()
    }

    /// `sub`: the person at this issuer.
    pub fn subject(&self) -> &str {
        self.0.str("sub").unwrap_or_default()
    }

    /// The claims, for comparison with the next ID token.
    pub fn as_previous(&self) -> PreviousClaims<'_> {
        PreviousClaims(self.0.root())
    }
}

/// The caller's knowledge of the signature, for a report.
#[derive(Clone, Copy, Debug)]
pub enum Signature<'a, 't> {
    /// The host verified it.
    Valid(Verified<'a, 't>),
    /// The host rejected it.
    Invalid(&'a Jws<'t>),
}

impl RelyingParty {
    /// The claims of a verified ID token.
    ///
    /// # Errors
    /// `jws.typ` for a verified token of another kind; `argument.channel` if an access token or code is expected and the channel
    /// is unknown; `json.*`, `id_token.*`: the first broken rule of the report.
    pub fn claims<'a>(
        &self,
        verified: Verified<'a, '_>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<IdTokenClaims<'a>, Error> {
        let jws = verified.jws_of(TokenKind::IdToken)?;
        expected.require_channel()?;
        let claims = jws.claims()?;
        self.judge_id_token(jws, &claims, expected, now)?;
        Ok(IdTokenClaims(claims))
    }

    /// Validates claims only. The caller has verified the signature and required the channel.
    pub(crate) fn judge_id_token(
        &self,
        jws: &Jws<'_>,
        claims: &Document<'_>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Result<(), Error> {
        let mut checks = Checks::with_capacity(MOST_CHECKS);
        self.check_claims(Some(claims), Some(jws.algorithm().hash()), expected, now, &mut checks);
        checks.first_failure()
    }

    /// Every rule on an ID token whose signature the host has verified.
    pub fn report(&self, signature: Signature<'_, '_>, expected: &IdTokenExpected<'_>, now: NumericDate) -> Report {
        let (jws, status) = match signature {
            Signature::Valid(verified) => (verified.jws(), SignatureStatus::Valid),
            Signature::Invalid(jws) => (jws, SignatureStatus::Invalid),
        };
        self.check_parts(&jws.parts, None, status, expected, now)
    }

    /// Every rule on an ID token except its signature. Never fails: the report lists the broken rules.
    pub fn check_id_token(&self, token: &str, expected: &IdTokenExpected<'_>, now: NumericDate) -> Report {
        self.report_as(token, &LastHeader::default(), SignatureStatus::Unchecked, expected, now)
    }

    /// Every rule on an ID token, after another one with perhaps the same header. `signature` is the caller's knowledge of it.
    pub(crate) fn report_as(
        &self,
        token: &str,
        last: &LastHeader,
        signature: SignatureStatus,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Report {
        let mut jws = Jws::unread(token, TokenKind::IdToken);
        if self.read_token(&mut jws, last).is_ok() {
            return self.check_parts(&jws.parts, Some(jws.algorithm()), signature, expected, now);
        }
        match jws.parts.split(token) {
            Ok(()) => self.check_parts(&jws.parts, None, signature, expected, now),
            Err(rule) => {
                let mut checks = Checks::default();
                checks.add(rule, Verdict::Fail);
                fill_header(&mut checks, Verdict::Skip);
                self.check_claims(None, None, expected, now, &mut checks);
                Report { signature, header: "{}".into(), claims: "{}".into(), checks: checks.into_list() }
            }
        }
    }

    /// Every rule on an ID token in parts. `passed` is the algorithm of a header that follows its rules.
    fn check_parts(
        &self,
        parts: &Parts,
        passed: Option<Algorithm>,
        signature: SignatureStatus,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
    ) -> Report {
        let mut checks = Checks::with_capacity(MOST_CHECKS);
        let mut algorithm = passed;
        // A profile has one rule more.
        #[cfg(feature = "fapi")]
        let passed = passed.filter(|_| self.client.profile.is_none());
        let mut header = core::str::from_utf8(&parts.header).unwrap_or_default();
        if passed.is_some() {
            checks.add(Rule::JwsMalformed, Verdict::Pass);
            fill_header(&mut checks, Verdict::Pass);
        } else {
            match Document::parse_object(&parts.header) {
                Ok(document) => {
                    let has_kid = document.get("kid").is_none_or(|kid| kid.str().is_some());
                    checks.add(Rule::JwsMalformed, has_kid.into());
                    (algorithm, _) = check_header(&document, TokenKind::IdToken, self, &mut checks);
                }
                Err(error) => {
                    checks.add(Rule::JwsMalformed, Verdict::Pass);
                    checks.add(error.into(), Verdict::Fail);
                    fill_header(&mut checks, Verdict::Skip);
                    header = "{}";
                }
            }
        }
        let verdict = match signature {
            SignatureStatus::Unchecked => Verdict::Skip,
            SignatureStatus::Valid => Verdict::Pass,
            SignatureStatus::Invalid => Verdict::Fail,
        };
        checks.add(Rule::JwsSignature, verdict);
        let claims = Document::parse_object(&parts.payload).map_err(Rule::from);
        if let Err(rule) = &claims {
            checks.add(*rule, Verdict::Fail);
        }
        self.check_claims(claims.as_ref().ok(), algorithm.map(Algorithm::hash), expected, now, &mut checks);
        let claims = claims.map_or("{}", |document| document.text()).into();
        Report { signature, header: header.into(), claims, checks: checks.into_list() }
    }

    /// The rules on the claims, in the order of [`IdToken::RULES`]. Unreadable claims skip all of them.
    fn check_claims(
        &self,
        document: Option<&Document<'_>>,
        hash: Option<Hash>,
        expected: &IdTokenExpected<'_>,
        now: NumericDate,
        checks: &mut Checks,
    ) {
        let token = document.map(|document| {
            let claims = Claims { root: document.root(), rp: self, now };
            IdToken { claims, audiences: claims.audiences(), expected, hash }
        });
        for row in &IdToken::RULES {
            match &token {
                Some(token) => checks.push(token.check(row)),
                None => checks.add(row.rule, Verdict::Skip),
            }
        }
    }
}

/// Room for the checks of a report.
const MOST_CHECKS: usize = IdToken::RULES.len() + 8;

/// The same result of each rule on a header.
fn fill_header(checks: &mut Checks, verdict: Verdict) {
    for rule in &[Rule::JwsAlg, Rule::JwsCrit, Rule::JwsTyp] {
        checks.add(*rule, verdict);
    }
}

/// The claims and the expected values.
struct IdToken<'a> {
    claims: Claims<'a>,
    audiences: Vec<&'a str>,
    expected: &'a IdTokenExpected<'a>,
    /// The hash of the token's algorithm, if the algorithm is known.
    hash: Option<Hash>,
}

/// A rule, its claim, and the function that checks the claim's value.
struct Row<'a> {
    rule: Rule,
    claim: &'static str,
    judge: Judge<'a>,
}

type Judge<'a> = fn(&IdToken<'a>, Option<Value<'a>>) -> Verdict;

const fn row<'a>(rule: Rule, claim: &'static str, judge: Judge<'a>) -> Row<'a> {
    Row { rule, claim, judge }
}

impl<'a> IdToken<'a> {
    /// Every rule on the claims, in order.
    const RULES: [Row<'a>; 17] = [
        row(Rule::IdTokenIss, "iss", Self::iss),
        row(Rule::IdTokenSub, "sub", Self::sub),
        row(Rule::IdTokenAud, "aud", Self::aud),
        row(Rule::IdTokenAzp, "azp", Self::azp),
        row(Rule::IdTokenExp, "exp", |token, exp| token.claims.exp(exp, true)),
        row(Rule::IdTokenIat, "iat", Self::iat),
        row(Rule::IdTokenNbf, "nbf", Self::nbf),
        row(Rule::IdTokenNonce, "nonce", Self::nonce),
        row(Rule::IdTokenAuthTime, "auth_time", Self::auth_time),
        row(Rule::IdTokenAcr, "acr", Self::acr),
        row(Rule::IdTokenAmr, "amr", Self::amr),
        row(Rule::IdTokenEvents, "events", |_, events| events.is_none().into()),
        row(Rule::IdTokenAtHash, "at_hash", |token, at_hash| token.hash(at_hash, token.expected.access_token, true)),
        row(Rule::IdTokenCHash, "c_hash", |token, c_hash| token.hash(c_hash, token.expected.code, true)),
        row(Rule::IdTokenSHash, "s_hash", Self::s_hash),
        row(Rule::IdTokenPrevious, "", Self::previous),
        row(Rule::IdTokenHybrid, "", Self::hybrid),
    ];

    fn check(&self, row: &Row<'a>) -> Check {
        let wanted = if row.rule == Rule::IdTokenAcr { &*self.expected.acr_values } else { &[] };
        self.claims.check(row.rule, row.claim, (row.judge)(self, self.claims.get(row.claim)), wanted)
    }

    fn iss(&self, iss: Option<Value<'_>>) -> Verdict {
        let iss = iss.and_then(Value::str);
        match self.expected.iss {
            Some(redirected) if iss != Some(redirected) => Verdict::Fail,
            _ => (iss == Some(&self.claims.issuer())).into(),
        }
    }

    /// With the relaxation `other-audiences` a correct `azp` is enough: ZITADEL adds the whole project to `aud`.
    fn aud(&self, _: Option<Value<'_>>) -> Verdict {
        let Claims { rp: RelyingParty { client, .. }, .. } = self.claims;
        let trusts_all = client.relaxes(Relaxation::OtherAudiences) && self.claims.is("azp", &client.client_id);
        client.is_meant_by(&self.audiences, trusts_all).into()
    }

    fn iat(&self, iat: Option<Value<'_>>) -> Verdict {
        let claims = self.claims;
        #[cfg(feature = "fapi")]
        if let (Some(time), Some(age)) = (iat.and_then(NumericDate::read), claims.rp.client.max_token_age)
            && time.plus(age).plus(claims.tolerance()) < claims.now
        {
            return Verdict::Fail;
        }
        claims.begins(iat, true, claims.slow_clock())
    }

    /// An `nbf` up to `iat` has no additional effect.
    fn nbf(&self, nbf: Option<Value<'_>>) -> Verdict {
        let claims = self.claims;
        match nbf.and_then(NumericDate::read) {
            Some(time) if claims.date("iat").is_some_and(|iat| time <= iat) => Verdict::Pass,
            _ => claims.begins(nbf, false, claims.tolerance()),
        }
    }

    fn sub(_: &Self, sub: Option<Value<'_>>) -> Verdict {
        // The standard library's test for ASCII reads whole words, which is no faster for so few bytes.
        let is_subject = |sub: &str| (1..=255).contains(&sub.len()) && sub.bytes().all(|byte| byte.is_ascii());
        sub.and_then(Value::str).is_some_and(is_subject).into()
    }

    fn azp(&self, azp: Option<Value<'_>>) -> Verdict {
        match azp {
            None if self.audiences.len() < 2 => Verdict::Skip,
            azp => azp.and_then(Value::str).is_some_and(|azp| self.claims.rp.client.is_or_trusts(azp)).into(),
        }
    }

    fn nonce(&self, nonce: Option<Value<'_>>) -> Verdict {
        let previous = self.expected.previous;
        let Claims { rp: RelyingParty { client, .. }, .. } = self.claims;
        let is_refresh = previous.is_some() || self.expected.channel == Some(Channel::Refresh);
        // PKCE proves that the code belongs to this login, so a missing nonce may pass.
        let is_bound = self.expected.channel == Some(Channel::TokenEndpoint) && self.expected.has_pkce;
        let may_lack = is_refresh || is_bound && client.relaxes(Relaxation::MissingNonce);
        let sent = self.expected.nonce.or(previous.and_then(|previous| previous.0.text("nonce")));
        match (nonce, sent) {
            // OpenID Connect Core §12.2: a refreshed token should have no nonce.
            (None, sent) => (may_lack || sent.is_none()).into(),
            (Some(found), Some(sent)) => found.str().is_some_and(|found| same(found, sent)).into(),
            (Some(_), None) if is_refresh && previous.is_none() => Verdict::Skip,
            (Some(_), None) => client.relaxes(Relaxation::UnexpectedNonce).into(),
        }
    }

    fn auth_time(&self, auth_time: Option<Value<'_>>) -> Verdict {
        let claims = self.claims;
        let IdTokenExpected { max_age, needs_auth_time, .. } = *self.expected;
        let is_required = max_age.is_some() || needs_auth_time || claims.rp.client.require_auth_time;
        if !is_required && auth_time.and_then(NumericDate::read).is_none() {
            return oddity(auth_time, false);
        }
        claims.auth_time(auth_time, max_age, is_required, claims.slow_clock())
    }

    fn acr(&self, acr: Option<Value<'_>>) -> Verdict {
        let wanted = &self.expected.acr_values;
        if wanted.is_empty() {
            return oddity(acr, acr.and_then(Value::str).is_some());
        }
        self.claims.has_acr(wanted).into()
    }

    fn amr(_: &Self, amr: Option<Value<'_>>) -> Verdict {
        oddity(amr, amr.is_some_and(|amr| amr.str().is_none() && amr.texts().is_some()))
    }

    /// `at_hash`, `c_hash`, `s_hash`: required if the specification requires it, checked if present.
    fn hash(&self, claim: Option<Value<'_>>, text: Option<&str>, is_required_in_front: bool) -> Verdict {
        // Also if the channel is unknown.
        let is_front = matches!(self.expected.channel, None | Some(Channel::Front));
        match (claim, text, self.hash) {
            (Some(claim), Some(text), Some(hash)) => {
                claim.str().is_some_and(|found| same(found, &half_hash(hash, text))).into()
            }
            (Some(claim), ..) if claim.str().is_none() => Verdict::Fail,
            (None, Some(_), _) if is_required_in_front && is_front => Verdict::Fail,
            _ => Verdict::Skip,
        }
    }

    fn s_hash(&self, s_hash: Option<Value<'_>>) -> Verdict {
        let state = self.expected.state;
        // FAPI 1.0 Part 2 §5.2.2.1: the ID token of the redirect has it. A refresh has no state.
        #[cfg(feature = "fapi")]
        if self.claims.rp.client.requires_s_hash
            && state.is_some()
            && self.expected.channel != Some(Channel::Refresh)
            && self.expected.sibling.is_none()
            && s_hash.is_none()
        {
            return Verdict::Fail;
        }
        self.hash(s_hash, state, false)
    }

    fn previous(&self, _: Option<Value<'_>>) -> Verdict {
        let Some(PreviousClaims(previous)) = self.expected.previous else {
            return Verdict::Skip;
        };
        let root = self.claims.root;
        let sorted = |claims: Value<'a>| {
            let mut audiences = claims.get("aud").and_then(Value::texts).unwrap_or_default();
            audiences.sort_unstable();
            audiences
        };
        let is_same_text = |name: &&str| {
            root.get(name).is_some() == previous.get(name).is_some() && root.text(name) == previous.text(name)
        };
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

    fn hybrid(&self, _: Option<Value<'_>>) -> Verdict {
        let Some(PreviousClaims(sibling)) = self.expected.sibling else {
            return Verdict::Skip;
        };
        let is_same = |name| self.claims.text(name) == sibling.text(name);
        (is_same("iss") && is_same("sub")).into()
    }
}

/// A claim that was not requested decides nothing, so a wrong type is only a warning.
fn oddity(claim: Option<Value<'_>>, is_right: bool) -> Verdict {
    match claim {
        None => Verdict::Skip,
        Some(_) if is_right => Verdict::Pass,
        Some(_) => Verdict::Warn,
    }
}

/// The left half of the hash, in base64url (OpenID Connect Core §3.1.3.6).
fn half_hash(hash: Hash, text: &str) -> String {
    let text = text.as_bytes();
    let digest: &[u8] = match hash {
        Hash::Sha256 => &sha256(text),
        Hash::Sha384 => &sha384(text),
        Hash::Sha512 => &sha512(text),
    };
    base64url::encode(digest.get(..hash.bytes() / 2).unwrap_or_default())
}
