//! A login before its redirect: the relying party, and its request.

use oidc_wasm::{
    AUTHORIZATION_ENTROPY, AuthorizationParams, Client, GrantType, Provider, RelyingParty, Scope, Transaction,
};
use serde_json::json;
use url::form_urlencoded;

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
    pub transaction: Transaction<'static>,
    /// The value that a peer's user stores instead of the transaction.
    pub state: String,
    pub verifier: String,
}

impl Login {
    pub fn start(scope: &str) -> Self {
        let rp = relying_party();
        let params = AuthorizationParams { scope: Scope::parse(scope).unwrap(), ..AuthorizationParams::default() };
        let request = rp.authorization_request(&params, &[7; AUTHORIZATION_ENTROPY]).unwrap();
        // The transaction borrows the stored string for the whole run.
        let transaction = rp.transaction(request.transaction.expose().to_owned().leak()).unwrap();
        let grant = GrantType::AuthorizationCode { code: CODE, transaction: &transaction };
        let body = rp.token_request(&grant.into()).unwrap().body.unwrap();
        let verifier = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "code_verifier").unwrap().1;
        Self { verifier: verifier.into_owned(), state: request.state, transaction, rp }
    }
}
