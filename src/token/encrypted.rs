//! Tokens that the provider encrypts for the client: an encrypted token contains a signed one (RFC 7519 §5.2). After the host
//! has decrypted it, the rules of the signed token follow. Only userinfo may be encrypted without a signature.

use alloc::vec::Vec;

use crate::error::Error;
use crate::jose::jwe::{ContentEncryption, Jwe, KeyManagement, curve_of, facts, is_measured};
use crate::jose::jws::{Jws, MAX_TOKEN, TokenKind};
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::token::header::{is_plain, is_typ};
use crate::token::report::Verdict;
use crate::token::userinfo::is_about;
use crate::wire::base64url;
use crate::wire::json::{Document, Value};
use crate::wire::text::split;

impl RelyingParty {
    /// Reads an encrypted token for the host to decrypt. `None` for a signed one, if the client is not registered for encrypted ones,
    /// and without decryption keys.
    ///
    /// # Errors
    /// `jwe.*` but `jwe.decryption`, `jws.too_large`, `json.*` for its header.
    pub fn encrypted_token<'t>(&self, token: &'t str, kind: TokenKind) -> Result<Option<Jwe<'t>>, Error> {
        if self.client.decryption.keys.is_empty() || kind.is_presented() {
            return Ok(None);
        }
        Ok(self.read_encrypted(token, kind)?)
    }

    /// Reads the signed token in an encrypted one. [`Jws::verification`] then gives the signature for the host to verify.
    ///
    /// # Errors
    /// As [`RelyingParty::id_token`].
    pub fn decrypted_token<'t>(&self, content: &'t Secret, kind: TokenKind) -> Result<Jws<'t>, Error> {
        self.token(content.expose(), kind)
    }

    /// The claims of an encrypted userinfo response that is not signed (OpenID Connect Core §5.3.2), as JSON text. `None` for a signed
    /// one, and unless the client is registered for encrypted responses and for no signed ones.
    ///
    /// # Errors
    /// `json.*`, `userinfo.sub`
    pub fn decrypted_userinfo<'t>(
        &self,
        content: &'t Secret,
        expected_subject: &str,
    ) -> Result<Option<&'t str>, Error> {
        self.unsigned_content(content.expose(), TokenKind::Userinfo, expected_subject)
    }

    /// The claims in the content of an encrypted token, if they may come without a signature.
    pub(crate) fn unsigned_content<'t>(
        &self,
        content: &'t str,
        kind: TokenKind,
        expected_subject: &str,
    ) -> Result<Option<&'t str>, Error> {
        if !self.may_be_unsigned(kind) || !content.trim_ascii_start().starts_with('{') {
            return Ok(None);
        }
        let document = Document::parse_object(content.as_bytes())?;
        if is_about(&document, expected_subject) == Verdict::Fail {
            return Err(Rule::UserinfoSub.into());
        }
        Ok(Some(document.text()))
    }

    /// Whether the client is registered for encrypted tokens of this kind that are not signed. Only userinfo has them.
    fn may_be_unsigned(&self, kind: TokenKind) -> bool {
        kind == TokenKind::Userinfo
            && self.client.userinfo_signed_response_alg.is_none()
            && self.client.decryption.registered(kind).is_some()
    }

    fn read_encrypted<'t>(&self, token: &'t str, kind: TokenKind) -> Result<Option<Jwe<'t>>, Rule> {
        let decryption = &self.client.decryption;
        if token.len() > MAX_TOKEN {
            return Err(Rule::JwsTooLarge);
        }
        if split(token, b'.').count() != 5 {
            return if decryption.registered(kind).is_some() { Err(Rule::JweRequired) } else { Ok(None) };
        }
        let mut parts = [const { Vec::new() }; 5];
        for (part, text) in parts.iter_mut().zip(split(token, b'.')) {
            *part = base64url::decode(text).ok_or(Rule::JweMalformed)?;
        }
        let [header, parts @ ..] = &parts;
        let header = Document::parse_object(header)?;
        let text = |name| header.str(name);
        let is_content = |cty| is_typ(cty, "JWT") || is_typ(cty, "json") && self.may_be_unsigned(kind);
        let kid = header.get("kid").map(Value::str);
        // RFC 7516 §4.1.3: the length of compressed content tells something about it. RFC 7519 §5.2: the content is a JWT.
        let is_fit = is_plain(&header)
            && header.get("zip").is_none()
            && kid != Some(None)
            && header.get("cty").is_none_or(|cty| cty.str().is_some_and(is_content));
        let kid = kid.flatten();
        let alg = text("alg").unwrap_or_default();
        let algorithm = KeyManagement::from_name(alg);
        // OpenID Connect Back-Channel Logout §2.4: encrypted as an ID token, or plain.
        let registered = decryption.registered(if kind == TokenKind::LogoutToken { TokenKind::IdToken } else { kind });
        let encryption = ContentEncryption::from_name(text("enc").unwrap_or_default());
        let (Some(algorithm), Some(encryption), true) =
            (algorithm, encryption, registered.is_none() || registered == algorithm)
        else {
            return Err(Rule::JweAlg);
        };
        let epk = header.get("epk").filter(|_| algorithm.is_agreement());
        let curve = epk.and_then(curve_of);
        if !is_fit || curve.is_some() != algorithm.is_agreement() {
            return Err(Rule::JweHeader);
        }
        if !is_measured(algorithm, encryption, parts) {
            return Err(Rule::JweMalformed);
        }
        let (crv, agreed) = curve.unwrap_or_default();
        let (mut found, mut count, mut has_named) = (0, 0, false);
        for (at, key) in decryption.keys.iter().enumerate() {
            let (own, curve, own_kid) = facts(key);
            // A header without `kid` fits any key. A key without `kid` fits a header whose `kid` no key has.
            let is_named = kid.is_none() || own_kid == kid;
            if own == alg && curve == crv && (is_named || own_kid.is_none() && !has_named) {
                if is_named && !has_named {
                    (has_named, count) = (true, 0);
                }
                found = at;
                count += 1;
            }
        }
        if count != 1 {
            return Err(Rule::JweKey);
        }
        // RFC 7518 §4.6.2
        let (id, bytes) = match algorithm.wrapping_bytes() {
            0 => (encryption.name(), encryption.key_bytes()),
            wrapping => (alg, wrapping),
        };
        let mut plan = Vec::with_capacity(256);
        // A client has at most 256 keys, and no length is greater than 66.
        #[allow(clippy::cast_possible_truncation)]
        for number in &[found, agreed, algorithm.wrapping_bytes(), encryption.key_bytes(), encryption.mac_bytes()] {
            plan.push(*number as u8);
        }
        let mut jwe = Jwe { token, algorithm, encryption, epk: epk.map(Value::json), plan };
        jwe.push_part(id.as_bytes());
        for &name in &["apu", "apv"] {
            let party = header.get(name).map_or("", |party| party.str().unwrap_or("="));
            jwe.push_part(&base64url::decode(party).ok_or(Rule::JweHeader)?);
        }
        jwe.push_number(bytes * 8);
        Ok(Some(jwe))
    }
}
