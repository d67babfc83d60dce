//! Prints what became of the cases.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::exclusions::Exclusions;
use crate::outcome::{Failure, Outcome};

/// Prints why cases fail that are to pass, by cause, the commonest first.
///
/// # Errors
///
/// Where `out` fails.
pub(crate) fn failures(out: &mut impl Write, outcomes: &[Outcome], exclusions: &Exclusions) -> Result<()> {
    let mut groups: BTreeMap<(&str, &str), Vec<(&Outcome, &Failure)>> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| exclusions.reason(outcome).is_none()) {
        if let Some(failure) = &outcome.failure {
            groups.entry((failure.stage.name(), &failure.cause)).or_default().push((outcome, failure));
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    for ((stage, cause), members) in groups {
        writeln!(out, "{stage}: {cause} ({})", members.len())?;
        for (outcome, failure) in members {
            let told = if failure.message == failure.cause { "" } else { failure.message.as_str() };
            writeln!(out, "    {}/{}  {told}", outcome.suite, outcome.name)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Prints how many pass, by suite.
///
/// # Errors
///
/// Where `out` fails.
pub(crate) fn totals(out: &mut impl Write, outcomes: &[Outcome], exclusions: &Exclusions) -> Result<()> {
    let mut suites: Vec<&str> = outcomes.iter().map(|outcome| outcome.suite).collect();
    suites.dedup();
    for suite in suites {
        let of_suite = || outcomes.iter().filter(|outcome| outcome.suite == suite);
        let passed = of_suite().filter(|outcome| outcome.failure.is_none()).count();
        let seconds: f64 = of_suite().map(|outcome| outcome.seconds).sum();
        let excluded = of_suite().filter(|outcome| exclusions.reason(outcome).is_some()).count();
        let all = of_suite().count();
        writeln!(out, "{suite:18}{passed:5} of {all:5}, {excluded:3} excluded  {seconds:6.1} s")?;
    }
    Ok(())
}

/// Writes the outcomes to `file`.
///
/// # Errors
///
/// Where it cannot be written.
pub(crate) fn json(file: &Path, outcomes: &[Outcome]) -> Result<()> {
    let name = || format!("writing {}", file.display());
    let mut out = BufWriter::new(File::create(file).with_context(name)?);
    serde_json::to_writer_pretty(&mut out, outcomes)?;
    out.flush().with_context(name)
}
