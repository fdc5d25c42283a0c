//! The requirements of a resource for the next authorization request: more scope (RFC 6750 §3), or another authentication (RFC
//! 9470 §3).

use alloc::string::String;

use crate::error::Error;
use crate::message::token::seconds;
use crate::rule::Rule;
use crate::wire::challenge::parse_challenges;

/// Members of the next [`AuthorizationParams`](crate::AuthorizationParams).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUp {
    /// The required scope.
    pub scope: Option<String>,
    /// Authentication classes in order of preference, separated by spaces.
    pub acr_values: Option<String>,
    /// The most seconds since the last sign-in (`max_age`).
    pub max_age: Option<u32>,
}

/// Reads the `WWW-Authenticate` of a rejected request. `None` if a new authorization request would not help.
///
/// ```
/// // RFC 9470 §3
/// let header = r#"Bearer error="insufficient_user_authentication", max_age="5""#;
/// assert_eq!(oidc_wasm::step_up(header)?.unwrap().max_age, Some(5));
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
///
/// # Errors
/// `step_up.max_age`
pub fn step_up(www_authenticate: &str) -> Result<Option<StepUp>, Error> {
    let mut found = None;
    for challenge in parse_challenges(www_authenticate) {
        if !challenge.is_of_token() {
            continue;
        }
        // With another error, these two have no meaning.
        let is_step_up = challenge.parameter("error") == Some("insufficient_user_authentication");
        let text = |name, is_asked: bool| challenge.parameter(name).filter(|_| is_asked);
        let scope = text("scope", true);
        if !is_step_up && scope.is_none() {
            continue;
        }
        let mut max_age = None;
        if let Some(digits) = text("max_age", is_step_up) {
            let seconds = seconds(digits).ok_or(Rule::StepUpMaxAge)?;
            max_age = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
        }
        let acr_values = text("acr_values", is_step_up).map(String::from);
        let demanded = StepUp { scope: scope.map(String::from), acr_values, max_age };
        if is_step_up {
            return Ok(Some(demanded));
        }
        // A server of bound tokens sends several challenges (RFC 9449 §7.2). Another one may demand a stronger login.
        found.get_or_insert(demanded);
    }
    Ok(found)
}
