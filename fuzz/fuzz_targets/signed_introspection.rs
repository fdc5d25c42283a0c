#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| oidc_wasm_fuzz::signed_introspection(data));
