//! What a graph has to be before it runs: checked once, so that a run looks at
//! nothing twice.

use crate::plan::Graph;
use crate::{Error, ErrorKind, Result};

/// Checks that every value is made before it is taken; gives the number of
/// values that steps make. The first `given` values are there before the first
/// step.
pub(super) fn values(graph: &Graph, given: usize) -> Result<usize> {
    let mut known = given;
    for (index, step) in graph.steps.iter().enumerate() {
        if step.inputs.iter().flatten().any(|&input| input >= known) {
            let place = super::place(index, step);
            return Err(damaged("takes a value that is not there yet").at(place));
        }
        let made = step.outputs.iter().filter(|taken| **taken).count();
        known = known.checked_add(made).ok_or_else(|| damaged("it has more values than can be counted"))?;
    }
    if graph.outputs.iter().any(|&output| output >= known) {
        return Err(damaged("an output is not there"));
    }
    Ok(known - given)
}

/// For each step the values, counted from `first`, that nobody takes after it.
pub(super) fn releases(graph: &Graph, first: usize) -> Vec<Vec<usize>> {
    let mut last: Vec<Option<usize>> = Vec::new();
    for (index, step) in graph.steps.iter().enumerate() {
        for input in step.inputs.iter().flatten() {
            if let Some(last) = input.checked_sub(first).and_then(|value| last.get_mut(value)) {
                *last = Some(index);
            }
        }
        last.extend(step.outputs.iter().filter(|taken| **taken).map(|_| Some(index)));
    }
    for output in &graph.outputs {
        if let Some(last) = output.checked_sub(first).and_then(|value| last.get_mut(value)) {
            *last = None;
        }
    }
    let mut releases = vec![Vec::new(); graph.steps.len()];
    for (value, last) in last.into_iter().enumerate() {
        if let Some(release) = last.and_then(|index| releases.get_mut(index)) {
            release.push(value);
        }
    }
    releases
}

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::InvalidModel, format!("damaged plan: {what}; compile the model again"))
}
