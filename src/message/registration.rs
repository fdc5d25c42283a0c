//! Dynamic client registration (RFC 7591), its management (RFC 7592), and the document at a client identifier's URL.

use alloc::string::String;

use crate::error::Error;
use crate::jose::jwk::is_secret;
use crate::message::http::{ANY_SUCCESS, AUTHORIZATION, Draft, HttpReply, HttpRequest};
use crate::message::member::{Kind, judge};
use crate::message::userinfo::credentials;
use crate::party::provider::Http;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::rule::Rule;
use crate::secret::Secrets;
use crate::wire::json::{Document, ObjectWriter, Value};
use crate::wire::text::{has_word, holds, split};
use crate::wire::uri::{Uri, Way};

/// An action on a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationAction {
    /// Register a new client (RFC 7591 §3).
    Create,
    /// RFC 7592 §2.1
    Read,
    /// RFC 7592 §2.2: an update removes missing members.
    Update,
    /// RFC 7592 §2.3
    Remove,
}

impl RegistrationAction {
    /// Its name in the npm package. `registerClient` creates, so `Create` has none.
    pub fn from_name(name: &str) -> Option<RegistrationAction> {
        match name {
            "read" => Some(RegistrationAction::Read),
            "update" => Some(RegistrationAction::Update),
            "remove" => Some(RegistrationAction::Remove),
            _ => None,
        }
    }
}

/// A request about a client's registration.
#[derive(Clone, Copy)]
pub struct Registration<'a> {
    /// The action.
    pub action: RegistrationAction,
    /// To create: the provider's issuer, otherwise `address` again. It decides if addresses may be on loopback.
    pub issuer: &'a str,
    /// To create: the provider's `registration_endpoint`, otherwise the registration's `registration_client_uri`.
    pub address: Option<&'a str>,
    /// To create: the initial access token, if the provider requires one (RFC 7591 §3). Otherwise `registration_access_token`.
    pub token: Option<&'a str>,
    /// The registration's client ID, except to create.
    pub client_id: Option<&'a str>,
    /// The registration's secret. Errors do not repeat it.
    pub client_secret: Option<&'a str>,
    /// The client's metadata (RFC 7591 §2) as JSON text, to create and to update. An update must omit the provider's own members.
    pub metadata: Option<&'a str>,
}

/// It contains tokens and secrets, so printing shows only the action.
impl core::fmt::Debug for Registration<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Registration").field("action", &self.action).finish_non_exhaustive()
    }
}

impl Registration<'_> {
    /// The request to send.
    ///
    /// # Errors
    /// `argument.metadata`, `argument.initialAccessToken`, `argument.registration_access_token`, `request.endpoint`,
    /// `request.redirect_uri`
    pub fn request(&self) -> Result<HttpRequest, Error> {
        let (name, method) = match self.action {
            RegistrationAction::Create => ("registration_endpoint", "POST"),
            RegistrationAction::Read => (ADDRESS, "GET"),
            RegistrationAction::Update => (ADDRESS, "PUT"),
            RegistrationAction::Remove => (ADDRESS, "DELETE"),
        };
        let url = Http::of(self.issuer, false).endpoint(name, self.address)?;
        let mut draft = Draft::default();
        draft.get(url.into(), "application/json");
        let mut request = HttpRequest { method, ..draft.into() };
        if let Some(token) = self.token {
            let is_new = self.action == RegistrationAction::Create;
            let name = if is_new { "initialAccessToken" } else { "registration_access_token" };
            request.headers.push((AUTHORIZATION, credentials(name, "Bearer ", token)?.into()));
        }
        if matches!(self.action, RegistrationAction::Create | RegistrationAction::Update) {
            request.headers.push(("Content-Type", "application/json".into()));
            request.body = Some(named(self.client_id, &read_metadata(self.metadata.unwrap_or_default())?));
        }
        Ok(request)
    }

    /// Reads the response: the client's registration as JSON text, or nothing after a removal.
    ///
    /// # Errors
    /// `registration.oauth_error`, `http.status`, `http.content_type`, `registration.response`, `registration.client_id`, `json.*`
    pub fn response<'r>(&self, reply: &HttpReply<'r>) -> Result<Option<&'r str>, Error> {
        self.read(reply).map_err(|error| {
            let mut secrets = Secrets::new();
            secrets.add(self.token.unwrap_or_default());
            secrets.add(self.client_secret.unwrap_or_default());
            error.without(&secrets)
        })
    }

    fn read<'r>(&self, reply: &HttpReply<'r>) -> Result<Option<&'r str>, Error> {
        if self.action == RegistrationAction::Remove && matches!(reply.status, 200 | 204) {
            return Ok(None);
        }
        let rules = [Rule::RegistrationOauthError, Rule::HttpStatus, Rule::HttpContentType];
        let is_redirect = matches!(reply.status, 0 | 300..400);
        let redirected = |error: Error| error.hinting(is_redirect.then_some(REDIRECTED));
        let document = reply.document(rules, ANY_SUCCESS, false).map_err(redirected)?;
        // @cloudflare/workers-oauth-provider 0.8 names a path, which leads nowhere. The client is registered by then. A request to
        // manage it checks the address again.
        let is_path = document.str(ADDRESS).is_some_and(|address| address.starts_with('/'));
        // RFC 7591 §3.2.1, RFC 7592 §3
        let members = [
            ("client_id", Kind::Text, true),
            ("client_secret", Kind::Text, false),
            ("client_secret_expires_at", Kind::Seconds, false),
            ("registration_access_token", Kind::Text, false),
            (ADDRESS, if is_path { Kind::Text } else { Kind::Address }, false),
        ];
        judge(&document, Http::of(self.issuer, false), Rule::RegistrationResponse, &members)?;
        if self.client_id.is_some() && self.client_id != document.str("client_id") {
            return Err(Rule::RegistrationClientId.into());
        }
        Ok(Some(document.text()))
    }
}

const ADDRESS: &str = "registration_client_uri";

/// No redirect is followed, because a token must not be sent elsewhere.
const REDIRECTED: &str = "This is a redirect: ask the provider for the address.";

/// The metadata of a client (RFC 7591 §2) with its `client_id`, without the provider's own members (RFC 7592 §2.2).
fn named(client_id: Option<&str>, metadata: &Document<'_>) -> String {
    let mut out = ObjectWriter::new();
    out.optional("client_id", client_id);
    let Some(members) = metadata.root().members() else { return out.finish() };
    for (name, value) in members {
        const PROVIDERS: &str = "client_id client_id_issued_at client_secret_expires_at registration_access_token \
            registration_client_uri";
        if !has_word(PROVIDERS, name) {
            out.json(name, &value.json());
        }
    }
    out.finish()
}

fn wrong_metadata() -> Error {
    Error::argument("metadata", "client metadata, with public keys alone")
}

/// A login must be able to use the redirect URIs, perhaps by a relaxation of its client. Keys must be public.
fn read_metadata(json: &str) -> Result<Document<'_>, Error> {
    let relaxed = Relaxations::default().with(Relaxation::PrivateScheme).with(Relaxation::HttpRedirect);
    let metadata = Document::parse_object(json.as_bytes()).map_err(|_| wrong_metadata())?;
    if let Some(uris) = metadata.get("redirect_uris") {
        for uri in uris.items().and_then(|_| uris.texts()).ok_or_else(wrong_metadata)? {
            RedirectUri::relaxed(uri, relaxed)?;
        }
    }
    if let Some(jwks) = metadata.get("jwks") {
        let mut keys = jwks.get("keys").and_then(Value::items).ok_or_else(wrong_metadata)?;
        if metadata.get("jwks_uri").is_some() || keys.any(is_secret) {
            return Err(wrong_metadata());
        }
    }
    Ok(metadata)
}

/// The document for the address that is the client's identifier (OAuth Client ID Metadata Document §4), as JSON text.
///
/// # Errors
/// `argument.clientId` unless it is https with a path, and without escapes, dots for a segment, fragment or password; `argument.metadata`,
/// `request.redirect_uri`
pub fn client_metadata_document(client_id: &str, metadata: &str) -> Result<String, Error> {
    const EXPECTED: &str = "an https address with a path, without dots for a segment";
    let uri = Uri::parse(client_id).filter(|uri| {
        uri.way() == Some(Way::Tls)
            && uri.fragment.is_none()
            && !uri.path.is_empty()
            && !holds(uri.path.as_bytes(), b'%')
            && !split(uri.path, b'/').any(|segment| matches!(segment, "." | ".."))
    });
    uri.ok_or_else(|| Error::argument("clientId", EXPECTED))?;
    let metadata = read_metadata(metadata)?;
    // §4.1: the document is public, so it must not contain a secret.
    let method = metadata.str("token_endpoint_auth_method").unwrap_or_default();
    if metadata.get("client_secret").is_some() || method.starts_with("client_secret") {
        return Err(wrong_metadata());
    }
    Ok(named(Some(client_id), &metadata))
}
