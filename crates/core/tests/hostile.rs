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

/// Where every value of a JSON document is, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

#[derive(Clone, Debug)]
enum Change {
    Replace(prop::sample::Index, Value),
    Swap(prop::sample::Index, prop::sample::Index),
    Remove(prop::sample::Index),
    Repeat(prop::sample::Index),
}

impl Change {
    fn apply(&self, document: &mut Value) {
        let mut all = Vec::new();
        places(document, "", &mut all);
        match self {
            Self::Replace(at, value) => {
                if let Some(place) = document.pointer_mut(at.get(&all).as_str()) {
                    *place = value.clone();
                }
            }
            Self::Swap(a, b) => {
                let (a, b) = (a.get(&all), b.get(&all));
                if let (Some(left), Some(right)) =
                    (document.pointer(a).cloned(), document.pointer(b).cloned())
                {
                    *document.pointer_mut(a).unwrap() = right;
                    // Gone where b was within a.
                    if let Some(place) = document.pointer_mut(b) {
                        *place = left;
                    }
                }
            }
            Self::Remove(at) => {
                let Some((parent, name)) = at.get(&all).rsplit_once('/') else { return };
                match document.pointer_mut(parent) {
                    Some(Value::Array(items)) => drop(items.remove(name.parse().unwrap())),
                    Some(Value::Object(fields)) => drop(fields.remove(name)),
                    _ => {}
                }
            }
            Self::Repeat(at) => {
                if let Some(Value::Array(items)) = document.pointer_mut(at.get(&all).as_str())
                    && let Some(item) = items.last().cloned()
                {
                    items.push(item);
                }
            }
        }
    }
}

/// Values that a manifest holds somewhere, and some that it never does.
fn json_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(1),
            json!(2),
            json!(5),
            json!(-1),
            json!(4_000_000_000u64),
            json!(u64::MAX),
            json!(0.5),
            json!("N"),
            json!("M"),
            json!(""),
            json!("float64"),
            json!("int64"),
            json!("bool"),
            json!("string"),
            json!("uint8"),
            json!("regression"),
            json!("classification"),
            json!("tensors"),
            json!("map_sequence"),
            json!([]),
            json!({}),
            json!([0, 1]),
            json!(["a", "b", "c"]),
            json!([1, 4]),
            json!(["N"]),
            json!(["N", 2, 2]),
            json!({"name": "x", "input": 0, "column": 0}),
            json!({"name": "x", "input": 0, "column": 0, "missing": true}),
            json!({"name": "x", "type": "map", "key": "string", "value": "float32"}),
            json!({"name": "x", "type": "map", "key": "int64", "value": "string"}),
            json!({"name": "x", "type": "map", "key": "bool", "value": "bool"}),
            json!({"name": "x", "type": "sequence", "element": "float32"}),
            json!({"plan": {"constants": [], "graph": {"inputs": 1, "steps": [], "outputs": [0, 0]}}}),
        ]),
        any::<i64>().prop_map(|number| json!(number)),
        ".{0,8}".prop_map(|text| json!(text)),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        4 => (at(), json_value()).prop_map(|(at, value)| Change::Replace(at, value)),
        2 => (at(), at()).prop_map(|(a, b)| Change::Swap(a, b)),
        1 => at().prop_map(Change::Remove),
        1 => at().prop_map(Change::Repeat),
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
    fn random_bytes_after_the_magic_are_an_error(bytes in vec(any::<u8>(), 0..300), version in 0u32..4) {
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
        let mut manifest = serde_json::to_value(source.manifest()).unwrap();
        for change in &changes {
            change.apply(&mut manifest);
        }
        survives(&file_of(manifest.to_string().as_bytes(), json!(outputs).to_string().as_bytes()));
    }

    #[test]
    fn an_unchanged_manifest_with_any_outputs_does_not_panic(
        model in any::<prop::sample::Index>(),
        outputs in vec(output(), 1..3),
    ) {
        let models = support::all();
        let (name, source) = model.get(&models);
        let manifest = serde_json::to_vec(&source.manifest()).unwrap();
        prop_assert!(survives(&file_of(&manifest, json!(outputs).to_string().as_bytes())), "{}", name);
    }
}
