//! Runs ONNX's own backend tests on edgeinfer's runtime: each case is compiled,
//! loaded and run, and its outputs are compared within the tests' own tolerance.

mod case;
mod compare;
mod data;
mod emit;
mod exclusions;
mod outcome;
mod report;
mod run;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use exclusions::Exclusions;
use outcome::Outcome;

/// Run ONNX's own backend tests on edgeinfer's runtime, without a fallback
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Suites: node, simple, pytorch-operator, pytorch-converted, and light: the networks
of the wheel without weights of their own.

Examples:
  edgeinfer-conformance                            totals by suite
  edgeinfer-conformance --only softmax --failures  why cases of softmax fail
  edgeinfer-conformance --failures                 why anything fails, by cause

Exit codes: 0 what is to pass passes, and nothing else; 1 not so; 2 wrong usage."
)]
struct Cli {
    /// The folder onnx/backend/test/data of the onnx wheel; scripts/setup --tests
    /// fetches it
    #[arg(long, value_name = "DIR", default_value = "target/conformance/onnx/backend/test/data")]
    data: PathBuf,
    /// Only cases with this in their name, or in suite/name
    #[arg(long, value_name = "SUBSTRING")]
    only: Option<String>,
    /// Print why each failing case fails, grouped by cause, the commonest first
    #[arg(long)]
    failures: bool,
    /// Write every case's outcome to FILE
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write each case to a folder of DIR, compiled, for the runner in Node, and all
    /// outcomes to DIR/outcomes.json
    #[arg(long, value_name = "DIR")]
    emit: Option<PathBuf>,
    /// Threads; by default as many as the machine runs at once
    #[arg(long, value_name = "COUNT")]
    threads: Option<usize>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody to tell is no further failure.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether what is to pass passes, and nothing else.
fn run(cli: &Cli) -> Result<bool> {
    let cases = case::find(&cli.data, cli.only.as_deref())?;
    let exclusions = Exclusions::new(&cases)?;
    let outcomes = run::all(&cases, cli.threads, cli.emit.as_deref());
    let mut out = io::stdout().lock();
    if cli.failures {
        report::failures(&mut out, &outcomes, &exclusions)?;
    }
    report::totals(&mut out, &outcomes, &exclusions)?;
    let emitted = cli.emit.as_ref().map(|folder| folder.join("outcomes.json"));
    for file in cli.json.iter().chain(&emitted) {
        report::json(file, &outcomes)?;
    }
    let complaints = exclusions.complaints(&outcomes, cli.only.is_none());
    complaints.iter().try_for_each(|complaint| writeln!(out, "{complaint}"))?;
    let fails = |outcome: &Outcome| outcome.failure.is_some() && exclusions.reason(outcome).is_none();
    Ok(complaints.is_empty() && !outcomes.iter().any(fails))
}
