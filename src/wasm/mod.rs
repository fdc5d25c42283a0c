//! The boundary to JavaScript: frame, call, answer. It has no protocol rule. Parts without JavaScript also compile natively, for tests.

pub mod calls;
pub mod frame;
#[cfg(all(feature = "wasm", target_family = "wasm"))]
// Beside the attribute macros of wasm-bindgen, only these two contain unsafe code. Public items are public to JavaScript, which
// documents errors itself. A JavaScript number is a double, and an address has 32 bits.
#[allow(unsafe_code, unreachable_pub, missing_docs)]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
mod host;
#[cfg(all(feature = "wasm", target_family = "wasm"))]
#[allow(unsafe_code)]
mod memory;
// Lengths have 32 bits in WebAssembly.
#[allow(clippy::cast_possible_truncation)]
pub mod run;
