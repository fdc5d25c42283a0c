//! A relying party: one client at one provider.

use alloc::string::String;

#[cfg(feature = "client-options")]
use crate::error::Error;
use crate::party::client::Client;
use crate::party::pkce::VERIFIER_IN_FORM;
use crate::party::provider::Provider;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relaxation::Relaxation;
use crate::party::transaction::push_party;
#[cfg(feature = "mtls")]
use crate::rule::Rule;
use crate::wire::form;

/// One client at one provider. Its methods are the messages of a login:
/// [`authorization_request`](RelyingParty::authorization_request), [`transaction`](RelyingParty::transaction),
/// [`authorization_response`](RelyingParty::authorization_response), [`token_request`](RelyingParty::token_request),
/// [`token_response`](RelyingParty::token_response), [`id_token`](RelyingParty::id_token), [`claims`](RelyingParty::claims),
/// [`userinfo_request`](RelyingParty::userinfo_request), [`userinfo_response`](RelyingParty::userinfo_response),
/// [`end_session_url`](RelyingParty::end_session_url).
#[derive(Clone, Debug)]
pub struct RelyingParty {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
    /// Issuer, client ID and the client's redirect URI, as a transaction has them. Empty without a redirect URI.
    pub(crate) in_transaction: String,
    /// The pieces of a token request between code and verifier, and after them.
    pub(crate) redirect_uri_in_form: String,
    pub(crate) client_id_in_form: String,
}

impl RelyingParty {
    /// Creates a relying party from its client and provider.
    pub fn new(provider: Provider, client: Client) -> RelyingParty {
        let mut rp = RelyingParty { provider, client, ..RelyingParty::unprepared() };
        rp.prepare();
        rp
    }

    /// A place for provider and client. [`RelyingParty::prepare`] follows them.
    pub(crate) fn unprepared() -> RelyingParty {
        RelyingParty {
            provider: Provider::empty(),
            client: Client::resource_server(),
            in_transaction: String::new(),
            redirect_uri_in_form: String::new(),
            client_id_in_form: String::new(),
        }
    }

    /// The work that each login would repeat.
    pub(crate) fn prepare(&mut self) {
        let RelyingParty { provider, client, in_transaction, redirect_uri_in_form, client_id_in_form } = self;
        if client.relaxes(Relaxation::HttpProvider) {
            provider.allow_http();
        }
        #[cfg(feature = "mtls")]
        if client.has_certificate() {
            provider.take_aliases();
        }
        redirect_uri_in_form.push_str("&redirect_uri=");
        if let Some(uri) =
            client.redirect_uri.as_ref().filter(|_| !client.client_id.is_empty()).map(RedirectUri::as_str)
        {
            push_party(in_transaction, provider, client, uri);
            form::encode(redirect_uri_in_form, uri);
            redirect_uri_in_form.push_str(VERIFIER_IN_FORM);
        }
        client_id_in_form.push_str("&client_id=");
        form::encode(client_id_in_form, &client.client_id);
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
