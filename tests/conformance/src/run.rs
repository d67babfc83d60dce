//! Runs cases: each is compiled, loaded, run and compared.

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use edgeinfer_compiler::{compile, inspect};
use edgeinfer_core::{Metadata, Model};

use crate::case::Case;
use crate::compare::{Tolerance, compare};
use crate::data::{Files, read};
use crate::emit::emit;
use crate::outcome::{Failure, Outcome, Stage};

/// What becomes of each of `cases`, in their order. Those that compile are written
/// to the folder `emitted`.
pub(crate) fn all(cases: &[Case], threads: Option<usize>, emitted: Option<&Path>) -> Vec<Outcome> {
    // A panic is an outcome: its message is shown with the case.
    let shown = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(cases.len()));
    let work = || {
        while let Some((index, case)) = take(&next, cases) {
            let outcome = one(case, emitted);
            if let Ok(mut done) = done.lock() {
                done.push((index, outcome));
            }
        }
    };
    let threads = threads.or_else(|| thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
    thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(work)));
    panic::set_hook(shown);
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn take<'a>(next: &AtomicUsize, cases: &'a [Case]) -> Option<(usize, &'a Case)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, cases.get(index)?))
}

fn one(case: &Case, emitted: Option<&Path>) -> Outcome {
    let started = Instant::now();
    let (operators, failure) = match read(case) {
        Ok(files) => {
            let failure = panic::catch_unwind(AssertUnwindSafe(|| passes(case, &files, emitted)));
            (files.operators, failure.unwrap_or_else(|panic| Err(panicked(&*panic))).err())
        }
        Err(error) => {
            let cause = error.root_cause().to_string();
            (Vec::new(), Some(Failure::of(Stage::Read, cause, format!("{error:#}"))))
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    Outcome { suite: case.suite, name: case.name.clone(), operators, seconds, failure }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Failure::new(Stage::Panic, text.unwrap_or("without a message"))
}

fn passes(case: &Case, files: &Files, emitted: Option<&Path>) -> Result<(), Failure> {
    let compiled = compile(&files.onnx, Metadata::default()).map_err(|error| refused(files, &error))?;
    if let Some(folder) = emitted {
        let written = emit(folder, case, &compiled, &files.sets);
        written.map_err(|error| Failure::new(Stage::Read, format!("{error:#}")))?;
    }
    let model = Model::load(compiled.as_slice(), None)
        .map_err(|error| Failure::new(Stage::Load, error.to_string()))?;
    let tolerance = Tolerance { rtol: case.rtol, atol: case.atol };
    for set in &files.sets {
        let outputs = model.run(set.inputs.clone());
        let outputs =
            outputs.map_err(|error| Failure::of(Stage::Run, operators(files), error.to_string()))?;
        compare(&outputs, &set.outputs, tolerance)
            .map_err(|difference| Failure::of(Stage::Compare, operators(files), difference))?;
    }
    Ok(())
}

/// Why the compiler did not take the model: the first operator that it refuses.
fn refused(files: &Files, error: &edgeinfer_core::Error) -> Failure {
    let report = inspect(&files.onnx, Metadata::default()).ok();
    match report.and_then(|report| report.problems.into_iter().next()) {
        Some(problem) => {
            let first = problem.refusal;
            let cause = format!("{}: {}", first.operator, first.reason);
            Failure::of(Stage::Compile, cause, format!("{}: {}", first.node, first.reason))
        }
        None => Failure::new(Stage::Compile, error.to_string()),
    }
}

/// The operators of a case, as far as a heading holds them.
fn operators(files: &Files) -> String {
    const SHOWN: usize = 4;
    let mut names: Vec<_> = files.operators.iter().take(SHOWN).map(String::as_str).collect();
    if files.operators.len() > SHOWN {
        names.push("…");
    }
    names.join(", ")
}
