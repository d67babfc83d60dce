//! What commands print.

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::Result;
use edgeinfer_core::ModelType;
use serde::Serialize;

/// Prints one line.
pub(crate) fn line(text: impl Display) -> Result<()> {
    Ok(writeln!(io::stdout().lock(), "{text}")?)
}

/// Prints `value` as JSON, for people too.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// Prints `value` as one line of JSON.
pub(crate) fn json_line(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string(value)?)
}

/// A size in bytes, in words.
pub(crate) fn bytes(size: usize) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        _ => format!("{:.1} MB", size as f64 / 1e6),
    }
}

/// A kind of model, as JSON names it too.
pub(crate) fn model_type(model_type: ModelType) -> String {
    format!("{model_type:?}").to_lowercase()
}

/// Names, shortened where there are many.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<_> = names.into_iter().collect();
    match names.get(..SHOWN) {
        Some(head) if names.len() > SHOWN => format!("{} … ({} in all)", head.join(", "), names.len()),
        _ => names.join(", "),
    }
}
