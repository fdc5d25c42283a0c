//! What every signed token says of itself (RFC 7519 §4.1), beside the provider, the client and the clock that it is held against.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::report::{Check, Verdict};
use crate::wire::json::{Value, push_integer};
use crate::wire::text::{concat, join, shortened};

/// The claims of a token.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a> {
    pub(crate) root: Value<'a>,
    pub(crate) rp: &'a RelyingParty,
    pub(crate) now: NumericDate,
}

/// A rule, the claim that it is about, and how that was judged.
pub(crate) type Judged = (Rule, &'static str, Verdict);

/// What claims are compared with, by name.
pub(crate) type Wanted<'a> = [(&'static str, &'a [&'a str])];

impl<'a> Claims<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.root.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.str()
    }

    pub(crate) fn date(&self, name: &str) -> Option<NumericDate> {
        self.get(name).and_then(NumericDate::read)
    }

    /// The issuer that the token must name. A tenant's own is as good as the one that stands for all of them, under the relaxation.
    pub(crate) fn issuer(&self) -> Cow<'a, str> {
        let tenant = self.text("tid").filter(|tid| self.rp.client.takes_tenant(tid));
        self.rp.provider.issuer_of(tenant)
    }

    /// RFC 7519 §4.1.1
    pub(crate) fn iss(&self) -> Verdict {
        (self.text("iss") == Some(&self.issuer())).into()
    }

    /// RFC 7519 §4.1.3: one name or several.
    pub(crate) fn audiences(&self) -> Vec<&'a str> {
        self.get("aud").and_then(Value::texts).unwrap_or_default()
    }

    /// Whether it is for this client, and for nobody whom the client does not trust.
    pub(crate) fn aud(&self) -> Verdict {
        self.rp.client.is_meant_by(&self.audiences()).into()
    }

    /// RFC 7519 §4.1.4
    pub(crate) fn exp(&self, is_required: bool) -> Verdict {
        let now = self.now;
        self.time("exp", is_required, self.tolerance(), |exp, tolerance| exp.plus(tolerance) > now)
    }

    /// `iat`, `nbf` and the like: so many seconds later than now, at the most (RFC 7519 §4.1.5 and §4.1.6).
    pub(crate) fn begins(&self, name: &str, is_required: bool, ahead: u32) -> Verdict {
        let now = self.now;
        self.time(name, is_required, ahead, |time, ahead| time <= now.plus(ahead))
    }

    pub(crate) fn tolerance(&self) -> u32 {
        self.rp.client.clock_tolerance
    }

    fn time(&self, name: &str, is_required: bool, seconds: u32, holds: impl Fn(NumericDate, u32) -> bool) -> Verdict {
        match self.get(name) {
            None if !is_required => Verdict::Skip,
            _ => self.date(name).is_some_and(|time| holds(time, seconds)).into(),
        }
    }

    /// Whether it holds what only an ID token or a logout token does, which gives it away where `typ` says nothing (RFC 8725 §3.12).
    pub(crate) fn is_of_another_kind(&self, may_have_nonce: bool) -> bool {
        let has = |name| self.get(name).is_some();
        ["at_hash", "c_hash", "s_hash", "events"].into_iter().any(has) || has("nonce") && !may_have_nonce
    }

    /// A check. One that is not kept shows the claim beside what it is compared with, where both are no secret.
    pub(crate) fn check(&self, (rule, claim, verdict): Judged, wanted: &Wanted<'_>) -> Check {
        let mut check = Check::new(rule, verdict);
        if matches!(verdict, Verdict::Pass | Verdict::Skip) || claim.is_empty() {
            return check;
        }
        let wanted = wanted.iter().find(|(name, _)| *name == claim).map(|(_, values)| join(values));
        let expected = wanted.unwrap_or_else(|| match claim {
            "iss" => self.issuer().into(),
            "aud" | "azp" => self.rp.client.client_id.clone(),
            "exp" | "iat" | "nbf" | "auth_time" => concat(&["now: ", &seconds(self.now.whole_seconds())]),
            _ => String::new(),
        });
        let value = self.get(claim);
        check.found = match value {
            None => Some("nothing".into()),
            // Nobody asked for it, so nothing was compared.
            Some(value) if !expected.is_empty() || verdict == Verdict::Warn => {
                let mut found = String::from(shortened(&value.json(), 256));
                if expected.starts_with("now") {
                    self.push_distance(&mut found, rule, self.date(claim));
                }
                Some(found)
            }
            _ => None,
        };
        if !expected.is_empty() && verdict == Verdict::Fail {
            check.expected = Some(expected.into());
        }
        check
    }

    /// How far a time is from now, and the option that would permit it.
    fn push_distance(&self, found: &mut String, rule: Rule, time: Option<NumericDate>) {
        let Some(time) = time else { return };
        let distance = time.whole_seconds() - self.now.whole_seconds();
        let ahead = match rule {
            Rule::IdTokenIat | Rule::IdTokenAuthTime => self.slow_clock(),
            _ => self.tolerance(),
        };
        let (when, tolerance) =
            if distance > 0 { (" s ahead, tolerance ", ahead) } else { (" s ago, tolerance ", self.tolerance()) };
        let (distance, tolerance) = (seconds(distance.abs()), seconds(tolerance.into()));
        found.push_str(&concat(&[" (", &distance, when, &tolerance, " s: clockTolerance)"]));
    }

    /// How far a fresh ID token may come from the future: the clock of a person's device may be slow by minutes. It has lost nothing
    /// by then, because `exp` keeps the tolerance.
    pub(crate) fn slow_clock(&self) -> u32 {
        self.tolerance().max(300)
    }

    /// The first rule that is broken.
    pub(crate) fn all_kept(&self, verdicts: &[Judged], wanted: &Wanted<'_>) -> Result<(), Error> {
        match verdicts.iter().find(|judged| judged.2 == Verdict::Fail) {
            Some(judged) => self.check(*judged, wanted).into_error(),
            None => Ok(()),
        }
    }
}

fn seconds(number: i64) -> String {
    let mut digits = String::new();
    push_integer(&mut digits, number);
    digits
}
