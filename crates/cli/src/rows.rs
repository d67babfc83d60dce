//! Rows of features from the command line and from files.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context as _, Result};
use edgeinfer_core::{FeatureValue, Features};

/// One row from the command line: values separated by commas, or JSON.
pub(crate) fn parse(text: &str) -> Result<Features> {
    if text.trim_start().starts_with(['[', '{']) {
        return serde_json::from_str(text).context("--features is not valid JSON");
    }
    Ok(Features::Positional(text.split(',').map(value).collect()))
}

/// A number where it reads as one, otherwise a string.
fn value(text: &str) -> FeatureValue {
    let text = text.trim();
    match (text.parse(), text.parse()) {
        (Ok(whole), _) => FeatureValue::Integer(whole),
        (_, Ok(number)) => FeatureValue::Number(number),
        _ => FeatureValue::String(text.to_owned()),
    }
}

/// The rows in the file at `path`, JSON or (by its extension) CSV; `-` is standard
/// input, JSON.
pub(crate) fn read(path: &Path) -> Result<Vec<Features>> {
    read_rows(path).with_context(|| format!("cannot read rows from {}", name(path)))
}

/// What errors call the file at `path`.
pub(crate) fn name(path: &Path) -> Cow<'_, str> {
    if is_standard_input(path) { "standard input".into() } else { path.to_string_lossy() }
}

fn read_rows(path: &Path) -> Result<Vec<Features>> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        return csv_rows(path);
    }
    let text = if is_standard_input(path) {
        let mut text = Vec::new();
        io::stdin().read_to_end(&mut text).map(|_| text)
    } else {
        fs::read(path)
    };
    json_rows(&text?).context("expected rows in JSON")
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn json_rows(text: &[u8]) -> serde_json::Result<Vec<Features>> {
    match serde_json::from_slice::<Features>(text)? {
        // An array whose items are arrays or objects is rows, not values.
        Features::Positional(values)
            if values.iter().any(|v| matches!(v, FeatureValue::Array | FeatureValue::Object)) =>
        {
            serde_json::from_slice(text)
        }
        row => Ok(vec![row]),
    }
}

fn csv_rows(path: &Path) -> Result<Vec<Features>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path)?;
    let names = reader.headers()?.clone();
    let row = |record: csv::Result<csv::StringRecord>| {
        let record = record?;
        Ok(Features::Named(names.iter().map(str::to_owned).zip(record.iter().map(value)).collect()))
    };
    reader.records().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_numbers_where_they_are_ones() {
        let row = parse("5.1, -3,1e3,abc").unwrap();
        let expected = [
            FeatureValue::Number(5.1),
            FeatureValue::Integer(-3),
            FeatureValue::Number(1000.0),
            FeatureValue::String("abc".into()),
        ];
        assert_eq!(row, Features::Positional(expected.into()));
    }

    #[test]
    fn a_json_file_holds_one_row_or_many() {
        assert_eq!(json_rows(b"[1, 2]").unwrap().len(), 1);
        assert_eq!(json_rows(b"[[1, 2], {\"a\": 3}]").unwrap().len(), 2);
        assert_eq!(json_rows(b"{\"a\": 3}").unwrap().len(), 1);
        assert!(json_rows(b"[1, [2]]").is_err());
    }
}
