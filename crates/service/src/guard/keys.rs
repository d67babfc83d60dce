use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use super::Rate;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// All but what follows.
    Predict,
    /// `/metrics`.
    Metrics,
    /// Loading and unloading models.
    Admin,
}

/// A key, of which the configuration has the hash alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    /// What logs call it.
    pub(crate) name: String,
    hash: Hash,
    #[serde(default = "predict")]
    pub(crate) scopes: Vec<Scope>,
    /// In place of the rate for all.
    pub(crate) rate: Option<Rate>,
}

fn predict() -> Vec<Scope> {
    vec![Scope::Predict]
}

/// The SHA-256 of a key, written as `sha256:` and 64 hexadecimal digits. Keys are
/// long and random, so that a fast hash keeps them.
#[derive(Clone, PartialEq, Eq)]
struct Hash([u8; 32]);

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The text is not repeated: it may be a key that was not hashed.
        let wrong = || {
            D::Error::custom(
                "expected `sha256:` and the 64 hexadecimal digits of the key's SHA-256, \
                 as `printf %s KEY | sha256sum` gives them",
            )
        };
        let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64).ok_or_else(wrong)?;
        let mut hash = [0; 32];
        for (byte, place) in hash.iter_mut().zip((0..64).step_by(2)) {
            let pair = digits.get(place..place + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(hash))
    }
}

/// The keys that open the service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Keys(pub(crate) Vec<Key>);

impl Keys {
    /// Whether there is none for `scope`.
    pub(crate) fn is_open(&self, scope: Scope) -> bool {
        !self.0.iter().any(|key| key.scopes.contains(&scope))
    }

    /// The key that `given` is. Every key is compared, each to its last byte, so
    /// that the time says nothing of them.
    pub(crate) fn find(&self, given: &[u8]) -> Option<&Key> {
        let hash: [u8; 32] = Sha256::digest(given).into();
        let mut found = u64::MAX;
        for (index, key) in (0u64..).zip(&self.0) {
            found.conditional_assign(&index, key.hash.0.ct_eq(&hash));
        }
        self.0.get(usize::try_from(found).ok()?)
    }
}

/// What a request gives so as to be let in.
pub(super) enum Given<'a> {
    /// `X-API-Key`.
    Key(&'a [u8]),
    /// `Authorization: Bearer`: a key, or a token.
    Bearer(&'a [u8]),
}

impl<'a> Given<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        if let Some(key) = headers.get("x-api-key") {
            return Some(Self::Key(key.as_bytes()));
        }
        let bearer = headers.get(AUTHORIZATION)?.as_bytes();
        let (scheme, given) = bearer.split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| Self::Bearer(given.trim_ascii()))
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        let (Self::Key(bytes) | Self::Bearer(bytes)) = self;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `open sesame`.
    const SESAME: &str = "sha256:41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

    fn keys(list: &[(&str, String)]) -> Keys {
        let key = |(name, hash): &(&str, String)| {
            serde_json::from_value(serde_json::json!({"name": name, "hash": hash})).unwrap()
        };
        Keys(list.iter().map(key).collect())
    }

    fn hashed(key: &str) -> String {
        Sha256::digest(key).iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }

    #[test]
    fn finds_the_key_whose_hash_it_is() {
        assert_eq!(hashed("open sesame"), SESAME);
        let keys = keys(&[("a", hashed("first")), ("b", hashed("second")), ("c", SESAME.to_owned())]);
        let name = |given: &str| keys.find(given.as_bytes()).map(|key| key.name.as_str());
        assert_eq!([name("first"), name("second"), name("open sesame")], [Some("a"), Some("b"), Some("c")]);
        assert_eq!([name(""), name("First"), name(SESAME)], [None, None, None]);
    }

    #[test]
    fn a_hash_of_another_form_is_refused_and_not_repeated() {
        for hash in ["open sesame", "sha256:4", &SESAME.replace('a', "g"), &format!("{SESAME}00")] {
            let key = serde_json::json!({"name": "a", "hash": hash});
            let error = serde_json::from_value::<Key>(key).unwrap_err().to_string();
            assert!(error.contains("sha256sum") && !error.contains("sesame"), "{error}");
        }
    }
}
