//! Parameters beside the library's: the endpoint's own, and the caller's (RFC 6749 §3.1: no parameter twice).

use alloc::string::String;

use crate::error::Error;
use crate::party::provider::{Provider, endpoint_name, refused};
use crate::wire::form::{self, Form};
use crate::wire::text::split;

/// Starts the address of a request to this endpoint. Keeps and returns the endpoint's own query, which must not set a parameter of
/// the library.
pub(crate) fn start<'u>(
    out: &mut String,
    provider: &'u Provider,
    endpoint: usize,
    reserved: &str,
) -> Result<Form<'u>, Error> {
    let own = form::start_query(out, provider.endpoint(endpoint)?);
    // Most endpoints have no query.
    if own == Form::default() {
        return Ok(own);
    }
    match split(reserved, b' ').find(|name| own.has(name)) {
        Some(name) => Err(refused(endpoint_name(endpoint), "an address without a parameter of the request", name)),
        None => Ok(own),
    }
}

/// Appends the caller's parameters. They must not repeat an existing one.
pub(crate) fn push(out: &mut String, extra: &[(&str, &str)], is_set: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    for (name, value) in extra {
        if is_set(name) {
            return Err(Error::reserved(name));
        }
        form::push_any(out, name, value);
    }
    Ok(())
}
