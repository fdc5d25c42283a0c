//! Every relaxation in one table: its name, its effect, the providers that need it, and the lost protection.
//!
//! The npm package's type and docs/relaxations.md are generated from this table.

use serde::{Deserialize, Serialize};

use crate::error::Error;

macro_rules! relaxations {
    ($($variant:ident $name:literal, $permits:literal, $needed_by:literal, $gives_up:literal;)*) => {
        /// A named exception from a rule, for providers that need it. All are off by default.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Relaxation {
            $(
                #[doc = concat!("Permits ", $permits, ". Needed by ", $needed_by, ". It gives up: ", $gives_up, ".")]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl Relaxation {
            /// Every relaxation, in the order of its number.
            pub const ALL: &'static [Relaxation] = &[$(Relaxation::$variant,)*];

            /// The name in a configuration, such as `raw-basic`.
            pub const fn name(self) -> &'static str {
                match self { $(Relaxation::$variant => $name,)* }
            }

            /// The effect.
            pub const fn permits(self) -> &'static str {
                match self { $(Relaxation::$variant => $permits,)* }
            }

            /// The providers that need it.
            pub const fn needed_by(self) -> &'static str {
                match self { $(Relaxation::$variant => $needed_by,)* }
            }

            /// The lost protection.
            pub const fn gives_up(self) -> &'static str {
                match self { $(Relaxation::$variant => $gives_up,)* }
            }
        }
    };
}

relaxations! {
    IssuerTemplate "issuer-template",
        "metadata whose issuer holds `{tenantid}`; the `tid` of a signed token takes its place",
        "Microsoft Entra ID with an issuer that tenants share",
        "the check of the tenant: list `allowedTenants`, or check `tid` before you trust an account";
    HttpProvider "http-provider",
        "a provider over http on an inner network: a private address, a name of one label, `*.localhost`, `*.local`, `*.internal`, `*.test`, `*.svc` or `*.home.arpa`",
        "Docker Compose, a Kubernetes mesh and laboratories, where something else protects the network",
        "secrecy: a listener on that network reads codes, tokens and secrets, and can answer with its own keys";
    UnexpectedNonce "unexpected-nonce",
        "a `nonce` in an ID token that the request did not send",
        "providers that repeat a nonce of their own",
        "nothing: a nonce that was sent is still compared";
    RawBasic "raw-basic",
        "HTTP Basic without form encoding, which RFC 6749 §2.3.1 demands",
        "Open Liberty, if the secret has other characters than letters, digits and `-._~`",
        "client identifiers with a colon (RFC 7617 §2)";
    ContentType "content-type",
        "a token response, a userinfo answer and metadata of another media type than `application/json`",
        "servers that answer `text/plain`, or leave the type out",
        "the check that the endpoint meant to send JSON";
    MissingNonce "missing-nonce",
        "an ID token without the `nonce` that was sent, from the token endpoint, for a code under PKCE",
        "providers that forget the `nonce` in the code flow",
        "one of two proofs that the token belongs to this login: PKCE remains";
    OtherAudiences "other-audiences",
        "other audiences in an ID token whose `azp` is this client",
        "ZITADEL, which names the project and each of its clients",
        "your list of trusted audiences: any audience can present this ID token";
    LogoutWithoutExp "logout-without-exp",
        "a logout token without `exp` for 300 seconds after its `iat`",
        "providers that follow a draft of Back-Channel Logout",
        "the provider's own limit: remember each `jti` for 300 seconds plus `clockTolerance`";
    ShortSecret "short-secret",
        "a client secret shorter than the hash it keys (RFC 7518 §3.2 demands 32 bytes for HS256)",
        "providers that issue short secrets",
        "the strength of the signature: an attacker can guess a short secret from one signed token";
    ResourceName "resource-name",
        "a GUID as `resource`, beside absolute URIs",
        "Microsoft Entra ID v1 and ADFS, where an application's identifier names it",
        "nothing";
    PrivateScheme "private-scheme",
        "a redirect URI of a private-use scheme without a dot, such as `tauri:` or `exp:`",
        "apps made with Tauri, Expo or Capacitor",
        "the owner of the scheme (RFC 8252 §7.1): another app may register it and receive the code. PKCE makes that code useless";
    HttpRedirect "http-redirect",
        "a redirect URI over http on an inner network, which `http-provider` describes",
        "development machines, and applications on closed networks",
        "the secrecy of the redirect: a listener on that network has the code and any token in it";
    TokenStatus "token-status",
        "tokens under another success than status 200, such as 201",
        "servers and gateways that answer a `POST` with 201",
        "nothing: `error` marks an error under any status";
    TokenType "token-type",
        "a token response without `token_type`, which is then `Bearer`, and a token exchange without `issued_token_type`",
        "providers older than RFC 6749, and Keycloak before version 26 for a token exchange",
        "the provider's statement of the token's type";
    ScopeArray "scope-array",
        "`scope` as an array of strings in a token response",
        "Twitch",
        "nothing: spaces join the strings";
}

/// The relaxations of one client, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relaxations(u32);

impl Relaxations {
    /// These and one more.
    #[must_use]
    pub const fn with(self, relaxation: Relaxation) -> Relaxations {
        Relaxations(self.0 | 1 << relaxation as u32)
    }

    /// Whether this one is on.
    pub const fn has(self, relaxation: Relaxation) -> bool {
        self.0 & 1 << relaxation as u32 != 0
    }

    /// # Errors
    /// `argument.relax` for an unknown name.
    pub(crate) fn named(names: &[&str]) -> Result<Relaxations, Error> {
        let mut relaxations = Relaxations::default();
        for name in names {
            let known = Relaxation::ALL.iter().find(|known| known.name() == *name);
            let known = known.ok_or_else(|| Error::argument("relax", "names of relaxations, such as raw-basic"))?;
            relaxations = relaxations.with(*known);
        }
        Ok(relaxations)
    }
}
