//! What a login must remember between the authorization request and its answer.
//!
//! Its text goes into session storage or an encrypted cookie. It is secret (it holds the code verifier), and opaque:
//! what is in it may change between versions.

use alloc::vec::Vec;

use crate::authorization::{ResponseMode, ResponseType};
use crate::client::RedirectUri;
use crate::error::Error;
use crate::pkce::Pkce;
use crate::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::json::{Document, Value, fixed_point};

/// A login that was started and has not come back yet.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Every member was judged when the text was read.
    document: Document,
    pub(crate) response_type: ResponseType,
    pub(crate) response_mode: ResponseMode,
    pub(crate) max_age: Option<u32>,
}

impl Transaction {
    /// Reads the text that an authorization request gave.
    ///
    /// # Errors
    /// `transaction.malformed`
    pub fn parse(text: &str) -> Result<Transaction, Error> {
        match Document::parse_object(text.into()).ok().and_then(Transaction::read) {
            Some(transaction) => Ok(transaction),
            None => Err(Rule::TransactionMalformed.into()),
        }
    }

    fn read(document: Document) -> Option<Transaction> {
        let max_age = match document.get("max_age") {
            Some(seconds) => Some(fixed_point(seconds.number()?, 0)?.try_into().ok()?),
            None => None,
        };
        let transaction = Transaction {
            response_type: ResponseType::from_name(document.str("response_type")?)?,
            response_mode: ResponseMode::from_name(document.str("response_mode")?)?,
            max_age,
            document,
        };
        let document = &transaction.document;
        let is_text = |name| document.str(name).is_some_and(|text| !text.is_empty());
        let is_optional_text = |name| document.get(name).is_none() || is_text(name);
        let is_good = is_text("iss")
            && is_text("client_id")
            && RedirectUri::parse(transaction.redirect_uri()).is_ok()
            && is_text("state")
            && is_optional_text("nonce")
            && match document.get("code_verifier") {
                Some(verifier) => Pkce::from_verifier(verifier.str()?).is_ok(),
                None => true,
            }
            && transaction.response_type.has_code() == transaction.verifier().is_some()
            && document.get("acr_values").is_none_or(|values| values.texts().is_some());
        is_good.then_some(transaction)
    }

    fn text(&self, name: &str) -> &str {
        self.document.str(name).unwrap_or_default()
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        self.text("redirect_uri")
    }

    pub(crate) fn state(&self) -> &str {
        self.text("state")
    }

    /// Sent wherever `openid` was in the scope.
    pub(crate) fn nonce(&self) -> Option<&str> {
        self.document.str("nonce")
    }

    /// Its challenge was sent wherever a code was asked for.
    pub(crate) fn verifier(&self) -> Option<&str> {
        self.document.str("code_verifier")
    }

    pub(crate) fn needs_auth_time(&self) -> bool {
        self.document.get("needs_auth_time").is_some()
    }

    pub(crate) fn acr_values(&self) -> Vec<&str> {
        self.document.get("acr_values").and_then(Value::texts).unwrap_or_default()
    }
}

impl RelyingParty {
    /// Reads a transaction that was started at this provider by this client.
    ///
    /// # Errors
    /// `transaction.malformed`, `transaction.mismatch`
    pub fn transaction(&self, text: &str) -> Result<Transaction, Error> {
        let transaction = Transaction::parse(text)?;
        // A request may name a redirect URI of its own; any other is the client's.
        let is_redirect_uri_ours = transaction.document.get("own_redirect_uri").is_some()
            || self.client.redirect_uri.as_ref().is_some_and(|uri| uri.as_str() == transaction.redirect_uri());
        if transaction.text("iss") != self.provider.issuer()
            || transaction.text("client_id") != self.client.client_id
            || !is_redirect_uri_ours
        {
            return Err(Rule::TransactionMismatch.into());
        }
        Ok(transaction)
    }
}
