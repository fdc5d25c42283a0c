//! Writes JSON for requests and answers.

use alloc::string::String;

use super::number::push_integer;
use super::reader::is_special;
use crate::wire::form::hex_digit;

/// Appends `text` as a JSON string.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let end = rest.bytes().position(is_special).unwrap_or(rest.len());
        let (plain, after) = rest.split_at_checked(end).unwrap_or_default();
        out.push_str(plain);
        match after.as_bytes().first() {
            None => break,
            Some(&code @ 0..=0x1F) => {
                out.push_str(if code < 16 { "\\u000" } else { "\\u001" });
                out.push(char::from(hex_digit(code)));
            }
            Some(&character) => {
                out.push('\\');
                out.push(char::from(character));
            }
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out.push('"');
}

/// Writes a JSON object, member by member.
pub(crate) struct ObjectWriter(String);

impl ObjectWriter {
    pub(crate) fn new() -> ObjectWriter {
        ObjectWriter(String::from("{"))
    }

    /// Starts the member `name` and returns the output for its value. Our names need no escapes.
    fn name(&mut self, name: &str) -> &mut String {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
        &mut self.0
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut ObjectWriter {
        quote(self.name(name), value);
        self
    }

    pub(crate) fn optional(&mut self, name: &str, value: Option<&str>) -> &mut ObjectWriter {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// `value` is JSON text.
    pub(crate) fn json(&mut self, name: &str, value: &str) -> &mut ObjectWriter {
        self.name(name).push_str(value);
        self
    }

    pub(crate) fn integer(&mut self, name: &str, value: i64) -> &mut ObjectWriter {
        push_integer(self.name(name), value);
        self
    }

    pub(crate) fn texts<T: AsRef<str>>(&mut self, name: &str, values: &[T]) -> &mut ObjectWriter {
        let out = self.name(name);
        let mut separator = '[';
        for value in values {
            out.push(separator);
            quote(out, value.as_ref());
            separator = ',';
        }
        out.push_str(if values.is_empty() { "[]" } else { "]" });
        self
    }

    /// Members that are JSON text.
    pub(crate) fn rest(&mut self, members: &str) -> &mut ObjectWriter {
        if !members.is_empty() {
            self.0.push(',');
            self.0.push_str(members);
        }
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
