//! `cargo xtask help`.

pub const TEXT: &str = "\
cargo xtask <command>

  demo               builds what is missing and starts the demo page with a real OpenID Provider behind it
  test [step…]       runs every check, or only the steps named; the last line counts what passed and failed
  build [--plain]    the engine as WebAssembly and the npm package's files, in pkg/dist
  pack               the npm tarball; its path is the last line
  matrix [--only project,…]
                     a login in a tiny project for each bundler, framework and runtime; writes the table of docs/runtimes.md
  size [--record]    what a user downloads, what it is spent on, how that is beside other libraries, and whether it
                     changed; --record accepts the change, in size.json and in docs/size.md
  bench [--quick] [--only row,…] [--runtimes node,…] [--node path]… [--check] [--record] [--profile row]
                     speed beside JavaScript libraries of the same job, as ratios; --record writes the picture and
                     figures of docs/speed.md, --profile says where the time of one case goes
  mutate [rule…]     removes each rule from the engine, and demands that a test misses it, natively and in JavaScript
  interop [--only server,…] [--record]
                     logins at real servers from package registries, beside oauth4webapi; --record writes the table of the docs
  help               this text

What is missing on the machine is installed where that is possible. --plain (also of `size`) builds with the
standard library as it is distributed; the build is then larger and needs no rust-src.
";

pub fn print() {
    print!("{TEXT}\nSteps of test: {}\n", crate::test::names().join(" "));
}
