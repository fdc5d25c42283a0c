//! The engine beside Rust libraries for the same purpose, for each message of a login: `cargo bench`, or a part of it, `cargo
//! bench -- "ID token"`. Both sides get the same input and must have the same result before the measurement.

mod bench;
mod id_token;
mod login;
mod pkce;
mod provider;
mod ratios;
mod redirect;
mod signatures;
mod token;

use bench::Bench;

fn main() {
    let mut bench = Bench::new();
    pkce::compare(&mut bench);
    redirect::compare(&mut bench);
    token::compare(&mut bench);
    id_token::compare(&mut bench);
    bench.report();
}
