//! Values that are wiped when dropped.

#[cfg(all(feature = "wasm", target_family = "wasm"))]
pub(crate) use self::plain::{Wiped, WipedText};
#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
pub(crate) use self::zeroing::WipedText;
#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
pub(crate) use zeroize::Zeroizing as Wiped;

#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
mod zeroing {
    use alloc::borrow::Cow;
    use core::ops::Deref;

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

    impl Drop for WipedText<'_> {
        fn drop(&mut self) {
            if let Cow::Owned(text) = &mut self.0 {
                zeroize::Zeroize::zeroize(text);
            }
        }
    }
}

/// The module wipes the memory of a call as a whole (`wasm/memory.rs`), so nothing is wiped earlier.
#[cfg(all(feature = "wasm", target_family = "wasm"))]
mod plain {
    use alloc::borrow::Cow;
    use core::ops::{Deref, DerefMut};

    #[derive(Clone, Copy, Default, PartialEq, Eq)]
    pub(crate) struct WipedText<'a>(&'a str);

    impl<'a> From<Cow<'a, str>> for WipedText<'a> {
        fn from(text: Cow<'a, str>) -> WipedText<'a> {
            WipedText(match text {
                Cow::Borrowed(text) => text,
                Cow::Owned(text) => text.leak(),
            })
        }
    }

    impl Deref for WipedText<'_> {
        type Target = str;

        fn deref(&self) -> &str {
            self.0
        }
    }

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
