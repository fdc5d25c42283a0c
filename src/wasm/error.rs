//! Errors on their way to JavaScript: a `!`, which no good answer starts with, the number of the rule, and a line of JSON
//! with what is known beyond it.

use alloc::string::String;

use wasm_bindgen::JsValue;

use crate::challenge::Challenge;
use crate::error::{Detail, Error};
use crate::wire::json::{ObjectWriter, push_integer};

/// The host turns it into an `OidcError`.
impl From<Error> for JsValue {
    #[cold]
    #[inline(never)]
    fn from(error: Error) -> JsValue {
        let mut text = String::from("!");
        push_integer(&mut text, error.rule() as i64);
        text.push('\n');
        text.push_str(&error.detail().map_or_else(|| "{}".into(), json));
        JsValue::from_str(&text)
    }
}

fn json(detail: &Detail) -> String {
    let mut out = ObjectWriter::new();
    out.optional("argument", detail.argument.as_deref())
        .optional("member", detail.member)
        .optional("expected", detail.expected.as_deref())
        .optional("found", detail.found.as_deref());
    if let Some(oauth) = &detail.oauth {
        let mut members = ObjectWriter::new();
        for (name, value) in &oauth.members {
            members.json(name, value);
        }
        out.text("error", &oauth.error)
            .optional("error_description", oauth.error_description.as_deref())
            .optional("error_uri", oauth.error_uri.as_deref())
            .json("members", &members.finish());
    }
    if let Some(status) = detail.status {
        out.integer("status", status.into());
    }
    if !detail.challenges.is_empty() {
        out.json("challenges", &challenges_json(&detail.challenges));
    }
    out.finish()
}

pub(super) fn challenges_json(challenges: &[Challenge]) -> String {
    let mut list = String::from("[");
    for challenge in challenges {
        if list.len() > 1 {
            list.push(',');
        }
        let mut parameters = ObjectWriter::new();
        for (name, value) in &challenge.parameters {
            parameters.text(name, value);
        }
        let mut object = ObjectWriter::new();
        object
            .text("scheme", &challenge.scheme)
            .json("parameters", &parameters.finish())
            .optional("token68", challenge.token68.as_deref());
        list.push_str(&object.finish());
    }
    list.push(']');
    list
}
