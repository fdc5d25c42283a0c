//! Every rule the engine applies: one table of stable code, section and sentence.
//!
//! An [`Error`](crate::Error) names the broken rule. A [`Report`](crate::Report) lists the result of each rule. A sentence states
//! the requirement and the remedy. The build tool generates the npm package's sentences, docs/errors.md and docs/rules.md from
//! this table. The WebAssembly module contains only a rule's number.

impl Rule {
    /// Whether the caller's input is wrong.
    pub fn is_of_call(self) -> bool {
        use Rule::{Argument, TransactionMalformed, TransactionMismatch, TransactionMissing};
        matches!(self, Argument | TransactionMissing | TransactionMalformed | TransactionMismatch)
    }

    /// Whether `oidc-wasm/login` has it. Such rules come first in the table.
    pub fn is_of_login(self) -> bool {
        self < Rule::IntrospectionOauthError
    }

    /// Whether `oidc-wasm` has it, and `oidc-wasm/login` lacks it.
    pub fn is_of_usual(self) -> bool {
        !self.is_of_login() && !self.is_of_full()
    }

    /// Whether only `oidc-wasm/full` has it. Such rules come last in the table.
    pub fn is_of_full(self) -> bool {
        self >= Rule::DpopProof
    }

    /// Whether a new key set may resolve it.
    pub fn is_of_keys(self) -> bool {
        use Rule::{JwksAmbiguous, JwksMalformed, JwksNoMatch, JwksWeakKey, JwsSignature};
        matches!(self, JwksMalformed | JwksNoMatch | JwksAmbiguous | JwksWeakKey | JwsSignature)
    }

    /// Whether it compares a time with the clock.
    pub fn is_of_time(self) -> bool {
        matches!(self, Rule::IdTokenExp | Rule::IdTokenIat | Rule::IdTokenNbf | Rule::IdTokenAuthTime)
    }
}

macro_rules! rules {
    ($($name:ident $code:literal, $spec:literal, $sentence:literal;)*) => {
        /// A rule, identified by its stable dotted code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Rule {
            $(#[doc = concat!("`", $code, "` (", $spec, "): ", $sentence)] $name,)*
        }

        impl Rule {
            /// Every rule, in the order of its number.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// The stable dotted code, such as `id_token.nonce`.
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$name => $code,)* }
            }

            /// The section of the rule, such as `RFC 7636 §4.1`; `oidc-wasm` for the engine's own rules.
            pub const fn spec(self) -> &'static str {
                match self { $(Rule::$name => $spec,)* }
            }

            /// The requirement and the remedy.
            pub const fn sentence(self) -> &'static str {
                match self { $(Rule::$name => $sentence,)* }
            }
        }
    };
}

rules! {
    // The call
    Internal "internal", "oidc-wasm", "The engine stopped in this call: a defect, or no memory. The next call works. Report the cause.";
    InitFailed "init.failed", "oidc-wasm", "The engine could not start; the cause says why.";
    InitCsp "init.csp", "Content Security Policy Level 3 §8.2", "This page's Content-Security-Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src, or import oidc-wasm/js.";
    InitEdge "init.edge", "oidc-wasm", "This runtime compiles no bytes to WebAssembly. Let your bundler resolve the condition workerd or edge-light, or import oidc-wasm/js.";
    InitNoWasm "init.no_wasm", "oidc-wasm", "This runtime has no WebAssembly: import oidc-wasm/js.";
    NotInitialized "not_initialized", "oidc-wasm", "Await init() before the first call.";
    RelyingPartyFreed "relying_party.freed", "oidc-wasm", "free() was called on this relying party. Make a new one.";
    Argument "argument", "oidc-wasm", "An option is missing, unknown or of the wrong type.";
    PkceVerifier "pkce.verifier", "RFC 7636 §4.1", "A code verifier has 43 to 128 characters: letters, digits, - . _ or ~";
    BuildDefault "build.default", "oidc-wasm", "This build lacks the feature. Import oidc-wasm, which has the same exports.";
    BuildFull "build.full", "oidc-wasm", "This build lacks the feature. Import oidc-wasm/full, which has the same exports.";

    // The network
    HttpFailed "http.failed", "oidc-wasm", "No complete answer came; the cause says why. Check certificate, address, CORS and Content-Security-Policy. Repeat the request unless it sent a code or refresh token. The provider may have used that: start a new login.";
    HttpTimeout "http.timeout", "oidc-wasm", "The provider did not answer within 30 seconds. Repeat the request unless it sent a code or refresh token. The provider may have used that: start a new login.";
    HttpAborted "http.aborted", "oidc-wasm", "The caller's signal ended the request.";
    HttpTooLarge "http.too_large", "oidc-wasm", "The answer is larger than 1 MiB.";
    HttpStatus "http.status", "RFC 9110 §15", "The provider must answer with status 200. Check the address. After 429 or 5xx, try later.";

    // JSON
    JsonUtf8 "json.utf8", "RFC 8259 §8.1", "The JSON text must be valid UTF-8.";
    JsonBom "json.bom", "RFC 8259 §8.1", "The JSON text must not start with a byte-order mark.";
    JsonSyntax "json.syntax", "RFC 8259 §2", "The answer must be valid JSON. HTML means a wrong address, a proxy or an outage.";
    JsonTrailing "json.trailing", "RFC 8259 §2", "Nothing may follow the JSON text.";
    JsonDepth "json.depth", "RFC 8259 §9", "JSON may have at most 64 levels.";
    JsonDuplicate "json.duplicate", "RFC 7519 §4", "A JSON object must not name a member twice.";
    JsonSurrogate "json.surrogate", "RFC 8259 §8.2", "A JSON string must not contain half of a surrogate pair.";
    JsonNumber "json.number", "RFC 8259 §6", "A JSON number must fit into a double.";
    JsonObject "json.object", "RFC 8259 §4", "The JSON text must be an object.";
    JsonTooLarge "json.too_large", "RFC 8259 §9", "A JSON text may have at most 1 MiB.";

    // Provider metadata
    DiscoveryIssuer "discovery.issuer", "OpenID Connect Discovery 1.0 §4.3", "The metadata's issuer must equal the issuer asked for or the option expectedIssuer. If it ends with a slash, ask with the slash.";
    DiscoveryMetadata "discovery.metadata", "OpenID Connect Discovery 1.0 §3", "A member of the provider's metadata has the wrong type.";
    DiscoveryContentType "discovery.content_type", "OpenID Connect Discovery 1.0 §4.2", "Provider metadata must be application/json; is this address a web page? Relaxation: content-type.";

    // Requests
    RequestEndpoint "request.endpoint", "RFC 6749 §3.1", "The metadata must name this endpoint: an https address without a fragment or the request's own parameters. On loopback, http may name loopback. Relaxation: http-provider.";
    RequestRedirectUri "request.redirect_uri", "RFC 6749 §3.1.2, RFC 8252 §7", "A redirect URI is absolute, without a fragment: https, http on loopback, or a private-use scheme with a dot. Its query names no parameter of an answer. Relaxations: http-redirect, private-scheme.";
    RequestScope "request.scope", "RFC 6749 §3.3", "A scope value has printable ASCII characters, without space, quote or backslash.";
    RequestResource "request.resource", "RFC 8707 §2", "A resource is an absolute URI without a fragment. Relaxation: resource-name.";
    RequestReserved "request.reserved", "RFC 6749 §3.1", "extra and parameters must not set a parameter that the library sets. Use its option instead.";
    RequestClientAuth "request.client_auth", "OpenID Connect Core 1.0 §9", "This call needs a client with a secret or key. tokenRequest() signs nothing: use grant(), callback() or refresh().";

    RequestPushed "request.pushed", "RFC 9126 §5", "This login must be pushed to the provider: use authorize() of oidc-wasm/full.";

    // The transaction
    TransactionMissing "transaction.missing", "oidc-wasm", "No stored login belongs to this answer: Back button, bookmark, other tab or lost cookie. Start the login again; store its transaction under its state.";
    TransactionMalformed "transaction.malformed", "oidc-wasm", "The transaction must be the one that authorizationRequest() returned. Store it unchanged, and start the login again.";
    TransactionMismatch "transaction.mismatch", "oidc-wasm", "The transaction belongs to another issuer, client or redirect URI.";

    // The redirect
    RedirectMalformed "redirect.malformed", "RFC 6749 §4.1.2", "The redirect must be valid UTF-8, have at most 1 MiB and leave no required value empty.";
    RedirectResponseMode "redirect.response_mode", "OAuth 2.0 Multiple Response Types §2.1", "The answer must use the requested response mode. Only an error with the right state may use another.";
    RedirectDuplicateParameter "redirect.duplicate_parameter", "RFC 6749 §3.1", "The redirect must not contain a protocol parameter twice.";
    RedirectIss "redirect.iss", "RFC 9207 §2.4", "iss must equal the issuer of this login.";
    RedirectState "redirect.state", "RFC 6749 §10.12", "state must equal the one this login sent. An old or forged answer has another. Start the login again.";
    RedirectOauthError "redirect.oauth_error", "RFC 6749 §4.1.2.1", "The provider refused the login; error and error_description say why.";
    RedirectUnexpectedParameter "redirect.unexpected_parameter", "OAuth 2.0 Multiple Response Types §3", "The redirect must not contain a code or token that the request did not ask for.";
    RedirectMissingParameter "redirect.missing_parameter", "OAuth 2.0 Multiple Response Types §3", "The redirect must contain every parameter of its response type.";

    // The token response
    TokenOauthError "token.oauth_error", "RFC 6749 §5.2", "The token endpoint refused the request; error and error_description say why.";
    TokenStatus "token.status", "RFC 6749 §5.1", "The token endpoint must answer with tokens and status 200, or with an OAuth error. Relaxation: token-status.";
    TokenContentType "token.content_type", "RFC 6749 §5.1", "A token response must be application/json. Relaxation: content-type.";
    TokenAccessToken "token.access_token", "RFC 6749 §5.1", "access_token must be a non-empty string.";
    TokenTokenType "token.token_type", "RFC 6749 §5.1", "token_type must be Bearer, or DPoP with the option dpop. Relaxation: token-type.";
    TokenExpiresIn "token.expires_in", "RFC 6749 §5.1", "expires_in must be a number of seconds, not negative.";
    TokenRefreshToken "token.refresh_token", "RFC 6749 §5.1", "refresh_token must be a non-empty string if present.";
    TokenIdToken "token.id_token", "OpenID Connect Core 1.0 §3.1.3.3", "id_token must be a non-empty string if present.";
    TokenScope "token.scope", "RFC 6749 §5.1", "scope must be a string if present. Relaxation: scope-array.";
    TokenMissingIdToken "token.missing_id_token", "OpenID Connect Core 1.0 §3.1.3.3", "A token response to the scope openid must contain an ID token.";
    TokenCacheControl "token.cache_control", "RFC 6749 §5.1", "The token response should have Cache-Control: no-store. This is a warning only; tell the provider.";

    // Revocation
    RevocationOauthError "revocation.oauth_error", "RFC 7009 §2.2.1", "The revocation endpoint refused the request; error and error_description say why.";
    RevocationStatus "revocation.status", "RFC 7009 §2.2", "The revocation endpoint must answer with status 200, 202 or 204.";

    // The signed token
    JwsMalformed "jws.malformed", "RFC 7515 §7.1", "A signed token has three parts of unpadded base64url, joined by dots.";
    JwsTooLarge "jws.too_large", "oidc-wasm", "A signed token is limited to 64 KiB.";
    IdTokenEncrypted "id_token.encrypted", "OpenID Connect Core 1.0 §10.2", "The token is encrypted (JWE). Register the client for signed tokens, or set decryption, in oidc-wasm/full.";
    JwsAlg "jws.alg", "OpenID Connect Core 1.0 §3.1.3.7 rule 7", "alg must be the registered algorithm, or else an asymmetric one of the metadata; never none. HS in an ID token needs a secret and idTokenSignedResponseAlg.";
    JwsCrit "jws.crit", "RFC 7515 §4.1.11", "The token must not require an extension (crit).";
    JwsTyp "jws.typ", "RFC 8725 §3.11", "typ must name the expected kind of token, or be absent.";
    JwsUnsupportedAlg "jws.unsupported_alg", "RFC 7518 §3.1", "This runtime does not implement the token's signature algorithm.";
    JwsUnsupportedKey "jws.unsupported_key", "Web Cryptography API §14.3", "This runtime cannot use this key; the cause says why. Deno verifies RSA up to 4096 bits.";
    CryptoUnavailable "crypto.unavailable", "Web Cryptography API §10", "crypto.subtle is missing. Browsers provide it on https:// pages and on localhost only.";

    EntropyUnavailable "entropy.unavailable", "Web Cryptography API §10.1", "There is no secure random source. In a Worker, call this inside a request.";

    // Keys
    JwksMalformed "jwks.malformed", "RFC 7517 §5", "The provider's key set must be an object with an array of at most 1,000 keys.";
    JwksNoMatch "jwks.no_match", "OpenID Connect Core 1.0 §10.1", "No key of the provider matches the token's kid and algorithm.";
    JwksAmbiguous "jwks.ambiguous", "OpenID Connect Core 1.0 §10.1", "Several keys of the provider match the token's kid and algorithm.";
    JwksWeakKey "jwks.weak_key", "RFC 7518 §3.3", "The provider's key is weak or invalid. RSA needs 2048 to 8192 bits and exponent 3, 17 or 65537.";
    JwsSignature "jws.signature", "OpenID Connect Core 1.0 §3.1.3.7 rule 6", "The provider's key must verify the signature. Otherwise the token was changed, or another key signed it.";

    // The ID token
    IdTokenIss "id_token.iss", "OpenID Connect Core 1.0 §3.1.3.7 rule 2", "iss must equal the configured issuer exactly, including any trailing slash. Relaxation for Microsoft: issuer-template.";
    IdTokenSub "id_token.sub", "OpenID Connect Core 1.0 §2", "sub must have 1 to 255 ASCII characters.";
    IdTokenAud "id_token.aud", "OpenID Connect Core 1.0 §3.1.3.7 rule 3", "aud must contain this client's ID. Any other audience must be listed in trustedAudiences. Relaxation: other-audiences.";
    IdTokenAzp "id_token.azp", "OpenID Connect Core 1.0 §3.1.3.7 rules 4 and 5", "azp must equal this client's ID or be listed in trustedAudiences. It is required when aud has several values.";
    IdTokenExp "id_token.exp", "OpenID Connect Core 1.0 §3.1.3.7 rule 9", "exp must be in the future. If the token is new, check the clocks of this machine and the provider.";
    IdTokenIat "id_token.iat", "OpenID Connect Core 1.0 §3.1.3.7 rule 10", "iat must be present and at most 300 s in the future. If the token is new, check the clocks of this machine and the provider.";
    IdTokenNbf "id_token.nbf", "RFC 7519 §4.1.5", "The token must not be used before nbf. If the token is new, check the clocks of this machine and the provider.";
    IdTokenNonce "id_token.nonce", "OpenID Connect Core 1.0 §3.1.3.7 rule 11", "nonce must be the one this login sent, and absent where none was sent. Relaxations: missing-nonce, unexpected-nonce.";
    IdTokenAuthTime "id_token.auth_time", "OpenID Connect Core 1.0 §3.1.3.7 rule 13", "The person must have signed in within max_age. auth_time must be a number, at most 300 s in the future.";
    IdTokenAcr "id_token.acr", "OpenID Connect Core 1.0 §5.5.1.1", "acr must be one of the expected authentication classes, a string.";
    IdTokenAmr "id_token.amr", "OpenID Connect Core 1.0 §2", "amr should be an array of strings. This is a warning only.";
    IdTokenEvents "id_token.events", "RFC 8725 §3.12", "An ID token must not contain events; that marks a logout token.";
    IdTokenAtHash "id_token.at_hash", "OpenID Connect Core 1.0 §3.2.2.9", "at_hash must match the access token that came with this ID token.";
    IdTokenCHash "id_token.c_hash", "OpenID Connect Core 1.0 §3.3.2.10", "c_hash must match the code that came with this ID token.";
    IdTokenSHash "id_token.s_hash", "Financial-grade API 1.0 Part 2 §5.1.1", "s_hash must match the state of this login.";
    IdTokenPrevious "id_token.previous", "OpenID Connect Core 1.0 §12.2", "A refreshed ID token must have the same iss, sub, aud and azp as before, and no older auth_time.";
    IdTokenHybrid "id_token.hybrid", "OpenID Connect Core 1.0 §3.3.3.6", "Both ID tokens of a hybrid flow must have the same issuer and subject.";

    // Userinfo
    UserinfoStatus "userinfo.status", "OpenID Connect Core 1.0 §5.3.3", "The userinfo endpoint refused the access token or failed; status, error and challenges say why.";
    UserinfoContentType "userinfo.content_type", "OpenID Connect Core 1.0 §5.3.2", "A userinfo answer must be application/json, or application/jwt if it is signed, as the client is registered. Relaxation: content-type.";
    UserinfoSub "userinfo.sub", "OpenID Connect Core 1.0 §5.3.4", "sub must equal the subject of the ID token. Do not use this answer.";
    UserinfoIss "userinfo.iss", "OpenID Connect Core 1.0 §5.3.2", "iss of a signed answer must equal the configured issuer exactly.";
    UserinfoAud "userinfo.aud", "OpenID Connect Core 1.0 §5.3.2", "aud of a signed answer must be this client's ID.";
    UserinfoExp "userinfo.exp", "OpenID Connect Core 1.0 §5.3.2", "exp of a signed answer must be in the future, and iat in the past.";

    // Access tokens, at a resource server
    AccessTokenTyp "access_token.typ", "RFC 9068 §4", "typ must be at+jwt, JWT or absent, and no claim may mark another kind of token. The option clientId accepts a nonce beside the claim typ: Bearer.";
    AccessTokenIss "access_token.iss", "RFC 9068 §4", "iss must equal the configured issuer exactly, or the option issuer.";
    AccessTokenAud "access_token.aud", "RFC 9068 §4", "aud must contain this resource server. Request the token with the right resource. The option clientId accepts a token without aud.";
    AccessTokenClientId "access_token.client_id", "RFC 9068 §2.2", "client_id, or else azp, must be listed in the option clientId.";
    AccessTokenExp "access_token.exp", "RFC 9068 §4", "exp must be in the future.";
    AccessTokenNbf "access_token.nbf", "RFC 7519 §4.1.5", "The token must not be used before nbf.";
    AccessTokenScope "access_token.scope", "RFC 6750 §3.1", "scope must contain every scope that the request needs.";
    AccessTokenAcr "access_token.acr", "RFC 9470 §3", "acr must be one of the expected authentication classes.";
    AccessTokenAuthTime "access_token.auth_time", "RFC 9470 §3", "The person must have signed in within max_age.";
    AccessTokenCnf "access_token.cnf", "RFC 9449 §7.1", "cnf must match the option request or certificate of oidc-wasm/full.";

    // What oidc-wasm/login lacks: introspection
    IntrospectionOauthError "introspection.oauth_error", "RFC 7662 §2.3", "The introspection endpoint refused the request; error and error_description say why.";
    IntrospectionStatus "introspection.status", "RFC 7662 §2.2", "The introspection endpoint must answer with status 200.";
    IntrospectionContentType "introspection.content_type", "RFC 7662 §2.2", "An introspection answer must be application/json.";
    IntrospectionActive "introspection.active", "RFC 7662 §2.2", "active must be true or false.";
    AccessTokenActive "access_token.active", "RFC 7662 §2.2", "The token must be active: not expired or revoked.";

    // Logout tokens
    LogoutTokenTyp "logout_token.typ", "Back-Channel Logout 1.0 §2.6", "typ must be logout+jwt, JWT or absent.";
    LogoutTokenIss "logout_token.iss", "Back-Channel Logout 1.0 §2.6", "iss must equal the configured issuer exactly, including any trailing slash.";
    LogoutTokenAud "logout_token.aud", "Back-Channel Logout 1.0 §2.6", "aud must contain this client's ID. Any other audience must be listed in trustedAudiences.";
    LogoutTokenIat "logout_token.iat", "Back-Channel Logout 1.0 §2.6", "iat must be present. iat and nbf must not be in the future.";
    LogoutTokenExp "logout_token.exp", "Back-Channel Logout 1.0 §2.4", "exp must be in the future. Relaxation: logout-without-exp.";
    LogoutTokenJti "logout_token.jti", "Back-Channel Logout 1.0 §2.4", "jti is required. Reject a jti that you have seen.";
    LogoutTokenEvents "logout_token.events", "Back-Channel Logout 1.0 §2.6", "events must contain the back-channel logout event, an object.";
    LogoutTokenNonce "logout_token.nonce", "Back-Channel Logout 1.0 §2.6", "A logout token must not contain nonce.";
    LogoutTokenSubject "logout_token.subject", "Back-Channel Logout 1.0 §2.6", "The token must contain sub, sid or both.";

    // A login that the provider or a portal starts
    InitiatedLoginMalformed "initiated_login.malformed", "OpenID Connect Core 1.0 §4", "The request must be valid UTF-8 and name no parameter twice. A bare query must not contain #.";
    InitiatedLoginIss "initiated_login.iss", "OpenID Connect Core 1.0 §4", "iss must equal the configured issuer.";
    InitiatedLoginTargetLinkUri "initiated_login.target_link_uri", "OpenID Connect Core 1.0 §4", "target_link_uri must have the origin of this application.";

    // Resource servers
    ResourceUnknown "resource.unknown", "RFC 8707 §2", "The registry does not contain this resource.";

    // What only oidc-wasm/full applies: proofs of possession, at a resource server
    DpopProof "dpop.proof", "RFC 9449 §4.3", "DPoP must hold one proof: typ dpop+jwt, and jwk a strong public key of its alg.";
    DpopJti "dpop.jti", "RFC 9449 §4.3", "jti must be new, and have at most 256 bytes.";
    DpopHtm "dpop.htm", "RFC 9449 §4.3", "htm must be the method of this request.";
    DpopHtu "dpop.htu", "RFC 9449 §4.3", "htu must be the address of this request. Behind a proxy, pass the address that the client sees.";
    DpopNonce "dpop.nonce", "RFC 9449 §9", "nonce must be that of this server.";
    DpopIat "dpop.iat", "RFC 9449 §4.3", "iat must be at most 300 s old, and not from the future. exp and nbf must permit the proof.";
    DpopAth "dpop.ath", "RFC 9449 §4.3", "ath must be the hash of the access token.";

    // Pushed authorization requests
    ParOauthError "par.oauth_error", "RFC 9126 §2.3", "The provider refused the request; error and error_description say why.";
    ParStatus "par.status", "RFC 9126 §2.2", "The provider must answer with status 201.";
    ParContentType "par.content_type", "RFC 9126 §2.2", "The answer must be application/json.";
    ParRequestUri "par.request_uri", "RFC 9126 §2.2", "request_uri must be an absolute URI.";
    ParExpiresIn "par.expires_in", "RFC 9126 §2.2", "expires_in must be a number of seconds, not 0.";

    // Rich authorization requests, token exchange, step-up
    TokenAuthorizationDetails "token.authorization_details", "RFC 9396 §7", "authorization_details must be a list of objects, each with its type.";
    AccessTokenAuthorizationDetails "access_token.authorization_details", "RFC 9396 §9.1", "authorization_details must be a list of objects, each with its type.";
    TokenIssuedTokenType "token.issued_token_type", "RFC 8693 §2.2.1", "issued_token_type must be the URI of a type. Relaxation: token-type.";
    StepUpMaxAge "step_up.max_age", "RFC 9470 §3", "max_age must be a number of seconds.";

    // Signed authorization requests
    RequestSigned "request.signed", "RFC 9101 §10.5", "This request must be signed. Set requestObject and call authorize().";

    // Signed authorization responses
    JarmUnverified "jarm.unverified", "JARM §2.4", "This answer is signed: use callback().";
    JarmIss "jarm.iss", "JARM §2.4", "iss of a signed answer must equal the configured issuer exactly.";
    JarmAud "jarm.aud", "JARM §2.4", "aud of a signed answer must be this client's ID only.";
    JarmExp "jarm.exp", "JARM §2.4", "A signed answer must have exp, and be neither expired nor from the future.";

    // Signed introspection answers
    IntrospectionUnsigned "introspection.unsigned", "RFC 9701 §5", "The client is registered for signed answers.";
    IntrospectionTyp "introspection.typ", "RFC 9701 §5", "typ must be token-introspection+jwt.";
    IntrospectionIss "introspection.iss", "RFC 9701 §5", "iss of a signed answer must equal the configured issuer exactly.";
    IntrospectionAud "introspection.aud", "RFC 9701 §5", "aud of a signed answer must be this client's ID, or listed in trustedAudiences.";
    IntrospectionIat "introspection.iat", "RFC 9701 §5", "A signed answer must have iat, and be neither expired nor from the future.";
    IntrospectionTokenIntrospection "introspection.token_introspection", "RFC 9701 §5", "token_introspection must be an object.";

    // The profiles of FAPI 2.0
    ProfileClientAuth "profile.client_auth", "FAPI 2.0 Security Profile §5.3.3.1", "The profile permits private_key_jwt and certificates only.";
    ProfileAudience "profile.audience", "FAPI 2.0 Security Profile §5.3.3.1", "The profile demands the issuer as audience. Remove audience.";
    ProfileAlgorithm "profile.algorithm", "FAPI 2.0 Security Profile §5.4.1", "The profile permits PS256, ES256 and EdDSA only.";
    ProfileSenderConstraint "profile.sender_constraint", "FAPI 2.0 Security Profile §5.3.3.1", "The profile demands bound tokens. Set dpop or mtls.";
    ProfilePar "profile.par", "FAPI 2.0 Security Profile §5.3.3.2", "The profile demands pushed requests of client and provider.";
    ProfilePkce "profile.pkce", "FAPI 2.0 Security Profile §5.3.3.2", "The profile demands S256 in code_challenge_methods_supported.";
    ProfileIss "profile.iss", "FAPI 2.0 Security Profile §5.3.3.2", "The profile demands authorization_response_iss_parameter_supported.";
    ProfileResponseType "profile.response_type", "FAPI 2.0 Security Profile §5.3.2.2", "The profile permits the response type code only.";
    ProfileGrant "profile.grant", "FAPI 2.0 Security Profile §5.3.2.1", "The profile forbids the grant password.";
    ProfileExpiresIn "profile.expires_in", "FAPI 2.0 Security Profile §5.3.2.2", "The profile demands expires_in of less than 600 seconds.";
    ProfileRelaxation "profile.relaxation", "FAPI 2.0 Security Profile §5.1.2", "The profile permits no relaxation. Remove relax.";
    ProfileRequestObject "profile.request_object", "FAPI 2.0 Message Signing §5.3.2, FAPI-CIBA ID1 §5.2.3", "The profile demands requestObject.";
    ProfileResponseMode "profile.response_mode", "FAPI 2.0 Message Signing §5.4.2", "The profile demands the response mode jwt. Remove responseMode.";
    ProfileIntrospection "profile.introspection", "FAPI 2.0 Message Signing §5.5.2", "The profile demands introspectionSignedResponseAlg.";
    ProfileBindingMessage "profile.binding_message", "FAPI-CIBA draft 03 §4.1.2", "The profile demands bindingMessage or authorization_details.";

    // Encrypted tokens
    JweRequired "jwe.required", "OpenID Connect Core 1.0 §10.2", "The client is registered for encrypted tokens.";
    JweMalformed "jwe.malformed", "RFC 7516 §7.1", "An encrypted token has five parts of unpadded base64url, as long as alg and enc require.";
    JweHeader "jwe.header", "RFC 7516 §4.1", "The header must have no crit and no zip. cty must be JWT or absent. epk must be a point of its curve.";
    JweAlg "jwe.alg", "RFC 7518 §4.1", "alg must be the registered algorithm. It and enc must be supported.";
    JweKey "jwe.key", "RFC 7516 §5.2", "Exactly one key of decryption must match the token's alg, kid and epk.";
    JweNested "jwe.nested", "RFC 7519 §5.2", "An encrypted token must contain a signed one.";
    JweDecryption "jwe.decryption", "RFC 7516 §11.5", "The client's key must decrypt the token. This token was changed, or is for another key.";

    // Certificates
    MtlsBoundTokens "mtls.bound_tokens", "RFC 8705 §3.3", "With mtls, the metadata must contain tls_client_certificate_bound_access_tokens: true.";
    AccessTokenCertificate "access_token.certificate", "RFC 8705 §3", "cnf.x5t#S256 must be the hash of this connection's certificate.";

    // The metadata of a protected resource
    HttpContentType "http.content_type", "RFC 8259 §11", "The answer must be application/json; is this address a web page?";
    ResourceMetadata "resource.metadata", "RFC 9728 §2", "A member of the answer is missing or wrong.";
    ResourceIdentifier "resource.identifier", "RFC 9728 §3.3", "resource must equal the requested address. Pass the resource's own name.";

    // Logins on a device without a browser
    DeviceOauthError "device.oauth_error", "RFC 8628 §3.2", "The provider refused the request; error and error_description say why.";
    DeviceResponse "device.response", "RFC 8628 §3.2", "A member of the answer is missing or wrong.";
    DeviceExpired "device.expired", "RFC 8628 §3.5", "The code expired before the person signed in. Make another.";

    // The registration of clients
    RegistrationOauthError "registration.oauth_error", "RFC 7591 §3.2.2", "The provider refused the request; error and error_description say why.";
    RegistrationResponse "registration.response", "RFC 7591 §3.2.1", "A member of the answer is missing or wrong.";
    RegistrationClientId "registration.client_id", "RFC 7592 §3", "client_id must be that of the registration.";

    // Logins that the client starts
    CibaOauthError "ciba.oauth_error", "CIBA Core 1.0 §13", "The provider refused the request; error and error_description say why.";
    CibaResponse "ciba.response", "CIBA Core 1.0 §7.3", "A member of the answer is missing or wrong.";
    CibaExpired "ciba.expired", "CIBA Core 1.0 §7.3", "The request expired before the person signed in. Make another.";
    CibaAuthReqId "ciba.auth_req_id", "CIBA Core 1.0 §10.3.1", "The ID token must belong to this request.";
}
