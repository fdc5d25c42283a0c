//! A call's arguments and its answer: fields by position. The host writes lengths and numbers as words, and all strings after them.
//!
//! A field's [`Kind`] gives a word its meaning. The build tool writes the same kinds for TypeScript, which encodes by them.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// The length of an absent field.
pub const ABSENT: u32 = u32::MAX;

/// The encoding of a field.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string: its length.
    Text,
    /// A string or an array of strings: a count, then the length of each.
    Texts,
    /// An object whose values are strings or arrays of strings: a count of pairs, then two lengths for each.
    Pairs,
    /// An object of arrays of strings: a count, then for each a name's length and an array.
    Lists,
    /// Whole seconds: 1, then the number.
    Seconds,
    /// True or false: 1 or 0.
    Flag,
    /// An object or an array, as JSON text.
    Json,
    /// Seconds since 1970, as the digits of a number.
    Time,
    /// An object with these members: 1, then each of them.
    Object(&'static [(&'static str, Kind)]),
}

/// The host's fields. Missing ones read as absent.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    words: &'a [u32],
    text: &'a str,
    /// The body of a reply, unchanged.
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Words, strings and body, in the order of the fields.
    pub fn new(words: &'a [u32], text: &'a str, body: &'a [u8]) -> Frame<'a> {
        Frame { words, text, body }
    }

    fn word(&mut self) -> u32 {
        let Some((word, rest)) = self.words.split_first() else { return ABSENT };
        self.words = rest;
        *word
    }

    fn present(&mut self) -> Option<usize> {
        Some(self.word()).filter(|word| *word != ABSENT).map(|word| word as usize)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.present()?;
        let (text, rest) = self.text.split_at_checked(length)?;
        self.text = rest;
        Some(text)
    }

    fn texts(&mut self) -> Option<Vec<&'a str>> {
        let count = self.present()?;
        // No longer than the input, whatever the count is.
        let mut texts = Vec::new();
        for _ in 0..count.min(self.words.len()) {
            texts.push(self.text().unwrap_or_default());
        }
        Some(texts)
    }

    /// The next field.
    pub fn read<T: Field<'a>>(&mut self) -> T {
        T::read(self)
    }

    /// A number that is always present.
    pub(super) fn number(&mut self) -> u32 {
        self.word()
    }

    /// Whether it has no further field.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// The Rust type of a field.
pub trait Field<'a>: Sized {
    /// Its encoding.
    const KIND: Kind;

    /// Reads it.
    fn read(frame: &mut Frame<'a>) -> Self;
}

impl<'a> Field<'a> for Option<&'a str> {
    const KIND: Kind = Kind::Text;

    fn read(frame: &mut Frame<'a>) -> Self {
        frame.text()
    }
}

impl<'a> Field<'a> for Option<Vec<&'a str>> {
    const KIND: Kind = Kind::Texts;

    fn read(frame: &mut Frame<'a>) -> Self {
        frame.texts()
    }
}

impl<'a> Field<'a> for Vec<(&'a str, &'a str)> {
    const KIND: Kind = Kind::Pairs;

    fn read(frame: &mut Frame<'a>) -> Self {
        let mut pairs = Vec::new();
        for _ in 0..frame.present().unwrap_or_default().min(frame.words.len()) {
            pairs.push((frame.text().unwrap_or_default(), frame.text().unwrap_or_default()));
        }
        pairs
    }
}

/// An object of arrays of strings.
pub type Lists<'a> = Vec<(&'a str, Vec<&'a str>)>;

impl<'a> Field<'a> for Option<Lists<'a>> {
    const KIND: Kind = Kind::Lists;

    fn read(frame: &mut Frame<'a>) -> Self {
        let mut lists = Vec::new();
        for _ in 0..frame.present()?.min(frame.words.len()) {
            lists.push((frame.text().unwrap_or_default(), frame.texts().unwrap_or_default()));
        }
        Some(lists)
    }
}

impl<'a> Field<'a> for Option<u32> {
    const KIND: Kind = Kind::Seconds;

    fn read(frame: &mut Frame<'a>) -> Self {
        frame.present().map(|_| frame.word())
    }
}

impl<'a> Field<'a> for Option<bool> {
    const KIND: Kind = Kind::Flag;

    fn read(frame: &mut Frame<'a>) -> Self {
        frame.present().map(|flag| flag == 1)
    }
}

/// An object or an array, as JSON text.
#[derive(Clone, Copy)]
pub struct Json<'a>(pub Option<&'a str>);

impl<'a> Field<'a> for Json<'a> {
    const KIND: Kind = Kind::Json;

    fn read(frame: &mut Frame<'a>) -> Self {
        Json(frame.text())
    }
}

/// A time, as the digits of a number.
#[derive(Clone, Copy)]
pub struct Time<'a>(pub Option<&'a str>);

impl<'a> Field<'a> for Time<'a> {
    const KIND: Kind = Kind::Time;

    fn read(frame: &mut Frame<'a>) -> Self {
        Time(frame.text())
    }
}

/// An object with its own members. It may be absent.
pub trait Members<'a>: Sized {
    /// Its members, in the order of the encoding.
    const MEMBERS: &'static [(&'static str, Kind)];

    /// Reads each of them.
    fn members(frame: &mut Frame<'a>) -> Self;
}

impl<'a, T: Members<'a>> Field<'a> for Option<T> {
    const KIND: Kind = Kind::Object(T::MEMBERS);

    fn read(frame: &mut Frame<'a>) -> Self {
        frame.present().map(|_| T::members(frame))
    }
}

/// An answer: fields by position.
#[derive(Clone, Default)]
pub struct Answer<'a>(Vec<Item<'a>>);

/// A field of an answer.
#[derive(Clone, Copy)]
pub enum Item<'a> {
    /// Nothing.
    Absent,
    /// A number; 1 or 0 for true or false.
    Number(u32),
    /// A string from the input, or of this call.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A string that is the same in every call.
    Constant(&'static str),
}

impl<'a> Answer<'a> {
    /// An answer with room for a usual number of fields.
    pub(super) fn roomy() -> Answer<'a> {
        Answer(Vec::with_capacity(16))
    }

    /// The fields.
    pub fn items(&self) -> &[Item<'a>] {
        &self.0
    }

    pub(super) fn push(&mut self, item: Item<'a>) -> &mut Answer<'a> {
        self.0.push(item);
        self
    }

    pub(super) fn extend(&mut self, more: Answer<'a>) {
        self.0.extend(more.0);
    }

    pub(super) fn number(&mut self, number: impl Into<u32>) -> &mut Answer<'a> {
        self.push(Item::Number(number.into()))
    }

    pub(super) fn text(&mut self, text: &'a str) -> &mut Answer<'a> {
        self.push(Item::Text(text))
    }

    /// A string of this call. It stays until the host has read it, because a call's memory is freed as a whole.
    pub(super) fn made(&mut self, text: String) -> &mut Answer<'a> {
        self.push(Item::Text(text.leak()))
    }

    pub(super) fn optional(&mut self, text: Option<Cow<'a, str>>) -> &mut Answer<'a> {
        match text {
            None => self.push(Item::Absent),
            Some(Cow::Borrowed(text)) => self.text(text),
            Some(Cow::Owned(text)) => self.made(text),
        }
    }
}
