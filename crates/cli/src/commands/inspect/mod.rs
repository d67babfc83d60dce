mod info;
mod onnx;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use edgeinfer_core::{EngineSection, ModelFile, ModelInfo, Part, Refusal};
use serde::Serialize;

use crate::{output, source};

/// Show what a model takes and gives, and what stands against compiling it
#[derive(Args)]
#[command(after_help = "\
Examples:
  edgeinfer inspect iris.edge
  edgeinfer inspect iris.onnx
  edgeinfer inspect iris.onnx --json

Of an ONNX model it lists the operators, which of them compile, what falls back
to tract and why, and where the file's bytes are.")]
pub(crate) struct Inspect {
    /// A compiled model, or an ONNX model
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Inspect) -> Result<()> {
    if source::is_onnx(&args.file)? {
        onnx::run(&args.file, args.json)
    } else {
        compiled(&args.file, args.json)
    }
}

/// A compiled model: what it says of itself, and where its bytes are.
#[derive(Serialize)]
struct Compiled {
    #[serde(flatten)]
    info: ModelInfo,
    parts: Vec<Part>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Refusal>,
}

fn compiled(path: &Path, json: bool) -> Result<()> {
    let info = source::load(path)?.info();
    let file = ModelFile::parse(&source::read(path)?.as_slice().into())?;
    let parts = file.parts();
    let refused = match file.manifest.engine {
        EngineSection::Plan(_) => Vec::new(),
        EngineSection::Onnx { refused } => refused,
    };
    if json {
        return output::json(&Compiled { info, parts, refused });
    }
    table(info::rows(&info))?;
    output::line("")?;
    table(sizes(&parts))?;
    if refused.is_empty() {
        return Ok(());
    }
    output::line("\nruns on tract, because of")?;
    refused
        .iter()
        .try_for_each(|refusal| output::line(format_args!("  {}: {}", refusal.node, refusal.reason)))
}

/// The parts of a file, with their sizes in words.
fn sizes(parts: &[Part]) -> Vec<(&str, String)> {
    parts.iter().map(|part| (part.part.as_str(), output::bytes(part.bytes))).collect()
}

/// Lines of a name and a value, without those that have no value.
fn table(rows: Vec<(&str, String)>) -> Result<()> {
    let rows: Vec<_> = rows.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    rows.iter().try_for_each(|(name, value)| output::line(format_args!("{name:<width$}  {value}")))
}
