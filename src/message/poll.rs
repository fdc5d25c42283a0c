//! Polling the token endpoint while a person signs in elsewhere (RFC 8628 §3.5, CIBA Core 1.0 §10.1 and §11).

use crate::error::Error;
use crate::message::http::{HttpReply, OK};
use crate::message::member::{Kind, judge};
use crate::party::provider::Http;
use crate::rule::Rule;
use crate::wire::json::{Document, Value, fixed_point};

/// A question to the token endpoint that brought no tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct PollRefusal<'a> {
    /// The error's code.
    pub code: &'a str,
    /// The OAuth error code; empty if there is none.
    pub error: &'a str,
    /// The status of the answer; 0 without an answer.
    pub status: u16,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u32>,
}

impl PollRefusal<'_> {
    /// Whether it says nothing about the login: no answer (RFC 8628 §3.5), or a server that cannot answer now (RFC 6585 §4,
    /// RFC 9110 §15.6).
    fn is_passing(&self) -> bool {
        matches!(self.code, "http.failed" | "http.timeout") || matches!(self.status, 429 | 500..)
    }
}

/// The next question to the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Poll {
    /// Seconds between two questions from now on.
    pub interval: u32,
    /// Seconds to wait before this one.
    pub wait: u32,
}

/// A kind of login that is polled.
pub(crate) struct Polled {
    pub(crate) oauth_error: Rule,
    pub(crate) response: Rule,
    pub(crate) expired: Rule,
    /// The members of the provider's answer.
    pub(crate) members: &'static [(&'static str, Kind, bool)],
    /// The argument that is this answer, and what it must be.
    pub(crate) argument: (&'static str, &'static str),
}

impl Polled {
    /// Reads the provider's answer.
    pub(crate) fn answer<'a>(&self, reply: &HttpReply<'a>, http: Http) -> Result<Document<'a>, Error> {
        let rules = [self.oauth_error, Rule::HttpStatus, Rule::HttpContentType];
        let document = reply.document(rules, OK, false)?;
        judge(&document, http, self.response, self.members)?;
        Ok(document)
    }

    /// Reads it again, from the caller.
    pub(crate) fn parse<'a>(&self, json: &'a str, http: Http) -> Result<Document<'a>, Error> {
        let document = Document::parse_object(json.as_bytes()).ok();
        let document = document.filter(|document| judge(document, http, self.response, self.members).is_ok());
        document.ok_or_else(|| Error::argument(self.argument.0, self.argument.1))
    }

    /// When to ask for the tokens, for the first time or after a refusal. `answer` has `expires_in` and perhaps `interval`. `elapsed` is
    /// the time in seconds since then, and `interval` that of the question before. `None` if the refusal ends the login.
    ///
    /// # Errors
    /// The rule `expired` if the answer expires before that.
    pub(crate) fn next(
        &self,
        answer: &Document<'_>,
        elapsed: u32,
        interval: Option<u32>,
        refusal: Option<PollRefusal<'_>>,
    ) -> Result<Option<Poll>, Error> {
        let thousandths = |name| Some(fixed_point(answer.get(name).and_then(Value::number)?, 3));
        // 5 if the provider names none. A fraction counts as a whole second, because the wait must not be shorter.
        let given = || thousandths("interval").map_or(5, |interval| interval.saturating_add(999) / 1000);
        // Zero would flood the provider with questions.
        let mut interval = interval.unwrap_or_else(|| u32::try_from(given()).unwrap_or(LONGEST)).max(1);
        let mut retry_after = 0;
        if let Some(refusal) = refusal {
            retry_after = refusal.retry_after.unwrap_or_default();
            match (refusal.code, refusal.error) {
                ("token.oauth_error", "authorization_pending") => {}
                ("token.oauth_error", "slow_down") => interval = interval.saturating_add(5),
                _ if !refusal.is_passing() => return Ok(None),
                // With `Retry-After` the server says itself when it can answer.
                _ if retry_after == 0 => interval = interval.saturating_mul(2),
                _ => {}
            }
        }
        interval = interval.min(LONGEST);
        let wait = interval.max(retry_after);
        if i64::from(wait) + i64::from(elapsed) > thousandths("expires_in").unwrap_or_default() / 1000 {
            return Err(self.expired.into());
        }
        Ok(Some(Poll { interval, wait }))
    }
}

/// The longest interval in seconds: 68 years. The host's numbers have a sign.
const LONGEST: u32 = u32::MAX >> 1;
