//! Counts tests in the output of their runners.

use std::fmt;
use std::iter::Sum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    pub const PASSED: Self = Self { passed: 1, failed: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1 };

    /// The counts of `cargo test`, `node --test` or the JavaScript suite: `12 passed; 0 failed`, or Node's `pass 12`.
    /// A skipped test has checked nothing, so it counts as failed.
    pub fn of(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let line = line.trim_start_matches("test result: ").trim_start_matches(['#', 'ℹ', ' ']);
            for pair in line.split([',', ';']).flat_map(|part| part.split(". ")) {
                let Some((one, other)) = pair.trim().split_once(' ') else { continue };
                match (one, other) {
                    (count, "passed") | ("pass", count) => tally.passed += count.parse().unwrap_or(0),
                    (count, "failed" | "ignored") | ("fail" | "cancelled" | "skipped" | "todo", count) => {
                        tally.failed += count.parse().unwrap_or(0);
                    }
                    _ => {}
                }
            }
        }
        tally
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self { passed: sum.passed + one.passed, failed: sum.failed + one.failed })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[test]
fn counts_of_each_runner() {
    let counts = |output, passed, failed| assert_eq!(Tally::of(output), Tally { passed, failed });
    counts("test a ... ok\ntest result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out", 12, 2);
    counts("test result: FAILED. 1 passed; 3 failed; 0 ignored\ntest result: ok. 4 passed; 0 failed", 5, 3);
    counts("ok 1 - login\n# tests 4\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1", 1, 4);
    counts("node: 3 passed, 1 failed (1.0 s)\n7 passed, 1 failed", 7, 1);
    counts("it passed 3 times", 0, 0);
}
