//! The members of a JSON answer, and what each must be.

use crate::error::{Detail, Error};
use crate::party::provider::Http;
use crate::rule::Rule;
use crate::wire::json::{Document, Value};
use crate::wire::text::before;

/// What a member must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A list of texts.
    Texts,
    /// A list of issuers: addresses without query and fragment (RFC 8414 §2).
    Issuers,
}

/// Refuses the first member that is not what it must be, under this rule.
pub(crate) fn judge(
    document: &Document<'_>,
    http: Http,
    rule: Rule,
    members: &[(&'static str, Kind)],
) -> Result<(), Error> {
    for &(name, kind) in members {
        if document.get(name).is_some_and(|value| !is_fit(value, kind, http)) {
            return Err(wrong(rule, name));
        }
    }
    Ok(())
}

fn is_fit(value: Value<'_>, kind: Kind, http: Http) -> bool {
    let is_issuer = |text: &str| before(text, b"?#").1.is_empty() && http.address(text).is_some();
    match value.items().and_then(|_| value.texts()) {
        Some(texts) => kind == Kind::Texts || texts.iter().all(|text| is_issuer(text)),
        None => false,
    }
}

/// A member that is missing or wrong.
#[cold]
pub(crate) fn wrong(rule: Rule, member: &'static str) -> Error {
    Error::with(rule, Detail { member: Some(member), ..Detail::default() })
}
