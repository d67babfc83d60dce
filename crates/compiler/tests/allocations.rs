//! In the steady state a run allocates nothing: buffers are used again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::{EngineSection, Model, ModelFile, Step, Value};
use support::{Fixture, fixtures, value};

/// Texts are allocated one by one; sorting, bodies of control flow, sequences, and
/// what goes through time or among boxes make lists of their own.
const ALLOCATE: [&str; 9] =
    ["TopK", "Scan", "If", "Loop", "SequenceConstruct", "CDist", "GRU", "NonMaxSuppression", "STFT"];
/// A step with more inputs, or outputs, has a list of them on the heap; so has a
/// graph of more outputs.
const MOST_INPUTS: usize = 6;
const MOST_OUTPUTS: usize = 2;

#[test]
fn a_run_allocates_nothing_once_its_buffers_are_there() {
    let mut measured = 0;
    let mut allocating = Vec::new();
    // ONNX's own cases are single operators in the types that models seldom use.
    let usual = |fixture: &Fixture| !fixture.name.starts_with("onnx-") && !has_texts(fixture);
    for fixture in fixtures().into_iter().filter(usual) {
        let file = fixture.compile().unwrap();
        if exempt(&file) {
            continue;
        }
        let model = Model::load(file.as_slice(), None).unwrap();
        let inputs: Vec<Value> = fixture.cases.inputs.iter().map(value).collect();
        let run = || model.recycle(model.run_values(&inputs).unwrap());
        // Buffers go round: each has to become as long as the longest value.
        (0..40).for_each(|_| run());
        measured += 1;
        match allocation_counter::measure(run).count_total {
            0 => {}
            allocations => allocating.push(format!("{}: {allocations}", fixture.name)),
        }
    }
    assert!(measured > 150, "only {measured} models were measured");
    assert!(allocating.is_empty(), "{} of {measured}:\n{}", allocating.len(), allocating.join("\n"));
}

fn has_texts(fixture: &Fixture) -> bool {
    let cases = &fixture.cases;
    cases.inputs.iter().chain(&cases.outputs).any(|value| value.element.contains("string"))
}

fn exempt(file: &[u8]) -> bool {
    match ModelFile::parse(&file.into()).unwrap().manifest.engine {
        EngineSection::Plan(plan) => {
            let has_lists = |step: &Step| {
                ALLOCATE.contains(&step.op.as_str())
                    || step.inputs.len() > MOST_INPUTS
                    || step.outputs.len() > MOST_OUTPUTS
            };
            plan.graph.outputs.len() > MOST_OUTPUTS || plan.graph.steps.iter().any(has_lists)
        }
        EngineSection::Onnx { .. } => true,
    }
}
