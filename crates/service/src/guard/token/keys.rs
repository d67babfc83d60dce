use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edgeinfer_core::Result;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Verifier as _;
use p256::{Sec1Point, ecdsa};
use rsa::{BoxedUint, PublicKey, pkcs1v15};
use serde::Deserialize;
use sha2::Sha256;

use super::jws::{Algorithm, Jws};

/// The keys of a JWKS that can sign what is taken here.
///
/// <https://www.rfc-editor.org/rfc/rfc7517>
#[derive(Clone, Debug, Default)]
pub(super) struct KeySet(Vec<Key>);

#[derive(Clone)]
struct Key {
    name: Option<String>,
    secret: Secret,
}

/// What a signature is checked with. It says which algorithm that is.
#[derive(Clone)]
enum Secret {
    Hs256(Vec<u8>),
    Rs256(Box<pkcs1v15::VerifyingKey<Sha256>>),
    Es256(Box<ecdsa::VerifyingKey>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, …)", self.name)
    }
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    k: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads the text of a JWKS. Keys of other kinds and for other purposes are left
    /// out.
    ///
    /// # Errors
    ///
    /// What is wrong, without any of the text, which may be secret.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let jwks: Jwks = serde_json::from_str(text)
            .map_err(|_| "expected a JWKS: {\"keys\": [{\"kty\": …}, …]}".to_owned())?;
        let keys = jwks.keys.iter().enumerate().filter_map(|(index, jwk)| {
            let key = jwk.key().transpose()?;
            Some(key.map_err(|wrong| format!("key {index} of the JWKS: {wrong}")))
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err("no key of the JWKS is for HS256, RS256 or ES256".to_owned());
        }
        Ok(Self(keys))
    }

    /// Checks the signature of `jws` with the key that it names, or with all that are
    /// for its algorithm where it names none.
    pub(super) fn check(&self, jws: &Jws<'_>) -> Result<(), String> {
        let named = |key: &&Key| jws.key.is_none() || key.name == jws.key;
        let mut named = self.0.iter().filter(named).peekable();
        if named.peek().is_none() {
            return Err("the token's `kid` is the name of no key that is known here".to_owned());
        }
        let mut fitting = named.filter(|key| key.secret.algorithm() == jws.algorithm).peekable();
        if fitting.peek().is_none() {
            return Err("the token's `alg` is not what its key is for".to_owned());
        }
        match fitting.any(|key| key.secret.signed(jws.signed, &jws.signature)) {
            true => Ok(()),
            false => Err("the token's signature is not that of a key that is known here".to_owned()),
        }
    }
}

impl Secret {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Hs256(_) => Algorithm::Hs256,
            Self::Rs256(_) => Algorithm::Rs256,
            Self::Es256(_) => Algorithm::Es256,
        }
    }

    /// Whether `signature` is of `text` by this.
    fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        match self {
            // In constant time.
            Self::Hs256(secret) => Hmac::<Sha256>::new_from_slice(secret)
                .is_ok_and(|mac| mac.chain_update(text).verify_slice(signature).is_ok()),
            Self::Rs256(key) => pkcs1v15::Signature::try_from(signature)
                .is_ok_and(|signature| key.verify(text, &signature).is_ok()),
            Self::Es256(key) => ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(text, &signature).is_ok()),
        }
    }
}

/// The least bits of keys, as RFC 7518 has them, and the most, so that a signature
/// costs no more than a few milliseconds.
const LEAST_SECRET_BYTES: usize = 32;
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

impl Jwk {
    /// The key, where it is for what is taken here.
    fn key(&self) -> Result<Option<Key>, String> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Ok(None);
        }
        let Some(secret) = self.secret()? else { return Ok(None) };
        let is_other =
            self.alg.as_deref().is_some_and(|name| Algorithm::of(name) != Some(secret.algorithm()));
        Ok((!is_other).then(|| Key { name: self.kid.clone(), secret }))
    }

    fn secret(&self) -> Result<Option<Secret>, String> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("oct", _) => self.hs256().map(Some),
            ("RSA", _) => self.rs256().map(Some),
            ("EC", Some("P-256")) => self.es256().map(Some),
            _ => Ok(None),
        }
    }

    fn hs256(&self) -> Result<Secret, String> {
        let secret = field("k", self.k.as_deref())?;
        if secret.len() < LEAST_SECRET_BYTES {
            return Err(format!("`k` has {} bytes, but HS256 asks for {LEAST_SECRET_BYTES}", secret.len()));
        }
        Ok(Secret::Hs256(secret))
    }

    fn rs256(&self) -> Result<Secret, String> {
        let number = |name, text: &Option<String>| {
            Ok::<_, String>(BoxedUint::from_be_slice_vartime(&field(name, text.as_deref())?))
        };
        let key = PublicKey::new_with_size_limits(number("n", &self.n)?, number("e", &self.e)?, RSA_BITS)
            .map_err(|error| format!("`n` and `e` are no RSA key of 2048 to 4096 bits: {error}"))?;
        Ok(Secret::Rs256(Box::new(pkcs1v15::VerifyingKey::new(key))))
    }

    fn es256(&self) -> Result<Secret, String> {
        let coordinate = |name, text: &Option<String>| {
            let bytes = field(name, text.as_deref())?;
            let length = bytes.len();
            <[u8; 32]>::try_from(bytes).map_err(|_| format!("`{name}` has {length} bytes, but P-256 has 32"))
        };
        let (x, y) = (coordinate("x", &self.x)?, coordinate("y", &self.y)?);
        let point = Sec1Point::from_affine_coordinates(&x.into(), &y.into(), false);
        let key =
            ecdsa::VerifyingKey::from_sec1_point(&point).map_err(|_| "`x` and `y` are no point of P-256")?;
        Ok(Secret::Es256(Box::new(key)))
    }
}

/// The bytes of a key's field.
fn field(name: &str, text: Option<&str>) -> Result<Vec<u8>, String> {
    let text = text.ok_or_else(|| format!("there is no `{name}`"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("`{name}` is not base64url without padding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(jwks: &serde_json::Value) -> String {
        KeySet::read(&jwks.to_string()).unwrap_err()
    }

    #[test]
    fn keys_that_are_for_something_else_are_left_out() {
        let fixture = super::super::tests::fixture();
        let names: Vec<_> = KeySet::read(&fixture["jwks"].to_string())
            .unwrap()
            .0
            .into_iter()
            .filter_map(|key| key.name)
            .collect();
        assert_eq!(names, ["hs", "rs", "es"]);
        let other = serde_json::json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]});
        assert!(refused(&other).contains("no key of the JWKS"));
    }

    #[test]
    fn keys_that_are_weak_or_broken_are_refused_without_repeating_them() {
        for (key, message) in [
            (serde_json::json!({"kty": "oct", "k": "c2VzYW1l"}), "has 6 bytes"),
            (serde_json::json!({"kty": "oct", "k": "sesame+="}), "base64url"),
            (serde_json::json!({"kty": "oct"}), "no `k`"),
            (serde_json::json!({"kty": "RSA", "n": "c2VzYW1l", "e": "AQAB"}), "2048 to 4096"),
            (serde_json::json!({"kty": "RSA", "n": "", "e": ""}), "2048 to 4096"),
            (serde_json::json!({"kty": "EC", "crv": "P-256", "x": "c2VzYW1l", "y": ""}), "P-256 has 32"),
        ] {
            let error = refused(&serde_json::json!({"keys": [key]}));
            assert!(
                error.contains(message) && error.contains("key 0") && !error.contains("c2VzYW1l"),
                "{error}"
            );
        }
        let nowhere = "A".repeat(43);
        let point = serde_json::json!({"kty": "EC", "crv": "P-256", "x": nowhere, "y": nowhere});
        assert!(refused(&serde_json::json!({"keys": [point]})).contains("no point"));
        assert!(refused(&serde_json::json!({"keys": "sesame"})).contains("expected a JWKS"));
    }
}
