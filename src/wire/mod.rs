//! Grammars: bytes in, structure out. This module knows no rule of the protocol.

pub mod base64url;
pub mod challenge;
pub mod form;
pub mod json;
pub(crate) mod text;
pub(crate) mod uri;
