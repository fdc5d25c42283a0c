//! A client at a provider: what every message of a login is made from and judged by.

use crate::party::client::Client;
use crate::party::provider::Provider;
use crate::party::relaxation::Relaxation;

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
    pub fn new(mut provider: Provider, client: Client) -> RelyingParty {
        if client.relaxes(Relaxation::HttpProvider) {
            provider.allow_http();
        }
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
}
