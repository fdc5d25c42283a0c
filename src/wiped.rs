//! What is wiped when it is dropped.

#[cfg(all(feature = "wasm", target_family = "wasm"))]
pub(crate) use self::plain::Wiped;
#[cfg(not(all(feature = "wasm", target_family = "wasm")))]
pub(crate) use zeroize::Zeroizing as Wiped;

/// In the module the memory of a call and of a zone is wiped as a whole (`wasm/memory.rs`), so that nothing needs to be wiped before.
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
