//! Grammars, from bytes to structure. This module has no rule of the protocol.

pub mod base64url;
pub mod challenge;
pub mod form;
pub mod json;
pub(crate) mod sha2;
pub(crate) mod text;
pub(crate) mod uri;
