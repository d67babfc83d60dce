//! `edgeinfer inspect MODEL.onnx`: what compiles, what does not, and why.

use std::path::Path;

use anyhow::{Context as _, Result};
use edgeinfer_compiler::{OperatorUse, Problem, Report, inspect};

use super::{info, sizes, table};
use crate::{output, source};

pub(super) fn run(path: &Path, json: bool) -> Result<()> {
    let metadata = source::metadata(path, None)?;
    let failed = || format!("cannot inspect {}", path.display());
    let onnx = source::read(path)?;
    let report = inspect(&source::whole(path, &onnx).with_context(failed)?, metadata).with_context(failed)?;
    if json {
        return output::json(&report);
    }
    table(summary(&report))?;
    output::line("\noperators")?;
    table(report.operators.iter().map(|used| (used.operator.as_str(), operator(used))).collect())?;
    output::line("\nsize by part")?;
    table(sizes(&report.parts))?;
    problems(&report.problems)
}

fn summary(report: &Report) -> Vec<(&str, String)> {
    let opsets: Vec<_> =
        report.opsets.iter().map(|(domain, version)| format!("{domain} {version}")).collect();
    let mut rows = report.model.as_ref().map(info::rows).unwrap_or_default();
    // Said below, for ONNX too.
    rows.retain(|(name, _)| !matches!(*name, "engine" | "size"));
    rows.push(("written by", report.producer.clone()));
    rows.push(("operator sets", opsets.join(", ")));
    rows.push(("runs on", runs_on(report)));
    let compiled = report.model.as_ref().map(|info| output::bytes(info.size_bytes));
    rows.push(("compiled size", compiled.unwrap_or_default()));
    rows
}

fn runs_on(report: &Report) -> String {
    match report.model.as_ref().map(|info| info.engine.as_str()) {
        Some("edgeinfer") => "edgeinfer's own runtime".to_owned(),
        Some(engine) => format!("{engine}, in this command alone"),
        None => "nothing".to_owned(),
    }
}

fn operator(used: &OperatorUse) -> String {
    let times = if used.count == 1 { "1 node".to_owned() } else { format!("{} nodes", used.count) };
    if used.compiles { times } else { format!("{times}, not compiled") }
}

fn problems(problems: &[Problem]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    output::line("\nproblems")?;
    for Problem { refusal, hint } in problems {
        output::line(format_args!("  {}: {}", refusal.node, refusal.reason))?;
        output::line(format_args!("    {hint}"))?;
    }
    Ok(())
}
