//! Counts tests in the output of their runners.

use std::fmt;
use std::iter::Sum;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Tally {
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// The counts of `cargo test`, `node --test` or the JavaScript suite: `12 passed; 0 failed`, or Node's `pass 12`.
    pub fn of(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let line = line.trim_start_matches(['#', 'ℹ', ' ']);
            let line =
                line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")).map_or(line, |it| it.1);
            for pair in line.split([',', ';']) {
                let Some((one, other)) = pair.trim().split_once(' ') else { continue };
                let (name, count) = if one.parse::<u32>().is_ok() { (other, one) } else { (one, other) };
                let Ok(count) = count.parse::<u32>() else { continue };
                match name {
                    "passed" | "pass" => tally.passed += count,
                    "failed" | "fail" | "cancelled" => tally.failed += count,
                    "skipped" | "ignored" => tally.skipped += count,
                    _ => {}
                }
            }
        }
        tally
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, Self { passed, failed, skipped }| Self {
            passed: sum.passed + passed,
            failed: sum.failed + failed,
            skipped: sum.skipped + skipped,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[test]
fn counts_of_each_runner() {
    let counts = |output, passed, failed, skipped| assert_eq!(Tally::of(output), Tally { passed, failed, skipped });
    counts("test a ... ok\ntest result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out", 12, 0, 2);
    counts("test result: FAILED. 1 passed; 3 failed; 0 ignored\ntest result: ok. 4 passed; 0 failed", 5, 3, 0);
    counts("ok 1 - login\n# tests 3\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 0\n# duration_ms 12", 1, 2, 0);
    counts("node: 3 passed, 1 failed (1.0 s)\n7 passed, 1 failed", 7, 1, 0);
    counts("it passed 3 times", 0, 0, 0);
}
