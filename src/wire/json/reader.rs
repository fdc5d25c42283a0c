//! The reader: one pass over the input, which produces a flat list of spans.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::mem::take;
use core::num::NonZeroUsize;

use super::Error;
use super::number::is_too_large;
use super::writer::quote;
use crate::wiped::{Wiped, WipedText, append, append_character};
use crate::wire::form::{hex, is_hex};
use crate::wire::text::{EACH, place, place_of, zeros};

/// The most levels of nesting.
pub const MAX_DEPTH: usize = 64;
/// The most bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// A valid JSON text. It borrows the input; only strings with escapes are copied. A move of it copies one address.
#[derive(Clone, Debug, Default)]
pub struct Document<'t>(Box<Contents<'t>>);

#[derive(Clone, Default)]
struct Contents<'t> {
    text: &'t str,
    /// After one that stands for none, in the order of the input. Contents follow their container, and a value follows its name.
    nodes: Vec<Node<'t>>,
    /// The members of the outermost object.
    places: Places,
    /// Why the input is not strict JSON.
    error: Option<Error>,
}

/// The first name of each hash in an object, so that a name is found without comparing all of them. Names with the same hash are
/// compared with each other.
#[derive(Clone)]
struct Places([u16; Places::COUNT]);

impl Places {
    const COUNT: usize = 64;
    const FREE: u16 = 0;
    /// Its index may be larger than this. Then the search starts at the object's first name.
    const FAR: u16 = u16::MAX;

    #[inline(always)]
    fn slot(name: &[u8]) -> usize {
        let (Some(first), Some(last)) = (name.first(), name.last()) else { return 0 };
        (usize::from(*first) + usize::from(*last) * 3 + name.len() * 8) % Places::COUNT
    }

    #[inline(always)]
    fn get(&self, name: &str) -> u16 {
        self.0.get(Places::slot(name.as_bytes())).copied().unwrap_or(Places::FAR)
    }
}

impl Default for Places {
    fn default() -> Places {
        Places([Places::FREE; Places::COUNT])
    }
}

/// Most inputs contain a token, so printing shows no contents.
impl fmt::Debug for Contents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents").finish_non_exhaustive()
    }
}

impl Contents<'_> {
    fn name(&self, index: usize) -> &str {
        self.nodes.get(index).map_or("", |name| &name.text)
    }

    /// The index of the value after this one.
    fn after(&self, index: usize) -> usize {
        self.nodes.get(index).map_or(usize::MAX, Node::next)
    }
}

/// A value. The module needs twelve bytes for each, so a hostile input of half a million values takes at most six megabytes.
#[derive(Clone)]
struct Node<'t> {
    /// A string without quotes and escapes, or the JSON text of another value.
    text: WipedText<'t>,
    /// The kind in the lowest byte. Above it, the index of the node after its contents.
    tail: u32,
}

#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    False,
    True,
    Number,
    Text,
    Array,
    Object,
}

impl<'t> Node<'t> {
    // A megabyte has fewer nodes.
    #[allow(clippy::cast_possible_truncation)]
    #[inline(always)]
    fn new(kind: Kind, text: WipedText<'t>, next: usize) -> Node<'t> {
        Node { text, tail: kind as u32 | (next as u32) << 8 }
    }

    #[inline(always)]
    fn is(&self, kind: Kind) -> bool {
        self.tail & 255 == kind as u32
    }

    #[inline(always)]
    fn next(&self) -> usize {
        (self.tail >> 8) as usize
    }
}

/// A value within a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    /// First, so that an absent value is a zero here.
    index: NonZeroUsize,
    document: &'d Contents<'d>,
}

impl<'t> Document<'t> {
    /// Reads a whole input.
    ///
    /// # Errors
    /// The reason why it is not strict JSON.
    pub fn parse(bytes: &'t [u8]) -> Result<Document<'t>, Error> {
        Document::of(read(bytes, false))
    }

    /// Reads a whole input that must be an object.
    ///
    /// # Errors
    /// The reason why it is not a strict JSON object.
    #[inline(always)]
    pub fn parse_object(bytes: &'t [u8]) -> Result<Document<'t>, Error> {
        Document::of(read(bytes, true))
    }

    #[inline(always)]
    fn of(contents: Box<Contents<'t>>) -> Result<Document<'t>, Error> {
        match contents.error {
            None => Ok(Document(contents)),
            Some(error) => Err(error),
        }
    }

    /// The input.
    pub fn text(&self) -> &'t str {
        self.0.text
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value::root(&self.0)
    }

    /// A member of the outermost object. `null` counts as absent.
    #[inline(always)]
    pub fn get(&self, name: &str) -> Option<Value<'_>> {
        self.root().get(name)
    }

    /// A member of the outermost object that is a string.
    #[inline(always)]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.root().text(name)
    }
}

/// Reads a whole input. Its contents have the error, because an address returns in a register, and a result through memory.
fn read(bytes: &[u8], is_object: bool) -> Box<Contents<'_>> {
    let mut reader = Reader { contents: Contents::default(), at: 0 };
    reader.contents.error = reader.read(bytes, is_object).err();
    Box::new(reader.contents)
}

/// The number of nodes to reserve: a few for a usual input. A large input is counted, because growth would need twice the memory. A
/// value takes at least two bytes with its comma, so a valid input has no more nodes.
fn capacity(bytes: &[u8]) -> usize {
    const USUAL: usize = 1 << 14;
    if bytes.len() <= USUAL {
        return 64;
    }
    bytes.iter().filter(|byte| matches!(byte, b',' | b':' | b'[' | b'{')).count().min(bytes.len() / 2) + 3
}

impl<'d> Value<'d> {
    fn root(document: &'d Contents<'d>) -> Value<'d> {
        Value { index: NonZeroUsize::MIN, document }
    }

    #[inline(always)]
    fn node(self) -> Option<&'d Node<'d>> {
        self.document.nodes.get(self.index.get())
    }

    fn is(self, kind: Kind) -> bool {
        self.of(kind).is_some()
    }

    #[inline(never)]
    fn of(self, kind: Kind) -> Option<&'d str> {
        self.node().filter(|node| node.is(kind)).map(|node| &*node.text)
    }

    /// Its JSON text.
    pub fn json(self) -> String {
        let mut out = String::new();
        match self.str() {
            Some(text) => quote(&mut out, text),
            None => out.push_str(self.document.name(self.index.get())),
        }
        out
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.is(Kind::Null)
    }

    /// A boolean.
    pub fn bool(self) -> Option<bool> {
        let is_true = self.is(Kind::True);
        (is_true || self.is(Kind::False)).then_some(is_true)
    }

    /// Whether it is this string.
    pub(crate) fn is_text(self, text: &str) -> bool {
        self.of(Kind::Text) == Some(text)
    }

    /// A string without its escapes.
    pub fn str(self) -> Option<&'d str> {
        self.of(Kind::Text)
    }

    /// A member that is a string.
    pub fn text(self, name: &str) -> Option<&'d str> {
        self.get(name)?.str()
    }

    /// A number, unchanged.
    pub fn number(self) -> Option<&'d str> {
        self.of(Kind::Number)
    }

    /// The items of an array.
    pub fn items(self) -> Option<Items<'d>> {
        self.contents(Kind::Array)
    }

    /// The members of an object, in order.
    pub fn members(self) -> Option<Members<'d>> {
        self.contents(Kind::Object).map(Members)
    }

    /// A member of an object. `null` counts as absent: many providers send it for missing values.
    #[inline(always)]
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        NonZeroUsize::new(self.place(name)).map(|index| Value { index, ..self })
    }

    /// The index of a member, or 0 without one. A number returns in a register, an optional value through memory.
    fn place(self, name: &str) -> usize {
        let Some(Items { document, mut at, end }) = self.contents(Kind::Object) else { return 0 };
        if self.index == NonZeroUsize::MIN {
            match document.places.get(name) {
                Places::FREE => return 0,
                Places::FAR => {}
                index => at = usize::from(index),
            }
        }
        while at < end {
            let is_named = document.name(at) == name;
            // A name is one node.
            at += 1;
            if is_named {
                return if document.nodes.get(at).is_none_or(|value| value.is(Kind::Null)) { 0 } else { at };
            }
            at = document.after(at);
        }
        0
    }

    /// A string, or every string of an array that has only strings.
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
        let node = self.node().filter(|node| node.is(kind))?;
        Some(Items { document: self.document, at: self.index.get() + 1, end: node.next() })
    }
}

/// The items of an array, or alternating names and values of an object.
#[derive(Clone, Debug)]
pub struct Items<'d> {
    document: &'d Contents<'d>,
    at: usize,
    end: usize,
}

impl<'d> Iterator for Items<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        if self.at >= self.end {
            return None;
        }
        let index = NonZeroUsize::new(self.at)?;
        self.at = self.document.after(self.at);
        Some(Value { index, document: self.document })
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

struct Reader<'t> {
    contents: Contents<'t>,
    at: usize,
}

impl<'t> Reader<'t> {
    fn read(&mut self, bytes: &'t [u8], is_object: bool) -> Result<(), Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge);
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            return Err(Error::Bom);
        }
        self.contents.text = core::str::from_utf8(bytes).map_err(|_| Error::Utf8)?;
        self.contents.nodes.reserve(capacity(bytes));
        self.push(Kind::Null, "".into());
        self.skip_space();
        self.value(MAX_DEPTH)?;
        self.skip_space();
        if self.peek().is_some() {
            return Err(Error::Trailing);
        }
        if is_object && !Value::root(&self.contents).is(Kind::Object) {
            return Err(Error::Object);
        }
        Ok(())
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.contents.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(Error::Syntax)
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        if matches!(self.peek(), Some(..=b' ')) {
            self.skip_spaces();
        }
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The input from here to the present place.
    #[inline(always)]
    fn since(&self, start: usize) -> &'t str {
        self.contents.text.get(start..self.at).unwrap_or_default()
    }

    /// A value without contents.
    fn push(&mut self, kind: Kind, text: Cow<'t, str>) {
        let next = self.contents.nodes.len() + 1;
        self.contents.nodes.push(Node::new(kind, text.into(), next));
    }

    fn value(&mut self, levels: usize) -> Result<(), Error> {
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

    fn literal(&mut self, word: &str, kind: Kind) -> Result<(), Error> {
        let rest = self.contents.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(Error::Syntax);
        }
        let start = self.at;
        self.at += word.len();
        self.push(kind, self.since(start).into());
        Ok(())
    }

    fn container(&mut self, levels: usize, kind: Kind, bracket: u8) -> Result<(), Error> {
        let Some(levels) = levels.checked_sub(1) else {
            return Err(Error::Depth);
        };
        let (node, start) = (self.contents.nodes.len(), self.at);
        self.push(kind, "".into());
        let mut members = 0;
        self.at += 1;
        self.skip_space();
        if !self.take(bracket) {
            loop {
                if kind == Kind::Object {
                    members += 1;
                    self.string()?;
                    self.skip_space();
                    self.expect(b':')?;
                    self.skip_space();
                }
                self.value(levels)?;
                self.skip_space();
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(byte) if byte == bracket => break self.at += 1,
                    _ => return Err(Error::Syntax),
                }
                self.skip_space();
            }
        }
        let whole = Node::new(kind, Cow::Borrowed(self.since(start)).into(), self.contents.nodes.len());
        if let Some(node) = self.contents.nodes.get_mut(node) {
            *node = whole;
        }
        if kind == Kind::Object { self.refuse_duplicates(node + 1, members) } else { Ok(()) }
    }

    /// Names of the same hash are compared with each other. Sorting limits the cost of a hostile object. The outermost object ends
    /// last, so its places stay.
    fn refuse_duplicates(&mut self, first: usize, members: usize) -> Result<(), Error> {
        const FEW: usize = 24;
        let mut places = Places::default();
        let mut names = Vec::new();
        let mut at = first;
        for _ in 0..members {
            let name = self.contents.name(at);
            if members > FEW {
                names.push(name);
            }
            if let Some(place) = places.0.get_mut(Places::slot(name.as_bytes())) {
                if *place == Places::FREE {
                    *place = u16::try_from(at).unwrap_or(Places::FAR);
                } else {
                    let mut earlier = if *place == Places::FAR { first } else { usize::from(*place) };
                    while members <= FEW && earlier < at {
                        if self.contents.name(earlier) == name {
                            return Err(Error::Duplicate);
                        }
                        earlier = self.contents.after(earlier + 1);
                    }
                }
            }
            at = self.contents.after(at + 1);
        }
        names.sort_unstable();
        let is_twice = names.windows(2).any(|pair| matches!(pair, [left, right] if left == right));
        self.contents.places = places;
        if is_twice { Err(Error::Duplicate) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<(), Error> {
        self.expect(b'"')?;
        let start = self.at;
        // Most inputs contain a token, so it is wiped when dropped.
        let mut unescaped = Wiped::new(String::new());
        let mut copied = start;
        let mut is_escaped = false;
        loop {
            let rest = self.contents.text.as_bytes().get(self.at..).unwrap_or_default();
            self.at += place_of(rest, specials, is_special);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_escaped = true;
                    append(&mut unescaped, self.since(copied));
                    append_character(&mut unescaped, self.escape()?);
                    copied = self.at;
                }
                _ => return Err(Error::Syntax),
            }
        }
        let last = self.since(copied);
        let text = if is_escaped {
            append(&mut unescaped, last);
            take(&mut *unescaped).into()
        } else {
            last.into()
        };
        self.push(Kind::Text, text);
        self.at += 1;
        Ok(())
    }

    /// Reads an escape, with both halves of a surrogate pair.
    fn escape(&mut self) -> Result<char, Error> {
        // RFC 8259 §7: the characters after a backslash, and those that they mean.
        const LETTERS: &[u8; 8] = b"\"\\/bfnrt";
        const MEANT: &[u8; 8] = b"\"\\/\x08\x0C\n\r\t";
        self.at += 2;
        let letter = self.contents.text.as_bytes().get(self.at - 1).copied().unwrap_or_default();
        if letter == b'u' {
            let mut code = self.utf16()?;
            if let 0xD800..=0xDBFF = code {
                if !self.take(b'\\') || !self.take(b'u') {
                    return Err(Error::Surrogate);
                }
                let low = self.utf16()?;
                if !(0xDC00..=0xDFFF).contains(&low) {
                    return Err(Error::Surrogate);
                }
                code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF);
            }
            return char::from_u32(code).ok_or(Error::Surrogate);
        }
        let meant = MEANT.get(place(LETTERS, letter)).ok_or(Error::Syntax)?;
        Ok(char::from(*meant))
    }

    fn utf16(&mut self) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().filter(|byte| is_hex(*byte)).ok_or(Error::Syntax)?;
            unit = unit << 4 | u32::from(hex(digit));
            self.at += 1;
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Error::Syntax) }
    }

    fn number(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut has_power = false;
        // Most numbers are whole.
        if let Some(b'.' | b'E' | b'e') = self.peek() {
            if self.take(b'.') {
                self.digits()?;
            }
            has_power = self.take(b'e') || self.take(b'E');
            if has_power {
                if !self.take(b'+') {
                    self.take(b'-');
                }
                self.digits()?;
            }
        }
        let number = self.since(start);
        self.push(Kind::Number, number.into());
        if is_too_large(number, has_power) { Err(Error::Number) } else { Ok(()) }
    }
}

/// Nonzero if one of eight bytes is special. Only `"` is below 0x21 with its second bit inverted, beside the control characters.
#[inline(always)]
fn specials(word: u64) -> u64 {
    zeros(word ^ (EACH * u64::from(b'\\'))) | (word ^ EACH << 1).wrapping_sub(EACH * 0x21) & !word & EACH << 7
}

/// Characters that need an escape in a string (RFC 8259 §7).
#[inline(always)]
pub(super) fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1F)
}
