//! A login under way: the relying party, and what it sent the browser away with.

use oidc_wasm::{AUTHORIZATION_ENTROPY, AuthorizationParams, Client, Provider, RelyingParty, Scope, Transaction};
use serde_json::{Value, json};

use crate::provider::{AUTHORIZATION_ENDPOINT, CLIENT_ID, ISSUER, REDIRECT_URI, TOKEN_ENDPOINT};

pub const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";

pub fn relying_party() -> RelyingParty {
    let metadata = json!({
        "issuer": ISSUER,
        "authorization_endpoint": AUTHORIZATION_ENDPOINT,
        "token_endpoint": TOKEN_ENDPOINT,
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "authorization_response_iss_parameter_supported": true
    });
    let provider = Provider::parse(metadata.to_string().as_bytes()).unwrap();
    RelyingParty::new(provider, Client::new(CLIENT_ID).unwrap().redirect_uri(REDIRECT_URI).unwrap())
}

pub struct Login {
    pub rp: RelyingParty,
    pub transaction: Transaction,
    /// What a peer's user keeps instead of the transaction.
    pub state: String,
    pub verifier: String,
}

impl Login {
    pub fn start(scope: &str) -> Self {
        let rp = relying_party();
        let params = AuthorizationParams { scope: Scope::parse(scope).unwrap(), ..AuthorizationParams::default() };
        let request = rp.authorization_request(&params, &[7; AUTHORIZATION_ENTROPY]).unwrap();
        let kept: Value = serde_json::from_str(request.transaction.expose()).unwrap();
        Self {
            transaction: rp.transaction(request.transaction.expose()).unwrap(),
            state: request.state,
            verifier: kept["code_verifier"].as_str().unwrap().to_owned(),
            rp,
        }
    }
}
