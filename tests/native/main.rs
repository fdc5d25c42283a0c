//! Black-box tests of the native crate: one module for each room of `src/`, fed from the files in `tests/vectors/` that
//! every runtime runs.

#[cfg(test)]
mod common;

#[cfg(test)]
mod access_token;
#[cfg(test)]
mod authorization;
#[cfg(test)]
mod challenge;
#[cfg(test)]
mod client;
#[cfg(test)]
mod id_token;
#[cfg(test)]
mod initiated_login;
#[cfg(test)]
mod introspection;
#[cfg(test)]
mod jwks;
#[cfg(test)]
mod jws;
#[cfg(test)]
mod login;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod logout_token;
#[cfg(test)]
mod no_panic;
#[cfg(test)]
mod pkce;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod redirect;
#[cfg(test)]
mod resource;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod rule;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod token;
#[cfg(test)]
mod userinfo;
#[cfg(test)]
mod wire;
