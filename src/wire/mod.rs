//! Grammars: bytes in, structure out. Nothing here knows a rule of the protocol.

pub mod base64url;
pub mod challenge;
pub mod form;
pub mod json;
pub(crate) mod text;
pub(crate) mod uri;
