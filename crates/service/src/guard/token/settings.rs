use std::time::Duration;

use edgeinfer_core::Result;
use serde::Deserialize;

use super::keys::KeySet;
use crate::guard::{Rate, Scope};

/// Which bearer tokens open the service, and what they open.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Settings")]
pub struct Tokens {
    pub(super) keys: KeySet,
    file: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) audience: Vec<String>,
    pub(super) leeway: Duration,
    pub(super) scopes: Names,
    pub(crate) rate: Option<Rate>,
}

/// `[jwt]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The text of a JWKS.
    jwks: Option<String>,
    /// The file that has it, beside the configuration.
    jwks_file: Option<String>,
    /// What `iss` must be.
    issuer: Option<String>,
    /// One of which `aud` must name.
    #[serde(default)]
    audience: Audience,
    /// How far the clocks of issuer and host may be apart.
    #[serde(default = "leeway_seconds")]
    leeway_seconds: u32,
    #[serde(default)]
    scopes: Names,
    /// How many requests each subject may send, in place of the rate for all.
    rate: Option<Rate>,
}

fn leeway_seconds() -> u32 {
    30
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    More(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

/// What the scopes are called in tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Names {
    predict: Vec<String>,
    metrics: Vec<String>,
    admin: Vec<String>,
}

impl Default for Names {
    fn default() -> Self {
        let [predict, metrics, admin] = ["predict", "metrics", "admin"].map(|name| vec![name.to_owned()]);
        Self { predict, metrics, admin }
    }
}

impl Names {
    pub(super) fn of(&self, scope: Scope) -> &[String] {
        match scope {
            Scope::Predict => &self.predict,
            Scope::Metrics => &self.metrics,
            Scope::Admin => &self.admin,
        }
    }
}

impl TryFrom<Settings> for Tokens {
    type Error = String;

    fn try_from(settings: Settings) -> Result<Self, String> {
        let keys = match (&settings.jwks, &settings.jwks_file) {
            (Some(text), _) => KeySet::read(text)?,
            (None, Some(_)) => KeySet::default(),
            (None, None) => {
                return Err(
                    "`jwt` needs `jwks_file`, the name of a JWKS beside the configuration, or its text as \
                            `jwks`"
                        .to_owned(),
                );
            }
        };
        Ok(Self {
            keys,
            file: settings.jwks_file.filter(|_| settings.jwks.is_none()),
            issuer: settings.issuer,
            audience: match settings.audience {
                Audience::One(one) => vec![one],
                Audience::More(more) => more,
            },
            leeway: Duration::from_secs(settings.leeway_seconds.into()),
            scopes: settings.scopes,
            rate: settings.rate,
        })
    }
}

impl Tokens {
    /// The name of the file that has the keys, where they are not here.
    pub(crate) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Takes the keys of the JWKS `text`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(crate) fn set_keys(&mut self, text: &str) -> Result<(), String> {
        self.keys = KeySet::read(text)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: serde_json::Value) -> Result<Tokens, serde_json::Error> {
        serde_json::from_value(settings)
    }

    #[test]
    fn keys_are_in_the_configuration_or_in_a_file_that_it_names() {
        let tokens = read(serde_json::json!({"jwks_file": "jwks.json", "audience": "a"})).unwrap();
        assert_eq!(
            (tokens.file(), tokens.audience.as_slice()),
            (Some("jwks.json"), ["a".to_owned()].as_slice())
        );
        let error = read(serde_json::json!({"issuer": "a"})).unwrap_err().to_string();
        assert!(error.contains("`jwks_file`"), "{error}");
        let error = read(serde_json::json!({"jwks": "sesame"})).unwrap_err().to_string();
        assert!(error.contains("expected a JWKS") && !error.contains("sesame"), "{error}");
        assert!(read(serde_json::json!({"jwks_file": "a", "url": "b"})).is_err());
    }

    #[test]
    fn a_scope_that_has_no_name_is_opened_by_no_token() {
        let tokens = read(serde_json::json!({"jwks_file": "a", "scopes": {"metrics": []}})).unwrap();
        let open = [Scope::Predict, Scope::Metrics, Scope::Admin].map(|scope| tokens.open(scope));
        assert_eq!(open, [true, false, true]);
    }
}
