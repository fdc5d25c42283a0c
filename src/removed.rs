//! An engine that lacks one rule, for `cargo xtask mutate`. Only a build with `OIDC_WASM_MUTANTS` can lack one. In any other
//! build the compiler knows that all rules are present.

use crate::rule::Rule;
use crate::token::report::Verdict;

/// Whether this build is for tests.
pub(crate) const IS_FOR_TESTS: bool = option_env!("OIDC_WASM_MUTANTS").is_some();

impl Rule {
    fn is_removed(self) -> bool {
        IS_FOR_TESTS && number() == self as u32
    }

    /// An error cannot be undone, so a removed rule's error becomes `internal`.
    pub(crate) fn unless_removed(self) -> Rule {
        if self.is_removed() { Rule::Internal } else { self }
    }

    /// A removed rule accepts everything.
    pub(crate) fn judged(self, verdict: Verdict) -> Verdict {
        let is_lenient = matches!(verdict, Verdict::Fail | Verdict::Warn) && self.is_removed();
        if is_lenient { Verdict::Pass } else { verdict }
    }
}

/// A program finds these words in the module's memory, and writes the number after them.
#[cfg(target_family = "wasm")]
fn number() -> u32 {
    use core::sync::atomic::{AtomicU32, Ordering};

    #[repr(C)]
    struct Switch {
        words: [u8; 20],
        number: AtomicU32,
    }
    static SWITCH: Switch = Switch { words: *b"The removed rule is ", number: AtomicU32::new(u32::MAX) };
    // This keeps the words in the module, although no code reads them.
    core::hint::black_box(&SWITCH).number.load(Ordering::Relaxed)
}

/// `cargo xtask mutate` sets the `cfg`. Without it, the crate needs no standard library.
#[cfg(all(oidc_wasm_mutants, not(target_family = "wasm")))]
fn number() -> u32 {
    extern crate std;

    static NUMBER: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *NUMBER.get_or_init(|| {
        let number = std::env::var("OIDC_WASM_REMOVED").ok().and_then(|number| number.parse().ok());
        number.unwrap_or(u32::MAX)
    })
}

#[cfg(not(any(oidc_wasm_mutants, target_family = "wasm")))]
fn number() -> u32 {
    u32::MAX
}
