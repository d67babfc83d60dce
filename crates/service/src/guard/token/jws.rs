use std::str;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edgeinfer_core::Result;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The longest token that is read; servers take headers of little more.
const MOST_BYTES: usize = 8192;

/// What signs a token.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-3.1>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Hs256,
    Rs256,
    Es256,
}

impl Algorithm {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// A signed token, of which nothing has been checked.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-7.1>
pub(super) struct Jws<'a> {
    pub(super) algorithm: Algorithm,
    /// The name of its key.
    pub(super) key: Option<String>,
    /// What is signed.
    pub(super) signed: &'a [u8],
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// What is read of a token's header. A key that it brings along is none of those
/// that are trusted, and is not read.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

impl<'a> Jws<'a> {
    pub(super) fn read(token: &'a [u8]) -> Result<Self, String> {
        if token.len() > MOST_BYTES {
            return Err(format!("the token is longer than {MOST_BYTES} bytes"));
        }
        let mut parts = token.split(|byte| *byte == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(
                "a token has three parts with dots between them: header, claims, signature".to_owned()
            );
        };
        let length = header.len().saturating_add(1).saturating_add(payload.len());
        let header = Header::read(&decoded("header", header)?)?;
        Ok(Self {
            algorithm: header.algorithm()?,
            key: header.kid,
            signed: token.get(..length).unwrap_or_default(),
            payload: decoded("claims", payload)?,
            signature: decoded("signature", signature)?,
        })
    }
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json)
            .map_err(|error| format!("the token's header is not as expected: {}", kind(&error)))
    }

    fn algorithm(&self) -> Result<Algorithm, String> {
        if self.crit.is_some() {
            return Err("the token's `crit` asks for what is not known here".to_owned());
        }
        Algorithm::of(&self.alg)
            .ok_or_else(|| "the token's `alg` is none of HS256, RS256 and ES256".to_owned())
    }
}

/// The bytes of the token's part `name`, which has one spelling alone.
fn decoded(name: &str, part: &[u8]) -> Result<Vec<u8>, String> {
    let wrong = || format!("the token's {name} is not base64url without padding");
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| wrong())?;
    if name == "header" && bytes.is_empty() { Err(wrong()) } else { Ok(bytes) }
}

/// What is wrong with JSON, without any of it.
pub(super) fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Data => "a field is missing, there twice, or of another type",
        _ => "it is no JSON",
    }
}
