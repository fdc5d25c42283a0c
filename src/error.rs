//! The one error type: the broken rule and its details. It never holds a token, code, secret or verifier.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::rule::Rule;
use crate::secret::Secrets;
use crate::wire::challenge::Challenge;
use crate::wire::json;
use crate::wire::text::{has_word, shortened};

/// A rule was broken.
///
/// ```
/// let error = oidc_wasm::code_challenge("too short").unwrap_err();
/// assert_eq!(error.code(), "pkce.verifier");
/// assert_eq!(error.rule().spec(), "RFC 7636 §4.1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<(Rule, Detail)>);

/// Details beyond the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detail {
    /// The wrong argument, for [`Rule::Argument`].
    pub argument: Option<Cow<'static, str>>,
    /// The wrong member of a JSON object.
    pub member: Option<&'static str>,
    /// The expected value, unless it is secret.
    pub expected: Option<Cow<'static, str>>,
    /// The found value, unless it is secret.
    pub found: Option<String>,
    /// The remedy.
    pub hint: Option<&'static str>,
    /// The provider's OAuth error.
    pub oauth: Option<OAuthError>,
    /// The HTTP status of the reply.
    pub status: Option<u16>,
    /// The challenges of the reply's `WWW-Authenticate` header.
    pub challenges: Vec<Challenge>,
    /// Seconds to wait before the next request, from `Retry-After`.
    pub retry_after: Option<u32>,
}

/// An OAuth error, unchanged from the provider (RFC 6749 §4.1.2.1 and §5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthError {
    /// The error code, such as `invalid_grant`. Empty if the provider sent only a description.
    pub error: String,
    /// A sentence for the developer, `error_description`.
    pub error_description: Option<String>,
    /// The address of a page that explains the error, `error_uri`.
    pub error_uri: Option<String>,
    /// Other members of a JSON error response, each with its JSON text.
    pub members: Vec<(String, String)>,
}

impl Error {
    /// The broken rule.
    pub fn rule(&self) -> Rule {
        self.0.0
    }

    /// The stable dotted code. For a wrong argument it ends in the argument's name, as in `argument.redirectUri`.
    pub fn code(&self) -> Cow<'static, str> {
        match &self.detail().argument {
            Some(name) => format!("{}.{name}", self.rule().code()).into(),
            None => self.rule().code().into(),
        }
    }

    /// Details beyond the rule.
    pub fn detail(&self) -> &Detail {
        &self.0.1
    }

    /// The provider's OAuth error.
    pub fn oauth(&self) -> Option<&OAuthError> {
        self.detail().oauth.as_ref()
    }

    pub(crate) fn detail_mut(&mut self) -> &mut Detail {
        &mut self.0.1
    }

    /// The error of this rule, with details that `tell` adds.
    pub(crate) fn with(rule: Rule, tell: impl FnOnce(&mut Detail)) -> Error {
        let mut error = Error::from(rule);
        tell(error.detail_mut());
        error
    }

    /// A member of a JSON object that is missing or wrong.
    #[cold]
    pub(crate) fn of_member(rule: Rule, member: &'static str) -> Error {
        Error::with(rule, |detail| detail.member = Some(member))
    }

    /// A value that is wrong.
    #[cold]
    pub(crate) fn of_value(rule: Rule, found: &str) -> Error {
        Error::with(rule, |detail| detail.found = Some(shortened(found, 256).into()))
    }

    /// A value that differs from the expected one.
    #[cold]
    pub(crate) fn of_comparison(rule: Rule, expected: &str, found: &str) -> Error {
        let mut error = Error::of_value(rule, found);
        error.detail_mut().expected = Some(String::from(expected).into());
        error
    }

    /// The same error with the expected value.
    pub(crate) fn expecting(mut self, expected: &'static str) -> Error {
        self.detail_mut().expected = Some(expected.into());
        self
    }

    /// A wrong argument: its name in JavaScript, and the expected type.
    #[cold]
    pub(crate) fn argument(name: &'static str, expected: &'static str) -> Error {
        Error::unknown(name).expecting(expected)
    }
}

/// Error codes of the token endpoint (RFC 6749 §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 8628 §3.5, RFC 8707 §2).
const NAMES: &str = "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope \
    invalid_token unsupported_token_type access_denied authorization_pending expired_token invalid_target";

impl Error {
    /// The same error with a hint.
    pub(crate) fn hinting(mut self, hint: Option<&'static str>) -> Error {
        self.detail_mut().hint = hint;
        self
    }

    /// The same error without secrets that a server repeated.
    pub(crate) fn without(mut self, secrets: &Secrets) -> Error {
        let hide = |text: &mut Option<String>| {
            if text.as_deref().is_some_and(|text| secrets.are_in(text)) {
                *text = None;
            }
        };
        let hide_pairs = |pairs: &mut Vec<(String, String)>| {
            pairs.retain(|(name, value)| !secrets.are_in(name) && !secrets.are_in(value));
        };
        let detail = self.detail_mut();
        hide(&mut detail.found);
        if let Some(oauth) = &mut detail.oauth {
            // A password may equal an error code.
            if !has_word(NAMES, &oauth.error) && secrets.are_in(&oauth.error) {
                oauth.error = "…".into();
            }
            hide(&mut oauth.error_description);
            hide(&mut oauth.error_uri);
            hide_pairs(&mut oauth.members);
        }
        detail.challenges.retain(|challenge| !secrets.are_in(&challenge.scheme));
        for challenge in &mut detail.challenges {
            hide_pairs(&mut challenge.parameters);
            hide(&mut challenge.token68);
        }
        self
    }

    /// An unknown option. The engine would ignore a typo otherwise.
    #[cold]
    pub(crate) fn unknown(name: &'static str) -> Error {
        Error::with(Rule::Argument, |detail| detail.argument = Some(name.into()))
    }

    /// A parameter that the library sets itself.
    #[cold]
    pub(crate) fn reserved(name: &str) -> Error {
        Error::of_value(Rule::RequestReserved, shortened(name, 64)).expecting("a parameter of another name")
    }
}

impl From<Rule> for Error {
    #[cold]
    #[inline(never)]
    fn from(rule: Rule) -> Error {
        Error(Box::new((rule.unless_removed(), Detail::default())))
    }
}

/// Each error of the JSON reader has its own rule.
impl From<json::Error> for Rule {
    fn from(error: json::Error) -> Rule {
        match error {
            json::Error::Utf8 => Rule::JsonUtf8,
            json::Error::Bom => Rule::JsonBom,
            json::Error::Syntax => Rule::JsonSyntax,
            json::Error::Trailing => Rule::JsonTrailing,
            json::Error::Depth => Rule::JsonDepth,
            json::Error::Duplicate => Rule::JsonDuplicate,
            json::Error::Surrogate => Rule::JsonSurrogate,
            json::Error::Number => Rule::JsonNumber,
            json::Error::Object => Rule::JsonObject,
            json::Error::TooLarge => Rule::JsonTooLarge,
        }
    }
}

impl From<json::Error> for Error {
    #[cold]
    fn from(error: json::Error) -> Error {
        Rule::from(error).into()
    }
}

/// The sentence, then the compared values. The npm package's `OidcError` writes the same message.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail();
        if let Some(argument) = detail.argument.as_deref() {
            f.write_str("Invalid option ")?;
            shown(f, argument)?;
            f.write_str(if detail.expected.is_some() { ": expected " } else { ": unknown option" })?;
            shown(f, detail.expected.as_deref().unwrap_or_default())?;
            return f.write_str(".");
        }
        f.write_str(self.rule().sentence())?;
        if let Some(hint) = detail.hint {
            write!(f, " {hint}")?;
        }
        let oauth = detail.oauth.as_ref();
        let status = detail.status.map(|status| format!("{status}"));
        let facts = [
            ("member", detail.member),
            ("expected", detail.expected.as_deref()),
            ("found", detail.found.as_deref()),
            ("error", oauth.map(|oauth| &*oauth.error).filter(|code| !code.is_empty())),
            ("error_description", oauth.and_then(|oauth| oauth.error_description.as_deref())),
            ("status", status.as_deref()),
        ];
        let mut before = " (";
        for (name, fact) in facts {
            if let Some(fact) = fact {
                write!(f, "{before}{name}: ")?;
                shown(f, fact)?;
                before = "; ";
            }
        }
        f.write_str(if before == "; " { ")" } else { "" })
    }
}

/// A value from a provider or caller, safe for one line of a log: at most 256 UTF-16 units, no invisible characters.
fn shown(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut length = 0;
    for character in text.chars() {
        length += character.len_utf16();
        if length > 256 {
            // Half of a surrogate pair.
            return f.write_str(if length - character.len_utf16() < 256 { "\u{fffd}" } else { "" });
        }
        let is_hidden = character.is_control()
            || matches!(character,
                '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        write!(f, "{}", if is_hidden { '\u{fffd}' } else { character })?;
    }
    Ok(())
}

impl core::error::Error for Error {}
