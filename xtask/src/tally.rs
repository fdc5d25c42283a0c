//! Counts tests in the output of their runners.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Tally {
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// What `cargo test`, `node --test` or the JavaScript suite counted: `12 passed; 0 failed`, or Node's `pass 12`.
    pub fn of(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let line = line.trim_start_matches(['#', 'ℹ', ' ']);
            let words: Vec<_> = line.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
            let is_cargo = line.starts_with("test result: ");
            let is_count = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
            if !is_cargo && !words.iter().all(|word| is_count(word) || NAMES.contains(word)) {
                continue;
            }
            for pair in words.windows(2) {
                match (pair[0].parse(), pair[1], pair[0], pair[1].parse()) {
                    (Ok(count), name, ..) if NAMES.contains(&name) => tally.add(name, count),
                    (.., name, Ok(count)) if words.len() == 2 => tally.add(name, count),
                    _ => {}
                }
            }
        }
        tally
    }

    fn add(&mut self, name: &str, count: u32) {
        match name {
            "passed" | "pass" => self.passed += count,
            "failed" | "fail" | "cancelled" => self.failed += count,
            _ => self.skipped += count,
        }
    }
}

const NAMES: [&str; 7] = ["passed", "failed", "skipped", "pass", "fail", "cancelled", "ignored"];

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
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
