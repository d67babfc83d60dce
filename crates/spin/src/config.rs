use std::io::{self, ErrorKind as IoErrorKind};
use std::path::Path;
use std::{env, fs};

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_service::Config;

use crate::host::variable;

/// Where the configuration is, where there is one.
const FILE: &str = "/models/edgeinfer.toml";
/// Where the files are that it names.
const FOLDER: &str = "/models";

/// The variable that has more of it, in the same form.
const VARIABLE: &str = "edgeinfer_toml";

/// The configuration of the mount, of the variable and of the environment, of which
/// a later one comes before an earlier one.
///
/// # Errors
///
/// Why it cannot be used.
pub(crate) fn read() -> Result<Config> {
    let file = match fs::read_to_string(FILE) {
        Ok(text) => Some(text),
        Err(error) if matches!(error.kind(), IoErrorKind::NotFound) => None,
        Err(error) => return Err(unreadable(FILE, &error)),
    };
    let variable = variable(VARIABLE)?;
    let texts = [
        (FILE, file.as_deref().unwrap_or_default()),
        ("the variable edgeinfer_toml", variable.as_deref().unwrap_or_default()),
    ];
    // What is no text is none of ours.
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let mut config = Config::read_layers(&texts, env::vars_os().filter_map(text))?;
    if let Some(name) = config.jwks_file() {
        let keys =
            fs::read_to_string(Path::new(FOLDER).join(name)).map_err(|error| unreadable(name, &error))?;
        config.set_jwks(&keys)?;
    }
    Ok(config)
}

fn unreadable(file: &str, error: &io::Error) -> Error {
    Error::new(ErrorKind::ModelUnavailable, format!("cannot read {file}: {error}"))
}
