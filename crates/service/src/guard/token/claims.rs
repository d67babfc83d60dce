use std::time::Duration;

use edgeinfer_core::Result;
use serde::Deserialize;

use super::jws::kind;
use super::{Bearer, Tokens};

/// What is read of a token's claims; each may be there once.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1>
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<OneOrMore>,
    exp: Option<f64>,
    nbf: Option<f64>,
    /// With spaces between them, as RFC 8693 has it.
    scope: Option<OneOrMore>,
    /// As some issuers call it.
    scp: Option<OneOrMore>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// The longest subject, as OpenID Connect has it.
const MOST_OF_SUBJECT: usize = 255;

impl Claims {
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(json)
            .map_err(|error| format!("the token's claims are not as expected: {}", kind(&error)))
    }

    /// Checks that the token is for this service, and for `now`.
    pub(super) fn check(&self, tokens: &Tokens, now: Duration) -> Result<(), String> {
        self.check_time(tokens.leeway, now)?;
        if tokens.issuer.is_some() && self.iss != tokens.issuer {
            return Err("the token's `iss` is not the issuer that is trusted here".to_owned());
        }
        let audiences = self.aud.as_ref().map(OneOrMore::all);
        // Who is not told of an audience is none that a token can be for.
        let is_ours = match audiences {
            None => tokens.audience.is_empty(),
            Some(audiences) => audiences.iter().any(|audience| tokens.audience.contains(audience)),
        };
        if !is_ours {
            return Err("the token's `aud` is not this service".to_owned());
        }
        if self.sub.as_ref().is_some_and(|subject| subject.len() > MOST_OF_SUBJECT) {
            return Err(format!("the token's `sub` is longer than {MOST_OF_SUBJECT} bytes"));
        }
        Ok(())
    }

    fn check_time(&self, leeway: Duration, now: Duration) -> Result<(), String> {
        let (now, leeway) = (now.as_secs_f64(), leeway.as_secs_f64());
        let exp = self.exp.ok_or("the token has no `exp`: one that never expires is not taken")?;
        if now >= exp + leeway {
            return Err("the token is expired".to_owned());
        }
        if self.nbf.is_some_and(|nbf| now + leeway < nbf) {
            return Err("the token is not valid yet".to_owned());
        }
        Ok(())
    }

    pub(super) fn bearer(self) -> Bearer {
        let lists = [self.scope, self.scp];
        let words = lists.iter().flatten().flat_map(OneOrMore::all).flat_map(|text| text.split(' '));
        Bearer { scopes: words.map(str::to_owned).collect(), name: self.sub.unwrap_or_default() }
    }
}
