use std::io::ErrorKind as IoErrorKind;
use std::{env, fs};

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_service::Config;

/// Where the configuration is, where there is one.
const FILE: &str = "/models/edgeinfer.toml";

/// The configuration of the mount and the environment.
///
/// # Errors
///
/// Why it cannot be used.
pub(crate) fn read() -> Result<Config> {
    let file = match fs::read_to_string(FILE) {
        Ok(text) => Some(text),
        Err(error) if matches!(error.kind(), IoErrorKind::NotFound) => None,
        Err(error) => {
            let message = format!("cannot read {FILE}: {error}");
            return Err(Error::new(ErrorKind::ModelUnavailable, message));
        }
    };
    // What is no text is none of ours.
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Config::read(file.as_deref(), env::vars_os().filter_map(text))
}
