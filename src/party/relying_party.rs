//! A relying party: one client at one provider.

#[cfg(feature = "client-options")]
use crate::error::Error;
use crate::party::client::Client;
use crate::party::provider::Provider;
use crate::party::relaxation::Relaxation;
#[cfg(feature = "mtls")]
use crate::rule::Rule;

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
        #[cfg(feature = "mtls")]
        if client.has_certificate() {
            provider.take_aliases();
        }
        RelyingParty { provider, client }
    }

    /// Whether the client's options fit this provider. Every call checks it before its request.
    ///
    /// # Errors
    /// `mtls.bound_tokens`, `profile.*`
    #[cfg(feature = "client-options")]
    pub fn check_options(&self) -> Result<(), Error> {
        #[cfg(feature = "mtls")]
        if self.client.expects_certificate_bound_tokens && !self.provider.binds_tokens_to_certificates {
            return Err(Rule::MtlsBoundTokens.into());
        }
        #[cfg(feature = "fapi")]
        if let Some(profile) = self.client.profile {
            profile.judge(&self.client)?;
        }
        Ok(())
    }

    /// Whether a token of the type Bearer may be used: it is bound to the certificate, or no profile demands a bound token.
    #[cfg(feature = "fapi")]
    pub(crate) fn takes_bearer(&self) -> bool {
        self.client.profile.is_none() || self.client.expects_certificate_bound_tokens
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
