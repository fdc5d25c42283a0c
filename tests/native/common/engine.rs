//! The engine behind the shipped decoder. The table of each object's members encodes a call's
//! arguments, as in TypeScript. The tests read the answer by position.

use std::collections::VecDeque;

use oidc_wasm::wasm::calls::{Call, FORM_HEADERS, OBJECTS};
use oidc_wasm::wasm::frame::{ABSENT, Answer, Frame, Item, Kind};
use oidc_wasm::wasm::run::{self, Host, Party};
use oidc_wasm::{Error, NumericDate, Secret, TokenKind};
use serde_json::{Map, Value, json};

use super::crypto::Question;
use super::vectors::{self, Case, merged};
use super::{ENTROPY, Refusal, Reply};

/// A call's arguments.
#[derive(Clone, Default)]
pub(crate) struct Asked {
    words: Vec<u32>,
    text: String,
    body: Vec<u8>,
    www_authenticate: Option<&'static str>,
    retry_after: Option<u32>,
}

impl Asked {
    pub(crate) fn number(mut self, number: u32) -> Asked {
        self.words.push(number);
        self
    }

    pub(crate) fn absent(self) -> Asked {
        self.number(ABSENT)
    }

    pub(crate) fn text(mut self, text: &str) -> Asked {
        self.push(text);
        self
    }

    /// An argument that must be a string.
    pub(crate) fn string(mut self, name: &str, value: &Value) -> Result<Asked, Refusal> {
        self.member(name, Kind::Text, Some(value)).map(|()| self)
    }

    /// An argument that is read as JSON.
    pub(crate) fn json(mut self, name: &str, value: &Value) -> Result<Asked, Refusal> {
        self.member(name, Kind::Json, Some(value)).map(|()| self)
    }

    /// An argument that is one of the [`OBJECTS`].
    pub(crate) fn object(mut self, shape: &str, name: &str, value: &Value) -> Result<Asked, Refusal> {
        let members = OBJECTS.iter().find(|(known, _)| *known == shape).unwrap().1;
        self.member(name, Kind::Object(members), Some(value)).map(|()| self)
    }

    /// The options of `oidc-wasm/full`, if there are some.
    pub(crate) fn full_options(self, options: &Value) -> Result<Asked, Refusal> {
        if options == &json!({}) { Ok(self) } else { self.object("FullClientMembers", "client", options) }
    }

    pub(crate) fn reply(mut self, reply: &Reply) -> Asked {
        let http = reply.http();
        self.words.push(http.status.into());
        for header in [http.content_type, http.cache_control] {
            self.optional(header);
        }
        self.www_authenticate = http.www_authenticate.map(|header| &*header.to_owned().leak());
        self.retry_after = http.retry_after;
        self.body = http.body.to_vec();
        self
    }

    pub(crate) fn with_body(mut self, body: Vec<u8>) -> Asked {
        self.body = body;
        self
    }

    fn push(&mut self, text: &str) {
        self.words.push(text.len().try_into().unwrap());
        self.text.push_str(text);
    }

    fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push(text),
            None => self.words.push(ABSENT),
        }
    }

    fn texts(&mut self, texts: &[&str]) {
        self.words.push(texts.len().try_into().unwrap());
        for text in texts {
            self.push(text);
        }
    }

    fn member(&mut self, name: &str, kind: Kind, value: Option<&Value>) -> Result<(), Refusal> {
        let Some(value) = value else {
            if matches!(kind, Kind::Object(_)) {
                self.words.push(ABSENT);
            }
            return Ok(());
        };
        self.write(kind, value).ok_or_else(|| Refusal::Argument(name.to_owned()))?
    }

    /// Returns `None` for a value of another type.
    fn write(&mut self, kind: Kind, value: &Value) -> Option<Result<(), Refusal>> {
        match kind {
            Kind::Text => self.push(value.as_str()?),
            Kind::Texts => self.texts(&texts(value)?),
            Kind::Pairs => {
                let pairs = value.as_object()?.iter().map(|(name, value)| Some((name, texts(value)?)));
                let pairs: Vec<_> = pairs.collect::<Option<_>>()?;
                self.words.push(pairs.iter().map(|(_, texts)| texts.len()).sum::<usize>().try_into().unwrap());
                for (name, text) in pairs.iter().flat_map(|(name, texts)| texts.iter().map(move |text| (name, text))) {
                    self.push(name);
                    self.push(text);
                }
            }
            Kind::Lists => {
                let lists = value.as_object()?.iter().map(|(name, list)| {
                    let texts = list.as_array().and_then(|_| texts(list))?;
                    Some([vec![""], texts].concat().into_iter().map(move |text| (name, text)))
                });
                let pairs: Vec<_> = lists.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
                self.words.push(pairs.len().try_into().unwrap());
                for (name, text) in pairs {
                    self.push(name);
                    self.push(text);
                }
            }
            Kind::Seconds => self.words.push(value.as_u64()?.try_into().ok()?),
            Kind::Flag => self.words.push(value.as_bool()?.into()),
            Kind::Json => self.push(&(value.is_object() || value.is_array()).then(|| value.to_string())?),
            Kind::Time => self.push(&value.as_number()?.to_string()),
            Kind::Object(members) => {
                let given = value.as_object()?;
                let bit = |(at, (name, _)): (usize, &(&str, Kind))| u32::from(given.contains_key(*name)) << at;
                self.words.push(members.iter().enumerate().map(bit).sum());
                return Some(self.members(members, given));
            }
        }
        Some(Ok(()))
    }

    /// An option that the engine would ignore is an error.
    fn members(&mut self, members: &[(&str, Kind)], given: &Map<String, Value>) -> Result<(), Refusal> {
        if let Some(name) = given.keys().find(|given| members.iter().all(|(name, _)| name != given)) {
            return Err(Refusal::Argument(name.clone()));
        }
        members.iter().try_for_each(|(name, kind)| self.member(name, *kind, given.get(*name)))
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame::new(&self.words, &self.text, &self.body)
    }

    fn host(&self, now: NumericDate) -> Host {
        Host { now, entropy, www_authenticate: self.www_authenticate, retry_after: self.retry_after }
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn entropy(bytes: &mut [u8]) -> bool {
    for (byte, fixed) in bytes.iter_mut().zip(ENTROPY.iter().cycle()) {
        *byte = *fixed;
    }
    true
}

/// The fields of an answer.
pub(crate) struct Said(VecDeque<Field>);

#[derive(Debug)]
enum Field {
    Absent,
    Number(u32),
    Bytes(Vec<u8>),
}

impl Said {
    fn of(answer: &Answer<'_>) -> Said {
        let owned = |item: &Item<'_>| match *item {
            Item::Absent => Field::Absent,
            Item::Number(number) => Field::Number(number),
            Item::Text(text) | Item::Constant(text) => Field::Bytes(text.into()),
            Item::Bytes(bytes) => Field::Bytes(bytes.into()),
        };
        Said(answer.items().iter().map(owned).collect())
    }

    pub(crate) fn has_more(&self) -> bool {
        !self.0.is_empty()
    }

    pub(crate) fn number(&mut self) -> u32 {
        match self.0.pop_front() {
            Some(Field::Number(number)) => number,
            other => panic!("{other:?} where a number is read"),
        }
    }

    pub(crate) fn optional_bytes(&mut self) -> Option<Vec<u8>> {
        match self.0.pop_front() {
            Some(Field::Bytes(bytes)) => Some(bytes),
            Some(Field::Absent) => None,
            other => panic!("{other:?} where a string is read"),
        }
    }

    pub(crate) fn optional(&mut self) -> Option<String> {
        self.optional_bytes().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    pub(crate) fn text(&mut self) -> String {
        self.optional().unwrap()
    }

    /// A string that contains JSON.
    pub(crate) fn parsed(&mut self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// An object of the strings that are present.
    pub(crate) fn members(&mut self, names: &[&str]) -> Map<String, Value> {
        let present = self.number();
        assert!(present < 1 << names.len());
        let there = names.iter().enumerate().filter(|(at, _)| present & 1 << at != 0);
        there.map(|(_, name)| ((*name).to_owned(), self.text().into())).collect()
    }

    pub(crate) fn request(&mut self) -> Value {
        let (url, first) = (self.text(), self.optional());
        let rest: String = (0..self.number()).filter_map(|_| self.optional()).collect();
        let body = first.map(|first| first + &rest);
        let of_form: &[_] = if self.number() == 1 { &FORM_HEADERS } else { &[] };
        let mut headers: Map<_, _> = of_form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        headers.extend((0..self.number()).map(|_| (self.text(), self.text().into())));
        let method = if body.is_some() { "POST" } else { "GET" };
        let mut request = json!({ "url": url, "method": method, "headers": headers });
        if let Some(body) = body {
            request["body"] = body.into();
        }
        request
    }
}

/// A call without a relying party.
pub(crate) fn ask(call: Call, asked: &Asked) -> Result<Said, Refusal> {
    Ok(Said::of(&run::alone(call, asked.frame(), asked.host(NumericDate::from_seconds(0)))?))
}

/// A relying party in the engine.
pub(crate) struct Engine {
    pub(crate) party: Party,
    now: NumericDate,
}

impl Engine {
    pub(crate) fn with(party: Party, now: NumericDate) -> Engine {
        Engine { party, now }
    }

    pub(crate) fn made(call: Call, asked: &Asked, now: NumericDate) -> Result<Engine, Refusal> {
        Ok(Engine::with(
            run::party(call, asked.frame(), asked.host(now), |make| {
                let mut party = Party::empty();
                make(&mut party).map(|()| party)
            })?,
            now,
        ))
    }

    pub(crate) fn new(provider: &Value, client: &Value, now: NumericDate) -> Result<Engine, Refusal> {
        let (usual, full) = told(client);
        let asked = Asked::default().object("ClientMembers", "client", &usual)?.json("provider", provider)?;
        Engine::made(Call::RelyingParty, &asked.full_options(&full)?, now)
    }

    /// The relying party of a case.
    pub(crate) fn of(case: &Case<'_>) -> Result<Engine, Refusal> {
        Engine::new(&case.provider(), &case.client(), case.now())
    }

    /// The relying party that made the request for the case's response.
    pub(crate) fn maker(case: &Case<'_>) -> Engine {
        let made_by = |member| case.get("made_by").and_then(|party| party.get(member));
        let provider = merged(&case.provider(), made_by("provider"));
        Engine::new(&provider, &merged(&case.client(), made_by("client")), case.now()).unwrap()
    }

    pub(crate) fn ask(&self, call: Call, asked: &Asked) -> Result<Said, Refusal> {
        Ok(Said::of(&self.party.run(call, asked.frame(), asked.host(self.now))?))
    }

    pub(crate) fn with_keys(mut self, set: &Value) -> Result<Engine, Error> {
        let text = set.as_str().map_or_else(|| set.to_string(), str::to_owned);
        let asked = Asked::default().reply(&Reply::json(200, &text));
        self.party.keys = run::keys(asked.frame(), asked.host(self.now))?;
        Ok(self)
    }

    pub(crate) fn secret(&self) -> Option<&str> {
        self.party.rp.client().secret().map(Secret::expose)
    }

    /// The signature that the host must verify.
    pub(crate) fn question(&self, kind: TokenKind, token: &str) -> Result<Question, Refusal> {
        let mut said = self.ask(Call::Verification, &Asked::default().number(kind as u32).text(token))?;
        Ok(Question::read(&mut said))
    }

    /// Only the signature.
    pub(crate) fn verify(&self, kind: TokenKind, token: &str) -> Result<Question, Refusal> {
        let question = self.question(kind, token)?;
        self.conclude(kind, &question)?;
        Ok(question)
    }

    /// Reports the host's result for the signature.
    pub(crate) fn conclude(&self, kind: TokenKind, question: &Question) -> Result<(), Refusal> {
        if !question.is_valid(self.secret()) {
            self.ask(Call::SignatureRefused, &Asked::default().number(kind as u32))?;
        }
        Ok(())
    }

    /// Signature and claims.
    pub(crate) fn claims(&self, kind: TokenKind, token: &str, expected: &Value) -> Result<Value, Refusal> {
        self.proven_claims(kind, token, expected, None)
    }

    /// The same, where the sender of the token has proven something.
    pub(crate) fn proven_claims(
        &self,
        kind: TokenKind,
        token: &str,
        expected: &Value,
        proven: Option<&str>,
    ) -> Result<Value, Refusal> {
        let shape = match kind {
            TokenKind::IdToken => "IdTokenMembers",
            TokenKind::Userinfo => "UserinfoMembers",
            TokenKind::AccessToken => "AccessTokenMembers",
            TokenKind::LogoutToken => "LogoutTokenMembers",
            TokenKind::DpopProof => "ProofMembers",
            // They have none of their own.
            TokenKind::AuthorizationResponse | TokenKind::Introspection => "SessionMembers",
            other => panic!("{other:?}"),
        };
        let asked = Asked::default().number(kind as u32).text(token).object(shape, "expected", expected)?;
        let asked = match proven {
            Some(proven) => asked.text(proven),
            None => asked,
        };
        self.verify(kind, token)?;
        Ok(self.ask(Call::Claims, &asked)?.parsed())
    }
}

/// A client's configuration in the engine's form: the options of every build, and those of `oidc-wasm/full`. The key stays with the
/// host.
pub(crate) fn told(client: &Value) -> (Value, Value) {
    let mut client = client.clone();
    if client["auth"]["method"] == "private_key_jwt" {
        client["auth"].as_object_mut().unwrap().shift_remove("key");
    }
    let mut full = Map::new();
    for (name, _) in OBJECTS.iter().find(|(known, _)| *known == "FullClientMembers").unwrap().1 {
        if let Some(option) = client.as_object_mut().and_then(|client| client.shift_remove(*name)) {
            full.insert((*name).to_owned(), option);
        }
    }
    if let Some(Value::Object(object)) = full.get_mut("requestObject") {
        object.shift_remove("key");
    }
    if let Some(Value::Array(keys)) = full.get_mut("decryption") {
        let known = vectors::read("keys");
        for key in keys {
            let named = key["key"].as_str().map_or(&key["key"], |name| &known[name]);
            let facts = [key["alg"].as_str(), Some(named["crv"].as_str().unwrap_or_default()), key["kid"].as_str()];
            *key = facts.into_iter().flatten().collect::<Vec<_>>().join(" ").into();
        }
    }
    if full.get("dpop") == Some(&true.into()) {
        full.insert("dpop".to_owned(), "ES256".into());
    }
    (client, full.into())
}
