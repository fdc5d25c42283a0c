//! Client authentication at the token endpoint (RFC 6749 §2.3.1, OpenID Connect Core §9).

use alloc::string::String;

use zeroize::Zeroizing;

use crate::client::{Client, ClientAuth, Relaxation};
use crate::http::HttpRequest;
use crate::wire::{base64url, form};

/// Adds what proves the client's identity: parameters to the body, or a header.
pub(crate) fn authenticate(client: &Client, request: &mut HttpRequest) {
    let mut header = None;
    let body = request.body.get_or_insert_default();
    match &client.auth {
        ClientAuth::None => form::push(body, "client_id", &client.client_id),
        ClientAuth::ClientSecretPost(secret) => {
            form::push(body, "client_id", &client.client_id);
            form::push(body, "client_secret", secret.expose());
        }
        ClientAuth::ClientSecretBasic(secret) => header = Some(basic(client, secret.expose())),
    }
    if let Some(credentials) = header {
        request.headers.push(("Authorization", credentials));
    }
}

/// RFC 6749 §2.3.1: both halves are form-encoded before they are joined, so that a colon in either is no separator.
fn basic(client: &Client, secret: &str) -> String {
    let mut credentials = Zeroizing::new(String::new());
    let add = |out: &mut String, half: &str| {
        if client.relaxes(Relaxation::RawBasic) {
            out.push_str(half);
        } else {
            form::encode(out, half);
        }
    };
    add(&mut credentials, &client.client_id);
    credentials.push(':');
    add(&mut credentials, secret);
    ["Basic ", &base64url::encode_basic(credentials.as_bytes())].concat()
}
