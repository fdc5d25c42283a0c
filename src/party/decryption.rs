//! The client's decryption keys, and the tokens that it is registered to get encrypted (OpenID Connect Dynamic Client Registration
//! §2, JARM §3, RFC 9701 §6).

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::jose::jwe::{DecryptionKey, KeyManagement, check_facts, facts};
use crate::jose::jws::TokenKind;
use crate::party::client::Client;

/// What a client decrypts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decryption {
    /// The facts of each key. The host has as many as a byte can count.
    pub(crate) keys: Vec<String>,
    /// By the number of the kind.
    registered: [Option<KeyManagement>; TokenKind::ALL.len()],
}

impl Decryption {
    /// The registered algorithm of these tokens. A plain one is then refused.
    pub(crate) fn registered(&self, kind: TokenKind) -> Option<KeyManagement> {
        self.registered.get(kind as usize).copied().flatten()
    }

    /// Takes a key by its facts.
    pub(crate) fn take(&mut self, key: &str) -> Result<(), Error> {
        check_facts(key)?;
        if self.keys.len() > u8::MAX.into() {
            return Err(Error::argument("decryption", "at most 256 keys"));
        }
        self.keys.push(key.into());
        Ok(())
    }

    pub(crate) fn register(&mut self, kind: TokenKind, alg: &str) -> Result<(), Error> {
        if !self.keys.iter().any(|key| facts(key).0 == alg) {
            return Err(Error::argument("decryption", "a key of every registered algorithm"));
        }
        if let Some(place) = self.registered.get_mut(kind as usize) {
            *place = KeyManagement::from_name(alg);
        }
        Ok(())
    }
}

impl Client {
    /// A key that decrypts ID tokens, userinfo responses, authorization responses, introspection responses and logout tokens. The
    /// host has the key itself, under the index of this call.
    ///
    /// # Errors
    /// `argument.decryption` for more than 256 keys.
    // The builder's other methods take their values too.
    #[allow(clippy::needless_pass_by_value)]
    pub fn decryption_key(mut self, key: DecryptionKey) -> Result<Client, Error> {
        self.decryption.take(&key.0).map(|()| self)
    }

    /// The algorithm that the client has registered for the encryption of these tokens, such as `id_token_encrypted_response_alg`
    /// (OpenID Connect Dynamic Client Registration §2). A plain token is then refused. Call [`Client::decryption_key`] first.
    ///
    /// # Errors
    /// `argument.decryption` without a key of this algorithm.
    pub fn encrypted_response_alg(mut self, kind: TokenKind, algorithm: KeyManagement) -> Result<Client, Error> {
        self.decryption.register(kind, algorithm.name()).map(|()| self)
    }
}
