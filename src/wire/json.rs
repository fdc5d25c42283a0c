//! Strict JSON (RFC 8259): whatever is accepted has one reading, and every other reader has the same.
//!
//! Refused beyond plain syntax errors: duplicate members at any depth, also where an escape hides them; byte-order
//! marks; invalid UTF-8; half surrogate pairs; anything after the text; more than 64 levels; numbers from 1e308 on, which
//! are near the end of a double's range; texts over 1 MiB. Time and memory grow linearly with the text.

use alloc::string::String;
use alloc::vec::Vec;

use super::form::{hex, hex_digit};
use super::text::{before, trim_start};
use crate::rule::Rule;
use crate::secret::Secret;

/// Levels of nesting that are read.
pub const MAX_DEPTH: usize = 64;
/// Bytes that are read.
pub const MAX_BYTES: usize = 1 << 20;

/// A JSON text that was read whole and found good. It is wiped when dropped: most of them hold a token.
#[derive(Clone, Debug, Default)]
pub struct Document {
    text: Secret,
    /// Strings that have escapes, with the escapes resolved.
    unescaped: Secret,
    /// In the order of the text; a container is followed by its contents, a member's name by its value.
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    /// Where it stands in the text; strings without their quotes.
    start: u32,
    end: u32,
    /// The node after this one and all that it contains.
    next: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    False,
    True,
    Number,
    Text,
    /// Its place is one in [`Document::unescaped`].
    EscapedText,
    Array,
    Object,
}

/// A value within a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    document: &'d Document,
    index: u32,
}

impl Document {
    /// Reads a whole text.
    ///
    /// # Errors
    /// The `json.*` rule that it breaks.
    pub fn parse(bytes: Vec<u8>) -> Result<Document, Rule> {
        Document::parse_within(MAX_DEPTH, bytes)
    }

    fn parse_within(levels: usize, bytes: Vec<u8>) -> Result<Document, Rule> {
        if bytes.len() > MAX_BYTES {
            return Err(Rule::JsonTooLarge);
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            return Err(Rule::JsonBom);
        }
        let text = Secret::from(String::from_utf8(bytes).map_err(|_| Rule::JsonUtf8)?);
        let mut reader = Reader { text: text.expose(), at: 0, unescaped: String::new(), nodes: Vec::with_capacity(32) };
        reader.skip_space();
        reader.value(levels)?;
        reader.skip_space();
        if reader.peek().is_some() {
            return Err(Rule::JsonTrailing);
        }
        let Reader { unescaped, nodes, .. } = reader;
        Ok(Document { unescaped: unescaped.into(), nodes, text })
    }

    /// Reads a whole text that must be an object.
    ///
    /// # Errors
    /// The `json.*` rule that it breaks.
    pub fn parse_object(bytes: Vec<u8>) -> Result<Document, Rule> {
        Document::parse(bytes)?.expect_object()
    }

    /// The same for an object of ours around one that was read, which is a level deeper then.
    ///
    /// # Errors
    /// The `json.*` rule that it breaks.
    pub fn parse_wrapped(bytes: Vec<u8>) -> Result<Document, Rule> {
        Document::parse_within(MAX_DEPTH + 1, bytes)?.expect_object()
    }

    fn expect_object(self) -> Result<Document, Rule> {
        match self.root().node().kind {
            Kind::Object => Ok(self),
            _ => Err(Rule::JsonObject),
        }
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        self.text.expose()
    }

    /// The same, without a copy.
    pub fn into_text(self) -> Secret {
        self.text
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value { document: self, index: 0 }
    }

    /// A member of the outermost object.
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        self.root().get(name)
    }

    /// A member of the outermost object that is a string.
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name)?.str()
    }
}

impl<'d> Value<'d> {
    #[inline(always)]
    fn node(self) -> Node {
        const NULL: Node = Node { kind: Kind::Null, start: 0, end: 0, next: u32::MAX };
        self.document.nodes.get(self.index as usize).copied().unwrap_or(NULL)
    }

    fn slice(self, text: &'d Secret) -> &'d str {
        let node = self.node();
        text.expose().get(node.start as usize..node.end as usize).unwrap_or_default()
    }

    /// Its JSON text.
    pub fn json(self) -> String {
        let mut out = String::new();
        match self.str() {
            Some(text) => quote(&mut out, text),
            None => out.push_str(self.slice(&self.document.text)),
        }
        out
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.node().kind == Kind::Null
    }

    /// A boolean.
    pub fn bool(self) -> Option<bool> {
        match self.node().kind {
            Kind::False => Some(false),
            Kind::True => Some(true),
            _ => None,
        }
    }

    /// A string, its escapes resolved.
    pub fn str(self) -> Option<&'d str> {
        match self.node().kind {
            Kind::Text => Some(self.slice(&self.document.text)),
            Kind::EscapedText => Some(self.slice(&self.document.unescaped)),
            _ => None,
        }
    }

    /// A number, as it is written.
    pub fn number(self) -> Option<&'d str> {
        (self.node().kind == Kind::Number).then(|| self.slice(&self.document.text))
    }

    /// The items of an array.
    pub fn items(self) -> Option<Items<'d>> {
        self.contents(Kind::Array)
    }

    /// The members of an object, in order.
    pub fn members(self) -> Option<Members<'d>> {
        self.contents(Kind::Object).map(Members)
    }

    /// A member of an object.
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        let Items { mut at, end } = self.contents(Kind::Object)?;
        while at.index < end {
            let Node { start, end, .. } = at.node();
            let is_named = (end - start) as usize == name.len() && at.str() == Some(name);
            // A name is one node.
            at.index += 1;
            if is_named {
                return Some(at);
            }
            at.index = at.node().next;
        }
        None
    }

    /// One string, or every string of an array of nothing else.
    pub fn texts(self) -> Option<Vec<&'d str>> {
        let mut texts = Vec::new();
        match self.str() {
            Some(text) => texts.push(text),
            None => {
                for item in self.items()? {
                    texts.push(item.str()?);
                }
            }
        }
        Some(texts)
    }

    #[inline(always)]
    fn contents(self, kind: Kind) -> Option<Items<'d>> {
        let node = self.node();
        let inside = Value { index: self.index + 1, ..self };
        (node.kind == kind).then_some(Items { at: inside, end: node.next })
    }
}

/// The items of an array, or the names and values of an object by turns.
#[derive(Clone, Debug)]
pub struct Items<'d> {
    at: Value<'d>,
    end: u32,
}

impl<'d> Iterator for Items<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        if self.at.index >= self.end {
            return None;
        }
        let value = self.at;
        self.at.index = value.node().next;
        Some(value)
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct Members<'d>(Items<'d>);

impl<'d> Iterator for Members<'d> {
    type Item = (&'d str, Value<'d>);

    fn next(&mut self) -> Option<(&'d str, Value<'d>)> {
        let name = self.0.next()?.str()?;
        Some((name, self.0.next()?))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    unescaped: String,
    nodes: Vec<Node>,
}

impl Reader<'_> {
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Rule> {
        if self.take(byte) { Ok(()) } else { Err(Rule::JsonSyntax) }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Starts a node here; [`Reader::close`] says where it ends.
    fn open(&mut self, kind: Kind) -> usize {
        let start = index(self.at);
        self.nodes.push(Node { kind, start, end: start, next: 0 });
        self.nodes.len() - 1
    }

    fn close(&mut self, node: usize) {
        let next = index(self.nodes.len());
        if let Some(node) = self.nodes.get_mut(node) {
            node.end = index(self.at);
            node.next = next;
        }
    }

    fn value(&mut self, levels: usize) -> Result<(), Rule> {
        match self.peek() {
            Some(b'{') => self.container(levels, Kind::Object, b'}'),
            Some(b'[') => self.container(levels, Kind::Array, b']'),
            Some(b'"') => self.string(),
            Some(b't') => self.literal("true", Kind::True),
            Some(b'f') => self.literal("false", Kind::False),
            Some(b'n') => self.literal("null", Kind::Null),
            _ => self.number(),
        }
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<(), Rule> {
        let node = self.open(kind);
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(Rule::JsonSyntax);
        }
        self.at += word.len();
        self.close(node);
        Ok(())
    }

    fn container(&mut self, levels: usize, kind: Kind, bracket: u8) -> Result<(), Rule> {
        let Some(levels) = levels.checked_sub(1) else {
            return Err(Rule::JsonDepth);
        };
        let node = self.open(kind);
        let is_object = kind == Kind::Object;
        let mut names = Vec::new();
        self.at += 1;
        self.skip_space();
        if !self.take(bracket) {
            loop {
                if is_object {
                    names.push(self.nodes.len());
                    self.string()?;
                    self.skip_space();
                    self.expect(b':')?;
                    self.skip_space();
                }
                self.value(levels)?;
                self.skip_space();
                if self.take(bracket) {
                    break;
                }
                self.expect(b',')?;
                self.skip_space();
            }
        }
        self.close(node);
        self.refuse_duplicates(&names)
    }

    /// Sorting keeps a hostile object from costing the square of its length.
    fn refuse_duplicates(&self, names: &[usize]) -> Result<(), Rule> {
        let name = |node: &usize| {
            let node = self.nodes.get(*node)?;
            let text = if node.kind == Kind::EscapedText { &self.unescaped } else { self.text };
            text.get(node.start as usize..node.end as usize)
        };
        let mut names: Vec<&str> = names.iter().filter_map(name).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [left, right] if left == right)) {
            return Err(Rule::JsonDuplicate);
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Rule> {
        self.expect(b'"')?;
        let node = self.open(Kind::Text);
        let unescaped = index(self.unescaped.len());
        let mut copied = self.at;
        let mut is_escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            self.at += rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_escaped = true;
                    self.copy_from(copied);
                    let character = self.escape()?;
                    self.unescaped.push(character);
                    copied = self.at;
                }
                _ => return Err(Rule::JsonSyntax),
            }
        }
        self.close(node);
        if is_escaped {
            self.copy_from(copied);
            if let Some(node) = self.nodes.get_mut(node) {
                node.kind = Kind::EscapedText;
                node.start = unescaped;
                node.end = index(self.unescaped.len());
            }
        }
        self.at += 1;
        Ok(())
    }

    fn copy_from(&mut self, start: usize) {
        self.unescaped.push_str(self.text.get(start..self.at).unwrap_or_default());
    }

    /// Reads an escape, both halves of a surrogate pair included.
    fn escape(&mut self) -> Result<char, Rule> {
        self.at += 2;
        Ok(match self.text.as_bytes().get(self.at - 1).copied() {
            Some(character @ (b'"' | b'\\' | b'/')) => char::from(character),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut code = self.utf16()?;
                if let 0xD800..=0xDBFF = code {
                    if !self.take(b'\\') || !self.take(b'u') {
                        return Err(Rule::JsonSurrogate);
                    }
                    let low = self.utf16()?;
                    if !(0xDC00..=0xDFFF).contains(&low) {
                        return Err(Rule::JsonSurrogate);
                    }
                    code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF);
                }
                char::from_u32(code).ok_or(Rule::JsonSurrogate)?
            }
            _ => return Err(Rule::JsonSyntax),
        })
    }

    fn utf16(&mut self) -> Result<u32, Rule> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(hex).ok_or(Rule::JsonSyntax)?;
            unit = unit << 4 | u32::from(digit);
            self.at += 1;
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Result<(), Rule> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Rule::JsonSyntax) }
    }

    fn number(&mut self) -> Result<(), Rule> {
        let node = self.open(Kind::Number);
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        self.close(node);
        match Decimal::read(self.text.get(start..self.at).unwrap_or_default()).magnitude {
            309.. => Err(Rule::JsonNumber),
            _ => Ok(()),
        }
    }
}

/// What cannot stand for itself in a string (RFC 8259 §7).
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1F)
}

/// Places in a text of [`MAX_BYTES`], and nodes in it, fit in 32 bits.
#[allow(clippy::cast_possible_truncation)]
fn index(place: usize) -> u32 {
    place as u32
}

/// A JSON number that has passed the grammar, read without rounding.
struct Decimal<'a> {
    is_negative: bool,
    /// The digits from the first that is not zero up to the exponent, and maybe the point among them. Zero has none.
    digits: &'a str,
    /// How many digits stand before the point when it is written without exponent and leading zeros: 1e308 has 309. Zero has none.
    magnitude: i64,
}

impl<'a> Decimal<'a> {
    fn read(number: &'a str) -> Decimal<'a> {
        let (mantissa, power) = before(number, b"eE");
        let digits = trim_start(mantissa, b"-0.");
        // An exponent can have as many digits as it likes; past this bound it is only large.
        let mut exponent = 0i64;
        for byte in power.bytes().filter(u8::is_ascii_digit) {
            exponent = (exponent * 10 + i64::from(byte - b'0')).min(1 << 40);
        }
        if power.as_bytes().get(1) == Some(&b'-') {
            exponent = -exponent;
        }
        let point = i64::from(index(before(mantissa, b".").0.len()));
        let start = i64::from(index(mantissa.len() - digits.len()));
        let magnitude = match digits {
            "" => 0,
            _ => point - start + i64::from(start > point) + exponent,
        };
        Decimal { is_negative: number.starts_with('-'), digits, magnitude }
    }
}

/// `number` times ten to the `decimals`, further digits dropped; `None` beyond ±10¹⁹ or where the integer does not fit.
pub(crate) fn fixed_point(number: &str, decimals: i64) -> Option<i64> {
    let decimal = Decimal::read(number);
    let length = decimal.magnitude + decimals;
    if length > 19 {
        return None;
    }
    let mut digits = decimal.digits.bytes().filter(u8::is_ascii_digit);
    let mut value = 0i64;
    for _ in 0..length {
        let digit = i64::from(digits.next().unwrap_or(b'0') - b'0');
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    Some(if decimal.is_negative { -value } else { value })
}

/// Whether a number is below zero; `-0` is not.
pub(crate) fn is_negative(number: &str) -> bool {
    let decimal = Decimal::read(number);
    decimal.is_negative && !decimal.digits.is_empty()
}

/// Appends an integer in decimal digits.
pub(crate) fn push_integer(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    let mut digits = [b'0'; 20];
    let mut rest = value.unsigned_abs();
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    for digit in digits.iter().skip(digits.len() - length) {
        out.push(char::from(*digit));
    }
}

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

    /// The text so far, ready for the value of member `name`. Names are ours and need no escapes.
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

    /// `value` is JSON text already.
    pub(crate) fn json(&mut self, name: &str, value: &str) -> &mut ObjectWriter {
        self.name(name).push_str(value);
        self
    }

    pub(crate) fn integer(&mut self, name: &str, value: i64) -> &mut ObjectWriter {
        push_integer(self.name(name), value);
        self
    }

    pub(crate) fn texts(&mut self, name: &str, values: &[&str]) -> &mut ObjectWriter {
        let out = self.name(name);
        let mut separator = '[';
        for value in values {
            out.push(separator);
            quote(out, value);
            separator = ',';
        }
        out.push_str(if values.is_empty() { "[]" } else { "]" });
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
