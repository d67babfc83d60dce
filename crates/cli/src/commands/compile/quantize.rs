//! `--quantize`: the compiled model with weights of fewer bits, and what that
//! costs.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use edgeinfer_compiler::{Inputs, Loss, Quantization, Quantized, load_tract, measure, quantize};
use edgeinfer_core::{Features, Model};
use serde::Serialize;

use crate::output;

/// What `--quantize` takes.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Bits {
    /// Matrices and kernels in int8, with a scale for each output channel
    Int8,
    /// All weights in float16
    Fp16,
}

impl From<Bits> for Quantization {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Int8 => Self::Int8,
            Bits::Fp16 => Self::Float16,
        }
    }
}

/// What was quantised, and what that costs.
#[derive(Serialize)]
pub(super) struct Report {
    path: String,
    quantized: Quantization,
    weights: usize,
    bytes_before: usize,
    bytes: usize,
    loss: Loss,
}

/// The quantised form of `file`, which is to be at `path`; `rows` tell the loss.
pub(super) fn run(
    file: &[u8],
    bits: Bits,
    path: &Path,
    rows: Option<&[Features]>,
) -> Result<(Vec<u8>, Report)> {
    let Quantized { file: narrow, weights } =
        quantize(file, bits.into()).context("cannot quantise the model")?;
    let load = |file: &[u8]| Model::load(file, Some(load_tract));
    let loss = measure(&load(file)?, &load(&narrow)?, rows).context("cannot measure the loss")?;
    let (bytes_before, bytes) = (file.len(), narrow.len());
    let path = path.display().to_string();
    let report = Report { path, quantized: bits.into(), weights, bytes_before, bytes, loss };
    Ok((narrow, report))
}

impl Report {
    /// Prints the sizes, and a table of the loss.
    pub(super) fn print(&self) -> Result<()> {
        let (before, after) = (output::bytes(self.bytes_before), output::bytes(self.bytes));
        let (weights, noun) = (self.weights, if self.weights == 1 { "weight" } else { "weights" });
        let bits = match self.quantized {
            Quantization::Int8 => "int8",
            Quantization::Float16 => "float16",
        };
        let (count, inputs) = (
            self.loss.count,
            match self.loss.inputs {
                Inputs::Given => "given",
                Inputs::Synthetic => "synthetic",
            },
        );
        output::line(format_args!("\n{weights} {noun} in {bits}: {after} instead of {before}"))?;
        output::line(format_args!("differences on {count} {inputs} inputs\n"))?;
        self.table()?;
        match self.loss.same_label {
            Some(share) => output::line(format_args!("\nsame label: {:.2} %", 100.0 * share)),
            None => Ok(()),
        }
    }

    fn table(&self) -> Result<()> {
        let outputs = &self.loss.outputs;
        let width = outputs.iter().map(|output| output.name.chars().count()).max().unwrap_or_default().max(6);
        let line = |name: &str, cells: [&str; 4]| {
            let [largest, mean, largest_relative, mean_relative] = cells;
            output::line(format_args!(
                "{name:<width$}  {largest:>9}  {mean:>9}  {largest_relative:>17}  {mean_relative:>14}"
            ))
        };
        line("output", ["largest", "mean", "largest, relative", "mean, relative"])?;
        for output in outputs {
            let [largest, mean] = [output.largest, output.mean].map(|number| format!("{number:.2e}"));
            let shares = [output.largest_relative, output.mean_relative];
            let [largest_share, mean_share] = shares.map(|share| format!("{:.3} %", 100.0 * share));
            line(&output.name, [&largest, &mean, &largest_share, &mean_share])?;
        }
        Ok(())
    }
}
