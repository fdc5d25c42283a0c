//! A client at a provider: what every message of a login is made from and judged by.

use crate::access_token::refused;
use crate::client::Client;
use crate::error::Error;
use crate::jws::{Jws, TokenKind};
use crate::provider::Provider;

/// One client at one provider. Its methods are the messages of a login, each beside its rules: `authorization_request`,
/// `authorization_response`, `token_request`, `token_response`, `id_token`, `check`, `claims`, `userinfo_request`,
/// `userinfo_response`, `end_session_url`.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
}

impl RelyingParty {
    /// Brings a client and a provider together.
    pub fn new(provider: Provider, client: Client) -> RelyingParty {
        RelyingParty { provider, client }
    }

    /// The provider.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Reads an ID token up to its signature; [`Jws::verification`] says what the host must verify next.
    ///
    /// # Errors
    /// As [`Jws::parse`].
    pub fn id_token(&self, token: &str) -> Result<Jws, Error> {
        self.token(token, TokenKind::IdToken)
    }

    pub(crate) fn token(&self, token: &str, kind: TokenKind) -> Result<Jws, Error> {
        Jws::parse(token, kind, &self.provider, &self.client).map_err(|error| refused(kind, error))
    }
}
