//! Rich authorization requests (RFC 9396): the requested access, in more detail than a scope.

use crate::wire::json::Value;

/// Whether it is a list of authorization details: objects, each with its type (§2).
pub(crate) fn is_authorization_details(value: Value<'_>) -> bool {
    let is_typed = |detail: Value<'_>| detail.text("type").is_some_and(|name| !name.is_empty());
    value.items().is_some_and(|mut details| details.all(is_typed))
}
