//! The features of this build. Modules of the npm package lack some; the native crate has all.

macro_rules! capabilities {
    ($($(#[$when:meta])? $name:ident $feature:literal;)*) => {
        $($(#[$when])? pub(crate) const $name: bool = cfg!(any(feature = $feature, not(feature = "wasm")));)*
    };
}

capabilities! {
    ASSERTION "assertion";
    #[cfg(target_family = "wasm")]
    DOWNSCOPING "downscoping";
    HMAC "hmac";
    INITIATED_LOGIN "initiated-login";
    INTROSPECTION "introspection";
    LOGOUT_TOKEN "logout-token";
}
