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

/// A file that this one does not name would run no test.
#[test]
fn each_file_is_a_module() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/native")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().display().to_string();
        let is_named = include_str!("main.rs").contains(&format!("\nmod {name};"));
        assert!(is_named || name == "main", "main.rs has no mod {name}");
    }
}
