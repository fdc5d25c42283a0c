//! Strict JSON (RFC 8259): every accepted text has one meaning, the same for every other reader.
//!
//! Beyond syntax errors it rejects: duplicate members at any depth, also behind escapes; byte-order marks; invalid UTF-8; half
//! surrogate pairs; trailing data; more than 64 levels; numbers from 1e308 on, which are near the limit of a double; and
//! input over 1 MiB. Time and memory grow linearly with the input.

mod number;
mod reader;
mod writer;

pub(crate) use number::{fixed_point, is_negative, push_integer};
pub use reader::{Document, Items, MAX_BYTES, MAX_DEPTH, Members, Value};
pub(crate) use writer::ObjectWriter;

/// The reason why the input is not strict JSON.
// A word needs no mask.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is not UTF-8 (RFC 8259 §8.1).
    Utf8,
    /// It starts with a byte-order mark (RFC 8259 §8.1).
    Bom,
    /// It breaks the grammar (RFC 8259 §2).
    Syntax,
    /// More input follows it.
    Trailing,
    /// It has more than [`MAX_DEPTH`] levels.
    Depth,
    /// An object names a member twice.
    Duplicate,
    /// A string has half of a surrogate pair.
    Surrogate,
    /// A number is too large for a double.
    Number,
    /// It is not an object.
    Object,
    /// It has more than [`MAX_BYTES`] bytes.
    TooLarge,
}
