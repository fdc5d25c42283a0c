//! An engine that lacks one rule, so that `cargo xtask mutate` can show that a test misses it. Only a build with `OIDC_WASM_MUTANTS` set
//! can lack one: everywhere else the compiler knows that none is.

use crate::rule::Rule;
use crate::token::report::Verdict;

const CAN_LACK: bool = option_env!("OIDC_WASM_MUTANTS").is_some();

impl Rule {
    fn is_removed(self) -> bool {
        CAN_LACK && number() == self as u32
    }

    /// A refusal can't be taken back. That of a removed rule has lost its name.
    pub(crate) fn unless_removed(self) -> Rule {
        if self.is_removed() { Rule::Internal } else { self }
    }

    /// A removed rule passes whatever it judges.
    pub(crate) fn judged(self, verdict: Verdict) -> Verdict {
        let is_lenient = matches!(verdict, Verdict::Fail | Verdict::Warn) && self.is_removed();
        if is_lenient { Verdict::Pass } else { verdict }
    }
}

/// A program that runs the module writes the number behind these words, which it finds in the module's memory.
#[cfg(target_family = "wasm")]
fn number() -> u32 {
    use core::sync::atomic::{AtomicU32, Ordering};

    #[repr(C)]
    struct Switch {
        words: [u8; 20],
        number: AtomicU32,
    }
    static SWITCH: Switch = Switch { words: *b"The removed rule is ", number: AtomicU32::new(u32::MAX) };
    // The words are kept, though nothing here reads them.
    core::hint::black_box(&SWITCH).number.load(Ordering::Relaxed)
}

#[cfg(not(target_family = "wasm"))]
fn number() -> u32 {
    extern crate std;

    static NUMBER: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *NUMBER.get_or_init(|| {
        let number = std::env::var("OIDC_WASM_REMOVED").ok().and_then(|number| number.parse().ok());
        number.unwrap_or(u32::MAX)
    })
}
