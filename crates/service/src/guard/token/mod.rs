//! Bearer tokens: JWTs that somebody else signs, whose keys are in a JWKS.
//!
//! <https://www.rfc-editor.org/rfc/rfc7519>

mod claims;
mod jws;
mod keys;
mod settings;

use std::time::Duration;

use edgeinfer_core::Result;

use self::claims::Claims;
use self::jws::Jws;
pub use self::settings::Tokens;
use super::Scope;

/// Whom a token speaks for, and what it opens.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    /// Its subject.
    pub(crate) name: String,
    scopes: Vec<String>,
}

impl Tokens {
    /// Whom `token` speaks for at `now`, the time since 1970.
    ///
    /// Nothing of a token is believed before its signature has been checked, with an
    /// algorithm that its key is for, whatever the token says.
    ///
    /// # Errors
    ///
    /// What is wrong with the token, in words that repeat nothing of it.
    pub(crate) fn verify(&self, token: &[u8], now: Option<Duration>) -> Result<Bearer, String> {
        let now = now.filter(|now| !now.is_zero());
        let now = now.ok_or("this host has no clock, so that no token's time can be checked")?;
        let jws = Jws::read(token)?;
        self.keys.check(&jws)?;
        let claims = Claims::read(&jws.payload)?;
        claims.check(self, now)?;
        Ok(claims.bearer())
    }

    /// Whether a token can open `scope`.
    pub(crate) fn open(&self, scope: Scope) -> bool {
        !self.scopes.of(scope).is_empty()
    }

    /// Whether `bearer` may do what `scope` is for.
    pub(crate) fn admits(&self, bearer: &Bearer, scope: Scope) -> bool {
        self.scopes.of(scope).iter().any(|name| name == ANY || bearer.scopes.contains(name))
    }

    /// The names of `scope` in tokens.
    pub(crate) fn names(&self, scope: Scope) -> &[String] {
        self.scopes.of(scope)
    }
}

/// In place of the name of a scope: every token that is good.
const ANY: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens that PyJWT signed, as `scripts/make-tokens.py` writes them.
    pub(super) fn fixture() -> serde_json::Value {
        serde_json::from_str(include_str!("../../../../../tests/tokens.json")).unwrap()
    }

    pub(super) fn tokens(fixture: &serde_json::Value) -> Tokens {
        let (issuer, audience) = (&fixture["issuer"], &fixture["audience"]);
        let settings = serde_json::json!({
            "jwks": fixture["jwks"].to_string(), "issuer": issuer, "audience": audience, "leeway_seconds": 5,
        });
        serde_json::from_value(settings).unwrap()
    }

    #[test]
    fn times_hold_to_the_second_and_the_leeway() {
        let fixture = fixture();
        let (tokens, token) = (tokens(&fixture), fixture["edge"].as_str().unwrap());
        let start = fixture["now"].as_u64().unwrap();
        let at = |now: u64| tokens.verify(token.as_bytes(), Some(Duration::from_secs(now)));
        assert!(at(start - 6).unwrap_err().contains("not valid yet"));
        assert!(at(start - 5).is_ok() && at(start).is_ok() && at(start + 104).is_ok());
        assert!(at(start + 105).unwrap_err().contains("expired"));
        for clockless in [None, Some(Duration::ZERO)] {
            assert!(tokens.verify(token.as_bytes(), clockless).unwrap_err().contains("no clock"));
        }
    }

    #[test]
    fn a_token_that_is_changed_in_any_place_is_refused() {
        let fixture = fixture();
        let (tokens, now) = (tokens(&fixture), Duration::from_secs(fixture["now"].as_u64().unwrap()));
        let texts = fixture["tokens"].as_array().unwrap().iter().take(3);
        for token in texts.map(|token| token["token"].as_str().unwrap()) {
            assert!(tokens.verify(token.as_bytes(), Some(now)).is_ok());
            for place in (0..token.len()).step_by(7) {
                let mut changed = token.as_bytes().to_vec();
                changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
                assert!(tokens.verify(&changed, Some(now)).is_err(), "{place}");
                assert!(tokens.verify(&token.as_bytes()[..place], Some(now)).is_err(), "{place}");
            }
        }
    }

    #[test]
    fn of_an_audience_that_is_not_asked_for_no_token_is_good() {
        let fixture = fixture();
        let now = Duration::from_secs(fixture["now"].as_u64().unwrap());
        let settings = serde_json::json!({"jwks": fixture["jwks"].to_string()});
        let tokens: Tokens = serde_json::from_value(settings).unwrap();
        let token = fixture["tokens"][0]["token"].as_str().unwrap();
        assert!(tokens.verify(token.as_bytes(), Some(now)).unwrap_err().contains("`aud`"));
    }
}
