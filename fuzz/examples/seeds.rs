//! Writes the seed corpora, `fuzz/corpus/<target>/`, from the test vectors.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value};

fn main() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| -> Value {
        let path = fuzz.join("../tests/vectors").join(file).with_extension("json");
        serde_json::from_slice(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
    };
    for (target, file, seed) in TARGETS {
        let folder = fuzz.join("corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        let vectors = read(file);
        let seeds: Vec<Vec<u8>> =
            vectors["cases"].as_array().unwrap().iter().filter_map(|case| seed(&vectors, case)).collect();
        assert!(!seeds.is_empty(), "{file} gives no seed for {target}");
        for (index, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("{file}-{index}")), seed).unwrap();
        }
    }
}

type Seed = fn(&Value, &Value) -> Option<Vec<u8>>;

const TARGETS: &[(&str, &str, Seed)] = &[
    ("json", "json", |_, case| body(&case["document"], &case["document_base64url"])),
    ("json", "token_response", |_, case| body(&case["reply"]["body"], &Value::Null)),
    ("base64url", "base64url", |_, case| text(&case["text"])),
    ("form", "form", |_, case| text(&case["form"])),
    ("form", "redirect", |_, case| text(&case["response"])),
    ("uri", "client", |_, case| text(&case["client"]["redirectUri"])),
    ("uri", "discovery", |_, case| text(&case["issuer"])),
    ("uri", "authorization", |_, case| text(&case["provider"]["authorization_endpoint"])),
    ("redirect", "redirect", |_, case| text(&case["response"])),
    ("challenge", "challenge", |_, case| text(&case["header"])),
    ("transaction", "redirect", |_, case| {
        let kept = case["transaction"].as_str().unwrap_or("{transaction}");
        Some(kept.replace("{transaction}", oidc_wasm_fuzz::started().0).into_bytes())
    }),
    ("metadata", "discovery", |_, case| reply(&case["reply"])),
    ("jwks", "jwks", |file, case| {
        let set = body(&case["jwks"], &Value::Null)?;
        Some([token(file, case).as_bytes(), b"\n", &set].concat())
    }),
    ("jws", "id_token", |file, case| Some(token(file, case).into_bytes())),
    ("jws", "jws", |_, case| text(&case["token"])),
    ("encrypted", "encrypted", |_, case| text(&case["token"])),
    ("dpop_proof", "dpop", |file, case| {
        let authorization = case["authorization"].as_str().unwrap_or("DPoP {token}");
        // An ES256 signature is shorter.
        let proof = token(file, case).replace(&BASE64.encode([0; 256]), &BASE64.encode([0; 64]));
        Some(format!("{authorization}\n{proof}").into_bytes())
    }),
    ("par", "par", |_, case| case.get("reply").and_then(reply)),
    ("signed_introspection", "signed_introspection", |file, case| {
        case.get("reply")
            .and_then(reply)
            .or_else(|| Some(merged(&file["claims"], &case["claims"], &case["without"]).into()))
    }),
    ("signed_response", "signed_response", |file, case| body(&case["claims"], &file["claims"])),
    ("request_object", "request_object", |_, case| text(&case["expect"]["ok"]["url"])),
    ("authorization_details", "authorization_details", |_, case| Some(case["details"].to_string().into_bytes())),
    ("registration", "registration", |_, case| {
        case.get("reply").and_then(reply).or(body(&case["metadata"], &Value::Null))
    }),
    ("registration", "client_metadata_document", |_, case| body(&case["metadata"], &Value::Null)),
    ("backchannel_authentication", "backchannel_authentication", |_, case| case.get("reply").and_then(reply)),
    ("device", "device", |_, case| case.get("reply").and_then(reply)),
    ("resource_metadata", "resource_metadata", |_, case| case.get("reply").and_then(reply)),
    ("step_up", "step_up", |_, case| text(&case["header"])),
    ("access_token", "access_token", |file, case| Some(token(file, case).into_bytes())),
    ("logout_token", "logout_token", |file, case| Some(token(file, case).into_bytes())),
    ("token_response", "token_response", |_, case| reply(&case["reply"])),
    ("userinfo", "userinfo", |_, case| reply(&case["reply"])),
    ("introspection", "introspection", |_, case| reply(&case["reply"])),
    ("userinfo", "encrypted", |_, case| text(&case["content"])),
    ("introspection", "revocation", |_, case| reply(&case["reply"])),
    ("initiated_login", "initiated_login", |_, case| text(&case["request"])),
];

/// A string with the values of the targets' login for its placeholders.
fn text(value: &Value) -> Option<Vec<u8>> {
    Some(value.as_str()?.replace("{state}", oidc_wasm_fuzz::started().1).into_bytes())
}

fn body(plain: &Value, encoded: &Value) -> Option<Vec<u8>> {
    match (plain, encoded) {
        (_, Value::String(bytes)) => BASE64.decode(bytes).ok(),
        (Value::Null, _) => None,
        (Value::String(text), _) => Some(text.clone().into_bytes()),
        (json, _) => Some(json.to_string().into_bytes()),
    }
}

fn reply(reply: &Value) -> Option<Vec<u8>> {
    let content_type = reply["headers"]["content-type"].as_str().unwrap_or("application/json");
    let first = format!("{} {content_type}\n", reply["status"].as_u64().unwrap_or(200));
    Some([first.as_bytes(), &body(&reply["body"], &reply["body_base64url"])?].concat())
}

/// The token of a case with a signature of zeros. The targets read these parts before any signature
/// check.
fn token(file: &Value, case: &Value) -> String {
    let part = |name: &str, raw: &str, without: &str| {
        let text = case[raw].as_str().map_or_else(|| merged(&file[name], &case[name], &case[without]), str::to_owned);
        BASE64.encode(text)
    };
    let header = part("header", "header_text", "without_header");
    let payload = part("claims", "payload", "without");
    let signature = BASE64.encode([0; 256]);
    let template = case["token"].as_str().unwrap_or("{header}.{payload}.{signature}");
    template.replace("{header}", &header).replace("{payload}", &payload).replace("{signature}", &signature)
}

fn merged(defaults: &Value, over: &Value, without: &Value) -> String {
    let mut all: Map<String, Value> = defaults.as_object().cloned().unwrap_or_default();
    all.extend(over.as_object().cloned().unwrap_or_default());
    all.retain(|name, _| !without.as_array().is_some_and(|names| names.iter().any(|one| one == name)));
    Value::from(all).to_string()
}
