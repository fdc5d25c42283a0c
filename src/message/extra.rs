//! Parameters beside those that the library sets: the endpoint's own, and the caller's (RFC 6749 §3.1: none stands twice).

use alloc::string::String;

use crate::error::Error;
use crate::party::provider::refused;
use crate::wire::form::{self, Form};

/// Starts a request's address. The endpoint's own query stays, and is given back; it may set nothing that the library sets.
pub(crate) fn start<'u>(
    out: &mut String,
    (endpoint, url): (&'static str, &'u str),
    reserved: &[&str],
) -> Result<Form<'u>, Error> {
    let own = form::start_query(out, url);
    match reserved.iter().find(|name| own.has(name)) {
        Some(name) => Err(refused(endpoint, "an address without a parameter of the request", name)),
        None => Ok(own),
    }
}

/// Appends the caller's parameters, none of which is set already.
pub(crate) fn push(out: &mut String, extra: &[(&str, &str)], is_set: &dyn Fn(&str) -> bool) -> Result<(), Error> {
    for (name, value) in extra {
        if is_set(name) {
            return Err(Error::reserved(name));
        }
        form::push(out, name, value);
    }
    Ok(())
}
