//! The verdict of every rule on a token, none hidden behind the first failure.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::rule::Rule;
use crate::wire::text::shortened;

/// How one rule turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is kept.
    Pass,
    /// It is broken: the token must not be used.
    Fail,
    /// There was nothing to judge.
    Skip,
    /// It is broken by the provider, and the token may be used all the same.
    Warn,
}

impl From<bool> for Verdict {
    fn from(is_kept: bool) -> Verdict {
        if is_kept { Verdict::Pass } else { Verdict::Fail }
    }
}

/// What is known of the token's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureStatus {
    /// Nobody verified it. The claims prove nothing.
    Unchecked,
    /// The provider signed the token.
    Valid,
    /// The provider did not sign the token.
    Invalid,
}

/// One rule and how it turned out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The rule.
    #[serde(serialize_with = "code")]
    pub rule: Rule,
    /// How it turned out.
    pub verdict: Verdict,
    /// What was expected, where that is no secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Cow<'static, str>>,
    /// What the token says instead, where that is no secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

// The signature is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn code<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.code())
}

impl Check {
    pub(crate) fn new(rule: Rule, verdict: Verdict) -> Check {
        Check { rule, verdict: rule.judged(verdict), expected: None, found: None }
    }

    /// A rule that is kept or broken.
    pub(crate) fn that(rule: Rule, is_kept: bool) -> Check {
        Check::new(rule, is_kept.into())
    }

    /// Adds the two values that were compared, for a failure only.
    pub(crate) fn compared(mut self, expected: &'static str, found: Option<&str>) -> Check {
        if self.is_failure() {
            self.expected = Some(expected.into());
            self.found = Some(shortened(found.unwrap_or("nothing"), 256).into());
        }
        self
    }

    fn is_failure(&self) -> bool {
        self.verdict == Verdict::Fail
    }

    /// The error that a failure is.
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

/// The error that the first failure is.
pub(crate) fn first_failure(checks: Vec<Check>) -> Result<(), Error> {
    match checks.into_iter().find(Check::is_failure) {
        Some(check) => Err(check.into_error()),
        None => Ok(()),
    }
}

/// All rules on one token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What is known of the signature.
    pub signature: SignatureStatus,
    /// The header's JSON text, `{}` where it cannot be read.
    pub header: String,
    /// The claims' JSON text, `{}` where they cannot be read.
    pub claims: String,
    /// Every rule, in the order of judgement.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether no rule is broken. With an unchecked signature this says nothing about who made the token.
    pub fn is_valid(&self) -> bool {
        !self.checks.iter().any(Check::is_failure)
    }
}
