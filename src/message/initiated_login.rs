//! A login that the provider or a portal starts (OpenID Connect Core §4).

use alloc::borrow::Cow;
use core::fmt;

use crate::error::Error;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::form::Form;
use crate::wire::text::{holds, is_address, query};
use crate::wire::uri::Uri;

/// The initiator's request. It proves nothing: start a login with a new authorization request.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct InitiatedLogin<'a> {
    login_hint: Option<Cow<'a, str>>,
    target_link_uri: Option<Cow<'a, str>>,
}

/// It may identify a person, so printing it shows no contents.
impl fmt::Debug for InitiatedLogin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InitiatedLogin").finish_non_exhaustive()
    }
}

const PARAMETERS: [&str; 3] = ["iss", "login_hint", "target_link_uri"];

impl InitiatedLogin<'_> {
    /// The account that the provider should suggest.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// The page that the person wants: an address with the redirect URI's origin.
    pub fn target_link_uri(&self) -> Option<&str> {
        self.target_link_uri.as_deref()
    }
}

impl RelyingParty {
    /// Reads a request to the `initiate_login_uri`: an address, or its query alone.
    ///
    /// # Errors
    /// `initiated_login.malformed`, `initiated_login.iss`, `initiated_login.target_link_uri`
    pub fn initiated_login<'a>(&self, request: &'a str) -> Result<InitiatedLogin<'a>, Error> {
        let mut login = InitiatedLogin::default();
        self.read_initiated_login(request, &mut login)?;
        Ok(login)
    }

    /// Reads it into the caller's place.
    pub(crate) fn read_initiated_login<'a>(
        &self,
        request: &'a str,
        login: &mut InitiatedLogin<'a>,
    ) -> Result<(), Error> {
        let form = Form::parse(parameters(request).ok_or(Rule::InitiatedLoginMalformed)?);
        for name in &PARAMETERS {
            // A duplicate parameter, or one that is not UTF-8.
            if form.count(name) != usize::from(form.get(name).is_some()) {
                return Err(Rule::InitiatedLoginMalformed.into());
            }
        }
        if form.get("iss").as_deref() != Some(self.provider.issuer()) {
            return Err(Rule::InitiatedLoginIss.into());
        }
        // OpenID Connect Core §4: any other target would be an open redirector.
        let redirect_uri = self.client.redirect_uri.as_ref().map(RedirectUri::as_str);
        let is_ours = |target| same_origin(target, redirect_uri.unwrap_or_default());
        login.login_hint = form.get("login_hint");
        login.target_link_uri = form.get("target_link_uri");
        if login.target_link_uri().is_some_and(|target| !is_ours(target)) {
            return Err(Rule::InitiatedLoginTargetLinkUri.into());
        }
        Ok(())
    }
}

/// The query of an address, or only a query, which may contain a `?` and no `#` (RFC 3986 §3.4).
fn parameters(request: &str) -> Option<&str> {
    if is_address(request) {
        return Some(query(request).unwrap_or_default());
    }
    (!holds(request.as_bytes(), b'#')).then_some(request)
}

/// RFC 6454 §5, for two web addresses in normal form. The redirect URI is already checked.
fn same_origin(left: &str, right: &str) -> bool {
    let origin = |text| {
        let uri = Uri::parse(text).filter(|uri| uri.way().is_some())?;
        Some((uri.scheme, uri.authority?))
    };
    match (origin(left), origin(right)) {
        (Some(left), Some(right)) => left.0.eq_ignore_ascii_case(right.0) && left.1.eq_ignore_ascii_case(right.1),
        _ => false,
    }
}
