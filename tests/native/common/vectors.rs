//! Vector files: their cases and defaults, and the run that compares every verdict.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use oidc_wasm::NumericDate;
use oidc_wasm::wire::base64url::encode;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Refusal, shown};

/// Published signatures over bytes that are no token, one file for each algorithm.
pub(crate) const SIGNATURES: [&str; 10] = [
    "wycheproof_eddsa",
    "wycheproof_es256",
    "wycheproof_es384",
    "wycheproof_es512",
    "wycheproof_ps256",
    "wycheproof_ps384",
    "wycheproof_ps512",
    "wycheproof_rs256",
    "wycheproof_rs384",
    "wycheproof_rs512",
];

/// Every file with our own cases.
pub(crate) const FILES: [&str; 41] = [
    "access_token",
    "authorization",
    "authorization_details",
    "backchannel_authentication",
    "base64url",
    "challenge",
    "client",
    "client_metadata_document",
    "device",
    "discovery",
    "downscope",
    "dpop",
    "encrypted",
    "end_session",
    "end_session_returned",
    "form",
    "front_channel_logout",
    "id_token",
    "initiated_login",
    "introspection",
    "json",
    "jwks",
    "jws",
    "logout_token",
    "mtls",
    "par",
    "pkce",
    "point",
    "profile",
    "redirect",
    "registration",
    "request_object",
    "resource_metadata",
    "revocation",
    "signed_introspection",
    "signed_response",
    "step_up",
    "thumbprint",
    "token_request",
    "token_response",
    "userinfo",
];

/// One file of `tests/vectors/`.
pub(crate) struct Vectors {
    name: &'static str,
    top: Value,
}

/// One case, with the defaults of its file.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    top: &'a Value,
    case: &'a Value,
}

pub(crate) fn load(name: &'static str) -> Vectors {
    Vectors { name, top: read(name) }
}

pub(crate) fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name).with_extension("json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `null` removes a member. Any other value replaces it.
pub(crate) fn merged(default: &Value, changes: Option<&Value>) -> Value {
    let mut out = default.as_object().cloned().unwrap_or_default();
    for (name, value) in changes.and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            out.shift_remove(name);
        } else {
            out.insert(name.clone(), value.clone());
        }
    }
    out.into()
}

impl Vectors {
    pub(crate) fn cases(&self) -> impl Iterator<Item = Case<'_>> {
        self.top["cases"].as_array().unwrap().iter().map(|case| Case { top: &self.top, case })
    }

    /// Runs every case and compares the value of a good one, or the error of a bad one. Reports all
    /// differences at once.
    pub(crate) fn run(&self, judge: impl Fn(Case<'_>) -> Result<Value, Refusal>) {
        let mut verdicts = BTreeMap::new();
        let mut wrong = Vec::new();
        assert!(self.cases().next().is_some(), "{}.json has no case", self.name);
        for case in self.cases() {
            let outcome = judge(case);
            let verdict = match &outcome {
                Ok(_) => Some("ok".into()),
                Err(Refusal::Engine(error)) => Some(error.code()),
                // The encoder reports it here, TypeScript in JavaScript.
                Err(Refusal::Argument(_)) => None,
            };
            let named = verdict.map(|verdict| (format!("{}/{}", self.name, case.name()), verdict.into()));
            verdicts.extend(named);
            wrong.extend(
                difference(&case.case["expect"], outcome).map(|difference| format!("{}: {difference}", case.name())),
            );
        }
        // An engine that can lack a rule does not count.
        if option_env!("OIDC_WASM_MUTANTS").is_none() {
            publish(verdicts);
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), self.name, wrong.join("\n"));
    }
}

fn difference(expected: &Value, outcome: Result<Value, Refusal>) -> Option<String> {
    match (expected.get("ok"), expected.get("error"), outcome) {
        (Some(expected), None, Ok(found)) => {
            (!same(expected, &found)).then(|| format!("expected {expected}, got {found}"))
        }
        (None, Some(expected), Err(refusal)) => {
            let found = shown(&refusal);
            let differs = |(name, value): (&String, &Value)| match (name.as_str(), value.as_array()) {
                ("without", Some(names)) => names.iter().any(|name| found.get(name.as_str().unwrap()).is_some()),
                _ => found.get(name) != Some(value),
            };
            expected.as_object().unwrap().iter().any(differs).then(|| format!("expected {expected}, got {found}"))
        }
        (_, _, Ok(found)) => Some(format!("expected {expected}, got {found}")),
        (_, _, Err(refusal)) => Some(format!("expected {expected}, got {}", shown(&refusal))),
    }
}

/// Equal for a JSON reader with double-precision numbers, such as JavaScript.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let is_in_right = |(name, value)| right.get(name).is_some_and(|right| same(value, right));
            left.len() == right.len() && left.iter().all(is_in_right)
        }
        _ => left == right,
    }
}

/// Writes the verdicts for the comparison of all runtimes: `target/verdicts/native.json`.
fn publish(verdicts: BTreeMap<String, Value>) {
    static ALL: Mutex<BTreeMap<String, Value>> = Mutex::new(BTreeMap::new());
    static SOURCES: LazyLock<String> = LazyLock::new(sources);
    let mut all = ALL.lock().unwrap();
    all.extend(verdicts);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/verdicts");
    fs::create_dir_all(&folder).unwrap();
    let content = json!({ "sources": *SOURCES, "verdicts": *all });
    fs::write(folder.join("native.json"), serde_json::to_string_pretty(&content).unwrap()).unwrap();
}

/// The digest of engine, tests and vectors. `tests/js/run.mjs` computes the same, and accepts no verdicts of other sources.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        ["src", "tests/native", "tests/vectors"].iter().flat_map(|it| files(&root.join(it))).collect();
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(file).unwrap());
    }
    encode(&hash.finalize())
}

/// Every file below a folder, as strings: paths have another order.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let inside = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path.to_str().unwrap().to_owned()] };
    entries.flat_map(inside).collect()
}

impl<'a> Case<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.case["name"].as_str().unwrap()
    }

    pub(crate) fn get(&self, member: &str) -> Option<&'a Value> {
        self.case.get(member)
    }

    pub(crate) fn text(&self, member: &str) -> &'a str {
        self.get(member).and_then(Value::as_str).unwrap()
    }

    /// A member of the file's defaults.
    pub(crate) fn default(&self, member: &str) -> &'a Value {
        &self.top[member]
    }

    pub(crate) fn provider(&self) -> Value {
        merged(&self.top["provider"], self.get("provider"))
    }

    pub(crate) fn client(&self) -> Value {
        merged(&self.top["client"], self.get("client"))
    }

    pub(crate) fn error_code(&self) -> Option<&'a str> {
        self.case["expect"]["error"]["code"].as_str()
    }

    /// The host's time.
    pub(crate) fn now(&self) -> NumericDate {
        NumericDate::from_seconds(self.top["now"].as_i64().unwrap_or_default())
    }

    /// The expected values for the case's token. The default for `now` is the host's time.
    pub(crate) fn expected(&self) -> Value {
        merged(&serde_json::json!({ "now": self.top["now"] }), self.get("expected"))
    }

    /// The file's default `member`, with the case's members over it and without those that
    /// `without` names. Here `null` is a value.
    pub(crate) fn overlaid(&self, member: &str, without: &str) -> Map<String, Value> {
        let mut out = self.top[member].as_object().cloned().unwrap_or_default();
        out.extend(self.get(member).and_then(Value::as_object).cloned().into_iter().flatten());
        for name in self.get(without).and_then(Value::as_array).into_iter().flatten() {
            out.shift_remove(name.as_str().unwrap());
        }
        out
    }
}
