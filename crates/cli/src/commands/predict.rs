use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args};
use edgeinfer_core::{Model, Prediction};

use crate::{output, rows, source};

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
        (Some(row), _) => vec![model.predict(&rows::parse(row)?)?],
        (None, Some(path)) => predict_rows(&model, path)?,
        (None, None) => bail!("expected --features or --input"),
    };
    for prediction in &predictions {
        if args.json { output::json_line(prediction)? } else { output::line(summary(prediction)?)? }
    }
    Ok(())
}

fn predict_rows(model: &Model, path: &Path) -> Result<Vec<Prediction>> {
    let rows = rows::read(path)?;
    match rows.as_slice() {
        // Answers to one row are the same; errors need not number it.
        [row] => model.predict(row).map(|prediction| vec![prediction]),
        rows => model.predict_batch(rows),
    }
    .with_context(|| format!("cannot predict {}", rows::name(path)))
}

/// The label with its confidence, or the value.
fn summary(prediction: &Prediction) -> Result<String> {
    match (&prediction.label, prediction.confidence) {
        (Some(label), Some(confidence)) => Ok(format!("{label}\t{:.4}", confidence.to_f64())),
        (Some(label), None) => Ok(label.clone()),
        (None, _) => Ok(serde_json::to_string(&prediction.prediction)?),
    }
}
