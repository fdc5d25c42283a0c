//! The steps that JavaScript asks for, by number. The build tool reads this file too and writes the numbers down for TypeScript.

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A step: arguments in, an answer out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Step {
            $($(#[$doc])* $name,)*
        }

        impl Step {
            /// Every step, in the order of its number.
            pub const ALL: &'static [Step] = &[$(Step::$name,)*];
        }
    };
}

steps! {
    /// → verifier and challenge, on two lines.
    CreatePkce,
    /// A verifier → its S256 challenge.
    CodeChallenge,
    /// A `WWW-Authenticate` header → its challenges, as JSON.
    ParseChallenges,
    /// `{scope, resource?, registry}` → which scopes reach which resource, as JSON.
    Downscope,
    /// `{issuer, metadata?, relax?}` → the request, as JSON.
    DiscoveryRequest,
    /// The reply to it: the host parses the body itself.
    DiscoveryResponse,
    /// The client and, as the token, the provider's metadata → the number of a party that is kept until it is freed.
    RelyingParty,
    /// Gives a party back.
    Free,
    /// → address, state and transaction, on three lines.
    AuthorizationRequest,
    /// `{response | form, transaction}` → the parameters, as JSON.
    AuthorizationResponse,
    /// → `alg` and text to sign, on two lines, before a request that proves who the client is; nothing where nothing is signed.
    ClientAssertion,
    /// A grant, and an assertion's text with the signature behind it → the request, as JSON.
    TokenRequest,
    /// The reply to it, and the grant: the host parses the body itself. → `expires_in` where the body has it as text.
    TokenResponse,
    /// → the request for the key set, as JSON.
    JwksRequest,
    /// The reply to it. The old set stays when this one cannot be read.
    JwksResponse,
    /// A token → what the host must verify: the algorithm's number, the key's place (two bytes, the low one first, 0 for the client
    /// secret), the signature.
    Verification,
    /// A token → the key to verify it with, as JSON.
    Key,
    /// A token whose signature was refused → the error.
    SignatureRefused,
    /// What a token will be compared with: judged before anything is sent.
    Expect,
    /// What the token of the last verification is compared with → its claims, as JSON. They are nobody's before the host has verified
    /// the signature.
    Claims,
    /// What an ID token is compared with, and the token → every rule on it: `[valid, signature, header, claims, checks]`.
    CheckIdToken,
    /// The same for the token of the last verification, as if the host had verified its signature already.
    ReportIdToken,
    /// An access token → the request, as JSON.
    UserinfoRequest,
    /// The reply to it, and `{accessToken, expectedSubject}` → `true` for a signed one, whose body is a token.
    UserinfoResponse,
    /// A token, and an assertion as in a token request → the request, as JSON.
    RevocationRequest,
    /// The reply to it, and the token.
    RevocationResponse,
    /// A token, and an assertion as in a token request → the request, as JSON.
    IntrospectionRequest,
    /// The reply to it, and the token → what it says, as JSON.
    IntrospectionResponse,
    /// The parameters of a login that somebody else starts → `{loginHint?, targetLinkUri?}`, as JSON.
    InitiatedLogin,
    /// → the address that signs the person out.
    EndSessionUrl,
    /// `{response, state}` → `true` for the return from signing out.
    EndSessionReturned,
}
