//! The members of a JSON response, and their types.

use crate::error::Error;
use crate::party::provider::Http;
use crate::rule::Rule;
use crate::wire::json::{Document, Value, is_negative};
use crate::wire::text::before;

/// The type of a member. Each message needs some of them.
#[allow(dead_code)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A non-empty string.
    Text,
    /// An address.
    Address,
    /// A number that is not negative.
    Seconds,
    /// An array of strings.
    Texts,
    /// An array of issuers: addresses without query and fragment (RFC 8414 §2).
    Issuers,
}

/// Rejects the first member that is missing or of a wrong type, under this rule.
pub(crate) fn judge(
    document: &Document<'_>,
    http: Http,
    rule: Rule,
    members: &[(&'static str, Kind, bool)],
) -> Result<(), Error> {
    for &(name, kind, is_needed) in members {
        let is_fit = match document.get(name) {
            Some(value) => is_fit(value, kind, http),
            None => !is_needed,
        };
        if !is_fit {
            return Err(Error::of_member(rule, name));
        }
    }
    Ok(())
}

fn is_fit(value: Value<'_>, kind: Kind, http: Http) -> bool {
    match kind {
        Kind::Seconds => value.number().is_some_and(|number| !is_negative(number)),
        Kind::Text | Kind::Address => value.str().is_some_and(|text| match kind {
            Kind::Text => !text.is_empty(),
            _ => http.address(before(text, b"#").0).is_some(),
        }),
        Kind::Texts | Kind::Issuers => value.items().is_some_and(|mut items| {
            let is_issuer = |text: &str| before(text, b"?#").1.is_empty() && http.address(text).is_some();
            items.all(|item| item.str().is_some_and(|text| kind == Kind::Texts || is_issuer(text)))
        }),
    }
}
