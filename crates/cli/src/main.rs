//! The `edgeinfer` command: compile a model, look at it, verify it, predict, serve.

mod commands;
mod host;
mod output;
mod progress;
mod rows;
mod source;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::compile::{self, Compile};
use commands::inspect::{self, Inspect};
use commands::predict::{self, Predict};
use commands::serve::{self, Serve};
use commands::verify::{self, Verify};

/// Compile an ONNX model once; run it wherever WebAssembly runs
#[derive(Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  edgeinfer compile iris.onnx
  edgeinfer inspect iris.edge
  edgeinfer predict iris.edge --features 5.1,3.5,1.4,0.2
  edgeinfer serve iris.edge
  edgeinfer verify iris.onnx

Exit codes: 0 done, 1 the work failed, 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compile(Compile),
    Inspect(Inspect),
    Predict(Predict),
    Serve(Serve),
    Verify(Verify),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Compile(args) => compile::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Predict(args) => predict::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Verify(args) => verify::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if reader_is_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody to tell is no further failure.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the reader of our output has had enough, as `head` has.
fn reader_is_gone(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
