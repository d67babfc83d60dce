//! What a model says about itself: `Metadata`, `ModelInfo`, `Health`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::{ElementType, Health, Manifest, Metadata, Model, write_model};
use serde_json::{Value, json, to_value};
use support::Source;

fn metadata() -> Value {
    json!({
        "name": "iris-forest",
        "description": "Tells three species apart",
        "model_version": "1.0.0",
        "training_date": "2026-01-01",
        "features": support::IRIS,
        "labels": support::SPECIES,
        "accuracy": 0.96875,
        "framework": "scikit-learn 1.7.2",
        "python_version": "3.12.1",
    })
}

fn with_metadata(source: &Source, metadata: Value) -> (Manifest, Vec<u8>) {
    let mut manifest = source.manifest();
    manifest.metadata = serde_json::from_value(metadata).unwrap();
    let file = write_model(&manifest, &source.payload).unwrap();
    (manifest, file)
}

#[test]
fn every_known_field_has_its_place() {
    let known: Metadata = serde_json::from_value(metadata()).unwrap();
    assert_eq!(known.name.as_deref(), Some("iris-forest"));
    assert_eq!(known.features, support::IRIS);
    assert_eq!(known.labels, support::SPECIES);
    assert_eq!(known.accuracy, Some(0.96875));
    assert_eq!(known.more.len(), 0);
    assert_eq!(to_value(known).unwrap(), metadata());
}

#[test]
fn every_field_may_be_absent() {
    let none: Metadata = serde_json::from_str("{}").unwrap();
    assert_eq!(none, Metadata::default());
    assert_eq!(to_value(none).unwrap(), json!({}));
}

#[test]
fn fields_that_are_not_known_are_kept() {
    let mut fields = metadata();
    fields["licence"] = json!("CC0");
    fields["training"] = json!({"rows": 150, "seeds": [1, null, -2.5, true]});
    let metadata: Metadata = serde_json::from_value(fields.clone()).unwrap();
    assert_eq!(metadata.more.len(), 2);
    assert_eq!(to_value(metadata).unwrap(), fields);
}

#[test]
fn a_known_field_of_the_wrong_type_is_an_error() {
    for (field, value) in [
        ("name", json!(7)),
        ("description", json!(["a"])),
        ("model_version", json!(1.0)),
        ("training_date", json!(20260101)),
        ("features", json!("sepal length")),
        ("features", json!([1, 2])),
        ("labels", json!({"0": "setosa"})),
        ("accuracy", json!("97 %")),
        ("framework", json!(true)),
        ("python_version", json!(3.12)),
    ] {
        let error = serde_json::from_value::<Metadata>(json!({field: value})).unwrap_err().to_string();
        assert!(error.starts_with("invalid type: "), "{field}: {error}");
    }
}

#[test]
fn metadata_survives_the_file() {
    let mut fields = metadata();
    fields["notes"] = json!({"ö": "ü\u{0}\"\\"});
    let (manifest, file) = with_metadata(&support::iris(), fields.clone());
    let parsed = support::parse(&file).unwrap();
    assert_eq!(parsed.manifest, manifest);
    assert_eq!(to_value(parsed.manifest.metadata).unwrap(), fields);
}

#[test]
fn a_model_tells_what_it_is() {
    let (_, file) = with_metadata(&support::iris(), metadata());
    let model = Model::load(file.as_slice(), Some(|_, _| Ok(Box::new(Idle))));
    assert_eq!(
        to_value(model.unwrap().info()).unwrap(),
        json!({
            "name": "iris-forest",
            "description": "Tells three species apart",
            "type": "classifier",
            "features": support::IRIS.map(|name| json!({"name": name, "type": "float32"})),
            "labels": support::SPECIES,
            "inputs": [{"name": "X", "type": "tensor", "element": "float32", "shape": ["N", 4]}],
            "outputs": [
                {"name": "label", "type": "tensor", "element": "int64", "shape": ["N"]},
                {"name": "probabilities", "type": "tensor", "element": "float32", "shape": ["N", 3]},
            ],
            "metadata": metadata(),
            "engine": "idle",
            "size_bytes": file.len(),
        })
    );
}

#[test]
fn each_kind_of_model_tells_its_features_and_labels() {
    let info = support::columns().model().info();
    assert_eq!(to_value(info.model_type).unwrap(), json!("regressor"));
    assert_eq!(
        to_value(info.features).unwrap(),
        json!([
            {"name": "member", "type": "bool"},
            {"name": "city", "type": "string"},
            {"name": "income", "type": "float32"},
            {"name": "age", "type": "int64"},
        ])
    );
    assert!(info.labels.is_empty());

    let info = support::columns_with_missing_values().model().info();
    assert_eq!(
        to_value(info.features).unwrap(),
        json!([
            {"name": "member", "type": "bool"},
            {"name": "city", "type": "string", "missing": true},
            {"name": "income", "type": "float32", "missing": true},
            {"name": "age", "type": "int64"},
        ])
    );

    let info = support::words().model().info();
    assert!(info.features.is_empty());
    assert_eq!(
        to_value(&info.inputs).unwrap(),
        json!([{"name": "counts", "type": "map", "key": "string", "value": "float32"}])
    );

    let info = support::multi_output_classifier().model().info();
    assert_eq!(
        to_value(&info.outputs[1]).unwrap(),
        json!({"name": "probabilities", "type": "sequence", "element": "float32"})
    );

    let info = support::product().model().info();
    assert_eq!(to_value(info.model_type).unwrap(), json!("tensors"));
    assert!(info.features.is_empty());

    let info = support::iris_with_zipmap().model().info();
    assert_eq!(
        to_value(&info.outputs[1]).unwrap(),
        json!({"name": "probabilities", "type": "map_sequence", "keys": [0, 1, 2]})
    );
}

#[test]
fn a_loaded_model_is_healthy() {
    let health = support::iris().model().health();
    assert_eq!(to_value(health).unwrap(), json!({"status": "healthy", "model_loaded": true}));
}

#[test]
fn an_absent_model_is_unhealthy_for_a_reason() {
    assert_eq!(
        to_value(Health::unhealthy("no model was given")).unwrap(),
        json!({"status": "unhealthy", "model_loaded": false, "reason": "no model was given"})
    );
}

#[test]
fn element_types_have_their_numpy_names_in_json() {
    use ElementType::{
        Bool, Float32, Float64, Int8, Int16, Int32, Int64, String, UInt8, UInt16, UInt32, UInt64,
    };
    for element in [Float32, Float64, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64, Bool, String]
    {
        assert_eq!(to_value(element).unwrap(), json!(element.name()));
        assert_eq!(ElementType::named(element.name()), Some(element));
    }
}

struct Idle;

impl edgeinfer_core::Engine for Idle {
    fn name(&self) -> &str {
        "idle"
    }

    fn run(&self, _: &[edgeinfer_core::Value]) -> edgeinfer_core::Result<edgeinfer_core::Values> {
        Ok(edgeinfer_core::Values::new())
    }
}
