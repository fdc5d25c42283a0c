//! A call's arguments: JSON text in, the core's own types out. A wrong one is named as the caller wrote it.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use crate::access_token::AccessTokenExpected;
use crate::algorithm::Algorithm;
use crate::authorization::{AuthorizationParams, ResponseMode, ResponseType};
use crate::client::{Client, ClientAuth, RedirectUri, Relaxation};
use crate::error::{Detail, Error};
use crate::http::HttpReply;
use crate::id_token::{Channel, IdTokenExpected, PreviousClaims};
use crate::jws::TokenKind;
use crate::logout::EndSessionParams;
use crate::provider::{Metadata, Provider};
use crate::relying_party::RelyingParty;
use crate::resource::Resource;
use crate::rule::Rule;
use crate::scope::Scope;
use crate::secret::Secret;
use crate::time::NumericDate;
use crate::token::{ExtensionGrant, Grant, GrantType};
use crate::transaction::Transaction;
use crate::wire::json::{Document, Value, fixed_point};
use crate::wire::text::{is_digits, join, shortened, split};

const TEXT: &str = "a text";
const TEXTS: &str = "a text or a list of texts";
const OBJECT: &str = "an object";

/// Bytes that the host encoded from a string.
pub(super) fn text(bytes: Vec<u8>, name: &'static str) -> Result<Secret, Error> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(Error::argument(name, TEXT)),
    }
}

/// The arguments of one call. What is wrong reads as if it were absent, and the first wrong one is remembered: nothing
/// may be done with what was read before [`Arguments::verdict`] is good.
pub(super) struct Arguments {
    document: Document,
    wrong: Cell<Option<Error>>,
}

impl Arguments {
    /// Reads what the host wrote as JSON; `name` is the whole's.
    pub(super) fn parse(json: Vec<u8>, name: &'static str) -> Arguments {
        let document = Document::parse_wrapped(json);
        let wrong = document.is_err().then(|| Error::argument(name, OBJECT));
        Arguments { document: document.unwrap_or_default(), wrong: Cell::new(wrong) }
    }

    fn root(&self) -> Members<'_> {
        Members { object: self.document.root(), wrong: &self.wrong }
    }

    pub(super) fn members(&self, known: &[&str]) -> Members<'_> {
        self.root().knowing(known)
    }

    /// The transaction that a grant or an expectation names.
    pub(super) fn transaction(&self, rp: &RelyingParty) -> Option<Transaction> {
        self.document.get("transaction")?;
        self.root().transaction(rp)
    }

    /// The first wrong argument.
    pub(super) fn verdict(&self) -> Result<(), Error> {
        match self.wrong.take() {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }
}

/// An object of arguments.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    object: Value<'a>,
    wrong: &'a Cell<Option<Error>>,
}

impl<'a> Members<'a> {
    fn refuse(self, error: Error) {
        let first = self.wrong.take();
        self.wrong.set(Some(first.unwrap_or(error)));
    }

    /// Refuses a member that is none of these: it would be overlooked without a word.
    fn knowing(self, known: &[&str]) -> Members<'a> {
        for (name, _) in self.object.members().into_iter().flatten() {
            if !known.contains(&name) {
                let argument = String::from(shortened(name, 64));
                self.refuse(Error::with(
                    Rule::Argument,
                    Detail {
                        argument: Some(argument.into()),
                        expected: Some("no argument of this name".into()),
                        ..Detail::default()
                    },
                ));
            }
        }
        self
    }

    /// What was read of a member that is there, or a word that it is wrong.
    fn judged<T>(self, name: &'static str, expected: &'static str, read: Option<T>) -> Option<T> {
        if read.is_none() && self.object.get(name).is_some() {
            self.refuse(Error::argument(name, expected));
        }
        read
    }

    fn keep<T>(self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.refuse(error)).ok()
    }

    pub(super) fn text(self, name: &'static str) -> Option<&'a str> {
        self.judged(name, TEXT, self.object.get(name).and_then(Value::str))
    }

    /// A text that is there and not empty.
    pub(super) fn required(self, name: &'static str, expected: &'static str) -> &'a str {
        let text = self.object.get(name).and_then(Value::str).unwrap_or_default();
        if text.is_empty() {
            self.refuse(Error::argument(name, expected));
        }
        text
    }

    pub(super) fn transaction(self, rp: &RelyingParty) -> Option<Transaction> {
        let text =
            self.required("transaction", "the text that authorizationRequest gave; was it kept, and under this state?");
        self.keep(rp.transaction(text)).filter(|_| !text.is_empty())
    }

    /// Whole seconds, not negative.
    fn seconds(self, name: &'static str) -> Option<u32> {
        let read = |value: Value<'_>| {
            let number = value.number()?;
            fixed_point(number, 0).filter(|_| is_digits(number))?.try_into().ok()
        };
        self.judged(name, "whole seconds from 0 to 4294967295", self.object.get(name).and_then(read))
    }

    fn bool(self, name: &'static str) -> Option<bool> {
        self.judged(name, "true or false", self.object.get(name).and_then(Value::bool))
    }

    /// One text, or several in an array.
    fn texts(self, name: &'static str) -> Option<Vec<&'a str>> {
        self.judged(name, TEXTS, self.object.get(name).and_then(Value::texts))
    }

    fn scope(self) -> Option<Scope> {
        let tokens = self.texts("scope")?;
        self.keep(Scope::parse(&join(&tokens)))
    }

    fn resources(self) -> Vec<Resource<'a>> {
        let resources = self.texts("resource").unwrap_or_default();
        resources.into_iter().filter_map(|resource| self.keep(Resource::parse(resource))).collect()
    }

    fn entries(self, name: &'static str) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.object(name).into_iter().filter_map(|members| members.object.members()).flatten()
    }

    /// An object of texts, or of lists of texts.
    fn pairs(self, name: &'static str) -> Vec<(&'a str, &'a str)> {
        let mut pairs = Vec::new();
        for (parameter, value) in self.entries(name) {
            match value.texts() {
                Some(texts) => pairs.extend(texts.into_iter().map(|text| (parameter, text))),
                None => self.refuse(Error::argument(name, "an object of texts, or of lists of texts")),
            }
        }
        pairs
    }

    fn object(self, name: &'static str) -> Option<Members<'a>> {
        let object = self.object.get(name).filter(|value| value.members().is_some());
        Some(Members { object: self.judged(name, OBJECT, object)?, ..self })
    }

    fn redirect_uri(self, name: &'static str) -> Option<RedirectUri> {
        self.keep(RedirectUri::parse(self.text(name)?))
    }

    /// One of the names that `read` knows.
    fn one_of<T>(self, name: &'static str, expected: &'static str, read: fn(&str) -> Option<T>) -> Option<T> {
        self.judged(name, expected, self.object.get(name).and_then(Value::str).and_then(read))
    }

    pub(super) fn now(self) -> NumericDate {
        let now = self.object.get("now").and_then(NumericDate::read);
        self.judged("now", "seconds since 1970", now).unwrap_or_else(super::host::now)
    }

    fn claims(self, name: &'static str) -> Option<PreviousClaims<'a>> {
        self.judged(name, "the claims of an ID token", self.object.get(name).and_then(PreviousClaims::read))
    }

    fn relaxations(self) -> Vec<Relaxation> {
        let mut relaxations = Vec::new();
        for name in self.texts("relax").unwrap_or_default() {
            relaxations.push(match name {
                "issuer-template" => Relaxation::IssuerTemplate,
                "unexpected-nonce" => Relaxation::UnexpectedNonce,
                "raw-basic" => Relaxation::RawBasic,
                "content-type" => Relaxation::ContentType,
                _ => {
                    const EXPECTED: &str = "issuer-template, unexpected-nonce, raw-basic or content-type";
                    self.refuse(Error::argument("relax", EXPECTED));
                    continue;
                }
            });
        }
        relaxations
    }
}

/// How a provider is looked up.
pub(super) struct Discovery<'a> {
    pub(super) issuer: &'a str,
    pub(super) metadata: Metadata,
    pub(super) issuer_template: bool,
}

pub(super) fn discovery(arguments: &Arguments) -> Discovery<'_> {
    let members = arguments.members(&["issuer", "metadata", "relax"]);
    let read = |name: &str| match name {
        "oidc" => Some(Metadata::Oidc),
        "oauth2" => Some(Metadata::Oauth2),
        _ => None,
    };
    Discovery {
        issuer: members.required("issuer", "the provider's issuer, an https address"),
        metadata: members.one_of("metadata", "oidc or oauth2", read).unwrap_or_default(),
        issuer_template: members.relaxations().contains(&Relaxation::IssuerTemplate),
    }
}

/// Reads a client's configuration and its provider's metadata.
pub(super) fn relying_party(client: Vec<u8>, provider: Vec<u8>) -> Result<RelyingParty, Error> {
    let arguments = Arguments::parse(client, "client");
    let metadata = Arguments::parse(provider, "provider");
    metadata.verdict()?;
    arguments.verdict()?;
    let client = read_client(arguments.root())?;
    arguments.verdict()?;
    Ok(RelyingParty::new(Provider::read(metadata.document.root())?, client))
}

const ALGORITHM: &str = "a signature algorithm such as RS256; never none";

fn read_client(members: Members<'_>) -> Result<Client, Error> {
    let members = members.knowing(&[
        "clientId",
        "redirectUri",
        "auth",
        "idTokenSignedResponseAlg",
        "userinfoSignedResponseAlg",
        "trustedAudiences",
        "requireAuthTime",
        "clockTolerance",
        "relax",
    ]);
    let mut client = Client::new(members.text("clientId").unwrap_or_default())?;
    client.redirect_uri = members.redirect_uri("redirectUri");
    client.auth = members.object("auth").map(client_auth).unwrap_or_default();
    let algorithm = |name| members.one_of(name, ALGORITHM, Algorithm::from_name);
    if let Some(algorithm) = algorithm("idTokenSignedResponseAlg") {
        client = client.id_token_signed_response_alg(algorithm)?;
    }
    if let Some(algorithm) = algorithm("userinfoSignedResponseAlg") {
        client = client.userinfo_signed_response_alg(algorithm)?;
    }
    let audiences = members.texts("trustedAudiences").unwrap_or_default();
    client.trusted_audiences = audiences.into_iter().map(String::from).collect();
    client.require_auth_time = members.bool("requireAuthTime").unwrap_or_default();
    client.clock_tolerance = members.seconds("clockTolerance").unwrap_or(client.clock_tolerance);
    client.relaxations = members.relaxations();
    Ok(client)
}

fn client_auth(members: Members<'_>) -> ClientAuth {
    let secret = || Secret::from(members.required("secret", "the client secret"));
    let (own, auth): (&[&str], _) = match members.text("method") {
        Some("none") => (&[], ClientAuth::None),
        Some("client_secret_basic") => (&["secret"], ClientAuth::ClientSecretBasic(secret())),
        Some("client_secret_post") => (&["secret"], ClientAuth::ClientSecretPost(secret())),
        Some("client_secret_jwt") => (&["secret"], ClientAuth::ClientSecretJwt(secret())),
        // Which algorithm a key signs with is for the host to read off the key.
        Some("private_key_jwt") => {
            let algorithm = members.one_of("alg", ALGORITHM, Algorithm::from_name).unwrap_or(Algorithm::Rs256);
            let kid = members.text("kid").map(String::from);
            (&["alg", "kid"], ClientAuth::PrivateKeyJwt { algorithm, kid })
        }
        _ => {
            const METHODS: &str = "none, client_secret_basic, client_secret_post, client_secret_jwt or private_key_jwt";
            members.refuse(Error::argument("method", METHODS));
            return ClientAuth::None;
        }
    };
    let mut known = alloc::vec!["method"];
    known.extend(own);
    members.knowing(&known);
    auth
}

pub(super) fn authorization_params(arguments: &Arguments) -> AuthorizationParams<'_> {
    let members = arguments.members(&[
        "scope",
        "responseType",
        "responseMode",
        "redirectUri",
        "resource",
        "prompt",
        "maxAge",
        "display",
        "loginHint",
        "idTokenHint",
        "uiLocales",
        "acrValues",
        "claims",
        "extra",
    ]);
    let response_type = members.one_of("responseType", "a response type such as code", ResponseType::from_name);
    AuthorizationParams {
        scope: members.scope().unwrap_or_default(),
        response_type: response_type.unwrap_or_default(),
        response_mode: members.one_of("responseMode", "query, fragment or form_post", ResponseMode::from_name),
        redirect_uri: members.redirect_uri("redirectUri"),
        resource: members.resources(),
        prompt: members.text("prompt"),
        max_age: members.seconds("maxAge"),
        display: members.text("display"),
        ui_locales: members.text("uiLocales"),
        id_token_hint: members.text("idTokenHint"),
        login_hint: members.text("loginHint"),
        acr_values: members.text("acrValues"),
        claims: members.object("claims").map(|claims| claims.object.json()),
        extra: members.pairs("extra"),
    }
}

pub(super) fn grant<'a>(arguments: &'a Arguments, transaction: Option<&'a Transaction>) -> Result<Grant<'a>, Error> {
    arguments.verdict()?;
    let root = arguments.root();
    let kind = root.required("type", "the grant's type");
    // Each kind of grant has members of its own.
    let own: [&str; 2] = match kind {
        "authorization_code" => ["code", "transaction"],
        "refresh_token" => ["refreshToken", ""],
        "password" => ["username", "password"],
        _ => ["", ""],
    };
    let [first, second] = own;
    let members = root.knowing(&["type", "scope", "resource", "parameters", first, second]);
    let kind = match kind {
        "authorization_code" => {
            let code = members.required("code", "the code of the redirect");
            let Some(transaction) = transaction else {
                return Err(Error::argument("transaction", "the text that authorizationRequest gave"));
            };
            GrantType::AuthorizationCode { code, transaction }
        }
        "refresh_token" => GrantType::RefreshToken(members.required("refreshToken", "a refresh token")),
        "client_credentials" => GrantType::ClientCredentials,
        "password" => GrantType::Password {
            username: members.required("username", "the person's name"),
            password: members.required("password", "the person's password"),
        },
        uri => GrantType::Extension(ExtensionGrant::parse(uri)?),
    };
    let (scope, resource) = (members.scope(), members.resources());
    let parameters = members.pairs("parameters");
    arguments.verdict()?;
    Ok(Grant { kind, scope, resource, parameters })
}

/// What a token is compared with, and when.
pub(super) struct Expected<'a> {
    pub(super) of: Of<'a>,
    pub(super) now: NumericDate,
}

/// What userinfo is asked with, and what it is compared with.
pub(super) const USERINFO: &[&str] = &["accessToken", "expectedSubject"];

/// What is expected of a token of each kind.
pub(super) enum Of<'a> {
    IdToken(IdTokenExpected<'a>),
    Userinfo(&'a str),
    AccessToken(AccessTokenExpected<'a>),
    LogoutToken,
}

pub(super) fn expected<'a>(
    arguments: &'a Arguments,
    kind: TokenKind,
    transaction: Option<&'a Transaction>,
) -> Expected<'a> {
    let own: &[&str] = match kind {
        TokenKind::IdToken => &[
            "nonce",
            "maxAge",
            "acrValues",
            "accessToken",
            "code",
            "state",
            "previous",
            "now",
            "transaction",
            "channel",
            "sibling",
            "cache",
        ],
        TokenKind::Userinfo => USERINFO,
        TokenKind::AccessToken => &["audience", "scope", "now"],
        TokenKind::LogoutToken => &["now"],
    };
    let members = arguments.members(own);
    let of = match kind {
        TokenKind::IdToken => Of::IdToken(id_token_expected(members, transaction)),
        TokenKind::Userinfo => Of::Userinfo(members.text("expectedSubject").unwrap_or_default()),
        TokenKind::AccessToken => Of::AccessToken(access_token_expected(members)),
        TokenKind::LogoutToken => Of::LogoutToken,
    };
    Expected { of, now: members.now() }
}

fn id_token_expected<'a>(members: Members<'a>, transaction: Option<&'a Transaction>) -> IdTokenExpected<'a> {
    let of_login = transaction.map(IdTokenExpected::of).unwrap_or_default();
    let channel = |name: &str| match name {
        "token" => Some(Channel::TokenEndpoint),
        "front" => Some(Channel::Front),
        "refresh" => Some(Channel::Refresh),
        _ => None,
    };
    IdTokenExpected {
        channel: members.one_of("channel", "front, token or refresh", channel).unwrap_or_default(),
        nonce: members.text("nonce").or(of_login.nonce),
        max_age: members.seconds("maxAge").or(of_login.max_age),
        acr_values: match members.text("acrValues") {
            Some(values) => split(values, b' ').filter(|value| !value.is_empty()).collect(),
            None => of_login.acr_values,
        },
        needs_auth_time: of_login.needs_auth_time,
        access_token: members.text("accessToken"),
        code: members.text("code"),
        state: members.text("state").or(of_login.state),
        previous: members.claims("previous"),
        sibling: members.claims("sibling"),
    }
}

/// What a resource server expects of an access token.
fn access_token_expected(members: Members<'_>) -> AccessTokenExpected<'_> {
    let audience = members.texts("audience").unwrap_or_default();
    if audience.is_empty() {
        members.refuse(Error::argument("audience", "the name of this resource server, or several"));
    }
    AccessTokenExpected { audience, scope: members.scope() }
}

/// Whether the token response that brought a token forbade caches to keep it; `None` where there was none.
pub(super) fn is_uncached(arguments: &Arguments) -> Option<bool> {
    let cache_control = arguments.root().text("cache")?;
    Some(HttpReply { cache_control: Some(cache_control), ..HttpReply::default() }.is_uncached())
}

/// `{scope, resource?, registry}` → the table, as JSON.
pub(super) fn downscope(arguments: &Arguments) -> Result<String, Error> {
    let members = arguments.members(&["scope", "resource", "registry"]);
    let scope = members.scope().ok_or_else(|| Error::argument("scope", TEXTS));
    let resources = members.resources();
    if members.object("registry").is_none() {
        members.refuse(Error::argument("registry", OBJECT));
    }
    let mut registry = Vec::new();
    for (resource, scopes) in members.entries("registry") {
        match scopes.items().and_then(|_| scopes.texts()) {
            Some(scopes) => registry.push((resource, scopes)),
            None => members.refuse(Error::argument("registry", "an object of lists of scopes")),
        }
    }
    arguments.verdict()?;
    let scope = scope?;
    Ok(crate::resource::downscope(&scope, &resources, &registry)?.to_json())
}

/// `{response, state}`
pub(super) fn end_session_return(arguments: &Arguments) -> (&str, &str) {
    let members = arguments.members(&["response", "state"]);
    let given = |name, expected| {
        let text = members.text(name);
        if text.is_none() {
            members.refuse(Error::argument(name, expected));
        }
        text.unwrap_or_default()
    };
    (given("response", "the address that the browser came back to"), given("state", "the state that was sent along"))
}

pub(super) fn end_session_params(arguments: &Arguments) -> EndSessionParams<'_> {
    let members = arguments.members(&["idTokenHint", "postLogoutRedirectUri", "state", "logoutHint", "uiLocales"]);
    EndSessionParams {
        id_token_hint: members.text("idTokenHint"),
        post_logout_redirect_uri: members.redirect_uri("postLogoutRedirectUri"),
        state: members.text("state"),
        logout_hint: members.text("logoutHint"),
        ui_locales: members.text("uiLocales"),
    }
}
