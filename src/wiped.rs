//! Values that are wiped when dropped.

use alloc::borrow::Cow;
use core::ops::Deref;

#[cfg(all(feature = "wasm", target_family = "wasm"))]
pub(crate) use self::plain::Wiped;
#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
pub(crate) use zeroize::Zeroizing as Wiped;

/// A secret, borrowed from a string or decoded into its own.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct WipedText<'a>(Cow<'a, str>);

impl<'a> From<Cow<'a, str>> for WipedText<'a> {
    fn from(text: Cow<'a, str>) -> WipedText<'a> {
        WipedText(text)
    }
}

impl Deref for WipedText<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
impl Drop for WipedText<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.0 {
            zeroize::Zeroize::zeroize(text);
        }
    }
}

/// The module wipes the memory of a call as a whole (`wasm/memory.rs`), so nothing is wiped earlier.
#[cfg(all(feature = "wasm", target_family = "wasm"))]
mod plain {
    use core::ops::{Deref, DerefMut};

    #[derive(Clone, Default, Debug, PartialEq, Eq)]
    pub(crate) struct Wiped<T>(T);

    impl<T> Wiped<T> {
        pub(crate) fn new(value: T) -> Wiped<T> {
            Wiped(value)
        }
    }

    impl<T> Deref for Wiped<T> {
        type Target = T;

        fn deref(&self) -> &T {
            &self.0
        }
    }

    impl<T> DerefMut for Wiped<T> {
        fn deref_mut(&mut self) -> &mut T {
            &mut self.0
        }
    }
}
