//! No bytes make `Model::load` panic, and no model that it loads makes
//! `predict` or `run` panic: random bytes, and whole files with a right
//! checksum around a changed manifest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::{
    Classes, Dim, ElementType, FeatureValue, Features, Map, Model, Tensor, TensorData, ValueType,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{file_of, parse, scripted};

/// Loads the bytes and, where that works, asks everything that can be asked.
/// True where the model loaded.
fn survives(bytes: &[u8]) -> bool {
    let Ok(model) = Model::load(bytes, Some(scripted)) else { return false };
    for row in rows(&model) {
        _ = model.predict(&row).map(|prediction| serde_json::to_string(&prediction));
        _ = model.predict_batch(&[row.clone(), row]);
    }
    for size in [0, 1, 3] {
        _ = inputs(&model, size).map(|inputs| model.run(inputs));
    }
    _ = model.run::<Tensor>(vec![]);
    _ = (serde_json::to_string(&model.info()), model.health(), format!("{model:?}"));
    true
}

/// Rows that fit the model's features as its own schema gives them, one that
/// fits by name, and some that do not fit.
fn rows(model: &Model) -> Vec<Features> {
    let schema = model.schema();
    let element = |input: usize| match schema.inputs.get(input).map(|input| &input.value) {
        Some(ValueType::Tensor { element, .. }) => *element,
        _ => ElementType::Float32,
    };
    let value = |element| match element {
        ElementType::Bool => FeatureValue::Bool(true),
        ElementType::String => FeatureValue::String("Bern".into()),
        _ => FeatureValue::Integer(1),
    };
    let entry = |name: &str, element| (name.to_owned(), value(element));
    let map = match schema.inputs.first().map(|input| &input.value) {
        Some(ValueType::Map { value, .. }) => vec![entry("7", *value), entry("-1", *value)],
        _ => vec![],
    };
    let fitting: Vec<_> = schema.features.iter().map(|feature| value(element(feature.input))).collect();
    let missing = schema.features.iter().zip(&fitting);
    let missing = missing.map(|(feature, value)| if feature.missing { &FeatureValue::Null } else { value });
    let names = schema.features.iter().map(|feature| feature.name.clone());
    let named = names.zip(fitting.clone()).rev().collect();
    vec![
        Features::Positional(missing.cloned().collect()),
        Features::Positional(fitting),
        Features::Named(named),
        Features::Named([map.clone(), vec![("7".into(), FeatureValue::Null)]].concat()),
        Features::Named([map.clone(), vec![entry("red", ElementType::Float32)]].concat()),
        Features::Named(map),
        Features::Positional(vec![FeatureValue::Null; schema.features.len()]),
        Features::Positional(vec![]),
        Features::Named(vec![(String::new(), FeatureValue::Array)]),
    ]
}

/// Tensors of the shapes that the schema asks for, with `size` for what is
/// free, and maps of that size. None where they are too large to be made.
fn inputs(model: &Model, size: usize) -> Option<Vec<(String, edgeinfer_core::Value)>> {
    let tensor = |element: ElementType, shape: Vec<usize>| {
        let count = shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim))?;
        let count = Some(count).filter(|&count| count < 10_000)?;
        let data = match element {
            ElementType::Float64 => TensorData::Float64(vec![1.0; count]),
            ElementType::Int64 => TensorData::Int64(vec![1; count]),
            ElementType::Bool => TensorData::Bool(vec![true; count]),
            ElementType::String => TensorData::String(vec![String::new(); count]),
            _ => TensorData::Float32(vec![1.0; count]),
        };
        Tensor::new(shape, data).ok()
    };
    let value = |value: &ValueType| match value {
        ValueType::Tensor { element, shape } => {
            let size = |dim: &Dim| if let Dim::Fixed(fixed) = dim { *fixed } else { size };
            tensor(*element, shape.iter().map(size).collect()).map(Into::into)
        }
        ValueType::Map { key, value } => {
            let keys = 0..i64::try_from(size).ok()?;
            let keys = match key {
                ElementType::Int64 => Classes::Integers(keys.collect()),
                _ => Classes::Strings(keys.map(|key| key.to_string()).collect()),
            };
            Some(Map { keys, values: tensor(*value, vec![size])? }.into())
        }
        _ => None,
    };
    model.schema().inputs.iter().map(|input| Some((input.name.clone(), value(&input.value)?))).collect()
}

/// What is done to the bytes of a manifest: numbers are written in little-endian
/// order, lengths in four bytes, indices and sizes in eight.
#[derive(Clone, Debug)]
enum Change {
    Replace(prop::sample::Index, Vec<u8>),
    Swap(prop::sample::Index, prop::sample::Index, usize),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
}

impl Change {
    fn apply(&self, manifest: &mut Vec<u8>) {
        // A change before may have left next to nothing.
        let room = |length: &usize| manifest.len().checked_sub(*length).map(|most| most + 1);
        match self {
            Self::Replace(at, bytes) => {
                let Some(room) = room(&bytes.len()) else { return };
                let at = at.index(room);
                manifest[at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Swap(a, b, length) => {
                let Some(room) = room(length) else { return };
                let (a, b) = (a.index(room), b.index(room));
                (0..*length).for_each(|offset| manifest.swap(a + offset, b + offset));
            }
            Self::Remove(at, length) => {
                let Some(room) = room(length) else { return };
                let at = at.index(room);
                manifest.drain(at..at + length);
            }
            Self::Repeat(at, length) => {
                let Some(room) = room(length) else { return };
                let at = at.index(room);
                let bytes = manifest[at..at + length].to_vec();
                manifest.splice(at..at, bytes);
            }
        }
    }
}

/// Numbers that a manifest holds somewhere, and some that it never does.
fn number() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![
        4 => 0..8u64,
        1 => prop::sample::select(vec![64, 1 << 20, 4_000_000_000, u64::MAX]),
        1 => any::<u64>(),
    ];
    let width = prop::sample::select(vec![1usize, 4, 8]);
    (number, width).prop_map(|(number, width)| number.to_le_bytes()[..width].to_vec())
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    let length = || prop::sample::select(vec![1usize, 4, 8, 9]);
    prop_oneof![
        6 => (at(), number()).prop_map(|(at, bytes)| Change::Replace(at, bytes)),
        2 => (at(), at(), length()).prop_map(|(a, b, length)| Change::Swap(a, b, length)),
        1 => (at(), length()).prop_map(|(at, length)| Change::Remove(at, length)),
        1 => (at(), length()).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

/// An output for the scripted engine.
fn output() -> impl Strategy<Value = Value> {
    let shape = prop_oneof![
        4 => prop::sample::select(vec![vec![], vec![1], vec![2], vec![1, 3], vec![2, 3], vec![1, 1], vec![2, 1]]),
        1 => vec(0usize..4, 0..4),
    ];
    let data = prop::sample::select(vec!["float32", "float64", "int64", "uint64", "bool", "string"]);
    let keys =
        prop::sample::select(vec![json!(null), json!(null), json!([0, 1, 2]), json!(["a"]), json!([])]);
    let kind = prop::sample::select(vec!["keys", "keys", "map", "sequence"]);
    (shape, data, keys, kind).prop_map(|(shape, name, keys, kind)| {
        let element = match name {
            "float32" | "float64" => json!(0.25),
            "bool" => json!(true),
            "string" => json!("setosa"),
            _ => json!(1),
        };
        let data = vec![element; shape.iter().product()];
        if kind == "sequence" {
            return json!({"sequence": [{"shape": shape, name: data}]});
        }
        json!({"shape": shape, name: data, kind: keys})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn random_bytes_are_an_error(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn random_bytes_after_the_magic_are_an_error(bytes in vec(any::<u8>(), 0..300), version in 0u32..6) {
        let mut file = b"EDGE".to_vec();
        file.extend(version.to_le_bytes());
        file.extend(bytes);
        prop_assert!(parse(&file).is_err());
    }

    #[test]
    fn a_random_manifest_in_a_right_file_does_not_panic(
        manifest in vec(any::<u8>(), 0..200),
        payload in vec(any::<u8>(), 0..100),
    ) {
        survives(&file_of(&manifest, &payload));
    }

    #[test]
    fn a_changed_manifest_in_a_right_file_does_not_panic(
        model in any::<prop::sample::Index>(),
        changes in vec(change(), 0..3),
        outputs in vec(output(), 0..4),
    ) {
        let models = support::all();
        let (_, source) = model.get(&models);
        let mut manifest = borsh::to_vec(&source.manifest()).unwrap();
        for change in &changes {
            change.apply(&mut manifest);
        }
        survives(&file_of(&manifest, json!(outputs).to_string().as_bytes()));
    }

    #[test]
    fn an_unchanged_manifest_with_any_outputs_does_not_panic(
        model in any::<prop::sample::Index>(),
        outputs in vec(output(), 1..3),
    ) {
        let models = support::all();
        let (name, source) = model.get(&models);
        let manifest = borsh::to_vec(&source.manifest()).unwrap();
        prop_assert!(survives(&file_of(&manifest, json!(outputs).to_string().as_bytes())), "{}", name);
    }
}
