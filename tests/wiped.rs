//! Freed memory holds no secret. A test of its own, because its allocator looks at each block that is freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::slice;

use oidc_wasm::wire::base64url::encode;
use oidc_wasm::{
    AuthorizationParams, Client, ClientAuth, DecryptionKey, Grant, GrantType, HttpReply, KeyManagement, Pkce, Provider,
    Redirect, RelyingParty, Secret, TokenKind,
};

const SECRET: &str = "a-secret-that-must-not-stay";
/// `app:` and the secret, in base64.
const IN_BASIC: &str = "YXBwOmEtc2VjcmV0LXRoYXQtbXVzdC1ub3Qtc3RheQ";
/// 32 bytes of the value 7, in base64url.
const VERIFIER: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    static IS_FOUND: Cell<bool> = const { Cell::new(false) };
}

struct Watcher;

fn look(block: &[u8]) {
    let holds = |secret: &str| block.windows(16).any(|part| secret.as_bytes().windows(16).any(|piece| piece == part));
    if IS_WATCHED.get() && [SECRET, IN_BASIC, VERIFIER].iter().any(|secret| holds(secret)) {
        IS_FOUND.set(true);
    }
}

// SAFETY: the system's allocator does the work. Each block is initialised, so it can be read until it is freed. The default
// `realloc` copies into a new block and frees the old one.
unsafe impl GlobalAlloc for Watcher {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        look(unsafe { slice::from_raw_parts(block, layout.size()) });
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static WATCHER: Watcher = Watcher;

/// Whether a secret is in the memory that this work frees.
fn leaves(work: impl FnOnce()) -> bool {
    IS_FOUND.set(false);
    IS_WATCHED.set(true);
    work();
    IS_WATCHED.set(false);
    IS_FOUND.get()
}

#[test]
fn freed_memory_holds_no_secret() {
    let provider = Provider::parse(
        br#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize",
        "token_endpoint":"https://op.example/token"}"#,
    );
    let client = Client::new("app").unwrap().redirect_uri("https://app.example/cb").unwrap();
    let client = client.auth(ClientAuth::ClientSecretBasic(SECRET.into())).unwrap();
    let rp = RelyingParty::new(provider.unwrap(), client);
    let mut entropy = [8; 80];
    entropy[..32].fill(7);
    let keep = "k".repeat(1024);
    // Each class takes more bytes in a transaction than it has.
    let classes = vec![r#""a""#; 64].join(",");
    let claims = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":[{classes}]}}}}}}"#);
    let params = AuthorizationParams { keep: Some(&keep), claims: Some(&claims), ..AuthorizationParams::default() };
    let request = rp.authorization_request(&params, &entropy).unwrap();
    let transaction = rp.transaction(request.transaction.expose()).unwrap();
    let grant = Grant::from(GrantType::RefreshToken { token: SECRET, transaction: None });
    let escaped = SECRET.replace('-', "\\u002d");
    let tokens = format!(r#"{{"access_token":"{escaped}","token_type":"Bearer","refresh_token":"\n{escaped}"}}"#);
    let reply = HttpReply { status: 200, content_type: Some("application/json"), ..HttpReply::default() };
    let refused = HttpReply { status: 400, body: br#"{"error":"invalid_grant"}"#, ..reply };
    let redirect = format!("https://app.example/cb?code={SECRET}%2B{SECRET}&state={}", request.state);

    let key = DecryptionKey::new(KeyManagement::EcdhEs, "X25519", None).unwrap();
    let reader = RelyingParty::new(rp.provider().clone(), rp.client().clone().decryption_key(key).unwrap());
    let epk = format!(r#"{{"kty":"OKP","crv":"X25519","x":"{}"}}"#, encode(&[9; 32]));
    let header = encode(format!(r#"{{"alg":"ECDH-ES","enc":"A128GCM","epk":{epk}}}"#).as_bytes());
    let encrypted = format!("{header}..{}.AA.{}", encode(&[0; 12]), encode(&[0; 16]));
    let jwe = reader.encrypted_token(&encrypted, TokenKind::IdToken).unwrap().unwrap();
    let conclude = |before: &[u8], after: &[u8]| jwe.conclude(Some([before, SECRET.as_bytes(), after].concat()));

    assert!(leaves(|| drop(String::from(SECRET))), "the search finds nothing");
    let works: [(&str, &dyn Fn()); 11] = [
        ("a secret", &|| drop(Secret::from(SECRET))),
        ("a client", &|| drop(rp.clone())),
        ("a verifier", &|| drop(Pkce::new(&[7; 32]))),
        ("an authorization request", &|| drop(rp.authorization_request(&params, &entropy).unwrap())),
        ("a redirect", &|| drop(rp.authorization_response(Redirect::Text(&redirect), &transaction).unwrap())),
        ("a token response", &|| {
            drop(rp.token_response(&HttpReply { body: tokens.as_bytes(), ..reply }, &grant).unwrap());
        }),
        ("a refusal", &|| drop(rp.token_response(&refused, &grant).unwrap_err())),
        ("decrypted content", &|| drop(conclude(b"", b"").unwrap())),
        ("content that is no text", &|| drop(conclude(b"", b"\xff").unwrap_err())),
        ("content that is encrypted again", &|| drop(conclude(b"a.b.c.d.", b"").unwrap_err())),
        ("half a token response", &|| {
            let half = &tokens.as_bytes()[..tokens.len() - 2];
            drop(rp.token_response(&HttpReply { body: half, ..reply }, &grant).unwrap_err());
        }),
    ];
    for (name, work) in works {
        assert!(!leaves(work), "{name}");
    }
}
