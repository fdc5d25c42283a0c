//! The registered claims of every signed token (RFC 7519 §4.1), and their comparison with provider, client and clock.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::report::{Check, Verdict};
use crate::wire::json::{Value, push_integer};
use crate::wire::text::{join, shortened};

/// The claims of a token.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a> {
    pub(crate) root: Value<'a>,
    pub(crate) rp: &'a RelyingParty,
    pub(crate) now: NumericDate,
}

impl<'a> Claims<'a> {
    #[inline(always)]
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.root.get(name)
    }

    #[inline(always)]
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.root.text(name)
    }

    /// Whether a claim is this string.
    pub(crate) fn is(&self, name: &str, text: &str) -> bool {
        self.get(name).is_some_and(|claim| claim.is_text(text))
    }

    pub(crate) fn date(&self, name: &str) -> Option<NumericDate> {
        self.get(name).and_then(NumericDate::read)
    }

    /// The issuer that the token must have. With the relaxation `issuer-template`, a tenant's issuer is accepted for the shared one.
    pub(crate) fn issuer(&self) -> Cow<'a, str> {
        let tenant = self.text("tid").filter(|tid| self.rp.client.takes_tenant(tid));
        self.rp.provider.issuer_of(tenant)
    }

    /// RFC 7519 §4.1.1
    pub(crate) fn iss(&self) -> Verdict {
        self.is("iss", &self.issuer()).into()
    }

    /// RFC 7519 §4.1.3: a string or an array of strings.
    pub(crate) fn audiences(&self) -> Vec<&'a str> {
        self.get("aud").and_then(Value::texts).unwrap_or_default()
    }

    /// Whether it includes this client, and beside it only trusted audiences.
    pub(crate) fn aud(&self, trusts_all: bool) -> Verdict {
        self.rp.client.is_meant_by(&self.audiences(), trusts_all).into()
    }

    /// RFC 7519 §4.1.4
    pub(crate) fn exp(&self, exp: Option<Value<'_>>, is_required: bool) -> Verdict {
        self.time(exp, is_required, self.tolerance(), |exp, tolerance, now| exp.plus(tolerance) > now)
    }

    /// `iat`, `nbf` and the like: at most this many seconds after now (RFC 7519 §4.1.5 and §4.1.6).
    pub(crate) fn begins(&self, time: Option<Value<'_>>, is_required: bool, ahead: u32) -> Verdict {
        self.time(time, is_required, ahead, |time, ahead, now| time <= now.plus(ahead))
    }

    pub(crate) fn tolerance(&self) -> u32 {
        self.rp.client.clock_tolerance
    }

    /// How far in the future an ID token may begin: the clock of a person's device may be minutes slow. This does not extend a
    /// token's life, because `exp` keeps the tolerance.
    pub(crate) fn slow_clock(&self) -> u32 {
        self.tolerance().max(300)
    }

    fn time(
        &self,
        value: Option<Value<'_>>,
        is_required: bool,
        seconds: u32,
        holds: fn(NumericDate, u32, NumericDate) -> bool,
    ) -> Verdict {
        if value.is_none() && !is_required {
            return Verdict::Skip;
        }
        value.and_then(NumericDate::read).is_some_and(|time| holds(time, seconds, self.now)).into()
    }

    /// `auth_time`: at most `max_age` ago (OpenID Connect Core §3.1.3.7 rule 13, RFC 9470 §3), and at most `ahead` seconds after now.
    pub(crate) fn auth_time(
        &self,
        auth_time: Option<Value<'_>>,
        max_age: Option<u32>,
        is_required: bool,
        ahead: u32,
    ) -> Verdict {
        if let (Some(max_age), Some(value)) = (max_age, auth_time)
            && NumericDate::read(value).is_some_and(|time| time.plus(max_age).plus(self.tolerance()) < self.now)
        {
            return Verdict::Fail;
        }
        self.begins(auth_time, is_required, ahead)
    }

    /// Whether `acr` is one of these classes (OpenID Connect Core §5.5.1.1, RFC 9470 §3).
    pub(crate) fn has_acr(&self, classes: &[&str]) -> bool {
        self.text("acr").is_some_and(|acr| classes.contains(&acr))
    }

    /// Whether one of two claims is present, and each present one is good.
    pub(crate) fn names(&self, either: [&str; 2], is_good: &dyn Fn(&str) -> bool) -> bool {
        let mut is_any = false;
        for claim in &either {
            if let Some(value) = self.get(claim) {
                if !value.str().is_some_and(is_good) {
                    return false;
                }
                is_any = true;
            }
        }
        is_any
    }

    /// Whether it has a claim of an ID token or a logout token only. This shows its kind if `typ` does not (RFC 8725 §3.12).
    pub(crate) fn is_of_another_kind(&self, may_have_nonce: bool) -> bool {
        let names: &[&str] = &["at_hash", "c_hash", "s_hash", "events", "nonce"];
        names.iter().any(|name| self.get(name).is_some() && !(may_have_nonce && *name == "nonce"))
    }

    /// One check. A failed one shows the claim and the expected value, if neither is secret. `wanted` is the expected value, or
    /// the value that every token is compared with.
    pub(crate) fn check(&self, rule: Rule, claim: &str, verdict: Verdict, wanted: &[&str]) -> Check {
        let mut check = Check::new(rule, verdict);
        if matches!(verdict, Verdict::Fail | Verdict::Warn) && !claim.is_empty() {
            self.show(&mut check, claim, verdict, wanted);
        }
        check
    }

    #[inline(never)]
    fn show(&self, check: &mut Check, claim: &str, verdict: Verdict, wanted: &[&str]) {
        use Rule::{
            AccessTokenAuthTime, AccessTokenExp, AccessTokenNbf, IdTokenAud, IdTokenAuthTime, IdTokenAzp, IdTokenExp,
            IdTokenIat, IdTokenIss, IdTokenNbf, LogoutTokenAud, LogoutTokenExp, LogoutTokenIat, LogoutTokenIss,
            UserinfoAud, UserinfoExp, UserinfoIss,
        };
        let mut expected = join(wanted);
        let mut time = None;
        match check.rule {
            IdTokenExp | IdTokenIat | IdTokenNbf | IdTokenAuthTime | UserinfoExp | AccessTokenExp | AccessTokenNbf
            | AccessTokenAuthTime | LogoutTokenExp | LogoutTokenIat => {
                expected.push_str("now: ");
                push_integer(&mut expected, self.now.whole_seconds());
                time = self.date(claim);
            }
            IdTokenIss | UserinfoIss | LogoutTokenIss => expected.push_str(&self.issuer()),
            IdTokenAud | IdTokenAzp | UserinfoAud | LogoutTokenAud => expected.push_str(&self.rp.client.client_id),
            _ => {}
        }
        let is_shown = !expected.is_empty();
        let mut found = String::new();
        match self.get(claim) {
            None => found.push_str("nothing"),
            // A claim without an expectation is not compared.
            Some(_) if !is_shown && verdict == Verdict::Fail => return,
            Some(value) => found.push_str(shortened(&value.json(), 256)),
        }
        if let Some(time) = time {
            self.push_distance(&mut found, check.rule, time);
        }
        check.found = Some(found);
        if is_shown && verdict == Verdict::Fail {
            check.expected = Some(expected.into());
        }
    }

    /// The distance of a time from now, and the option that would allow it.
    fn push_distance(&self, found: &mut String, rule: Rule, time: NumericDate) {
        let distance = time.whole_seconds() - self.now.whole_seconds();
        let is_ahead = distance > 0;
        let may_be_slow = is_ahead && matches!(rule, Rule::IdTokenIat | Rule::IdTokenAuthTime);
        found.push_str(" (");
        push_integer(found, distance.abs());
        found.push_str(if is_ahead { " s ahead" } else { " s ago" });
        found.push_str(", tolerance ");
        push_integer(found, if may_be_slow { self.slow_clock() } else { self.tolerance() }.into());
        found.push_str(" s: clockTolerance)");
    }

    /// The rules on issuer, audience and times of a signed response. `required` is the time that it must have. The values are shown as
    /// those of an ID token.
    #[cfg(any(feature = "jarm", feature = "jwt-introspection"))]
    pub(crate) fn keep_response(
        &self,
        [iss, aud, time]: [Rule; 3],
        is_ours: bool,
        required: &str,
    ) -> Result<(), Error> {
        let keep = |rule: Rule, shown, claim, verdict| {
            if rule.judged(verdict) != Verdict::Fail {
                return Ok(());
            }
            let mut check = self.check(shown, claim, verdict, &[]);
            check.rule = rule;
            Err(check.into_error())
        };
        keep(iss, Rule::IdTokenIss, "iss", self.is("iss", self.rp.provider.issuer()).into())?;
        keep(aud, Rule::IdTokenAud, "aud", is_ours.into())?;
        keep(time, Rule::IdTokenExp, "exp", self.exp(self.get("exp"), required == "exp"))?;
        for &name in &["nbf", "iat"] {
            keep(time, Rule::IdTokenExp, name, self.begins(self.get(name), required == name, self.tolerance()))?;
        }
        Ok(())
    }

    /// The error of a rule that fails.
    pub(crate) fn keep(&self, rule: Rule, claim: &str, verdict: Verdict) -> Result<(), Error> {
        self.keep_wanted(rule, claim, verdict, &[])
    }

    /// The same for a claim with an expected value.
    pub(crate) fn keep_wanted(&self, rule: Rule, claim: &str, verdict: Verdict, wanted: &[&str]) -> Result<(), Error> {
        if rule.judged(verdict) == Verdict::Fail {
            Err(self.check(rule, claim, verdict, wanted).into_error())
        } else {
            Ok(())
        }
    }
}
