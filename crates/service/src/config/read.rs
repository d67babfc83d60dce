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
        Self::read_layers(&[("", file.unwrap_or_default())], environment)
    }

    /// The same of several texts, each with what its errors call it; a setting of a
    /// later one comes before that of an earlier one.
    ///
    /// # Errors
    ///
    /// Those of [`Config::read`].
    pub fn read_layers(
        texts: &[(&str, &str)],
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let mut table = Table::new();
        for (name, text) in texts {
            merge(&mut table, text.parse().map_err(|error| in_file(name, text, &error))?);
        }
        Self::of(table, environment)
    }

    /// Reads the settings of an `edgeinfer.toml` written as an object of JSON, and the
    /// variables of an environment, as [`Config::read`] does.
    ///
    /// # Errors
    ///
    /// As [`Config::read`]; for what is no such object, too.
    pub fn read_json(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let table = serde_json::from_str(text);
        let table =
            table.map_err(|_| wrong("expected an object of settings, none of them null".to_owned()))?;
        Self::of(table, environment)
    }

    fn of(mut table: Table, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix(PREFIX) {
                let path = path.to_ascii_lowercase();
                set(&mut table, &path.split("__").collect::<Vec<_>>(), value_of(&value))
                    .ok_or_else(|| wrong(format!("{name} sets a part of what is no table")))?;
            } else if let Some((_, key)) = VERTEX.iter().find(|(vertex, _)| *vertex == name) {
                table.entry(*key).or_insert(Value::String(value));
            }
        }
        Self::deserialize(table).map_err(|error| wrong(without_value(error.message())))
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

/// Sets in `table` what `over` has; tables are set key by key.
fn merge(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(over)) => merge(inner, over),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

/// An error with its line, but without the line's text.
fn in_file(name: &str, text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let of = if name.is_empty() { String::new() } else { format!("{name}, ") };
    wrong(format!("{of}line {}: {}", before.matches('\n').count() + 1, error.message()))
}

/// The message about a value of another type than it should be, without the value.
fn without_value(message: &str) -> String {
    let parts = message.split_once("invalid type: ");
    let parts = parts.and_then(|(_, rest)| rest.rsplit_once(", expected "));
    let Some((found, expected)) = parts else { return message.to_owned() };
    let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
    format!("invalid type: {kind}, expected {expected}")
}

pub(super) fn wrong(message: String) -> Error {
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
    fn settings_may_be_json() {
        let environment = [("EDGEINFER_SERVE_LOG".to_owned(), "false".to_owned())];
        let text = r#"{"log": true, "limits": {"batch_rows": 7}, "cors_origins": ["*"]}"#;
        let config = Config::read_json(text, environment).unwrap();
        assert_eq!((config.log, config.limits.batch_rows), (false, 7));
        assert_eq!(config.cors_origins, ["*"]);
        for wrong in
            ["", "[]", "\"secret\"", r#"{"log": null}"#, r#"{"logs": true}"#, r#"{"limits": "secret"}"#]
        {
            let error = Config::read_json(wrong, []).unwrap_err();
            assert!(error.message().contains("the configuration cannot be used"), "{error}");
            assert!(!error.message().contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_later_text_comes_before_an_earlier_one_setting_by_setting() {
        let texts = [
            ("the file", "log = true\n[limits]\nbody_bytes = 10\nbatch_rows = 5"),
            ("the variable", "[limits]\nbody_bytes = 20\n[state]\nstore = \"key-value\""),
        ];
        let environment = [("EDGEINFER_SERVE_LIMITS__BATCH_ROWS".to_owned(), "7".to_owned())];
        let config = Config::read_layers(&texts, environment).unwrap();
        assert_eq!((config.log, config.limits.body_bytes, config.limits.batch_rows), (true, 20, 7));
        assert_eq!(config.state.store, Some(crate::StoreKind::KeyValue));
        let error = Config::read_layers(&[texts[0], ("the variable", "a = 1\nb = secret")], []).unwrap_err();
        assert!(error.message().contains("the variable, line 2: ") && !error.message().contains("secret"));
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
        let keys = refused("", &[("EDGEINFER_SERVE_KEYS", "secret")]);
        assert!(keys.contains("invalid type: string, expected a sequence"), "{keys}");
        assert!(refused("keys = [{name = \"a\", hash = \"secret\"}]", &[]).contains("sha256sum"));
        assert!(
            refused("log = 1", &[("EDGEINFER_SERVE_LOG__MORE", "1")]).contains("EDGEINFER_SERVE_LOG__MORE")
        );
    }
}
