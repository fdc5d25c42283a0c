//! The engine beside the Rust libraries of the same job, one message of a login after the other: `cargo bench`, or a part
//! of it, `cargo bench -- "ID token"`. Both sides get the same input and must come to the same result before they are timed.

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
