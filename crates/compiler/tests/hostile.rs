//! No change to a compiled file makes loading or running it panic: files of
//! real models, cut short, with bits flipped, with the fields of their plans
//! swapped, all under a checksum that is right.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod support;

use std::sync::LazyLock;

use edgeinfer_core::{Attribute, EngineSection, Graph, Model, ModelFile, Plan, Value, write_model};
use proptest::prelude::*;
use support::{fixtures, rows, value};
use xxhash_rust::xxh3::xxh3_64;

/// Where the manifest starts.
const HEADER: usize = 64;

/// A compiled model and rows for it.
struct Sample {
    name: String,
    file: Vec<u8>,
    inputs: Vec<(String, Value)>,
    rows: Vec<edgeinfer_core::Features>,
}

/// The models that compile and are small: every kind of operator is among them.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    const SMALL: usize = 20_000;
    let sample = |fixture: support::Fixture| {
        let file = fixture.compile().ok()?;
        let inputs = fixture.cases.inputs.iter().map(|input| (input.name.clone(), value(input))).collect();
        // ONNX's own cases of operators are no rows of features.
        let tabular = !fixture.name.starts_with("onnx-");
        let rows = if tabular { rows(&fixture.cases.inputs) } else { Vec::new() };
        let rows = rows.into_iter().take(2).collect();
        (file.len() < SMALL).then_some(Sample { name: fixture.name, file, inputs, rows })
    };
    fixtures().into_iter().filter_map(sample).collect()
});

/// Loads `file` and runs it, where it loads.
fn survives(sample: &Sample, file: &[u8]) {
    let Ok(model) = Model::load(file, None) else { return };
    _ = model.run(sample.inputs.clone());
    _ = model.predict_batch(&sample.rows);
}

/// `file` with a right checksum.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let checksum = xxh3_64(&file[HEADER..]);
    file[32..40].copy_from_slice(&checksum.to_le_bytes());
    file
}

/// What is done to a plan: by kind, a place, another one, and a number.
type Change = (u8, prop::sample::Index, prop::sample::Index, usize);

/// `file` with a plan to which `changes` were made.
fn changed(file: &[u8], changes: &[Change]) -> Vec<u8> {
    let ModelFile { mut manifest, payload, .. } = ModelFile::parse(&file.into()).unwrap();
    if let EngineSection::Plan(plan) = &mut manifest.engine {
        changes.iter().for_each(|change| apply(change, plan));
    }
    write_model(&manifest, &payload).unwrap()
}

fn apply((kind, place, other, number): &Change, plan: &mut Plan) {
    let Plan { constants, graph: Graph { inputs, steps, outputs } } = plan;
    if !constants.is_empty() && kind % 12 >= 9 {
        let (a, b) = (place.index(constants.len()), other.index(constants.len()));
        let spec = &mut constants[a];
        match kind % 12 {
            9 => spec.shape.iter_mut().skip(other.index(4)).take(1).for_each(|size| *size = *number),
            10 => (spec.start, spec.length) = (*number, *number % 64),
            _ => constants.swap(a, b),
        }
    } else if !steps.is_empty() {
        let (a, b) = (place.index(steps.len()), other.index(steps.len()));
        let mut step = std::mem::take(&mut steps[a]);
        // A step that is swapped with itself stays.
        let other_step = &mut steps[b];
        match kind % 12 {
            0 => std::mem::swap(&mut step.inputs, &mut other_step.inputs),
            1 => std::mem::swap(&mut step.outputs, &mut other_step.outputs),
            2 => std::mem::swap(&mut step.attributes, &mut other_step.attributes),
            3 => std::mem::swap(&mut step.op, &mut other_step.op),
            4 => step.version = *number as u32,
            5 => step.inputs.iter_mut().skip(other.index(4)).take(1).for_each(|input| *input = Some(*number)),
            6 => step.attributes.values_mut().skip(other.index(4)).take(1).for_each(|value| {
                *value = Attribute::Int(*number as i64);
            }),
            7 => outputs.iter_mut().for_each(|output| *output = *number),
            _ => *inputs = *number,
        }
        steps[a] = step;
    }
}

/// A number in place of another.
fn number() -> impl Strategy<Value = usize> {
    prop_oneof![
        0usize..40,
        Just(usize::MAX),
        Just(i64::MAX as usize),
        Just(i64::MIN as usize),
        Just(u32::MAX as usize),
        any::<u32>().prop_map(|number| number as usize),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_cut_short_or_with_flipped_bits_never_panic(
        which: prop::sample::Index, cut: prop::sample::Index, flips: Vec<(prop::sample::Index, u8)>, seal: bool,
    ) {
        let sample = which.get(&SAMPLES);
        survives(sample, &sample.file[..cut.index(sample.file.len())]);
        let mut file = sample.file.clone();
        for (place, bits) in flips.into_iter().take(4) {
            let place = HEADER + place.index(file.len() - HEADER);
            file[place] ^= bits;
        }
        survives(sample, &if seal { sealed(file) } else { file });
    }

    #[test]
    fn flipped_bits_in_weights_never_panic(
        which: prop::sample::Index, flips in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..8),
    ) {
        let sample = which.get(&SAMPLES);
        let mut file = sample.file.clone();
        let start = usize::try_from(u64::from_le_bytes(file[16..24].try_into().unwrap())).unwrap();
        prop_assume!(start < file.len());
        for (place, bits) in flips {
            let place = start + place.index(file.len() - start);
            file[place] ^= bits;
        }
        survives(sample, &sealed(file));
    }

    #[test]
    fn swapped_and_changed_fields_of_a_plan_never_panic(
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<u8>(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), number()), 1..4),
    ) {
        let sample = which.get(&SAMPLES);
        survives(sample, &changed(&sample.file, &changes));
    }
}

#[test]
fn the_samples_run_as_they_are() {
    assert!(SAMPLES.len() > 3, "{}", SAMPLES.len());
    for sample in SAMPLES.iter() {
        let same = changed(&sample.file, &[]);
        for file in [&sample.file, &same] {
            let model =
                Model::load(file.as_slice(), None).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            model.run(sample.inputs.clone()).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        }
    }
}
