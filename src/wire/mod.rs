//! Grammars: bytes in, structure out. Nothing here knows a protocol.

pub mod base64url;
pub mod form;
pub mod json;
pub(crate) mod text;
pub(crate) mod uri;
