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

use edgeinfer_core::{Model, Value};
use proptest::prelude::*;
use serde_json::Value as Json;
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

fn manifest(file: &[u8]) -> Json {
    let length = usize::try_from(u64::from_le_bytes(file[8..16].try_into().unwrap())).unwrap();
    serde_json::from_slice(&file[HEADER..HEADER + length]).unwrap()
}

/// `file` with another manifest.
fn with_manifest(file: &[u8], manifest: &Json) -> Vec<u8> {
    let start = usize::try_from(u64::from_le_bytes(file[16..24].try_into().unwrap())).unwrap();
    let manifest = serde_json::to_vec(manifest).unwrap();
    let moved = (HEADER + manifest.len()).next_multiple_of(64);
    let mut changed = file[..HEADER].to_vec();
    changed[8..16].copy_from_slice(&(manifest.len() as u64).to_le_bytes());
    changed[16..24].copy_from_slice(&(moved as u64).to_le_bytes());
    changed.extend_from_slice(&manifest);
    changed.resize(moved, 0);
    changed.extend_from_slice(&file[start..]);
    sealed(changed)
}

/// `file` with a right checksum.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let checksum = xxh3_64(&file[HEADER..]);
    file[32..40].copy_from_slice(&checksum.to_le_bytes());
    file
}

/// Where every value below `/engine` is.
fn places(json: &Json, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match json {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), found));
        }
        Json::Object(fields) => fields.iter().for_each(|(name, field)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            places(field, &format!("{at}/{name}"), found);
        }),
        _ => {}
    }
}

/// A number in place of another.
fn number() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-3i64..40).prop_map(Json::from),
        Just(Json::from(i64::MAX)),
        Just(Json::from(i64::MIN)),
        Just(Json::from(u64::MAX)),
        Just(Json::from(u32::MAX)),
        any::<u32>().prop_map(Json::from),
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
        which: prop::sample::Index, swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..3),
        numbers in prop::collection::vec((any::<prop::sample::Index>(), number()), 0..3),
    ) {
        let sample = which.get(&SAMPLES);
        let mut json = manifest(&sample.file);
        let mut all = Vec::new();
        places(&json["engine"], "/engine", &mut all);
        for (a, b) in swaps {
            let (a, b): (&String, &String) = (a.get(&all), b.get(&all));
            let (Some(left), Some(right)) = (json.pointer(a).cloned(), json.pointer(b).cloned()) else { continue };
            if let Some(place) = json.pointer_mut(a) { *place = right; }
            if let Some(place) = json.pointer_mut(b) { *place = left; }
        }
        for (place, number) in numbers {
            let place: &String = place.get(&all);
            if let Some(place) = json.pointer_mut(place).filter(|value| value.is_number()) {
                *place = number;
            }
        }
        survives(sample, &with_manifest(&sample.file, &json));
    }
}

#[test]
fn the_samples_run_as_they_are() {
    assert!(SAMPLES.len() > 3, "{}", SAMPLES.len());
    for sample in SAMPLES.iter() {
        let same = with_manifest(&sample.file, &manifest(&sample.file));
        for file in [&sample.file, &same] {
            let model =
                Model::load(file.as_slice(), None).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
            model.run(sample.inputs.clone()).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        }
    }
}
