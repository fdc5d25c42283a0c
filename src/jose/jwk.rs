//! The provider's key set (RFC 7517 §5), and the choice of the one matching key (OpenID Connect Core §10.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU8, Ordering};

use crate::error::Error;
use crate::jose::algorithm::{Algorithm, KeyType};
use crate::jose::curve;
use crate::jose::jws::Jws;
use crate::rule::Rule;
use crate::wire::base64url;
use crate::wire::json::{Document, ObjectWriter, Value};
use crate::wire::sha2::sha256;
use crate::wire::text::{has_word, split};

/// The public signing keys of a set, without all other keys.
///
/// ```
/// let keys = oidc_wasm::Jwks::parse(br#"{"keys":[
///     {"kty":"oct","k":"c2VjcmV0"},
///     {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
/// ]}"#)?;
/// assert_eq!(keys.len(), 1);
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Jwks(Vec<Jwk>);

/// A public key that can verify signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key_type: KeyType,
    kid: Option<String>,
    /// A bit for each algorithm that the key may verify.
    algorithms: u32,
    /// The exponent and the modulus, or the coordinates.
    numbers: Vec<u8>,
    /// Bytes of the first number.
    first: usize,
    weakness: Weakness,
    json: String,
}

/// The most keys in a set.
const MAX_KEYS: usize = 1000;

/// Is the key weak? Computed at first use, because a set may have a thousand keys and one is used.
#[derive(Debug, Default)]
struct Weakness(AtomicU8);

impl Weakness {
    const NOT_ASKED: u8 = 0;
    const WEAK: u8 = 1;
    const STRONG: u8 = 2;

    fn ask(&self, is_weak: impl FnOnce() -> bool) -> bool {
        let mut known = self.0.load(Ordering::Relaxed);
        if known == Weakness::NOT_ASKED {
            known = if is_weak() { Weakness::WEAK } else { Weakness::STRONG };
            self.0.store(known, Ordering::Relaxed);
        }
        known == Weakness::WEAK
    }
}

impl Clone for Weakness {
    fn clone(&self) -> Weakness {
        Weakness(AtomicU8::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Derived from the key, so it does not count in comparisons.
impl PartialEq for Weakness {
    fn eq(&self, _: &Weakness) -> bool {
        true
    }
}

impl Eq for Weakness {}

impl FromIterator<Jwk> for Jwks {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Jwks {
        Jwks(keys.into_iter().collect())
    }
}

impl Jwks {
    /// Reads a key set. Skips keys that are unknown, for encryption, symmetric, private or broken.
    ///
    /// # Errors
    /// `json.*`; `jwks.malformed` unless it is an object with an array `keys` of at most 1,000 entries.
    pub fn parse(json: &[u8]) -> Result<Jwks, Error> {
        let document = Document::parse_object(json)?;
        let keys = document.get("keys").and_then(Value::items).ok_or(Rule::JwksMalformed)?;
        let mut known = Vec::new();
        for (count, key) in keys.enumerate() {
            if count == MAX_KEYS {
                return Err(Rule::JwksMalformed.into());
            }
            let mut place = Jwk::unread();
            if place.take(key).is_some() {
                known.push(place);
            }
        }
        Ok(Jwks(known))
    }

    /// Whether the set has a well-formed key of any kind. An empty or broken set must not replace a good one.
    pub(crate) fn is_sound(json: &[u8]) -> bool {
        let Ok(document) = Document::parse_object(json) else { return false };
        document.get("keys").and_then(Value::items).is_some_and(|mut keys| keys.any(is_well_formed))
    }

    /// The number of usable keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key is usable.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key at this index of the set.
    pub fn get(&self, index: usize) -> Option<&Jwk> {
        self.0.get(index)
    }

    /// The index of the key that [`Jwks::select`] returned.
    pub fn position(&self, key: &Jwk) -> Option<usize> {
        self.0.iter().position(|candidate| core::ptr::eq(candidate, key))
    }

    /// The one key for the token's algorithm and `kid`. Without `kid` only one key may match. A key listed twice counts once.
    ///
    /// # Errors
    /// `jwks.no_match`, `jwks.ambiguous`, `jwks.weak_key`.
    pub fn select(&self, jws: &Jws<'_>) -> Result<&Jwk, Error> {
        let mut found: Option<&Jwk> = None;
        for key in &self.0 {
            if key.fits(jws) && found.replace(key).is_some_and(|other| other.json != key.json) {
                return Err(Rule::JwksAmbiguous.into());
            }
        }
        let key = found.ok_or(Rule::JwksNoMatch)?;
        if key.weakness.ask(|| key.is_weak()) {
            return Err(Rule::JwksWeakKey.into());
        }
        Ok(key)
    }
}

impl Jwk {
    /// A place for a key that is still to be read.
    fn unread() -> Jwk {
        Jwk {
            key_type: KeyType::Secret,
            kid: None,
            algorithms: 0,
            numbers: Vec::new(),
            first: 0,
            weakness: Weakness::default(),
            json: String::new(),
        }
    }

    /// `None` unless the key is a public signing key of a supported kind.
    #[cfg(feature = "dpop")]
    pub(crate) fn read(key: Value<'_>) -> Option<Jwk> {
        let mut read = Jwk::unread();
        read.take(key)?;
        Some(read)
    }

    /// Takes the members of such a key.
    fn take(&mut self, key: Value<'_>) -> Option<()> {
        const EC: &[&str] = &["crv", "kty", "x", "y"];
        if is_secret(key) {
            return None;
        }
        let is_no_text = |name| key.get(name).is_some_and(|value| value.str().is_none());
        if is_no_text("alg") || is_no_text("kid") || key.get("use").is_some_and(|usage| !usage.is_text("sig")) {
            return None;
        }
        if let Some(operations) = key.get("key_ops")
            && !operations.items()?.any(|operation| operation.is_text("verify"))
        {
            return None;
        }
        // RFC 7638 §3: only the required members, in lexical order.
        let (key_type, members): (_, &[&str]) = match (key.text("kty")?, key.text("crv").unwrap_or_default()) {
            ("RSA", _) => (KeyType::Rsa, &["e", "kty", "n"]),
            ("EC", "P-256") => (KeyType::P256, EC),
            ("EC", "P-384") => (KeyType::P384, EC),
            ("EC", "P-521") => (KeyType::P521, EC),
            ("OKP", "Ed25519") => (KeyType::Ed25519, &["crv", "kty", "x"]),
            _ => return None,
        };
        let alg = key.text("alg");
        self.key_type = key_type;
        for &algorithm in Algorithm::ALL {
            // RFC 9864 §2.2: Ed25519 is the fully specified name. EdDSA means the same here.
            let is_meant = alg.is_none_or(|alg| {
                alg == algorithm.name() || key_type == KeyType::Ed25519 && matches!(alg, "EdDSA" | "Ed25519")
            });
            if key_type == algorithm.key_type() && is_meant {
                self.algorithms |= algorithm.bit();
            }
        }
        let mut json = ObjectWriter::new();
        for &member in members {
            let value = key.text(member)?;
            if has_word("crv kty", member) {
                json.text(member, value);
                continue;
            }
            let bytes = base64url::decode(value)?;
            let mut number = &*bytes;
            // RFC 7518 §2: a number has no leading zero. A coordinate has its full length (§6.2.1.2).
            while let (KeyType::Rsa, [0, rest @ ..]) = (key_type, number) {
                number = rest;
            }
            if number.is_empty() {
                return None;
            }
            json.text(member, &base64url::encode(number));
            if self.numbers.is_empty() {
                self.first = number.len();
            }
            self.numbers.extend_from_slice(number);
        }
        self.kid = key.text("kid").map(String::from);
        self.json = json.finish();
        Some(())
    }

    pub(crate) fn is_weak(&self) -> bool {
        let (first, second) = self.numbers();
        match self.key_type {
            KeyType::Rsa => is_weak_exponent(first) || is_weak_modulus(second),
            KeyType::P256 | KeyType::P384 | KeyType::P521 => {
                !curve::is_point(self.key_type.coordinate(), first, second)
            }
            KeyType::Ed25519 => !curve::is_ed25519_point(first),
            KeyType::Secret => true,
        }
    }

    fn numbers(&self) -> (&[u8], &[u8]) {
        self.numbers.split_at_checked(self.first).unwrap_or_default()
    }

    fn fits(&self, jws: &Jws<'_>) -> bool {
        self.signs(jws.algorithm()) && (jws.kid.is_none() || self.kid == jws.kid)
    }

    /// Whether this key can verify the algorithm.
    pub(crate) fn signs(&self, algorithm: Algorithm) -> bool {
        self.algorithms & algorithm.bit() != 0
    }

    /// The `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public key as JSON text, with only the members that RFC 7638 §3 hashes.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The SHA-256 thumbprint (RFC 7638 §3). It identifies a key whatever its `kid` is.
    ///
    /// ```
    /// // RFC 8037 Appendix A.3
    /// let keys = oidc_wasm::Jwks::parse(br#"{"keys":[
    ///     {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    /// ]}"#)?;
    /// let thumbprint = keys.get(0).map(oidc_wasm::Jwk::thumbprint);
    /// assert_eq!(thumbprint.as_deref(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    /// # Ok::<(), oidc_wasm::Error>(())
    /// ```
    pub fn thumbprint(&self) -> String {
        base64url::encode(&sha256(self.json.as_bytes()))
    }

    /// The modulus of an RSA key. A signature has the same length (RFC 8017 §8.2.2).
    pub(crate) fn modulus(&self) -> &[u8] {
        self.numbers().1
    }
}

/// Whether a member marks a private or symmetric key (RFC 7518 §6.2.2, §6.3.2 and §6.4.1).
pub(crate) fn is_secret(key: Value<'_>) -> bool {
    split("d p q dp dq qi oth k", b' ').any(|name| key.get(name).is_some())
}

/// RFC 7517 §4.1, RFC 7518 §6: the key names its kind and has the members of this kind.
fn is_well_formed(key: Value<'_>) -> bool {
    let members: &[&str] = match key.text("kty").unwrap_or_default() {
        "RSA" => &["n", "e"],
        "EC" => &["x", "y"],
        "OKP" => &["x"],
        "oct" => &["k"],
        other => return !other.is_empty(),
    };
    let is_number = |text: &str| !text.is_empty() && base64url::decode(text).is_some();
    members.iter().all(|name| key.text(name).is_some_and(is_number))
}

/// RFC 7518 §3.3 requires 2048 bits. Some hosts do not verify more than 8192. An even modulus is not a product of two odd primes.
fn is_weak_modulus(modulus: &[u8]) -> bool {
    let bits = modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
    !(2048..=8192).contains(&bits) || modulus.last().is_none_or(|last| last % 2 == 0)
}

/// The exponents in use, which every host verifies.
fn is_weak_exponent(exponent: &[u8]) -> bool {
    !matches!(exponent, [3 | 17] | [1, 0, 1])
}
