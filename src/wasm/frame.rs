//! A call's arguments and its answer: fields by position. The host writes lengths and numbers as words, and all strings after them.
//!
//! A field's [`Kind`] gives a word its meaning. The build tool writes the same kinds for TypeScript, which encodes by them.

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
    /// An object of arrays of strings: pairs of a name and a member. An empty member comes first.
    Lists,
    /// Whole seconds.
    Seconds,
    /// True or false: 1 or 0.
    Flag,
    /// An object or an array, as JSON text.
    Json,
    /// Seconds since 1970, as the digits of a number.
    Time,
    /// An object with these members: a bit for each that is there, then they. A nested object is always there, or is marked as absent.
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

    /// A number that is always present.
    pub(super) fn number(&mut self) -> u32 {
        let Some((word, rest)) = self.words.split_first() else { return ABSENT };
        self.words = rest;
        *word
    }

    /// A string.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let (text, rest) = self.text.split_at_checked(self.number() as usize)?;
        self.text = rest;
        Some(text)
    }

    /// As many strings as the next word says, or twice as many.
    fn texts(&mut self, times: usize) -> Option<&'a [&'a str]> {
        let count = self.number();
        if count == ABSENT {
            return None;
        }
        let mut texts = Vec::new();
        // No longer than the input, whatever the count is.
        for _ in 0..(count as usize * times).min(self.words.len()) {
            texts.push(self.text().unwrap_or_default());
        }
        Some(texts.leak())
    }

    /// The next object, if there is one. Its strings are part of the input, and its lists stay until the end of the call.
    pub fn read<T: Members<'a>>(&mut self) -> Option<T> {
        self.object(T::SLOTS).map(T::of)
    }

    /// The same. An absent object reads as an empty one.
    pub(super) fn read_any<T: Members<'a>>(&mut self) -> T {
        T::of(self.object(T::SLOTS).unwrap_or(EMPTY))
    }

    fn object(&mut self, slots: &[Slot]) -> Option<Object<'a>> {
        let mut present = self.number();
        if present == ABSENT {
            return None;
        }
        // An object without members needs no memory.
        if present == 0 {
            return Some(EMPTY);
        }
        let object = alloc::vec![Member::default(); MOST].leak();
        for (slot, member) in slots.iter().zip(&mut *object) {
            if present & 1 != 0 {
                match slot {
                    Slot::Text => member.text = self.text(),
                    Slot::Texts => member.texts = self.texts(1),
                    Slot::Pairs => member.texts = self.texts(2),
                    Slot::Number => member.number = Some(self.number()),
                }
            }
            present >>= 1;
        }
        object.first_chunk()
    }

    /// Whether it has no further field.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }
}

/// Each name before its value.
#[derive(Clone, Copy)]
pub struct Pairs<'a>(pub Option<&'a [&'a str]>);

impl<'a> Pairs<'a> {
    /// Reads names and values into a new list.
    pub(super) fn read(self, pairs: &mut Vec<(&'a str, &'a str)>) {
        for [name, value] in self.0.unwrap_or_default().as_chunks().0 {
            pairs.push((*name, *value));
        }
    }
}

/// The most members of an object.
pub const MOST: usize = 17;

/// The members of an object, by position.
pub type Object<'a> = &'a [Member<'a>; MOST];

/// An object without members.
const EMPTY: Object<'static> = &[Member { text: None, texts: None, number: None }; MOST];

/// A member of an object. One of these has its value.
#[derive(Clone, Copy, Default)]
pub struct Member<'a> {
    text: Option<&'a str>,
    texts: Option<&'a [&'a str]>,
    number: Option<u32>,
}

/// How a member is read.
#[derive(Clone, Copy)]
pub enum Slot {
    /// A string.
    Text,
    /// Strings.
    Texts,
    /// Pairs of strings.
    Pairs,
    /// A number.
    Number,
}

/// The Rust type of a member.
pub trait Field<'a> {
    /// Its encoding.
    const KIND: Kind;
    /// How it is read.
    const SLOT: Slot;

    /// Its value.
    fn of(member: &Member<'a>) -> Self;
}

macro_rules! fields {
    ($($type:ty: $kind:ident in $slot:ident, |$member:ident| $value:expr;)*) => {
        $(impl<'a> Field<'a> for $type {
            const KIND: Kind = Kind::$kind;
            const SLOT: Slot = Slot::$slot;

            #[inline(always)]
            fn of($member: &Member<'a>) -> Self {
                $value
            }
        })*
    };
}

fields! {
    Option<&'a str>: Text in Text, |member| member.text;
    Option<&'a [&'a str]>: Texts in Texts, |member| member.texts;
    Pairs<'a>: Pairs in Pairs, |member| Pairs(member.texts);
    Lists<'a>: Lists in Pairs, |member| Lists(member.texts);
    Option<u32>: Seconds in Number, |member| member.number;
    Option<bool>: Flag in Number, |member| member.number.map(|flag| flag == 1);
    Json<'a>: Json in Text, |member| Json(member.text);
    Time<'a>: Time in Text, |member| Time(member.text);
}

/// The members of each list, as pairs of the list's name and the member. The first member of each list is empty.
#[derive(Clone, Copy)]
pub struct Lists<'a>(pub Option<&'a [&'a str]>);

impl<'a> Lists<'a> {
    /// The lists by name.
    pub(super) fn read(self) -> Option<Vec<(&'a str, Vec<&'a str>)>> {
        let mut lists: Vec<(&str, Vec<&str>)> = Vec::new();
        for [name, member] in self.0?.as_chunks().0 {
            match lists.last_mut().filter(|list| list.0 == *name) {
                Some(list) => list.1.push(*member),
                None => lists.push((*name, Vec::new())),
            }
        }
        Some(lists)
    }
}

/// An object or an array, as JSON text.
#[derive(Clone, Copy)]
pub struct Json<'a>(pub Option<&'a str>);

/// A time, as the digits of a number.
#[derive(Clone, Copy)]
pub struct Time<'a>(pub Option<&'a str>);

/// An object with its own members. It may be absent.
pub trait Members<'a> {
    /// Its members, in the order of the encoding.
    const MEMBERS: &'static [(&'static str, Kind)];
    /// How each is read.
    const SLOTS: &'static [Slot];

    /// The object with these members.
    fn of(members: Object<'a>) -> Self;
}

/// An answer: fields by position. The module writes them where JavaScript reads them.
#[derive(Default)]
pub struct Answer<'a>(Fields<'a>);

#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
type Fields<'a> = Vec<Item<'a>>;
#[cfg(all(feature = "wasm", target_family = "wasm"))]
use super::host::Fields;

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
    /// A string that is the same in every call, while its relying party lives.
    Constant(&'a str),
}

impl<'a> Answer<'a> {
    /// The fields.
    #[cfg(not(all(feature = "wasm", target_family = "wasm")))]
    pub fn items(&self) -> &[Item<'a>] {
        &self.0
    }

    /// The number of fields, for [`Answer::truncate`].
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Drops the fields behind this number.
    pub(super) fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Marks the end, for JavaScript.
    #[cfg(all(feature = "wasm", target_family = "wasm"))]
    pub(super) fn end(&mut self) {
        self.word(ABSENT).word(ABSENT);
    }

    // A function of its own would take the item from memory. Those below take address and length.
    #[inline(always)]
    fn push(&mut self, item: Item<'a>) -> &mut Answer<'a> {
        self.0.push(item);
        self
    }

    pub(super) fn number(&mut self, number: impl Into<u32>) -> &mut Answer<'a> {
        self.word(number.into())
    }

    fn word(&mut self, number: u32) -> &mut Answer<'a> {
        self.push(Item::Number(number))
    }

    pub(super) fn text(&mut self, text: &'a str) -> &mut Answer<'a> {
        self.push(Item::Text(text))
    }

    pub(super) fn bytes(&mut self, bytes: &'a [u8]) -> &mut Answer<'a> {
        self.push(Item::Bytes(bytes))
    }

    pub(super) fn constant(&mut self, text: &'static str) -> &mut Answer<'a> {
        self.of_party(text)
    }

    /// A string that its relying party holds, never one of this call: JavaScript keeps it by its address until one is freed.
    pub(super) fn of_party(&mut self, text: &'a str) -> &mut Answer<'a> {
        self.push(Item::Constant(text))
    }

    /// A string of this call. It stays until the host has read it, because a call's memory is freed as a whole.
    pub(super) fn made(&mut self, text: String) -> &mut Answer<'a> {
        self.text(text.leak())
    }

    /// The strings that are there: a bit for each, then they.
    pub(super) fn told(&mut self, texts: &[Option<&'a str>]) -> &mut Answer<'a> {
        let mut present = 0;
        for text in texts.iter().rev() {
            present = present << 1 | u32::from(text.is_some());
        }
        self.word(present);
        // The iterator of the present ones would be larger.
        #[allow(clippy::manual_flatten)]
        for text in texts {
            if let Some(text) = text {
                self.text(text);
            }
        }
        self
    }

    pub(super) fn optional(&mut self, text: Option<&'a str>) -> &mut Answer<'a> {
        match text {
            Some(text) => self.text(text),
            None => self.absent(),
        }
    }

    pub(super) fn absent(&mut self) -> &mut Answer<'a> {
        self.push(Item::Absent)
    }
}
