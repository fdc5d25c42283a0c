//! Requests to send and replies to read, as values: sending is the host's.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::error::{Detail, Error, OAuthError};
use crate::rule::Rule;
use crate::wire::json::{Document, ObjectWriter, Value};
use crate::wire::text::{before, split};
use crate::wire::uri::Uri;

/// A request to send as it stands: do not follow redirects, send no cookies, read 1 MiB at the most, wait 30 seconds at the most.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The absolute address.
    pub url: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body of a `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl HttpRequest {
    pub(crate) fn get(url: &str, accept: &str) -> HttpRequest {
        HttpRequest { url: url.into(), method: "GET", headers: alloc::vec![("Accept", accept.into())], body: None }
    }

    pub(crate) fn post_form(url: &str, body: String) -> HttpRequest {
        HttpRequest {
            url: url.into(),
            method: "POST",
            headers: alloc::vec![
                ("Accept", "application/json".into()),
                ("Content-Type", "application/x-www-form-urlencoded".into()),
            ],
            body: Some(body),
        }
    }

    /// As the JSON text of an object with `url`, `method`, `headers` and `body`.
    pub fn to_json(&self) -> String {
        let mut headers = ObjectWriter::new();
        for (name, value) in &self.headers {
            headers.text(name, value);
        }
        let mut request = ObjectWriter::new();
        request
            .text("url", &self.url)
            .text("method", self.method)
            .json("headers", &headers.finish())
            .optional("body", self.body.as_deref());
        request.finish()
    }
}

/// Headers and bodies carry tokens and secrets, so they are not printed.
impl core::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpRequest").field("url", &self.url).field("method", &self.method).finish_non_exhaustive()
    }
}

/// What the engine reads of a reply. Header values are as received, several of one name joined by commas.
#[derive(Clone, Copy, Default)]
pub struct HttpReply<'a> {
    /// The status; 0 where the host hides it.
    pub status: u16,
    /// `Content-Type`
    pub content_type: Option<&'a str>,
    /// `Cache-Control`
    pub cache_control: Option<&'a str>,
    /// `WWW-Authenticate`
    pub www_authenticate: Option<&'a str>,
    /// The bytes, undecoded.
    pub body: &'a [u8],
}

impl HttpReply<'_> {
    /// Whether the media type is this one; parameters and letter case are free (RFC 9110 §8.3.1).
    pub(crate) fn is(&self, media_type: &str) -> bool {
        let essence = self.content_type.map(|value| before(value, b";").0);
        essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(media_type))
    }

    /// Whether a cache must not keep the reply (RFC 9111 §5.2.2.5).
    pub(crate) fn is_uncached(&self) -> bool {
        let mut directives = split(self.cache_control.unwrap_or_default(), b',');
        directives.any(|directive| directive.trim_ascii().eq_ignore_ascii_case("no-store"))
    }

    /// A refusal, with all that may explain it.
    pub(crate) fn refuse(&self, rule: Rule, oauth: Option<OAuthError>) -> Error {
        Error::with(
            rule,
            Detail {
                oauth,
                status: Some(self.status),
                challenges: self.www_authenticate.map(crate::challenge::parse_challenges).unwrap_or_default(),
                ..Detail::default()
            },
        )
    }

    /// The OAuth error in the body, under any status and content type (RFC 6749 §5.2), without the secrets of the request.
    pub(crate) fn oauth_error(&self, secrets: &[&str]) -> Option<OAuthError> {
        OAuthError::read(&Document::parse_object(self.body.into()).ok()?, secrets)
    }

    /// The JSON object that is the body of a good answer, or the first of the three rules that it breaks: no OAuth error, status
    /// 200, the right content type.
    pub(crate) fn document(
        &self,
        [no_error, status, content_type]: [Rule; 3],
        is_any: bool,
        secrets: &[&str],
    ) -> Result<Document, Error> {
        let document = Document::parse_object(self.body.into());
        if let Some(error) = document.as_ref().ok().and_then(|document| OAuthError::read(document, secrets)) {
            return Err(self.refuse(no_error, Some(error)));
        }
        if self.status != 200 {
            return Err(self.refuse(status, None));
        }
        if !is_any && !self.is("application/json") {
            return Err(content_type.into());
        }
        Ok(document?)
    }
}

/// Parameters that must not be repeated, whoever sends them: some servers send a bad request back.
pub(crate) const SECRET_PARAMETERS: [&str; 13] = [
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "code_verifier",
    "client_secret",
    "client_assertion",
    "assertion",
    "password",
    "device_code",
    "subject_token",
    "actor_token",
    "logout_token",
];

impl OAuthError {
    /// A JSON object with a non-empty `error` is one.
    fn read(document: &Document, secrets: &[&str]) -> Option<OAuthError> {
        let text = |name| document.get(name).filter(|value| !repeats(*value, secrets))?.str();
        let is_error = document.str("error").is_some_and(|error| !error.is_empty());
        let mut members = Vec::new();
        for (name, value) in document.root().members()? {
            let is_known = matches!(name, "error" | "error_description" | "error_uri");
            if !is_known && !SECRET_PARAMETERS.contains(&name) && !repeats(value, secrets) {
                members.push((name.into(), value.json()));
            }
        }
        is_error.then(|| OAuthError {
            error: text("error").unwrap_or("…").into(),
            error_description: text("error_description").map(String::from),
            error_uri: text("error_uri").map(String::from),
            members,
        })
    }
}

/// Whether a value has one of these secrets in it, or a parameter that is one. The start of a long secret is enough to tell, and a few
/// characters are none.
fn repeats(value: Value<'_>, secrets: &[&str]) -> bool {
    let text = value.str().unwrap_or_default().as_bytes();
    let is_in_text = |secret: &&str| {
        let start = secret.as_bytes().get(..64).unwrap_or(secret.as_bytes());
        start.len() >= 4 && text.windows(start.len()).any(|part| part == start)
    };
    secrets.iter().any(is_in_text)
        || value.items().into_iter().flatten().any(|item| repeats(item, secrets))
        || value
            .members()
            .into_iter()
            .flatten()
            .any(|(name, member)| SECRET_PARAMETERS.contains(&name) || repeats(member, secrets))
}

/// An address of the provider's that secrets may be sent to, exactly as its metadata writes it (RFC 6749 §3.1).
///
/// # Errors
/// `request.endpoint` when there is none or when it is not https (http on loopback), or has a fragment.
pub(crate) fn endpoint(url: Option<&str>) -> Result<&str, Error> {
    url.filter(|url| Uri::parse(url).is_some_and(|uri| uri.is_secure() && uri.fragment.is_none()))
        .ok_or_else(|| Rule::RequestEndpoint.into())
}
