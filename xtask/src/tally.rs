//! Counting tests in what their runners print.

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

    /// What `cargo test`, `node --test` or the JavaScript suite counted.
    pub fn of(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let line = line.trim().trim_start_matches(['#', 'ℹ']).trim_start();
            let counted = if let Some(result) = line.strip_prefix("test result: ") {
                result.split_once(". ").map_or("", |(_, counts)| counts)
            } else if line.split([' ', ',', ';']).all(|word| is_count(word) || WORDS.contains(&word)) {
                line
            } else {
                continue;
            };
            tally += Self::counts(counted);
        }
        tally
    }

    /// `12 passed; 0 failed`, `12 passed, 0 failed`, or Node's `pass 12`.
    fn counts(line: &str) -> Self {
        let mut tally = Self::default();
        let words: Vec<_> = line.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let (count, word) = match pair {
                [count, word @ ("passed" | "failed" | "skipped" | "ignored")] if is_count(count) => (count, word),
                [word @ ("pass" | "fail" | "skipped" | "cancelled"), count] if words.len() == 2 => (count, word),
                _ => continue,
            };
            let count = count.parse().unwrap_or(0);
            match *word {
                "passed" | "pass" => tally.passed += count,
                "failed" | "fail" | "cancelled" => tally.failed += count,
                _ => tally.skipped += count,
            }
        }
        tally
    }
}

const WORDS: [&str; 8] = ["", "passed", "failed", "skipped", "pass", "fail", "cancelled", "ignored"];

fn is_count(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn counts(output: &str, passed: u32, failed: u32, skipped: u32) {
        assert_eq!(Tally::of(output), Tally { passed, failed, skipped });
    }

    #[test]
    fn cargo() {
        counts(
            "test a ... ok\n\ntest result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.03s",
            12,
            0,
            2,
        );
        counts(
            "test result: FAILED. 1 passed; 3 failed; 0 ignored; 0 measured\ntest result: ok. 4 passed; 0 failed; 0 ignored",
            5,
            3,
            0,
        );
    }

    #[test]
    fn node() {
        counts("ok 1 - login\n# tests 3\n# pass 1\n# fail 1\n# cancelled 1\n# skipped 0\n# duration_ms 12", 1, 2, 0);
        counts("ℹ pass 7\nℹ fail 0\nℹ skipped 1", 7, 0, 1);
    }

    #[test]
    fn suite() {
        counts("runtime node\n310 passed, 1 failed, 4 skipped\n", 310, 1, 4);
        counts("1 passed, 0 failed", 1, 0, 0);
    }

    #[test]
    fn prose_is_no_count() {
        counts("the login passed\n# pass the salt\n2 tests passed in 3 s", 0, 0, 0);
    }
}
