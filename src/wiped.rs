//! Values that are wiped when dropped.

#[cfg(all(feature = "wasm", target_family = "wasm"))]
pub(crate) use self::plain::{Wiped, WipedText, append, append_character, with_room};
#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
pub(crate) use self::zeroing::{WipedText, append, append_character, with_room};
#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
pub(crate) use zeroize::Zeroizing as Wiped;

#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
mod zeroing {
    use alloc::borrow::Cow;
    use alloc::string::String;
    use core::ops::Deref;

    use zeroize::Zeroizing;

    /// An empty string for a secret. It has room for all of it: a string that grows leaves its former bytes in memory.
    pub(crate) fn with_room(_: usize, most: impl FnOnce() -> usize) -> String {
        String::with_capacity(most())
    }

    /// Appends to a secret of unknown length, and wipes the memory that it leaves.
    pub(crate) fn append(secret: &mut Zeroizing<String>, text: &str) {
        let length = secret.len() + text.len();
        if length > secret.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(length.max(secret.capacity() * 2)));
            larger.push_str(secret);
            *secret = larger;
        }
        secret.push_str(text);
    }

    /// The same for one character.
    pub(crate) fn append_character(secret: &mut Zeroizing<String>, character: char) {
        append(secret, character.encode_utf8(&mut [0; 4]));
    }

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
    use alloc::string::String;
    use core::ops::{Deref, DerefMut};

    #[inline(always)]
    pub(crate) fn with_room(usual: usize, _: impl FnOnce() -> usize) -> String {
        // Reserving nothing would call the allocator.
        if usual == 0 { String::new() } else { String::with_capacity(usual) }
    }

    #[inline(always)]
    pub(crate) fn append(secret: &mut Wiped<String>, text: &str) {
        secret.push_str(text);
    }

    #[inline(always)]
    pub(crate) fn append_character(secret: &mut Wiped<String>, character: char) {
        secret.push(character);
    }

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
