use edgeinfer_core::{Error, ErrorKind, Result};
use serde::Deserialize as _;
use toml::{Table, Value};

use super::Config;

/// What the names of the environment's variables begin with.
const PREFIX: &str = "EDGEINFER_SERVE_";

/// The variables that Vertex AI sets, and what they set here.
const VERTEX: [(&str, &str); 2] =
    [("AIP_HEALTH_ROUTE", "health_route"), ("AIP_PREDICT_ROUTE", "predict_route")];

impl Config {
    /// Reads the text of an `edgeinfer.toml` and the variables of an environment.
    ///
    /// `EDGEINFER_SERVE_LOG` sets `log`, `EDGEINFER_SERVE_LIMITS__BODY_BYTES` sets `body_bytes` in
    /// `[limits]`; a value is TOML's, or else text. The environment comes before the
    /// file, the file before Vertex AI's variables.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ModelUnavailable`] for what is no TOML, for a setting that there
    /// is not, and for a value of another form; never with the value itself, which may
    /// be secret.
    pub fn read(file: Option<&str>, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut table: Table = match file {
            Some(text) => text.parse().map_err(|error| in_file(text, &error))?,
            None => Table::new(),
        };
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix(PREFIX) {
                let path = path.to_ascii_lowercase();
                set(&mut table, &path.split("__").collect::<Vec<_>>(), value_of(&value))
                    .ok_or_else(|| wrong(format!("{name} sets a part of what is no table")))?;
            } else if let Some((_, key)) = VERTEX.iter().find(|(vertex, _)| *vertex == name) {
                table.entry(*key).or_insert(Value::String(value));
            }
        }
        Self::deserialize(table).map_err(|error| wrong(error.message().to_owned()))
    }
}

fn value_of(text: &str) -> Value {
    let parsed = format!("value = {text}").parse().ok().and_then(|mut table: Table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Sets the value at `path`; `None` where something on the way is no table.
fn set(table: &mut Table, path: &[&str], value: Value) -> Option<()> {
    match path {
        [] => None,
        [key] => {
            table.insert((*key).to_owned(), value);
            Some(())
        }
        [key, rest @ ..] => {
            let inner = table.entry(*key).or_insert_with(|| Value::Table(Table::new()));
            set(inner.as_table_mut()?, rest, value)
        }
    }
}

/// An error with its line, but without the line's text.
fn in_file(text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    wrong(format!("line {}: {}", before.matches('\n').count() + 1, error.message()))
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::ModelUnavailable, format!("the configuration cannot be used: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config> {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::read(Some(file), environment)
    }

    #[test]
    fn the_environment_comes_before_the_file() {
        let file = "log = true\ndefault_model = \"a\"\n[limits]\nbody_bytes = 10\n";
        let environment = [
            ("EDGEINFER_SERVE_LIMITS__BODY_BYTES", "20"),
            ("EDGEINFER_SERVE_DEFAULT_MODEL", "iris"),
            ("EDGEINFER_SERVE_TRUSTED_HOSTS", "[\"a.example\"]"),
            ("EDGEINFER_SERVE_RATE__REQUESTS", "5"),
            ("EDGEINFER_SERVE_RATE__SECONDS", "1"),
            ("AIP_HEALTH_ROUTE", "/healthz"),
            ("PATH", "/bin"),
        ];
        let config = read(file, &environment).unwrap();
        assert_eq!((config.log, config.limits.body_bytes, config.limits.batch_rows), (true, 20, 10_000));
        assert_eq!(config.default_model.as_deref(), Some("iris"));
        assert_eq!(config.trusted_hosts, ["a.example"]);
        assert_eq!(config.rate.map(|rate| (rate.requests, rate.seconds)), Some((5, 1)));
        assert_eq!(config.health_route.as_deref(), Some("/healthz"));
        assert!(!Config::read(None, []).unwrap().log);
    }

    #[test]
    fn what_is_unknown_or_of_another_form_is_refused_without_its_value() {
        let refused = |file: &str, environment: &[(&str, &str)]| {
            let error = read(file, environment).unwrap_err();
            assert!(!error.message().contains("secret"), "{error}");
            error.message().to_owned()
        };
        assert!(refused("logs = true", &[]).contains("unknown field `logs`"));
        assert!(refused("[limits]\nbody = 1", &[]).contains("unknown field `body`"));
        assert!(refused("", &[("EDGEINFER_SERVE_KEY", "secret")]).contains("unknown field `key`"));
        assert!(refused("a = 1\nb = secret", &[]).contains("line 2"));
        assert!(refused("keys = [{name = \"a\", hash = \"secret\"}]", &[]).contains("sha256sum"));
        assert!(
            refused("log = 1", &[("EDGEINFER_SERVE_LOG__MORE", "1")]).contains("EDGEINFER_SERVE_LOG__MORE")
        );
    }
}
