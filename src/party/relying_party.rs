//! A relying party: one client at one provider.

use crate::party::client::Client;
use crate::party::provider::Provider;
use crate::party::relaxation::Relaxation;

/// One client at one provider. Its methods are the messages of a login: `authorization_request`,
/// `authorization_response`, `token_request`, `token_response`, `id_token`, `check`, `claims`, `userinfo_request`,
/// `userinfo_response`, `end_session_url`.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
}

impl RelyingParty {
    /// Creates a relying party from its client and provider.
    pub fn new(mut provider: Provider, client: Client) -> RelyingParty {
        if client.relaxes(Relaxation::HttpProvider) {
            provider.allow_http();
        }
        RelyingParty { provider, client }
    }

    /// The provider's metadata.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The client's configuration.
    pub fn client(&self) -> &Client {
        &self.client
    }
}
