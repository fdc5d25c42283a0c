//! Response types and response modes (OAuth 2.0 Multiple Response Types).

use serde::{Deserialize, Serialize};

use crate::wire::text::{has_word, split};

/// The parameters in the provider's response (OAuth 2.0 Multiple Response Types §3 and §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseType {
    /// `code`: the authorization code flow.
    #[default]
    #[serde(rename = "code")]
    Code,
    /// `id_token`
    #[serde(rename = "id_token")]
    IdToken,
    /// `id_token token`
    #[serde(rename = "id_token token")]
    IdTokenToken,
    /// `code id_token`
    #[serde(rename = "code id_token")]
    CodeIdToken,
    /// `code token`
    #[serde(rename = "code token")]
    CodeToken,
    /// `code id_token token`
    #[serde(rename = "code id_token token")]
    CodeIdTokenToken,
    /// `token`
    #[serde(rename = "token")]
    Token,
    /// `none`: only the state.
    #[serde(rename = "none")]
    None,
}

const RESPONSE_TYPES: [(&str, ResponseType); 8] = [
    ("code", ResponseType::Code),
    ("id_token", ResponseType::IdToken),
    ("id_token token", ResponseType::IdTokenToken),
    ("code id_token", ResponseType::CodeIdToken),
    ("code token", ResponseType::CodeToken),
    ("code id_token token", ResponseType::CodeIdTokenToken),
    ("token", ResponseType::Token),
    ("none", ResponseType::None),
];

impl ResponseType {
    /// The response type of this name. Its words may have any order.
    pub fn from_name(name: &str) -> Option<ResponseType> {
        let words = |text: &str| split(text, b' ').count();
        let same = |row: &&(&str, ResponseType)| {
            words(row.0) == words(name) && split(row.0, b' ').all(|word| has_word(name, word))
        };
        RESPONSE_TYPES.iter().find(same).map(|row| row.1)
    }

    /// The response type of this number.
    pub(crate) fn from_number(number: u8) -> Option<ResponseType> {
        RESPONSE_TYPES.get(usize::from(number)).map(|row| row.1)
    }

    /// Its name in the specification.
    pub fn name(self) -> &'static str {
        RESPONSE_TYPES.get(self as usize).map_or("", |row| row.0)
    }

    /// Whether the response contains a code.
    pub fn has_code(self) -> bool {
        use ResponseType::{Code, CodeIdToken, CodeIdTokenToken, CodeToken};
        matches!(self, Code | CodeIdToken | CodeToken | CodeIdTokenToken)
    }

    /// Whether the response contains an ID token.
    pub fn has_id_token(self) -> bool {
        use ResponseType::{CodeIdToken, CodeIdTokenToken, IdToken, IdTokenToken};
        matches!(self, IdToken | IdTokenToken | CodeIdToken | CodeIdTokenToken)
    }

    /// Whether the response contains an access token.
    pub fn has_token(self) -> bool {
        use ResponseType::{CodeIdTokenToken, CodeToken, IdTokenToken, Token};
        matches!(self, IdTokenToken | CodeToken | CodeIdTokenToken | Token)
    }

    /// Tokens use the fragment, which servers never receive. Other responses use the query (OAuth 2.0 Multiple Response Types §5).
    pub fn default_mode(self) -> ResponseMode {
        if self.has_id_token() || self.has_token() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

/// The part of the redirect with the response (OAuth 2.0 Multiple Response Types §2.1, OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the redirect URI's query.
    #[default]
    Query,
    /// In its fragment.
    Fragment,
    /// In the body of a `POST`.
    FormPost,
    /// Signed, in the redirect URI's query (JARM §2.3.1).
    #[cfg(feature = "jarm")]
    #[serde(rename = "query.jwt")]
    QueryJwt,
    /// Signed, in its fragment (JARM §2.3.2).
    #[cfg(feature = "jarm")]
    #[serde(rename = "fragment.jwt")]
    FragmentJwt,
    /// Signed, in the body of a `POST` (JARM §2.3.3).
    #[cfg(feature = "jarm")]
    #[serde(rename = "form_post.jwt")]
    FormPostJwt,
    /// Signed, in the response type's own part (JARM §2.3.4).
    #[cfg(feature = "jarm")]
    #[serde(rename = "jwt")]
    Jwt,
}

const RESPONSE_MODES: &[(&str, ResponseMode)] = &[
    ("query", ResponseMode::Query),
    ("fragment", ResponseMode::Fragment),
    ("form_post", ResponseMode::FormPost),
    #[cfg(feature = "jarm")]
    ("query.jwt", ResponseMode::QueryJwt),
    #[cfg(feature = "jarm")]
    ("fragment.jwt", ResponseMode::FragmentJwt),
    #[cfg(feature = "jarm")]
    ("form_post.jwt", ResponseMode::FormPostJwt),
    #[cfg(feature = "jarm")]
    ("jwt", ResponseMode::Jwt),
];

impl ResponseMode {
    /// The response mode of this name.
    pub fn from_name(name: &str) -> Option<ResponseMode> {
        RESPONSE_MODES.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// The response mode of this number.
    pub(crate) fn from_number(number: u8) -> Option<ResponseMode> {
        RESPONSE_MODES.get(usize::from(number)).map(|row| row.1)
    }

    /// Whether the answer is a signed token (JARM §2.3).
    #[cfg(feature = "jarm")]
    pub(crate) fn is_signed(self) -> bool {
        self as u8 > ResponseMode::FormPost as u8
    }

    /// The part of the redirect: query, fragment or form.
    #[cfg(feature = "jarm")]
    pub(crate) fn place(self, response_type: ResponseType) -> ResponseMode {
        match self {
            ResponseMode::QueryJwt => ResponseMode::Query,
            ResponseMode::FragmentJwt => ResponseMode::Fragment,
            ResponseMode::FormPostJwt => ResponseMode::FormPost,
            ResponseMode::Jwt => response_type.default_mode(),
            plain => plain,
        }
    }

    /// The part of the redirect: query, fragment or form.
    #[cfg(not(feature = "jarm"))]
    pub(crate) fn place(self, _: ResponseType) -> ResponseMode {
        self
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        RESPONSE_MODES.get(self as usize).map_or("", |row| row.0)
    }
}
