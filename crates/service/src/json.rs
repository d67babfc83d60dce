//! From the bytes of a body to what a route takes.

use edgeinfer_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::error::Category;

use crate::form::{Form, Lenient};

/// Reads one JSON text.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] for anything but JSON, with line and column;
/// [`ErrorKind::NotFinite`] for a number beyond float64, which JSON allows. What
/// has the wrong form is no failure here: see [`Form`].
pub(crate) fn parse<T: Form>(body: &[u8]) -> Result<T> {
    let text = text(body)?;
    match serde_json::from_str::<Lenient<T>>(text) {
        Ok(Lenient(value)) => Ok(value),
        Err(error) => Err(broken(text, &error)),
    }
}

/// Reads one JSON text of a fixed form.
///
/// # Errors
///
/// As [`parse`], and [`ErrorKind::InvalidRequest`] for JSON of another form.
pub(crate) fn parse_as<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    let text = text(body)?;
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => Error::new(ErrorKind::InvalidRequest, error.to_string()),
        _ => broken(text, &error),
    })
}

fn text(body: &[u8]) -> Result<&str> {
    if body.trim_ascii().is_empty() {
        return Err(malformed("the body is empty; expected JSON".to_owned()));
    }
    str::from_utf8(body).map_err(|error| {
        malformed(format!("the body is not JSON: it is not UTF-8 from byte {} on", error.valid_up_to()))
    })
}

fn broken(text: &str, error: &serde_json::Error) -> Error {
    let reason = error.to_string();
    // serde_json tells this one apart by its text alone.
    if reason.starts_with("number out of range") {
        let (line, column) = (error.line(), error.column());
        let message = format!(
            "the number at line {line} column {column} is beyond the range of float64 (about ±1.8e308)"
        );
        return Error::new(ErrorKind::NotFinite, message);
    }
    let hint = match word_at(text, error.line(), error.column()) {
        Some(word) if is_not_finite(word) => {
            "; JSON has no NaN and no Infinity: every value is a finite number, \
             or null for a feature that may be missing"
        }
        Some(word) if word.starts_with('\'') => "; JSON takes double quotes",
        _ => "",
    };
    malformed(format!("the body is not JSON: {reason}{hint}"))
}

/// The word of `text` that an error at `line` and `column`, both counted from
/// 1, is about.
fn word_at(text: &str, line: usize, column: usize) -> Option<&str> {
    let line = text.split('\n').nth(line.checked_sub(1)?)?;
    let is_edge = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '\''));
    let (before, after) = line.split_at_checked(column.checked_sub(1)?)?;
    let start = before.rfind(is_edge).map_or(0, |edge| edge + 1);
    let end = after.find(is_edge).map_or(line.len(), |edge| before.len() + edge);
    line.get(start..end)
}

fn is_not_finite(word: &str) -> bool {
    let word = word.trim_start_matches(['+', '-']);
    ["nan", "inf", "infinity"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

fn malformed(message: String) -> Error {
    Error::new(ErrorKind::MalformedRequest, message)
}
