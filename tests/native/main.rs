//! Black-box tests of the native crate: one module for each room of `src/`, with the files in
//! `tests/vectors/` that every runtime runs. The cases use the shipped decoder, `src/wasm`.

#[cfg(test)]
mod backchannel_authentication;
#[cfg(test)]
mod common;

#[cfg(test)]
mod dpop;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod jose;
#[cfg(test)]
mod login;
#[cfg(test)]
mod message;
#[cfg(test)]
mod mtls;
#[cfg(test)]
mod no_panic;
#[cfg(test)]
mod party;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod request_object;
#[cfg(test)]
mod rule;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod signed_introspection;
#[cfg(test)]
mod signed_response;
#[cfg(test)]
mod token;
#[cfg(test)]
mod walkthrough;
#[cfg(test)]
mod wire;
