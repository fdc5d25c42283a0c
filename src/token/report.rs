//! The result of every rule on a token, not only the first failure.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::rule::Rule;
use crate::wire::text::shortened;

/// The result of a rule.
// A word needs no mask.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The token follows it.
    Pass,
    /// The token breaks it: do not use the token.
    Fail,
    /// It does not apply.
    Skip,
    /// The token breaks it, but may be used: a warning.
    Warn,
}

impl From<bool> for Verdict {
    fn from(is_kept: bool) -> Verdict {
        if is_kept { Verdict::Pass } else { Verdict::Fail }
    }
}

/// The state of the token's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureStatus {
    /// Not verified. The claims prove nothing.
    Unchecked,
    /// The provider's key signed the token.
    Valid,
    /// The provider's key did not sign the token.
    Invalid,
}

/// One rule and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The rule.
    #[serde(serialize_with = "code")]
    pub rule: Rule,
    /// The result.
    pub verdict: Verdict,
    /// The expected value, unless it is secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Cow<'static, str>>,
    /// The token's value, unless it is secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

// serde defines the signature.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn code<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.code())
}

impl Check {
    pub(crate) fn new(rule: Rule, verdict: Verdict) -> Check {
        Check { rule, verdict: rule.judged(verdict), expected: None, found: None }
    }

    fn is_failure(&self) -> bool {
        self.verdict == Verdict::Fail
    }

    /// The error of this failure.
    pub(crate) fn into_error(self) -> Error {
        let mut error = Error::from(self.rule);
        if self.found.is_some() {
            let detail = error.detail_mut();
            detail.expected = self.expected;
            detail.found = self.found;
        }
        error
    }
}

/// The results of rules, in order.
#[derive(Default)]
pub(crate) struct Checks(Vec<Check>);

impl Checks {
    pub(crate) fn with_capacity(count: usize) -> Checks {
        Checks(Vec::with_capacity(count))
    }

    pub(crate) fn push(&mut self, check: Check) {
        self.0.push(check);
    }

    /// Adds a rule's result.
    #[inline(never)]
    pub(crate) fn add(&mut self, rule: Rule, verdict: Verdict) {
        self.push(Check::new(rule, verdict));
    }

    /// Adds the result of a rule on two compared values. Only a failure shows them.
    pub(crate) fn compare(&mut self, rule: Rule, is_kept: bool, expected: &'static str, found: Option<&str>) {
        let mut check = Check::new(rule, is_kept.into());
        if check.is_failure() {
            check.expected = Some(expected.into());
            check.found = Some(shortened(found.unwrap_or("nothing"), 256).into());
        }
        self.push(check);
    }

    /// The error of the first failure.
    pub(crate) fn first_failure(self) -> Result<(), Error> {
        match self.0.into_iter().find(Check::is_failure) {
            Some(check) => Err(check.into_error()),
            None => Ok(()),
        }
    }

    pub(crate) fn into_list(self) -> Vec<Check> {
        self.0
    }
}

/// The result of every rule on one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The state of the signature.
    pub signature: SignatureStatus,
    /// The header's JSON text, `{}` if unreadable.
    pub header: String,
    /// The claims' JSON text, `{}` if unreadable.
    pub claims: String,
    /// Every rule, in order.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether no rule failed. With an unchecked signature, this does not show who created the token.
    pub fn is_valid(&self) -> bool {
        !self.checks.iter().any(Check::is_failure)
    }
}
