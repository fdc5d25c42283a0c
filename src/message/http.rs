//! HTTP requests and replies as values. The host sends them.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use serde::Serialize;

use crate::error::{Error, OAuthError};
use crate::party::provider::Provider;
use crate::rule::Rule;
use crate::wire::challenge::parse_challenges;
use crate::wire::json::{self, Document, ObjectWriter, Value};
use crate::wire::text::{before, concat, has_word, lossy, split};

/// A request to send unchanged. Follow no redirects, send no cookies, read at most 1 MiB, wait at most 30 seconds.
///
/// Its address, headers and body may contain secrets. They are plain strings, which nothing wipes.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The absolute address.
    pub url: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Names and values.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body of a `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl HttpRequest {
    /// The same request for another media type.
    #[cfg(feature = "jwt-introspection")]
    pub(crate) fn accepting(mut self, media_type: &'static str) -> HttpRequest {
        if let Some((_, accept)) = self.headers.first_mut() {
            *accept = media_type.into();
        }
        self
    }

    /// JSON text of an object with `url`, `method`, `headers` and `body`.
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

/// The headers of every form.
pub const FORM_HEADERS: [(&str, &str); 2] =
    [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")];

pub(crate) const ACCEPT: &str = "Accept";
pub(crate) const AUTHORIZATION: &str = "Authorization";

/// A `GET` or a form, before it becomes a request. It borrows the relying party's strings. Functions write it into the caller's
/// place: it is large, and each copy takes time.
#[derive(Default)]
pub(crate) struct Draft<'p> {
    /// The address. An owned one is of this call.
    pub(crate) url: Cow<'p, str>,
    /// The media types that a `GET` accepts. A form has [`FORM_HEADERS`].
    pub(crate) accept: Option<&'static str>,
    /// The usual start of a code's form, in pieces that need no copy. Every other one is the relying party's own.
    pub(crate) start: Option<[&'p str; 5]>,
    /// The rest of the form.
    pub(crate) body: String,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<String>,
}

impl<'p> Draft<'p> {
    /// Reads the address of one of the provider's endpoints.
    ///
    /// # Errors
    /// As [`Provider::endpoint`]
    pub(crate) fn read_endpoint(&mut self, provider: &'p Provider, endpoint: usize) -> Result<(), Error> {
        self.url = provider.endpoint(endpoint)?.into();
        Ok(())
    }

    /// A `GET` that accepts these media types.
    pub(crate) fn get(&mut self, url: Cow<'p, str>, accept: &'static str) {
        (self.url, self.accept) = (url, Some(accept));
    }
}

impl From<Draft<'_>> for HttpRequest {
    fn from(draft: Draft<'_>) -> HttpRequest {
        let (mut headers, mut body) = (Vec::new(), Some(draft.body));
        let mut method = "POST";
        if let Some(accept) = draft.accept {
            headers.push((ACCEPT, accept.into()));
            (method, body) = ("GET", None);
        } else {
            headers.extend(FORM_HEADERS.map(|(name, value)| (name, value.into())));
        }
        if let (Some(start), Some(body)) = (draft.start, &mut body) {
            let and = if body.is_empty() { "" } else { "&" };
            *body = concat(&[&concat(&start), and, body]);
        }
        if let Some(value) = draft.authorization {
            headers.push((AUTHORIZATION, value.into()));
        }
        HttpRequest { url: draft.url.into_owned(), method, headers, body }
    }
}

/// Headers, bodies and queries may contain secrets, so printing it shows none of them.
impl core::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (url, _) = before(&self.url, b"?#");
        f.debug_struct("HttpRequest").field("url", &url).field("method", &self.method).finish_non_exhaustive()
    }
}

/// The parts of a reply that the engine reads. Several headers of one name are joined by commas.
#[derive(Clone, Copy, Default)]
pub struct HttpReply<'a> {
    /// The status. 0 if the host hides it.
    pub status: u16,
    /// `Content-Type`
    pub content_type: Option<&'a str>,
    /// `Cache-Control`
    pub cache_control: Option<&'a str>,
    /// `WWW-Authenticate`
    pub www_authenticate: Option<&'a str>,
    /// `Retry-After` in seconds. A date counts as the seconds until then.
    pub retry_after: Option<u32>,
    /// The bytes, undecoded.
    pub body: &'a [u8],
}

/// A body may contain tokens, so printing a reply shows no contents.
impl core::fmt::Debug for HttpReply<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HttpReply")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// The usual status of success.
pub(crate) const OK: Range<u16> = 200..201;

/// Every status of success (RFC 9110 §15.3).
pub(crate) const ANY_SUCCESS: Range<u16> = 200..300;

impl<'a> HttpReply<'a> {
    /// Whether the media type is this one. Parameters and letter case do not matter (RFC 9110 §8.3.1).
    pub(crate) fn is(&self, media_type: &str) -> bool {
        let essence = self.content_type.map(|value| before(value, b";").0);
        essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(media_type))
    }

    /// Whether the reply forbids caches to store it (RFC 9111 §5.2.2.5).
    pub(crate) fn is_uncached(&self) -> bool {
        let mut directives = split(self.cache_control.unwrap_or_default(), b',');
        directives.any(|directive| directive.trim_ascii().eq_ignore_ascii_case("no-store"))
    }

    /// The error of a reply, with its details. A challenge may have the error code if the body has none (RFC 6750 §3).
    pub(crate) fn refuse(&self, rule: Rule, mut oauth: Option<OAuthError>) -> Error {
        let challenges = self.www_authenticate.map(parse_challenges).unwrap_or_default();
        let is_coded = oauth.as_ref().is_some_and(|oauth| !oauth.error.is_empty());
        // A server of bound tokens sends several challenges. One of them has the error.
        let mut codes = challenges.iter().filter(|challenge| !is_coded && challenge.is_of_token());
        if let Some((challenge, error)) = codes.find_map(|challenge| Some((challenge, challenge.parameter("error")?))) {
            let oauth = oauth.get_or_insert_default();
            oauth.error = error.into();
            if let Some(description) = challenge.parameter("error_description") {
                oauth.error_description = Some(description.into());
            }
            oauth.error_uri = challenge.parameter("error_uri").map(String::from);
        }
        Error::with(rule, |detail| {
            detail.oauth = oauth;
            detail.status = Some(self.status);
            detail.challenges = challenges;
            detail.retry_after = self.retry_after;
        })
    }

    /// The OAuth error in the body, under any status and content type (RFC 6749 §5.2).
    pub(crate) fn oauth_error(&self) -> Option<OAuthError> {
        self.error_in(&Document::parse_object(self.body))
    }

    /// The same in a body that is read already: a second reading of a large one would need its memory twice.
    fn error_in(&self, document: &Result<Document<'_>, json::Error>) -> Option<OAuthError> {
        match document {
            Ok(document) => OAuthError::read(document),
            // A description in another encoding must not hide the error.
            Err(json::Error::Utf8) => OAuthError::read(&Document::parse_object(lossy(self.body).as_bytes()).ok()?),
            Err(_) => None,
        }
    }

    /// The JSON object in the body of a good reply, or the first of three broken rules: no OAuth error; a status of success; the
    /// right content type, or any.
    pub(crate) fn document(
        &self,
        [no_error, status, content_type]: [Rule; 3],
        success: Range<u16>,
        any_type: bool,
    ) -> Result<Document<'a>, Error> {
        let document = Document::parse_object(self.body);
        if let Some(error) = self.error_in(&document) {
            return Err(self.refuse(no_error, Some(error)));
        }
        if !success.contains(&self.status) {
            return Err(self.refuse(status, None));
        }
        if !any_type && !self.is("application/json") {
            return Err(content_type.into());
        }
        Ok(document?)
    }
}

/// Parameters that are always secret. Some servers repeat a rejected request.
const SECRETS: &str = "access_token refresh_token id_token token code_verifier client_secret client_assertion assertion password device_code \
    subject_token actor_token logout_token registration_access_token";

impl OAuthError {
    /// A JSON object with an `error`: a string, or an object with a message, which becomes the description.
    fn read(document: &Document<'_>) -> Option<OAuthError> {
        let error = document.get("error")?;
        let (code, mut description) = (error.str(), document.str("error_description"));
        if code.is_none() {
            let message = error.get("message").or(document.get("message")).and_then(Value::str);
            let is_object = error.members().is_some_and(|mut members| members.next().is_some());
            if !is_object && (message.is_none() || error.bool() == Some(false)) {
                return None;
            }
            description = description.or(message);
        } else if code == Some("") {
            return None;
        }
        let mut members = Vec::new();
        for (name, value) in document.root().members()? {
            let is_known = has_word("error error_description error_uri", name) && value.str().is_some();
            if !is_known && !is_secret(name, value) {
                members.push((name.into(), value.json()));
            }
        }
        Some(OAuthError {
            error: code.unwrap_or_default().into(),
            error_description: description.map(String::from),
            error_uri: document.str("error_uri").map(String::from),
            members,
        })
    }
}

/// Whether a member is a secret, or contains one.
fn is_secret(name: &str, value: Value<'_>) -> bool {
    if let Some(items) = value.items() {
        for item in items {
            if is_secret("", item) {
                return true;
            }
        }
    }
    if let Some(members) = value.members() {
        for (name, member) in members {
            if is_secret(name, member) {
                return true;
            }
        }
    }
    has_word(SECRETS, name)
}
