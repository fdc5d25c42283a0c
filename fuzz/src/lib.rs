//! The code of each fuzz target. It must not panic, and its values must equal those of another
//! reader.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidc_wasm::wire::base64url;
use oidc_wasm::wire::form::Form;
use oidc_wasm::wire::json::Document;
use oidc_wasm::{
    AUTHORIZATION_ENTROPY, AccessTokenExpected, Algorithm, AuthorizationParams, AuthorizationRequest,
    BackchannelAuthentication, BackchannelAuthenticationParams, Client, DecryptionKey, DeviceAuthorization, Discovery,
    DpopExpected, DpopProof, Error, GrantType, HttpReply, IdTokenExpected, Jwks, Jws, KeyManagement, Metadata,
    NumericDate, PersonHint, Poll, PollRefusal, Provider, REQUEST_OBJECT_ENTROPY, Redirect, RedirectUri, Registration,
    RegistrationAction, Relaxation, Relaxations, RelyingParty, Resource, ResourceDiscovery, ResponseMode, Scope,
    Secret, Signature, TokenKind, Transaction, Verified, client_metadata_document, parse_challenges, wants_dpop_nonce,
};
use serde_json::Value;

pub const ISSUER: &str = "https://op.example";
pub const CLIENT: &str = "s6BhdRkqt3";
pub const SUBJECT: &str = "248289761001";
const NOW: NumericDate = NumericDate::from_seconds(1_311_281_000);

const METADATA: &[u8] = br#"{
    "issuer": "https://op.example",
    "authorization_endpoint": "https://op.example/authorize",
    "token_endpoint": "https://op.example/token",
    "userinfo_endpoint": "https://op.example/userinfo",
    "end_session_endpoint": "https://op.example/logout",
    "jwks_uri": "https://op.example/jwks",
    "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"]
}"#;

const KEYS: &[u8] = br#"{"keys": [
    {"kty": "RSA", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ", "e": "AQAB"},
    {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
    {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
]}"#;

struct World {
    rp: RelyingParty,
    keys: Jwks,
    request: AuthorizationRequest,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let client = Client::new(CLIENT).and_then(|client| client.redirect_uri("https://www.rp.com/cb")).unwrap();
    let rp = RelyingParty::new(Provider::parse(METADATA).unwrap(), client);
    let request = rp.authorization_request(&AuthorizationParams::default(), &[7; AUTHORIZATION_ENTROPY]).unwrap();
    World { keys: Jwks::parse(KEYS).unwrap(), rp, request }
});

impl World {
    fn transaction(&self) -> Transaction<'_> {
        self.rp.transaction(self.request.transaction.expose()).unwrap()
    }
}

/// The transaction and the state of the login for the redirects.
pub fn started() -> (&'static str, &'static str) {
    (WORLD.request.transaction.expose(), &WORLD.request.state)
}

fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// Output that should be JSON is valid JSON.
fn is_json(text: &str) {
    assert!(serde_json::from_str::<Value>(text).is_ok(), "not JSON: {text}");
}

/// A reply: the status and the content type in the first line, then the body. The same line is the
/// value of every other header.
fn reply(data: &[u8]) -> Option<HttpReply<'_>> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    let (status, header) = text(&data[..end])?.split_once(' ')?;
    Some(HttpReply {
        status: status.parse().ok()?,
        content_type: Some(header),
        cache_control: Some(header),
        www_authenticate: Some(header),
        retry_after: None,
        body: &data[end + 1..],
    })
}

pub fn json(data: &[u8]) {
    let Ok(document) = Document::parse(data) else { return };
    let theirs: Value = serde_json::from_slice(data).expect("serde_json refuses what was accepted");
    assert_eq!(document.text().as_bytes(), data);
    let ours: Value = serde_json::from_str(&document.root().json()).unwrap();
    assert_eq!(ours, theirs);
}

pub fn base64url(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let ours = base64url::decode(text);
    assert_eq!(ours, URL_SAFE_NO_PAD.decode(text).ok());
    if let Some(bytes) = ours {
        assert_eq!(base64url::encode(&bytes), text);
    }
}

pub fn form(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let form = Form::parse(text);
    let ours = form.pairs().map(|(name, value)| {
        [name, value].map(|part| {
            let bytes = part.bytes();
            // A part's string, if it is valid UTF-8, has the same bytes.
            assert_eq!(part.text().map(|text| text.into_owned()), String::from_utf8(bytes.to_vec()).ok());
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let theirs = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| [name, value].map(Cow::into_owned));
    let theirs: Vec<[String; 2]> = theirs.collect();
    assert!(ours.eq(theirs.iter().cloned()));
    for [name, _] in &theirs {
        // The other reader replaces invalid UTF-8 in a name by U+FFFD, so it reads another name.
        if !name.contains('\u{fffd}') {
            assert_eq!(form.count(name), theirs.iter().filter(|[other, _]| other == name).count());
            let first = form.get(name).map_or("\u{fffd}".into(), Cow::into_owned);
            assert!(first == "\u{fffd}" || theirs.iter().find(|[other, _]| other == name).unwrap()[1] == first);
        }
    }
}

pub fn uri(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let _ = (RedirectUri::parse(text), Resource::parse(text), Scope::parse(text));
    for metadata in [Metadata::Oidc, Metadata::Oauth2] {
        let _ = Discovery { issuer: text, metadata, ..Discovery::default() }.request();
    }
    let metadata = serde_json::json!({ "issuer": ISSUER, "authorization_endpoint": text, "jwks_uri": text, "end_session_endpoint": text });
    let Ok(provider) = Provider::parse(metadata.to_string().as_bytes()) else { return };
    if let Ok(request) = provider.jwks_request() {
        assert!(!request.url.contains('#'));
    }
    let rp = RelyingParty::new(provider, WORLD.rp.client().clone());
    let _ = rp.end_session_url(&Default::default());
    if let Ok(request) = rp.authorization_request(&AuthorizationParams::default(), &[7; AUTHORIZATION_ENTROPY]) {
        assert!(request.url.starts_with(text) && !request.url.contains('#'));
    }
}

pub fn redirect(data: &[u8]) {
    let Some(text) = text(data) else { return };
    for redirect in [Redirect::Text(text), Redirect::Parameters(text)] {
        let Ok(response) = WORLD.rp.authorization_response(redirect, &WORLD.transaction()) else { continue };
        // Another reader finds the same values, and reading succeeds only with the sent state.
        let pairs =
            |text: &str| -> Vec<(String, String)> { form_urlencoded::parse(text.as_bytes()).into_owned().collect() };
        let sent = match redirect {
            Redirect::Parameters(text) => pairs(text),
            Redirect::Text(text) => {
                let address = text.split('#').next().unwrap_or_default();
                pairs(address.split_once('?').map_or("", |parts| parts.1))
            }
        };
        let value = |name| sent.iter().find(|pair| pair.0 == name).map(|pair| &*pair.1);
        assert_eq!((value("state"), value("code")), (Some(&*WORLD.request.state), response.code()));
        assert_eq!(value("session_state"), response.session_state());
        assert!(response.id_token().is_none() && response.access_token().is_none());
    }
    let _ = WORLD.rp.end_session_returned(text, &WORLD.request.state);
}

pub fn challenge(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let _ = parse_challenges(text);
}

pub fn transaction(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let Ok(transaction) = WORLD.rp.transaction(text) else { return };
    // The transaction reads the same after writing.
    let written = transaction.write(&WORLD.rp);
    let again = WORLD.rp.transaction(&written).unwrap();
    assert_eq!(again.write(&WORLD.rp), written);
    assert!(written.len() <= text.len());
    let (one, other) = (IdTokenExpected::of(&transaction), IdTokenExpected::of(&again));
    assert_eq!((one.nonce, one.state, one.max_age), (other.nonce, other.state, other.max_age));
    assert_eq!((one.acr_values, one.needs_auth_time), (other.acr_values, other.needs_auth_time));
    let _ = WORLD.rp.authorization_response(Redirect::Parameters("code=x"), &transaction);
}

pub fn metadata(data: &[u8]) {
    let _ = Provider::parse(data);
    let Some(reply) = reply(data) else { return };
    let strict = Relaxations::default();
    for relaxations in [strict, strict.with(Relaxation::IssuerTemplate)] {
        if let Ok(provider) = (Discovery { issuer: ISSUER, relaxations, ..Discovery::default() }).provider(&reply) {
            assert!(relaxations != strict || provider.issuer() == ISSUER);
            is_json(text(reply.body).unwrap());
        }
    }
}

/// The first line is a token, the rest is its key set.
pub fn jwks(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (token, set) = end.map_or((&data[..0], data), |end| (&data[..end], &data[end + 1..]));
    let Ok(keys) = Jwks::parse(set) else { return };
    for index in 0..keys.len() {
        is_json(keys.get(index).unwrap().json());
    }
    if let Some(Ok(jws)) = text(token).map(|token| WORLD.rp.id_token(token)) {
        let _ = verified(&jws, &keys);
    }
}

/// Assumes that the host found the signature valid.
fn verified<'a, 't>(jws: &'a Jws<'t>, keys: &'a Jwks) -> Option<Verified<'a, 't>> {
    jws.verification(keys).ok()?.conclude(true).ok()
}

pub fn jws(data: &[u8]) {
    let Some(token) = text(data) else { return };
    let (World { rp, keys, .. }, transaction) = (&*WORLD, WORLD.transaction());
    for expected in [IdTokenExpected::default(), IdTokenExpected::of(&transaction)] {
        let report = rp.check_id_token(token, &expected, NOW);
        is_json(&report.header);
        is_json(&report.claims);
        let Ok(jws) = rp.id_token(token) else { continue };
        is_json(jws.header());
        let Some(verified) = verified(&jws, keys) else { continue };
        assert_eq!(rp.claims(verified, &expected, NOW).is_ok(), report.is_valid());
        assert_eq!(rp.report(Signature::Valid(verified), &expected, NOW).is_valid(), report.is_valid());
        let _ = rp.userinfo_claims(verified, SUBJECT, NOW);
    }
}

/// An accepted encrypted token has strict parts, as long as its algorithms require, and a key of its algorithm.
pub fn encrypted(data: &[u8]) {
    static ENCRYPTED: LazyLock<RelyingParty> = LazyLock::new(|| {
        let mut client = Client::new("s6BhdRkqt3").unwrap();
        for &algorithm in KeyManagement::ALL {
            let curves: &[&str] = match algorithm.name().starts_with("RSA") {
                true => &[""],
                false => &["P-256", "P-384", "P-521", "X25519"],
            };
            for curve in curves {
                client = client.decryption_key(DecryptionKey::new(algorithm, curve, None).unwrap()).unwrap();
            }
        }
        RelyingParty::new(WORLD.rp.provider().clone(), client)
    });
    let Some(token) = text(data) else { return };
    let Ok(jwe) = ENCRYPTED.encrypted_token(token, TokenKind::IdToken) else { return };
    let Some(jwe) = jwe else {
        assert_ne!(token.split('.').count(), 5);
        return;
    };
    let encoded = jwe.parts().map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    assert_eq!(format!("{}.{encoded}", jwe.additional_data()), token);
    let [encrypted_key, iv, _, tag] = jwe.parts();
    let mac = jwe.encryption().mac_bytes();
    assert_eq!((iv.len(), tag.len()), if mac == 0 { (12, 16) } else { (16, mac) });
    assert_eq!(encrypted_key.is_empty(), jwe.algorithm() == KeyManagement::EcdhEs);
    assert_eq!(jwe.ephemeral_key().is_some(), !jwe.algorithm().name().starts_with("RSA"));
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwe.additional_data()).unwrap()).unwrap();
    assert_eq!((&header["alg"], &header["enc"]), (&jwe.algorithm().name().into(), &jwe.encryption().name().into()));
    assert!(header.get("zip").is_none_or(Value::is_null) && header.get("crit").is_none());
    assert_eq!(jwe.conclude(None).unwrap_err().code(), "jwe.decryption");
    assert_eq!(jwe.conclude(Some(data.to_vec())).unwrap_err().code(), "jwe.nested");
}

/// The value of `Authorization` in the first line, then that of `DPoP`.
pub fn dpop_proof(data: &[u8]) {
    let Some((authorization, proof)) = text(data).and_then(|text| text.split_once('\n')) else { return };
    let Ok(proof) = DpopProof::of_request(Some(authorization), Some(proof)) else { return };
    let is_dpop = authorization.split(' ').next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("DPoP"));
    assert_eq!(proof.is_some(), is_dpop);
    let Some(proof) = proof else { return };
    let Ok(verification) = proof.verification() else { return };
    // The proof contains its key.
    assert!(verification.key().is_some());
    let Ok(verified) = verification.conclude(true) else { return };
    let expected = DpopExpected {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        access_token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
        nonces: &[],
    };
    let now = NumericDate::from_seconds(1_562_262_618);
    if let Ok(claims) = proof.claims(&WORLD.rp, verified, &expected, now) {
        assert!(!claims.jti.is_empty() && claims.jkt.len() == 43);
    }
}

pub fn par(data: &[u8]) {
    let Some(reply) = reply(data) else { return };
    let Ok(url) = WORLD.rp.pushed_authorization_response(&reply) else { return };
    // The browser's request has only the client's identifier and the name of the pushed request.
    let (start, query) = url.split_once('?').unwrap();
    assert_eq!(start, "https://op.example/authorize");
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let names: Vec<_> = pairs.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
}

/// The claims of a signed response: an accepted answer holds this login's state, and a code that was asked for.
pub fn signed_response(data: &[u8]) {
    static SIGNED: LazyLock<AuthorizationRequest> = LazyLock::new(|| {
        let params = AuthorizationParams { response_mode: Some(ResponseMode::Jwt), ..AuthorizationParams::default() };
        WORLD.rp.authorization_request(&params, &[7; AUTHORIZATION_ENTROPY]).unwrap()
    });
    let transaction = WORLD.rp.transaction(SIGNED.transaction.expose()).unwrap();
    let Some(given) = text(data) else { return };
    // The redirect is never a plain answer.
    if let Ok(plain) = WORLD.rp.authorization_response(Redirect::Text(given), &transaction) {
        panic!("{plain:?}");
    }
    let _ = WORLD.rp.signed_response(Redirect::Text(given), &transaction);
    let part = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let token = format!("{}.{}.{}", part(br#"{"alg":"RS256"}"#), part(data), part(&[7; 256]));
    let Ok(jws) = WORLD.rp.authorization_response_token(&token) else { return };
    let Some(verified) = verified(&jws, &WORLD.keys) else { return };
    let Ok(response) = WORLD.rp.signed_authorization_response(verified, &transaction, NOW) else { return };
    let claims: Value = serde_json::from_slice(data).unwrap();
    assert_eq!((&claims["state"], &claims["iss"]), (&Value::from(&*SIGNED.state), &Value::from(ISSUER)));
    assert_eq!(response.code(), claims["code"].as_str());
}

/// The caller's parameters, as a query: whatever they are, the request object is JSON whose claims are the library's.
pub fn request_object(data: &[u8]) {
    let Some(query) = text(data) else { return };
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let extra = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
    let params = AuthorizationParams { extra, ..AuthorizationParams::default() };
    let client = WORLD.rp.client().clone().request_object(Algorithm::Es256, None).unwrap();
    let rp = RelyingParty::new(WORLD.rp.provider().clone(), client);
    let Ok(made) = rp.request_object(&params, NOW, &[7; REQUEST_OBJECT_ENTROPY]) else { return };
    let (_, claims) = made.unsigned.signing_input().split_once('.').unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"], &claims["sub"]), (&CLIENT.into(), &ISSUER.into(), &Value::Null));
    assert!(claims["state"] == *made.state && claims["response_type"] == *"code");
    for (name, _) in &pairs {
        assert!(claims.get(&**name).is_some(), "{name}");
    }
}

/// Metadata of a client, or a reply about a client.
pub fn registration(data: &[u8]) {
    let metadata = text(data);
    let registration = Registration {
        action: RegistrationAction::Update,
        issuer: ISSUER,
        address: Some("https://op.example/register/1"),
        token: Some("the-token-of-a-registration"),
        client_id: Some(CLIENT),
        client_secret: None,
        metadata,
    };
    if let Ok(request) = registration.request() {
        let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
        assert_eq!(body["client_id"], CLIENT);
        assert!(body.get("registration_access_token").is_none());
    }
    if let Some(Ok(document)) = metadata.map(|metadata| client_metadata_document("https://app.example/c", metadata)) {
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["client_id"], "https://app.example/c");
        assert!(document["client_secret"].is_null());
    }
    let Some(reply) = reply(data) else { return };
    if let Ok(Some(information)) = registration.response(&reply) {
        let information: Value = serde_json::from_str(information).unwrap();
        assert_eq!(information["client_id"], CLIENT);
    }
}

pub fn authorization_details(data: &[u8]) {
    let Some(details) = text(data) else { return };
    let params = AuthorizationParams { authorization_details: Some(details), ..AuthorizationParams::default() };
    let Ok(request) = WORLD.rp.authorization_request(&params, &[7; AUTHORIZATION_ENTROPY]) else { return };
    let query = request.url.split_once('?').unwrap().1;
    let (_, sent) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "authorization_details").unwrap();
    let sent: Vec<Value> = serde_json::from_str(&sent).unwrap();
    assert!(sent.iter().all(|detail| detail["type"].as_str().is_some_and(|name| !name.is_empty())));
}

pub fn device(data: &[u8]) {
    let Some(reply) = reply(data) else { return };
    let Ok(device) = WORLD.rp.device_authorization_response(&reply) else { return };
    is_json(device.json());
    assert!(!device.device_code().is_empty() && !device.user_code().is_empty());
    assert!(device.verification_uri().get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")));
    let again = DeviceAuthorization::parse(device.json(), WORLD.rp.provider()).unwrap();
    polls(&|interval, refusal| again.next_poll(0, interval, refusal));
}

pub fn backchannel_authentication(data: &[u8]) {
    let Some(reply) = reply(data) else { return };
    let params = BackchannelAuthenticationParams {
        scope: Scope::default(),
        hint: PersonHint::LoginHint("ada"),
        binding_message: None,
        user_code: None,
        requested_expiry: None,
        acr_values: None,
        resource: Vec::new(),
        parameters: Vec::new(),
    };
    let Ok(request) = WORLD.rp.backchannel_authentication_response(&reply, &params) else { return };
    is_json(request.json());
    assert!(!request.auth_req_id().is_empty());
    let again = BackchannelAuthentication::parse(request.json(), WORLD.rp.provider()).unwrap();
    polls(&|interval, refusal| again.next_poll(0, interval, refusal));
}

type NextPoll<'a> = dyn Fn(Option<u32>, Option<PollRefusal<'_>>) -> Result<Option<Poll>, Error> + 'a;

/// These errors make the interval longer (RFC 8628 §3.5, CIBA Core 1.0 §11).
fn polls(next_poll: &NextPoll<'_>) {
    let Ok(Some(first)) = next_poll(None, None) else { return };
    for (code, error) in [("token.oauth_error", "slow_down"), ("http.timeout", "")] {
        let refusal = PollRefusal { code, error, ..PollRefusal::default() };
        if let Ok(Some(next)) = next_poll(Some(first.interval), Some(refusal)) {
            assert!(next.interval > first.interval && next.wait >= next.interval || first.interval == u32::MAX >> 1);
        }
    }
}

pub fn resource_metadata(data: &[u8]) {
    const RESOURCE: &str = "https://resource.example.com/resource1";
    let Some(reply) = reply(data) else { return };
    let discovery = ResourceDiscovery { resource: RESOURCE, www_authenticate: reply.www_authenticate };
    if let Ok(request) = discovery.request() {
        assert!(request.url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")));
    }
    if let Ok(metadata) = discovery.metadata(&reply) {
        let metadata: Value = serde_json::from_str(metadata).unwrap();
        assert_eq!(metadata["resource"], RESOURCE);
    }
}

pub fn step_up(data: &[u8]) {
    let Some(Ok(Some(asked))) = text(data).map(oidc_wasm::step_up) else { return };
    // The requested values come from a challenge of the header.
    assert!(!parse_challenges(text(data).unwrap()).is_empty());
    let _ = asked.scope.map(|scope| Scope::parse(&scope));
}

pub fn access_token(data: &[u8]) {
    let Some(Ok(jws)) = text(data).map(|token| WORLD.rp.access_token(token)) else { return };
    let Some(verified) = verified(&jws, &WORLD.keys) else { return };
    let expected = AccessTokenExpected {
        audience: vec!["https://api.example.com"],
        scope: Scope::parse("read").ok(),
        acr_values: vec!["urn:x"],
        max_age: Some(60),
        ..AccessTokenExpected::default()
    };
    if let Ok(claims) = WORLD.rp.access_token_claims(verified, &expected, NOW) {
        is_json(claims);
    }
}

pub fn logout_token(data: &[u8]) {
    let Some(Ok(jws)) = text(data).map(|token| WORLD.rp.logout_token(token)) else { return };
    let Some(verified) = verified(&jws, &WORLD.keys) else { return };
    if let Ok(claims) = WORLD.rp.logout_token_claims(verified, NOW) {
        is_json(claims);
    }
}

pub fn token_response(data: &[u8]) {
    let Some(reply) = reply(data) else { return };
    assert!(!wants_dpop_nonce(&reply) || matches!(reply.status, 400 | 401));
    for grant in [GrantType::ClientCredentials, GrantType::RefreshToken { token: "8xLOxBtZp8", transaction: None }] {
        if let Ok(tokens) = WORLD.rp.token_response(&reply, &grant.into()) {
            assert!(!tokens.access_token().is_empty());
            is_json(tokens.json());
        }
    }
}

/// A reply, or the content of an encrypted one: accepted claims are about the right person.
pub fn userinfo(data: &[u8]) {
    static ENCRYPTED: LazyLock<RelyingParty> = LazyLock::new(|| {
        let key = DecryptionKey::new(KeyManagement::RsaOaep256, "", None).unwrap();
        let client = Client::new(CLIENT).unwrap().decryption_key(key).unwrap();
        let client = client.encrypted_response_alg(TokenKind::Userinfo, KeyManagement::RsaOaep256).unwrap();
        RelyingParty::new(WORLD.rp.provider().clone(), client)
    });
    if let Some(content) = text(data).map(Secret::from)
        && let Ok(Some(claims)) = ENCRYPTED.decrypted_userinfo(&content, SUBJECT)
    {
        let claims: Value = serde_json::from_str(claims).unwrap();
        assert_eq!(claims["sub"], SUBJECT);
    }
    let Some(reply) = reply(data) else { return };
    let _ = WORLD.rp.userinfo_response(&reply, "an access token", SUBJECT);
}

pub fn introspection(data: &[u8]) {
    let Some(reply) = reply(data) else { return };
    let _ = WORLD.rp.revocation_response(&reply, "a token");
    if let Ok(claims) = WORLD.rp.introspection_response(&reply, "a token") {
        is_json(claims);
    }
}

/// A reply, or the claims of a signed one: an accepted answer is that of the provider, for this client.
pub fn signed_introspection(data: &[u8]) {
    const AT: NumericDate = NumericDate::from_seconds(1_514_797_892);
    static SIGNED: LazyLock<RelyingParty> = LazyLock::new(|| {
        let provider = Provider::parse(br#"{"issuer": "https://as.example.com"}"#).unwrap();
        let client = Client::new("rs").unwrap().introspection_signed_response_alg(Algorithm::Rs256).unwrap();
        RelyingParty::new(provider, client)
    });
    if let Some(reply) = reply(data) {
        assert!(SIGNED.introspection_response(&reply, "a token").is_err());
        let _ = SIGNED.signed_introspection(&reply);
    }
    let part = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let header = br#"{"alg":"RS256","typ":"token-introspection+jwt"}"#;
    let token = format!("{}.{}.{}", part(header), part(data), part(&[7; 256]));
    let Ok(jws) = SIGNED.introspection_token(&token) else { return };
    let Some(verified) = verified(&jws, &WORLD.keys) else { return };
    let Ok(about) = SIGNED.introspection_claims(verified, AT) else { return };
    let claims: Value = serde_json::from_slice(data).unwrap();
    let (about, told): (Value, _) = (serde_json::from_str(&about).unwrap(), &claims["token_introspection"]);
    assert_eq!(claims["iss"], "https://as.example.com");
    let is_ours = claims["aud"].as_array().is_some_and(|all| all.iter().all(|aud| aud == "rs"));
    assert!(is_ours || claims["aud"] == "rs");
    assert!(claims["iat"].is_number());
    assert_eq!(about["active"], told["active"]);
    assert!(&about == told || about == serde_json::json!({ "active": false }));
}

pub fn initiated_login(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let _ = WORLD.rp.initiated_login(text);
}
