use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args};
use edgeinfer_core::{FeatureValue, Features, Model, Prediction};

use crate::{output, source};

/// Predict rows from the command line or a file
#[derive(Args)]
#[command(group = ArgGroup::new("rows").required(true), after_help = "\
Examples:
  edgeinfer predict iris.edge --features 5.1,3.5,1.4,0.2
  edgeinfer predict iris.edge --features '{\"sepal length (cm)\": 5.1,
    \"sepal width (cm)\": 3.5, \"petal length (cm)\": 1.4, \"petal width (cm)\": 0.2}'
  edgeinfer predict iris.onnx --input rows.json
  edgeinfer predict iris.edge --input rows.csv --json
  cat rows.json | edgeinfer predict iris.edge --input -

A JSON file holds one row or an array of rows; a row is an array of values in the
model's order, or an object by feature name. A CSV file has a header line with
the features' names.")]
pub(crate) struct Predict {
    /// A compiled model, or an ONNX model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// One row: values separated by commas, a JSON array, or a JSON object
    #[arg(long, value_name = "ROW", group = "rows", allow_hyphen_values = true)]
    features: Option<String>,
    /// A file of rows, JSON or (by its extension) CSV; - is standard input, JSON
    #[arg(long, value_name = "FILE", group = "rows")]
    input: Option<PathBuf>,
    /// Print JSON, one line per row
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Predict) -> Result<()> {
    let model = source::load(&args.model)?;
    let predictions = match (&args.features, &args.input) {
        (Some(row), _) => vec![model.predict(&parse_row(row)?)?],
        (None, Some(path)) => predict_rows(&model, path)?,
        (None, None) => bail!("expected --features or --input"),
    };
    for prediction in &predictions {
        if args.json { output::json_line(prediction)? } else { output::line(summary(prediction)?)? }
    }
    Ok(())
}

fn predict_rows(model: &Model, path: &Path) -> Result<Vec<Prediction>> {
    let name = if is_standard_input(path) { "standard input".into() } else { path.to_string_lossy() };
    let rows = read_rows(path).with_context(|| format!("cannot read rows from {name}"))?;
    match rows.as_slice() {
        // Answers to one row are the same; errors need not number it.
        [row] => model.predict(row).map(|prediction| vec![prediction]),
        rows => model.predict_batch(rows),
    }
    .with_context(|| format!("cannot predict {name}"))
}

/// The label with its confidence, or the value.
fn summary(prediction: &Prediction) -> Result<String> {
    match (&prediction.label, prediction.confidence) {
        (Some(label), Some(confidence)) => Ok(format!("{label}\t{:.4}", confidence.to_f64())),
        (Some(label), None) => Ok(label.clone()),
        (None, _) => Ok(serde_json::to_string(&prediction.prediction)?),
    }
}

fn parse_row(text: &str) -> Result<Features> {
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
        let row = parse_row("5.1, -3,1e3,abc").unwrap();
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
