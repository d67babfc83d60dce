use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use edgeinfer_compiler::{Difference, Trials, verify};

use crate::{output, source};

/// Compare a model's answers with those of an independent engine, tract
#[derive(Args)]
#[command(after_help = "\
Examples:
  edgeinfer verify iris.onnx
  edgeinfer verify digits.onnx --dim N=16 --runs 5
  edgeinfer verify iris.onnx --json

Random inputs go through edgeinfer's own runtime and through tract. It fails where
an output is further apart than the tolerance: one of the two is wrong then, or the
model is at an edge for these inputs. Whole numbers among the inputs are 0 and 1.")]
pub(crate) struct Verify {
    /// The ONNX model
    #[arg(value_name = "MODEL.onnx")]
    model: PathBuf,
    /// The size of a free dimension [default: 3 for a first one, 8 for others]
    #[arg(long = "dim", value_name = "NAME=SIZE", value_parser = dim)]
    dims: Vec<(String, usize)>,
    /// How many times, each with other inputs
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// The seed of the random inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The largest difference that is none, relative where numbers are above 1
    #[arg(long, value_name = "NUMBER", default_value_t = 1e-4)]
    tolerance: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn dim(text: &str) -> Result<(String, usize)> {
    let (name, size) = text.rsplit_once('=').context("expected NAME=SIZE, such as batch=2")?;
    let size = size.parse().with_context(|| format!("expected a whole number as size, got {size:?}"))?;
    Ok((name.to_owned(), size))
}

pub(crate) fn run(args: Verify) -> Result<()> {
    let model = args.model.display();
    ensure!(!source::is_compiled(&args.model)?, "expected an ONNX model, but {model} is compiled already");
    let trials = Trials {
        sizes: args.dims.into_iter().collect(),
        seed: args.seed,
        count: args.runs,
        tolerance: args.tolerance,
    };
    let failed = || format!("cannot verify {model}");
    let onnx = source::read(&args.model)?;
    let differences =
        verify(&source::whole(&args.model, &onnx).with_context(failed)?, &trials).with_context(failed)?;
    if args.json {
        output::json(&differences)?;
    } else {
        table(&differences)?;
    }
    let different: Vec<_> = differences.iter().filter(|found| found.different > 0).collect();
    if different.is_empty() {
        return Ok(());
    }
    let names = output::list(different.iter().map(|found| found.output.as_str()));
    bail!("not what tract gives, within {}: {names}", trials.tolerance)
}

fn table(differences: &[Difference]) -> Result<()> {
    let longest = differences.iter().map(|found| found.output.len()).max().unwrap_or_default().max(6);
    output::line(format_args!(
        "{:longest$}  {:>9}  {:>9}  {:>12}  {:>12}",
        "output", "elements", "different", "max absolute", "max relative"
    ))?;
    for found in differences {
        output::line(format_args!(
            "{:longest$}  {:>9}  {:>9}  {:>12.3e}  {:>12.3e}",
            found.output, found.elements, found.different, found.max_absolute, found.max_relative
        ))?;
    }
    Ok(())
}
