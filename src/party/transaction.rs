//! The values that a login keeps between the authorization request and its response.
//!
//! The string belongs into session storage or an encrypted cookie. It is secret, because it contains the code verifier. It is
//! opaque: its contents may change between versions.
//!
//! ```text
//! 1 · response type · response mode · flags      one character each
//! state · nonce · verifier                       32, 32 and 43 characters; the flags tell which of the last two are there
//! issuer · client_id · redirect_uri              each after its length and a semicolon
//! …                                              further members: a letter, a length, a semicolon, a value
//! ```
//!
//! Each transaction has exactly one string: members are in the order of their letters, and no number starts with a zero.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::party::client::Client;
use crate::party::provider::Provider;
use crate::party::redirect_uri::is_fit;
use crate::party::relying_party::RelyingParty;
use crate::party::resource::Resource;
use crate::party::response_type::{ResponseMode, ResponseType};
use crate::rule::Rule;
use crate::wiped::with_room;
use crate::wire::form::are_unreserved;
use crate::wire::json::{fixed_point, push_integer};
use crate::wire::text::{is_canonical, push_counted, split_counted};

/// A started login. It borrows the stored string.
#[derive(Clone, Default)]
pub struct Transaction<'t> {
    pub(crate) response_type: ResponseType,
    pub(crate) response_mode: ResponseMode,
    pub(crate) redirect_uri: &'t str,
    /// Whether the request named the redirect URI. Otherwise it is the client's.
    pub(crate) is_redirect_uri_own: bool,
    pub(crate) state: &'t str,
    /// Present if the scope had `openid`.
    pub(crate) nonce: Option<&'t str>,
    /// Present if a code was requested.
    pub(crate) verifier: Option<&'t str>,
    pub(crate) max_age: Option<u32>,
    /// Whether `auth_time` was an essential claim.
    pub(crate) needs_auth_time: bool,
    /// The essential authentication classes.
    pub(crate) acr_values: Vec<&'t str>,
    /// The caller's data.
    pub(crate) keep: Option<&'t str>,
    /// The requested resource, if it was exactly one.
    pub(crate) resource: Option<Resource<'t>>,
}

/// It contains the verifier, so printing it shows no contents.
impl core::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}

/// The relying party that started a login.
enum Owner<'t> {
    /// This one, with the client's own redirect URI.
    Us,
    /// The one with this issuer and this client ID.
    Any(&'t str, &'t str),
}

/// 24 bytes in base64url.
const STATE: usize = 32;
const NONCE: usize = 32;
/// 32 bytes in base64url (RFC 7636 §4.1).
const VERIFIER: usize = 43;

const VERSION: u8 = b'1';
/// The first digit and the first flag.
const ZERO: u8 = b'0';

const HAS_NONCE: u8 = 1;
const HAS_VERIFIER: u8 = 2;
const HAS_OWN_REDIRECT_URI: u8 = 4;
const NEEDS_AUTH_TIME: u8 = 8;
const FLAGS: u8 = 15;

/// Any number of times; each other letter at most once.
const ACR_VALUE: u8 = b'a';
const KEEP: u8 = b'k';
const MAX_AGE: u8 = b'm';
const RESOURCE: u8 = b'r';

/// The most bytes of the caller's data: a transaction must fit into a cookie.
pub(crate) const MAX_KEEP: usize = 1024;

impl<'t> Transaction<'t> {
    /// The caller's data.
    pub fn kept(&self) -> Option<&'t str> {
        self.keep
    }

    /// No fewer bytes than its string has.
    fn most_bytes(&self, rp: &RelyingParty) -> usize {
        let resource = self.resource.map(|resource| resource.as_str());
        let texts = [rp.provider.issuer(), &rp.client.client_id, self.redirect_uri, self.keep.unwrap_or_default()];
        let members = texts.iter().chain(&self.acr_values).chain(&resource);
        // A letter, eight digits and a semicolon stand before each.
        128 + members.map(|text| text.len() + 10).sum::<usize>()
    }

    /// The string to store.
    #[doc(hidden)]
    pub fn write(&self, rp: &RelyingParty) -> String {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let flags = flag(self.nonce.is_some(), HAS_NONCE)
            | flag(self.verifier.is_some(), HAS_VERIFIER)
            | flag(self.is_redirect_uri_own, HAS_OWN_REDIRECT_URI)
            | flag(self.needs_auth_time, NEEDS_AUTH_TIME);
        let mut out = with_room(384, || self.most_bytes(rp));
        for &byte in &[VERSION, ZERO + self.response_type as u8, ZERO + self.response_mode as u8, ZERO + flags] {
            out.push(char::from(byte));
        }
        out.push_str(self.state);
        out.push_str(self.nonce.unwrap_or_default());
        out.push_str(self.verifier.unwrap_or_default());
        push_party(&mut out, &rp.provider, &rp.client, self.redirect_uri);
        let mut push = |tag: u8, value: &str| {
            out.push(char::from(tag));
            push_counted(&mut out, value);
        };
        for value in &self.acr_values {
            push(ACR_VALUE, value);
        }
        if let Some(keep) = self.keep {
            push(KEEP, keep);
        }
        if let Some(seconds) = self.max_age {
            let mut digits = String::new();
            push_integer(&mut digits, seconds.into());
            push(MAX_AGE, &digits);
        }
        if let Some(resource) = self.resource {
            push(RESOURCE, resource.as_str());
        }
        out
    }

    /// Reads a transaction, and returns its owner. The caller compares them.
    fn read(&mut self, text: &'t str, rp: &RelyingParty) -> Option<Owner<'t>> {
        let (head, rest) = text.split_at_checked(4)?;
        let &[VERSION, response_type, response_mode, flags] = head.as_bytes() else { return None };
        let flags = flags.checked_sub(ZERO).filter(|flags| *flags <= FLAGS)?;
        let has = |flag| flags & flag != 0;
        let optional = |rest: &'t str, flag, length| match rest.split_at_checked(length) {
            _ if !has(flag) => Some((None, rest)),
            parts => parts.map(|(text, rest)| (Some(text), rest)),
        };
        self.response_type = ResponseType::from_number(response_type.checked_sub(ZERO)?)?;
        self.response_mode = ResponseMode::from_number(response_mode.checked_sub(ZERO)?)?;
        self.is_redirect_uri_own = has(HAS_OWN_REDIRECT_URI);
        self.needs_auth_time = has(NEEDS_AUTH_TIME);
        let (state, rest) = rest.split_at_checked(STATE)?;
        let (nonce, rest) = optional(rest, HAS_NONCE, NONCE)?;
        let (verifier, rest) = optional(rest, HAS_VERIFIER, VERIFIER)?;
        let length = rp.in_transaction.len();
        let is_ours = length > 0 && rest.as_bytes().starts_with(rp.in_transaction.as_bytes());
        // One comparison for all three.
        let (owner, redirect_uri, mut rest) = if is_ours {
            let (ours, rest) = rest.split_at_checked(length)?;
            (Owner::Us, ours.get(length - rp.client.redirect_uri.as_ref()?.as_str().len()..)?, rest)
        } else {
            let (issuer, rest) = split_counted(rest)?;
            let (client_id, rest) = split_counted(rest)?;
            let (redirect_uri, rest) = split_counted(rest)?;
            (Owner::Any(issuer, client_id), redirect_uri, rest)
        };
        (self.state, self.nonce, self.verifier, self.redirect_uri) = (state, nonce, verifier, redirect_uri);
        let mut last = ACR_VALUE;
        while let Some((tag, member)) = rest.split_at_checked(1) {
            let (value, after) = split_counted(member)?;
            let &[tag] = tag.as_bytes() else { return None };
            if tag < last || tag == last && tag != ACR_VALUE {
                return None;
            }
            match tag {
                ACR_VALUE => self.acr_values.push(value),
                KEEP if value.len() <= MAX_KEEP => self.keep = Some(value),
                MAX_AGE if is_canonical(value) => self.max_age = Some(fixed_point(value, 0).try_into().ok()?),
                RESOURCE => self.resource = Some(Resource::relaxed(value, rp.client.relaxations).ok()?),
                _ => return None,
            }
            (last, rest) = (tag, after);
        }
        let is_good = rest.is_empty()
            && self.response_type.has_code() == verifier.is_some()
            && verifier.is_none_or(are_unreserved);
        is_good.then_some(owner)
    }
}

/// Appends the strings that tell whose transaction it is.
pub(crate) fn push_party(out: &mut String, provider: &Provider, client: &Client, redirect_uri: &str) {
    for &text in &[provider.issuer(), &client.client_id, redirect_uri] {
        push_counted(out, text);
    }
}

impl RelyingParty {
    /// Whether it is the client's redirect URI.
    pub(crate) fn is_client_uri(&self, uri: &str) -> bool {
        self.client.redirect_uri.as_ref().is_some_and(|own| own.as_str() == uri)
    }

    /// Reads a transaction of this provider and this client.
    ///
    /// # Errors
    /// `transaction.missing` for an empty string, `transaction.malformed`, `transaction.mismatch`
    pub fn transaction<'t>(&self, text: &'t str) -> Result<Transaction<'t>, Error> {
        let mut transaction = Transaction::default();
        self.read_transaction(text, &mut transaction)?;
        Ok(transaction)
    }

    /// The same into the caller's place: it is large, and each copy takes time.
    pub(crate) fn read_transaction<'t>(&self, text: &'t str, transaction: &mut Transaction<'t>) -> Result<(), Error> {
        if text.is_empty() {
            return Err(Rule::TransactionMissing.into());
        }
        let Owner::Any(issuer, client_id) = transaction.read(text, self).ok_or(Rule::TransactionMalformed)? else {
            return Ok(());
        };
        let is_clients = self.is_client_uri(transaction.redirect_uri);
        let is_redirect_uri_ours = is_clients || transaction.is_redirect_uri_own;
        if issuer != self.provider.issuer() || client_id != self.client.id()? || !is_redirect_uri_ours {
            return Err(Rule::TransactionMismatch.into());
        }
        // The client's own is checked already.
        if !is_clients && !is_fit(transaction.redirect_uri, self.client.relaxations) {
            return Err(Rule::TransactionMalformed.into());
        }
        Ok(())
    }
}
