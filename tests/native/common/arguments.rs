//! The package's arguments as typed Rust. What has no type is judged [`Elsewhere`]: by the boundary.

use oidc_wasm::wire::json::Document;
use oidc_wasm::{
    AccessTokenExpected, Algorithm, AuthorizationParams, Channel, Client, ClientAuth, EndSessionParams, ExtensionGrant,
    Grant, GrantType, IdTokenExpected, PreviousClaims, RedirectUri, Relaxation, RelyingParty, Resource, ResponseMode,
    ResponseType, Scope, Secret, Transaction,
};
use serde_json::{Map, Value};

use super::{Elsewhere, Outcome};

/// Leaves a judging function with the engine's own error.
macro_rules! judged {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}

struct Members<'a>(Option<&'a Map<String, Value>>);

impl<'a> Members<'a> {
    fn of(value: Option<&'a Value>, known: &[&str]) -> Result<Members<'a>, Elsewhere> {
        let members = value.map(|value| value.as_object().ok_or(Elsewhere)).transpose()?;
        let mut names = members.into_iter().flat_map(Map::keys);
        if names.all(|name| known.contains(&name.as_str())) { Ok(Members(members)) } else { Err(Elsewhere) }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0?.get(name)
    }

    fn read<T>(&self, name: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<Option<T>, Elsewhere> {
        self.get(name).map(|value| read(value).ok_or(Elsewhere)).transpose()
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, Elsewhere> {
        self.read(name, Value::as_str)
    }

    fn required(&self, name: &str) -> Result<&'a str, Elsewhere> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or(Elsewhere)
    }

    fn texts(&self, name: &str) -> Result<Option<Vec<&'a str>>, Elsewhere> {
        self.read(name, texts)
    }

    fn seconds(&self, name: &str) -> Result<Option<u32>, Elsewhere> {
        self.read(name, |value| value.as_u64()?.try_into().ok())
    }

    fn pairs(&self, name: &str) -> Result<Vec<(&'a str, &'a str)>, Elsewhere> {
        let pairs = self.read(name, |value| {
            let members = value.as_object()?.iter();
            let each = members.map(|(name, value)| Some(texts(value)?.into_iter().map(|text| (name.as_str(), text))));
            Some(each.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        })?;
        Ok(pairs.unwrap_or_default())
    }

    fn resources(&self) -> Outcome<Vec<Resource<'a>>> {
        Ok(self.texts("resource")?.unwrap_or_default().into_iter().map(Resource::parse).collect())
    }

    fn scope(&self) -> Outcome<Option<Scope>> {
        Ok(self.texts("scope")?.map(|scope| Scope::parse(&scope.join(" "))).transpose())
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

pub(crate) fn client(value: &Value) -> Outcome<Client> {
    const KNOWN: [&str; 9] = [
        "clientId",
        "redirectUri",
        "auth",
        "idTokenSignedResponseAlg",
        "userinfoSignedResponseAlg",
        "trustedAudiences",
        "clockTolerance",
        "requireAuthTime",
        "relax",
    ];
    let members = Members::of(Some(value), &KNOWN)?;
    let mut client = judged!(Client::new(members.text("clientId")?.ok_or(Elsewhere)?));
    if let Some(uri) = members.text("redirectUri")? {
        client = judged!(client.redirect_uri(uri));
    }
    if let Some(auth) = members.get("auth") {
        let auth = Members::of(Some(auth), &["method", "secret", "key", "alg", "kid"])?;
        let secret = || Ok(Secret::from(auth.required("secret")?));
        client = client.auth(match auth.text("method")? {
            Some("none") => ClientAuth::None,
            Some("client_secret_basic") => ClientAuth::ClientSecretBasic(secret()?),
            Some("client_secret_post") => ClientAuth::ClientSecretPost(secret()?),
            Some("client_secret_jwt") => ClientAuth::ClientSecretJwt(secret()?),
            Some("private_key_jwt") => ClientAuth::PrivateKeyJwt {
                algorithm: Algorithm::from_name(auth.required("alg")?).ok_or(Elsewhere)?,
                kid: auth.text("kid")?.map(str::to_owned),
            },
            _ => return Err(Elsewhere),
        });
    }
    let algorithm = |name| members.read(name, |value| Algorithm::from_name(value.as_str()?));
    if let Some(algorithm) = algorithm("idTokenSignedResponseAlg")? {
        client = judged!(client.id_token_signed_response_alg(algorithm));
    }
    if let Some(algorithm) = algorithm("userinfoSignedResponseAlg")? {
        client = judged!(client.userinfo_signed_response_alg(algorithm));
    }
    client = client.trusted_audiences(
        members.texts("trustedAudiences")?.unwrap_or_default().into_iter().map(str::to_owned).collect(),
    );
    if let Some(seconds) = members.seconds("clockTolerance")? {
        client = client.clock_tolerance(seconds);
    }
    if members.read("requireAuthTime", Value::as_bool)? == Some(true) {
        client = client.require_auth_time();
    }
    for name in members.texts("relax")?.unwrap_or_default() {
        client = client.relax(serde_json::from_value::<Relaxation>(name.into()).map_err(|_| Elsewhere)?);
    }
    Ok(Ok(client))
}

pub(crate) fn authorization_params(value: Option<&Value>) -> Outcome<AuthorizationParams<'_>> {
    const KNOWN: [&str; 14] = [
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
    ];
    let members = Members::of(value, &KNOWN)?;
    let claims = members.read("claims", |claims| claims.is_object().then(|| claims.to_string()))?;
    let redirect_uri = members.text("redirectUri")?.map(RedirectUri::parse).transpose();
    Ok(Ok(AuthorizationParams {
        scope: judged!(members.scope()?).unwrap_or_default(),
        response_type: members
            .read("responseType", |value| ResponseType::from_name(value.as_str()?))?
            .unwrap_or_default(),
        response_mode: members.read("responseMode", |value| ResponseMode::from_name(value.as_str()?))?,
        redirect_uri: judged!(redirect_uri),
        resource: judged!(members.resources()?),
        prompt: members.text("prompt")?,
        max_age: members.seconds("maxAge")?,
        display: members.text("display")?,
        ui_locales: members.text("uiLocales")?,
        id_token_hint: members.text("idTokenHint")?,
        login_hint: members.text("loginHint")?,
        acr_values: members.text("acrValues")?,
        claims,
        extra: members.pairs("extra")?,
    }))
}

/// The transaction that a grant names.
pub(crate) fn transaction(
    grant: &Value,
    rp: &RelyingParty,
    fill: impl Fn(&str) -> String,
) -> Outcome<Option<Transaction>> {
    match grant.get("transaction") {
        None => Ok(Ok(None)),
        Some(text) => Ok(rp.transaction(&fill(text.as_str().ok_or(Elsewhere)?)).map(Some)),
    }
}

pub(crate) fn grant<'a>(value: &'a Value, transaction: Option<&'a Transaction>) -> Outcome<Grant<'a>> {
    let kind = value.get("type").and_then(Value::as_str).ok_or(Elsewhere)?;
    let own: &[&str] = match kind {
        "authorization_code" => &["code", "transaction"],
        "refresh_token" => &["refreshToken"],
        "password" => &["username", "password"],
        _ => &[],
    };
    let known: Vec<&str> = ["type", "scope", "resource", "parameters"].iter().chain(own).copied().collect();
    let members = Members::of(Some(value), &known)?;
    let kind = match kind {
        "authorization_code" => {
            GrantType::AuthorizationCode { code: members.required("code")?, transaction: transaction.ok_or(Elsewhere)? }
        }
        "refresh_token" => GrantType::RefreshToken(members.required("refreshToken")?),
        "client_credentials" => GrantType::ClientCredentials,
        "password" => {
            GrantType::Password { username: members.required("username")?, password: members.required("password")? }
        }
        uri => GrantType::Extension(judged!(ExtensionGrant::parse(uri))),
    };
    Ok(Ok(Grant {
        kind,
        scope: judged!(members.scope()?),
        resource: judged!(members.resources()?),
        parameters: members.pairs("parameters")?,
    }))
}

/// Claims of other tokens that a token is compared with.
pub(crate) struct Others {
    previous: Option<Document>,
    sibling: Option<Document>,
}

impl Others {
    pub(crate) fn of(expected: Option<&Value>) -> Others {
        let claims = |name| Document::parse(expected?.get(name)?.to_string().into_bytes()).ok();
        Others { previous: claims("previous"), sibling: claims("sibling") }
    }
}

pub(crate) fn expected<'a>(value: Option<&'a Value>, others: &'a Others) -> Result<IdTokenExpected<'a>, Elsewhere> {
    const KNOWN: [&str; 10] =
        ["nonce", "maxAge", "acrValues", "accessToken", "code", "state", "previous", "sibling", "channel", "now"];
    let members = Members::of(value, &KNOWN)?;
    let claims = |claims: &'a Option<Document>| claims.as_ref().and_then(|claims| PreviousClaims::read(claims.root()));
    let acr_values = members.text("acrValues")?.unwrap_or_default();
    Ok(IdTokenExpected {
        channel: match members.text("channel")? {
            None => Channel::TokenEndpoint,
            Some("front") => Channel::Front,
            Some("refresh") => Channel::Refresh,
            Some(_) => return Err(Elsewhere),
        },
        nonce: members.text("nonce")?,
        max_age: members.seconds("maxAge")?,
        needs_auth_time: false,
        acr_values: acr_values.split_whitespace().collect(),
        access_token: members.text("accessToken")?,
        code: members.text("code")?,
        state: members.text("state")?,
        previous: claims(&others.previous),
        sibling: claims(&others.sibling),
    })
}

pub(crate) fn end_session(value: Option<&Value>) -> Outcome<EndSessionParams<'_>> {
    let members = Members::of(value, &["idTokenHint", "postLogoutRedirectUri", "state", "logoutHint", "uiLocales"])?;
    let uri = members.text("postLogoutRedirectUri")?.map(RedirectUri::parse).transpose();
    Ok(Ok(EndSessionParams {
        id_token_hint: members.text("idTokenHint")?,
        post_logout_redirect_uri: judged!(uri),
        state: members.text("state")?,
        logout_hint: members.text("logoutHint")?,
        ui_locales: members.text("uiLocales")?,
    }))
}

pub(crate) fn access_token(value: Option<&Value>) -> Outcome<AccessTokenExpected<'_>> {
    let members = Members::of(value, &["audience", "scope"])?;
    Ok(Ok(AccessTokenExpected {
        audience: members.texts("audience")?.ok_or(Elsewhere)?,
        scope: judged!(members.scope()?),
    }))
}

/// What `downscope` takes.
pub(crate) struct Downscope<'a> {
    pub(crate) scope: Scope,
    pub(crate) resource: Vec<Resource<'a>>,
    pub(crate) registry: Vec<(&'a str, Vec<&'a str>)>,
}

pub(crate) fn downscope<'a>(
    scope: Option<&'a Value>,
    resource: Option<&'a Value>,
    registry: &'a Value,
) -> Outcome<Downscope<'a>> {
    let list = |value: &'a Value| value.as_array().and_then(|_| texts(value));
    let registry = registry.as_object().ok_or(Elsewhere)?.iter();
    let registry: Option<Vec<_>> = registry.map(|(name, scopes)| Some((name.as_str(), list(scopes)?))).collect();
    let scope = scope.and_then(texts).ok_or(Elsewhere)?;
    let resource = resource.map(|resource| texts(resource).ok_or(Elsewhere)).transpose()?.unwrap_or_default();
    Ok(Ok(Downscope {
        scope: judged!(Scope::parse(&scope.join(" "))),
        resource: judged!(resource.into_iter().map(Resource::parse).collect()),
        registry: registry.ok_or(Elsewhere)?,
    }))
}
