//! What the modules share: reading vectors, making the engine's types from them, and comparing verdicts.

pub(crate) mod arguments;
pub(crate) mod crypto;
pub(crate) mod vectors;

use oidc_wasm::{AUTHORIZATION_ENTROPY, AuthorizationRequest, Client, Error, HttpReply, Provider, RelyingParty};
use serde_json::{Map, Value};

use vectors::Case;

/// As good as random: the tests compare with what the request shows of it.
pub(crate) const ENTROPY: [u8; AUTHORIZATION_ENTROPY] =
    *b"01234567890123456789012345678901 the state's 24 bytes; and then the nonce has 24";

/// Why a case has no native verdict. Either typed Rust cannot say what its JSON says, so that it is refused where JSON
/// arguments are read; or it is `host`, decided by an engine's own cryptography, which ring does not share.
#[derive(Debug)]
pub(crate) struct Elsewhere;

/// What a step of a case came to.
pub(crate) type Outcome<T> = Result<Result<T, Error>, Elsewhere>;

pub(crate) fn relying_party(provider: &Value, client: &Value) -> Outcome<RelyingParty> {
    let provider = match Provider::parse(provider.to_string().as_bytes()) {
        Ok(provider) => provider,
        Err(error) => return Ok(Err(error)),
    };
    let client: Result<Client, Error> = arguments::client(client)?;
    Ok(client.map(|client| RelyingParty::new(provider, client)))
}

/// The relying party of a case that is not about the client.
pub(crate) fn relying_party_of(case: &Case<'_>) -> RelyingParty {
    relying_party(&case.provider(), &case.client()).unwrap().unwrap()
}

/// The request a case starts from: by the party that `made_by` describes, with the case's `params`.
pub(crate) fn started(case: &Case<'_>) -> AuthorizationRequest {
    let made_by = case.get("made_by").cloned().unwrap_or_default();
    let provider = vectors::merged(&case.provider(), made_by.get("provider"));
    let client = vectors::merged(&case.client(), made_by.get("client"));
    let rp = relying_party(&provider, &client).unwrap().unwrap();
    let params = arguments::authorization_params(case.get("params")).unwrap().unwrap();
    rp.authorization_request(&params, &ENTROPY).unwrap()
}

/// Puts what the request made into a text of the case.
pub(crate) fn filled(text: &str, request: &AuthorizationRequest) -> String {
    let transaction = request.transaction.expose();
    let kept: Value = serde_json::from_str(transaction).unwrap();
    let verifier = kept.get("code_verifier").and_then(Value::as_str).unwrap_or_default();
    text.replace("{state}", &request.state)
        .replace("{nonce}", kept.get("nonce").and_then(Value::as_str).unwrap_or_default())
        .replace("{verifier}", verifier)
        .replace("{challenge}", &oidc_wasm::code_challenge(verifier).unwrap_or_default())
        .replace("{transaction}", transaction)
}

/// A reply of a case, its bytes owned.
pub(crate) struct Reply {
    status: u16,
    headers: Map<String, Value>,
    body: Vec<u8>,
}

impl Reply {
    pub(crate) fn of(reply: &Value) -> Reply {
        Reply {
            status: u16::try_from(reply["status"].as_u64().unwrap()).unwrap(),
            headers: reply["headers"].as_object().unwrap().clone(),
            body: reply["body"].as_str().unwrap().as_bytes().to_vec(),
        }
    }

    pub(crate) fn json(status: u16, body: &str) -> Reply {
        let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
        Reply {
            status,
            headers: headers.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    pub(crate) fn with_body(mut self, body: &str) -> Reply {
        self.body = body.as_bytes().to_vec();
        self
    }

    pub(crate) fn http(&self) -> HttpReply<'_> {
        let header = |name| self.headers.get(name).and_then(Value::as_str);
        HttpReply {
            status: self.status,
            content_type: header("content-type"),
            cache_control: header("cache-control"),
            www_authenticate: header("www-authenticate"),
            body: &self.body,
        }
    }
}

/// An error as the vectors write it.
pub(crate) fn shown(error: &Error) -> Value {
    let mut out = Map::new();
    out.insert("code".into(), error.code().into());
    if let Some(oauth) = error.oauth() {
        out.insert("error".into(), oauth.error.as_str().into());
        for (name, value) in [("error_description", &oauth.error_description), ("error_uri", &oauth.error_uri)] {
            if let Some(value) = value {
                out.insert(name.into(), value.as_str().into());
            }
        }
        let members: Map<String, Value> =
            oauth.members.iter().map(|(name, json)| (name.clone(), serde_json::from_str(json).unwrap())).collect();
        out.insert("members".into(), members.into());
    }
    if let Some(detail) = error.detail() {
        if let Some(status) = detail.status {
            out.insert("status".into(), status.into());
        }
        if !detail.challenges.is_empty() {
            out.insert("challenges".into(), detail.challenges.iter().map(challenge).collect());
        }
    }
    out.into()
}

pub(crate) fn challenge(challenge: &oidc_wasm::Challenge) -> Value {
    let parameters: Map<String, Value> =
        challenge.parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let mut out = Map::new();
    out.insert("scheme".into(), challenge.scheme.as_str().into());
    out.insert("parameters".into(), parameters.into());
    if let Some(token68) = &challenge.token68 {
        out.insert("token68".into(), token68.as_str().into());
    }
    out.into()
}
