//! The calls of JavaScript: the members of each object, and the number of each call. The build tool generates TypeScript from
//! these tables, so a member's name exists only here and in the public types.

pub use crate::message::http::FORM_HEADERS;

use super::frame::{Field, Frame, Json, Kind, Lists, MOST, Members, Object, Pairs, Slot, Time};

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A call, by its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Call {
            $($(#[$doc])* $name,)*
        }

        impl Call {
            /// Every call, in the order of its number.
            pub const ALL: &'static [Call] = &[$(Call::$name,)*];
        }
    };
}

// Fields of the frame are before the arrow, fields of the answer after it. A request is its url, its body if any, further
// pieces of the body, whether it has the headers of every form, and pairs of other headers. A reply is its status, content type
// and cache control. Its body follows all strings.
calls! {
    /// → verifier, challenge
    CreatePkce,
    /// verifier → challenge
    CodeChallenge,
    /// `WWW-Authenticate` → the challenges, as a JavaScript value
    ParseChallenges,
    /// `Downscope` → the table, as a JavaScript value
    Downscope,
    /// `Discovery`, `Client`, `FullClient` if there is one → the request
    DiscoveryRequest,
    /// `Discovery`, `Client`, reply, `FullClient` if there is one → a handle
    DiscoveryResponse,
    /// `Client`, metadata as JSON, `FullClient` if there is one → a handle
    RelyingParty,
    /// Frees a relying party.
    Free,
    /// `AuthorizationParams`, thumbprint of a key → url, state, transaction
    AuthorizationRequest,
    /// redirect, form, transaction → the parameters
    AuthorizationResponse,
    /// redirect, form, transaction, `Exchange` → the parameters, the kept string, the needs of the code's ID token (nothing,
    /// WebCrypto, or keys too), and the token request if it needs no signature
    Exchange,
    /// the call of its request → algorithm, signing input; nothing if nothing is signed
    ClientAssertion,
    /// `Grant`, signed assertion → the request
    TokenRequest,
    /// `Grant`, reply → `expires_in` if the body has a string, `token_type` if it has none, `scope` if it has an array
    TokenResponse,
    /// `Grant`, reply → as `TokenResponse`, then as `Verification` of the ID token, or the rule that prevents it
    Exchanged,
    /// → the request for the key set
    JwksRequest,
    /// reply. An unreadable reply does not replace the old set.
    JwksResponse,
    /// kind, token, expected values if known → algorithm, the key's index, the key, signature, signing input; and the claims, if they
    /// are as expected
    Verification,
    /// kind → the error of a signature that the host rejected
    SignatureRefused,
    /// kind, expected values. Checked before any request.
    Expect,
    /// kind, token, expected values → the claims, unverified until the host has verified the signature
    Claims,
    /// token, `IdTokenExpected` → the report
    CheckIdToken,
    /// token, the token response's cache control, `IdTokenExpected` → the report, as if the host had verified the signature
    ReportIdToken,
    /// access token, its type if known → the request
    UserinfoRequest,
    /// access token, subject, reply → whether it is signed
    UserinfoResponse,
    /// token, signed assertion → the request
    RevocationRequest,
    /// token, reply
    RevocationResponse,
    /// token, signed assertion → the request
    IntrospectionRequest,
    /// token, reply → the answer; nothing if the body is a signed or encrypted one
    IntrospectionResponse,
    /// introspection answer, `AccessTokenExpected`
    Introspected,
    /// the request's parameters → login hint, target link URI
    InitiatedLogin,
    /// `EndSessionParams` → url
    EndSessionUrl,
    /// redirect, state → whether it is the return from logout
    EndSessionReturned,
    /// address, `Session` → whether it ends this session
    FrontChannelLogout,
    /// algorithm, public key, method, url, access token, nonce → signing input of a proof of possession
    DpopProof,
    /// algorithm, public key → its thumbprint
    DpopThumbprint,
    /// status, challenges, body → whether it requires a nonce
    DpopNonce,
    /// url, token type, access token → the value of `Authorization`
    ResourceAuthorization,
    /// `Authorization`, proof → as `Verification`; nothing for another scheme than `DPoP`
    ProofVerification,
    /// proof, `ProofMembers` → jti, thumbprint of the key, expiry
    ProofClaims,
    /// → the error of a repeated proof
    ProofReplayed,
    /// → whether authorization requests are pushed
    Pushes,
    /// `AuthorizationParams`, thumbprint of a key, signed assertion → the request, then state and transaction
    PushedRequest,
    /// reply → url
    PushedResponse,
    /// resource, challenges → the request for its metadata
    ResourceRequest,
    /// resource, challenges, reply
    ResourceResponse,
    /// challenges → scope, `acr_values`, `max_age`; nothing if they require none
    StepUp,
    /// `Grant`, signed assertion → the request
    DeviceRequest,
    /// reply
    DeviceResponse,
    /// the provider's answer, whether it is a backchannel authentication, seconds elapsed, interval; of the last error its code, that of OAuth, its status and its `Retry-After` → the interval from
    /// now on, seconds to wait, and what an ID token takes (as `Exchange`); nothing if the error ends the login
    PollWait,
    /// action, absent to create; issuer, address, token, client ID, client secret, metadata as JSON → method, the request
    RegistrationRequest,
    /// the same, reply → whether the registration was removed
    RegistrationResponse,
    /// client ID, metadata as JSON → the document
    ClientMetadataDocument,
    /// `AuthorizationParams`, thumbprint of a key, authorization details → algorithm, signing input, state, transaction; nothing if
    /// the client signs no requests
    RequestObject,
    /// `AuthorizationParams`, thumbprint of a key, authorization details, request object, its address if it has one → url
    SignedRequest,
    /// request object, signed assertion → the request
    PushedObject,
    /// redirect, form, transaction → the signed token in it, if the request asked for one
    SignedResponse,
    /// claims of a verified response, transaction, `Exchange` → as `Exchange`
    ExchangeSigned,
    /// a certificate as the body → its thumbprint
    CertificateThumbprint,
    /// `Backchannel` → algorithm, signing input; nothing if the client signs no requests
    BackchannelObject,
    /// `Backchannel`, signed request, signed assertion → the request
    BackchannelRequest,
    /// `Backchannel`, reply
    BackchannelResponse,
    /// the provider's answer, claims of a verified ID token
    BackchannelClaims,
    /// kind, token → bytes: the key's index, the bytes of the agreed secret, of the wrapping key, of the content encryption key and of
    /// the HMAC's key (0 if there is none), then `OtherInfo`; `epk`. Nothing for a token that is not encrypted
    Decryption,
    /// kind, the content unless the host failed to decrypt it, expected subject → the claims if they are not signed; nothing for a
    /// signed token
    Decrypted,
}

impl Call {
    /// Whether only the build `oidc-wasm/full` has it. These calls come last.
    pub fn is_of_full(self) -> bool {
        self as u8 >= Call::DpopProof as u8
    }

    /// Whether it draws random bytes, and so leaves them on the stack. Other calls keep secrets in the heap only, or hash them.
    pub fn draws_secrets(self) -> bool {
        use Call::{
            AuthorizationRequest, BackchannelObject, ClientAssertion, CreatePkce, DpopProof, PushedRequest,
            RequestObject,
        };
        matches!(
            self,
            CreatePkce
                | AuthorizationRequest
                | ClientAssertion
                | DpopProof
                | PushedRequest
                | RequestObject
                | BackchannelObject
        )
    }
}

macro_rules! members {
    ($a:lifetime; $($(#[$doc:meta])* $shape:ident {
        $($field:ident $name:literal: $type:ty,)*
        $(.. $last:ident $last_name:literal: $object:ident)?
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy)]
            pub struct $shape<$a>(Object<$a>);

            #[allow(missing_docs)]
            impl<$a> $shape<$a> {
                $(
                    #[inline(always)]
                    // The array is longer than the list of members.
                    #[allow(clippy::indexing_slicing)]
                    pub fn $field(self) -> $type {
                        <$type>::of(&self.0[places::$shape::$field as usize])
                    }
                )*

                $(pub fn $last(self, frame: &mut Frame<$a>) -> Option<$object<$a>> {
                    frame.read()
                })?
            }

            impl<$a> Members<$a> for $shape<$a> {
                const MEMBERS: &'static [(&'static str, Kind)] = &[
                    $(($name, <$type as Field<$a>>::KIND),)*
                    $(($last_name, Kind::Object($object::MEMBERS)),)?
                ];
                const SLOTS: &'static [Slot] = {
                    assert!(Self::MEMBERS.len() <= MOST);
                    &[$(<$type as Field<$a>>::SLOT,)*]
                };

                fn of(members: Object<$a>) -> Self {
                    $shape(members)
                }
            }
        )*

        /// The index of each member.
        mod places {
            #![allow(non_camel_case_types)]
            $(
                #[derive(Clone, Copy)]
                pub(super) enum $shape {
                    $($field,)*
                }
            )*
        }

        /// The objects of calls, by name.
        pub const OBJECTS: &[(&str, &[(&str, Kind)])] =
            &[$((stringify!($shape), <$shape<'static> as Members<'static>>::MEMBERS),)*];
    };
}

members! { 'a;
    /// The request for a provider's metadata.
    DiscoveryMembers {
        issuer "issuer": Option<&'a str>,
        metadata "metadata": Option<&'a str>,
        expected_issuer "expectedIssuer": Option<&'a str>,
    }
    /// The client's configuration.
    ClientMembers {
        client_id "clientId": Option<&'a str>,
        redirect_uri "redirectUri": Option<&'a str>,
        id_token_signed_response_alg "idTokenSignedResponseAlg": Option<&'a str>,
        userinfo_signed_response_alg "userinfoSignedResponseAlg": Option<&'a str>,
        trusted_audiences "trustedAudiences": Option<&'a [&'a str]>,
        allowed_tenants "allowedTenants": Option<&'a [&'a str]>,
        require_auth_time "requireAuthTime": Option<bool>,
        clock_tolerance "clockTolerance": Option<u32>,
        relax "relax": Option<&'a [&'a str]>,
        pushed_authorization_requests "pushedAuthorizationRequests": Option<bool>,
        .. auth "auth": AuthMembers
    }
    /// The options of a client that only `oidc-wasm/full` has. They follow everything else of a call.
    FullClientMembers {
        dpop "dpop": Option<&'a str>,
        mtls "mtls": Option<bool>,
        profile "profile": Option<&'a str>,
        require_s_hash "requireSHash": Option<bool>,
        max_token_age "maxTokenAge": Option<u32>,
        decryption "decryption": Option<&'a [&'a str]>,
        id_token_encrypted_response_alg "idTokenEncryptedResponseAlg": Option<&'a str>,
        userinfo_encrypted_response_alg "userinfoEncryptedResponseAlg": Option<&'a str>,
        authorization_encrypted_response_alg "authorizationEncryptedResponseAlg": Option<&'a str>,
        authorization_signed_response_alg "authorizationSignedResponseAlg": Option<&'a str>,
        introspection_signed_response_alg "introspectionSignedResponseAlg": Option<&'a str>,
        introspection_encrypted_response_alg "introspectionEncryptedResponseAlg": Option<&'a str>,
        .. request_object "requestObject": RequestObjectMembers
    }
    /// The key that signs authorization requests.
    RequestObjectMembers {
        alg "alg": Option<&'a str>,
        kid "kid": Option<&'a str>,
    }
    /// The client's authentication.
    AuthMembers {
        method "method": Option<&'a str>,
        secret "secret": Option<&'a str>,
        alg "alg": Option<&'a str>,
        kid "kid": Option<&'a str>,
        audience "audience": Option<&'a str>,
        header "header": Json<'a>,
        claims "claims": Json<'a>,
    }
    /// The parameters of an authorization request.
    AuthorizationMembers {
        scope "scope": Option<&'a [&'a str]>,
        response_type "responseType": Option<&'a str>,
        response_mode "responseMode": Option<&'a str>,
        redirect_uri "redirectUri": Option<&'a str>,
        resource "resource": Option<&'a [&'a str]>,
        prompt "prompt": Option<&'a str>,
        max_age "maxAge": Option<u32>,
        display "display": Option<&'a str>,
        login_hint "loginHint": Option<&'a str>,
        id_token_hint "idTokenHint": Option<&'a str>,
        ui_locales "uiLocales": Option<&'a str>,
        acr_values "acrValues": Option<&'a str>,
        claims "claims": Json<'a>,
        authorization_details "authorizationDetails": Json<'a>,
        dpop_jkt "dpopJkt": Option<bool>,
        keep "keep": Option<&'a str>,
        extra "extra": Pairs<'a>,
    }
    /// Parameters of the token request after a redirect.
    ExchangeMembers {
        resource "resource": Option<&'a [&'a str]>,
        parameters "parameters": Pairs<'a>,
    }
    /// A grant of any type.
    GrantMembers {
        grant_type "type": Option<&'a str>,
        code "code": Option<&'a str>,
        transaction "transaction": Option<&'a str>,
        refresh_token "refreshToken": Option<&'a str>,
        username "username": Option<&'a str>,
        password "password": Option<&'a str>,
        scope "scope": Option<&'a [&'a str]>,
        resource "resource": Option<&'a [&'a str]>,
        parameters "parameters": Pairs<'a>,
    }
    /// The parameters of a backchannel authentication request.
    BackchannelMembers {
        scope "scope": Option<&'a [&'a str]>,
        login_hint "loginHint": Option<&'a str>,
        login_hint_token "loginHintToken": Option<&'a str>,
        id_token_hint "idTokenHint": Option<&'a str>,
        binding_message "bindingMessage": Option<&'a str>,
        user_code "userCode": Option<&'a str>,
        requested_expiry "requestedExpiry": Option<u32>,
        acr_values "acrValues": Option<&'a str>,
        resource "resource": Option<&'a [&'a str]>,
        parameters "parameters": Pairs<'a>,
    }
    /// The expected values of an ID token.
    IdTokenMembers {
        nonce "nonce": Option<&'a str>,
        max_age "maxAge": Option<u32>,
        acr_values "acrValues": Option<&'a str>,
        access_token "accessToken": Option<&'a str>,
        code "code": Option<&'a str>,
        state "state": Option<&'a str>,
        previous "previous": Json<'a>,
        now "now": Time<'a>,
        transaction "transaction": Option<&'a str>,
        channel "channel": Option<&'a str>,
        sibling "sibling": Json<'a>,
        iss "iss": Option<&'a str>,
    }
    /// The expected values of a userinfo answer.
    UserinfoMembers {
        expected_subject "expectedSubject": Option<&'a str>,
    }
    /// The expected values of an access token.
    AccessTokenMembers {
        audience "audience": Option<&'a [&'a str]>,
        scope "scope": Option<&'a [&'a str]>,
        issuer "issuer": Option<&'a str>,
        client_id "clientId": Option<&'a [&'a str]>,
        acr_values "acrValues": Option<&'a str>,
        max_age "maxAge": Option<u32>,
        now "now": Time<'a>,
    }
    /// The request with a proof of possession.
    ProofMembers {
        method "method": Option<&'a str>,
        url "url": Option<&'a str>,
        access_token "accessToken": Option<&'a str>,
        nonce "nonce": Option<&'a [&'a str]>,
        now "now": Time<'a>,
    }
    /// The expected values of a logout token.
    LogoutTokenMembers {
        now "now": Time<'a>,
    }
    /// The parameters of a logout at the provider.
    EndSessionMembers {
        id_token_hint "idTokenHint": Option<&'a str>,
        post_logout_redirect_uri "postLogoutRedirectUri": Option<&'a str>,
        state "state": Option<&'a str>,
        logout_hint "logoutHint": Option<&'a str>,
        ui_locales "uiLocales": Option<&'a str>,
        extra "extra": Pairs<'a>,
    }
    /// The session that a front-channel logout may end.
    SessionMembers {
        sid "sid": Option<&'a str>,
    }
    /// Scopes, resource servers, and the scopes of each.
    DownscopeMembers {
        scope "scope": Option<&'a [&'a str]>,
        resource "resource": Option<&'a [&'a str]>,
        registry "registry": Lists<'a>,
    }
}
