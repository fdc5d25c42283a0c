//! What every signed token says of itself (RFC 7519 §4.1), beside the provider, the client and the clock that it is held against.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::party::provider::is_tenant;
use crate::party::relaxation::Relaxation;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::time::NumericDate;
use crate::token::report::Verdict;
use crate::wire::json::Value;

/// The claims of a token.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a> {
    pub(crate) root: Value<'a>,
    pub(crate) rp: &'a RelyingParty,
    pub(crate) now: NumericDate,
}

impl<'a> Claims<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.root.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.str()
    }

    /// The issuer that the token must name. A tenant's own is as good as the one that stands for all of them, under the relaxation.
    pub(crate) fn issuer(&self) -> Cow<'a, str> {
        let is_relaxed = self.rp.client.relaxes(Relaxation::IssuerTemplate);
        let tenant = self.text("tid").filter(|tid| is_relaxed && is_tenant(tid));
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
        self.time("exp", is_required, |exp, tolerance, now| exp.plus(tolerance) > now)
    }

    /// `iat`, `nbf` and the like: not later than now (RFC 7519 §4.1.5 and §4.1.6).
    pub(crate) fn begins(&self, name: &str, is_required: bool) -> Verdict {
        self.time(name, is_required, |time, tolerance, now| time <= now.plus(tolerance))
    }

    fn time(&self, name: &str, is_required: bool, holds: fn(NumericDate, u32, NumericDate) -> bool) -> Verdict {
        match self.get(name) {
            None if !is_required => Verdict::Skip,
            time => {
                let tolerance = self.rp.client.clock_tolerance;
                time.and_then(NumericDate::read).is_some_and(|time| holds(time, tolerance, self.now)).into()
            }
        }
    }

    /// Whether it holds what only an ID token or a logout token does, which gives it away where `typ` says nothing (RFC 8725 §3.12).
    pub(crate) fn is_of_another_kind(&self) -> bool {
        ["nonce", "at_hash", "c_hash", "s_hash", "events"].iter().any(|name| self.get(name).is_some())
    }
}

/// The first rule that is broken.
pub(crate) fn all_kept(verdicts: &[(Rule, Verdict)]) -> Result<(), Rule> {
    match verdicts.iter().find(|(_, verdict)| *verdict == Verdict::Fail) {
        Some((rule, _)) => Err(*rule),
        None => Ok(()),
    }
}
