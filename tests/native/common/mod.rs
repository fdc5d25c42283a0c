//! What the modules share: the engine behind its decoder, the vectors, and the comparison of
//! verdicts.

pub(crate) mod crypto;
pub(crate) mod engine;
pub(crate) mod vectors;

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::base64url::decode;
use oidc_wasm::wire::form::Form;
use oidc_wasm::{AUTHORIZATION_ENTROPY, AuthorizationRequest, Error, HttpReply, RelyingParty};
use serde_json::{Map, Value, json};

use engine::{Asked, Engine};
use vectors::Case;

/// Fixed bytes instead of random ones, so that the tests can compare them with the request.
pub(crate) const ENTROPY: [u8; AUTHORIZATION_ENTROPY] =
    *b"01234567890123456789012345678901 the state's 24 bytes; and then the nonce has 24";

/// Why a case has no value.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// An error of the engine.
    Engine(Error),
    /// An error that TypeScript reports when it writes the frame: an argument of another type, or
    /// an unknown one.
    Argument(String),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Engine(error)
    }
}

/// The relying party of a case that does not concern the client.
pub(crate) fn relying_party_of(case: &Case<'_>) -> RelyingParty {
    Engine::of(case).unwrap().party.rp
}

/// A login before its redirect.
pub(crate) struct Login {
    pub(crate) url: String,
    pub(crate) state: String,
    pub(crate) transaction: String,
}

impl Login {
    /// The request of a relying party with these parameters.
    pub(crate) fn start(engine: &Engine, params: &Value) -> Result<Login, Refusal> {
        let asked = Asked::default().object("AuthorizationMembers", "params", params)?;
        let mut said = engine.ask(Call::AuthorizationRequest, &asked)?;
        Ok(Login { url: said.text(), state: said.text(), transaction: said.text() })
    }

    /// The first request of a case: `made_by` describes the relying party, `params` the request.
    pub(crate) fn of(case: &Case<'_>) -> Login {
        Login::start(&Engine::maker(case), case.get("params").unwrap_or(&json!({}))).unwrap()
    }

    /// Puts values of the request into a string of the case.
    pub(crate) fn fill(&self, text: &str) -> String {
        let sent = Form::parse(self.url.split_once('?').map_or("", |parts| parts.1));
        let challenge = sent.get("code_challenge").unwrap_or_default();
        let filled = text
            .replace("{state}", &self.state)
            .replace("{nonce}", &sent.get("nonce").unwrap_or_default())
            .replace("{challenge}", &challenge)
            .replace("{transaction}", &self.transaction);
        if filled.contains("{verifier}") { filled.replace("{verifier}", self.verifier(&challenge)) } else { filled }
    }

    /// The verifier in the transaction. The request has its challenge.
    fn verifier(&self, challenge: &str) -> &str {
        let candidates = (0..self.transaction.len()).filter_map(|at| self.transaction.get(at..at + 43));
        let is_verifier = |text: &&str| oidc_wasm::code_challenge(text).is_ok_and(|own| own == challenge);
        candidates.into_iter().find(is_verifier).unwrap_or_default()
    }

    /// Puts the values into each string of an object.
    pub(crate) fn fill_members(&self, value: &Value) -> Value {
        let mut filled = value.clone();
        for member in filled.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if let Value::String(text) = member {
                *text = self.fill(text);
            }
        }
        filled
    }
}

impl From<AuthorizationRequest> for Login {
    fn from(request: AuthorizationRequest) -> Login {
        Login { transaction: request.transaction.expose().to_owned(), url: request.url, state: request.state }
    }
}

/// A reply of a case with its own bytes.
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
            body: match reply["body_base64url"].as_str() {
                Some(bytes) => decode(bytes).unwrap(),
                None => reply["body"].as_str().unwrap().as_bytes().to_vec(),
            },
        }
    }

    pub(crate) fn json(status: u16, body: impl AsRef<[u8]>) -> Reply {
        let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
        Reply {
            status,
            headers: headers.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect(),
            body: body.as_ref().to_vec(),
        }
    }

    pub(crate) fn typed(mut self, content_type: &str) -> Reply {
        self.headers.insert("content-type".to_owned(), content_type.into());
        self
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
            retry_after: header("retry-after").map(|seconds| seconds.parse().unwrap()),
            body: &self.body,
        }
    }
}

/// An error in the vectors' form.
pub(crate) fn shown(refusal: &Refusal) -> Value {
    let error = match refusal {
        Refusal::Engine(error) => error,
        Refusal::Argument(name) => return json!({ "code": format!("argument.{name}") }),
    };
    let mut out = json!({ "code": error.code(), "message": error.to_string() });
    if let Some(oauth) = error.oauth() {
        if !oauth.error.is_empty() {
            out["error"] = oauth.error.as_str().into();
        }
        for (name, value) in [("error_description", &oauth.error_description), ("error_uri", &oauth.error_uri)] {
            if let Some(value) = value {
                out[name] = value.as_str().into();
            }
        }
        let members: Map<String, Value> =
            oauth.members.iter().map(|(name, json)| (name.clone(), serde_json::from_str(json).unwrap())).collect();
        out["members"] = members.into();
    }
    let detail = error.detail();
    if *detail != oidc_wasm::Detail::default() {
        let texts =
            [("member", detail.member), ("expected", detail.expected.as_deref()), ("found", detail.found.as_deref())];
        out.as_object_mut().unwrap().extend(texts.map(|(name, text)| (name.to_owned(), text.into())));
        if let Some(status) = detail.status {
            out["status"] = status.into();
        }
        if let Some(seconds) = detail.retry_after {
            out["retryAfter"] = seconds.into();
        }
        for (name, value) in [("expected", detail.expected.as_deref()), ("found", detail.found.as_deref())] {
            if let Some(value) = value {
                out[name] = value.into();
            }
        }
        if !detail.challenges.is_empty() {
            out["challenges"] = detail.challenges.iter().map(challenge).collect();
        }
    }
    out
}

pub(crate) fn challenge(challenge: &oidc_wasm::Challenge) -> Value {
    let parameters: Map<String, Value> =
        challenge.parameters.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let mut out = json!({ "scheme": challenge.scheme, "parameters": parameters });
    if let Some(token68) = &challenge.token68 {
        out["token68"] = token68.as_str().into();
    }
    out
}
