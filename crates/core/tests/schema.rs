//! Schemas that contradict themselves are refused when a model is written, and
//! again when it is loaded.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::InvalidModel;
use edgeinfer_core::{Classes, Dim, ElementType, Feature, Schema, Task, ValueSpec, ValueType, write_model};
use support::{assert_error, file_of, n, parse, tensor};

/// Asserts that `change` of the iris model's schema is refused.
#[track_caller]
fn assert_refused(change: impl FnOnce(&mut Schema), message: &str) {
    let mut manifest = support::iris().manifest();
    change(&mut manifest.schema);
    assert_error(manifest.schema.check(), InvalidModel, None, message);
    assert_error(write_model(&manifest, b""), InvalidModel, None, message);
    let file = file_of(&borsh::to_vec(&manifest).unwrap(), b"");
    assert_error(parse(&file), InvalidModel, None, message);
}

fn damaged(what: &str) -> String {
    format!("damaged schema: {what}; compile the model again")
}

#[test]
fn every_model_of_these_tests_has_a_right_schema() {
    for (name, source) in support::all() {
        assert_eq!(source.schema.check(), Ok(()), "{name}");
    }
}

#[test]
fn an_input_is_no_sequence_of_maps() {
    let maps = || ValueType::MapSequence { keys: Classes::Integers(vec![0]) };
    for value in [maps(), ValueType::Optional { of: Box::new(maps()) }] {
        assert_refused(
            |schema| schema.inputs[0] = ValueSpec { name: "X".into(), value },
            &damaged("an input is a sequence of maps"),
        );
    }
}

#[test]
fn the_keys_of_a_map_are_strings_or_int64() {
    for key in [ElementType::Float32, ElementType::Int32, ElementType::Bool] {
        let value = ValueType::Map { key, value: ElementType::Float32 };
        assert_refused(
            |schema| schema.inputs[0] = ValueSpec { name: "X".into(), value },
            &damaged("a map's keys are neither string nor int64"),
        );
    }
}

#[test]
fn a_map_has_no_features_and_may_be_one_of_several_inputs() {
    let mut schema = support::words().schema;
    schema.inputs.push(tensor("X", ElementType::Float32, vec![n(), Dim::symbol("F")]));
    assert_eq!(schema.check(), Ok(()));
    schema.inputs.truncate(1);
    assert_refused(
        |iris| iris.inputs = schema.inputs,
        &damaged("an input with features takes neither one row nor any number of them"),
    );
}

#[test]
fn a_feature_may_be_missing_where_its_type_has_a_value_for_that() {
    use ElementType::{Bool, Float32, Float64, Int8, Int16, Int32, Int64, String, UInt8, UInt64};
    for element in [Float32, Float64, String, Int8, Int16, Int32, Int64, UInt8, UInt64, Bool] {
        let change = |schema: &mut Schema| {
            schema.inputs[0] = tensor("X", element, vec![n(), Dim::Fixed(4)]);
            schema.features[2].missing = true;
        };
        if element.is_float() || element == String {
            let mut schema = support::iris().schema;
            change(&mut schema);
            assert_eq!(schema.check(), Ok(()), "{element}");
        } else {
            assert_refused(change, &damaged("a feature may be missing whose type has no value for that"));
        }
    }
}

#[test]
fn two_inputs_have_two_names() {
    assert_refused(
        |schema| schema.inputs.push(schema.inputs[0].clone()),
        &damaged(r#"two inputs are called "X""#),
    );
}

#[test]
fn two_features_have_two_names() {
    assert_refused(
        |schema| schema.features[3].name = "sepal width".into(),
        r#"two features are called "sepal width"; each needs a name of its own"#,
    );
}

#[test]
fn features_feed_every_column_once() {
    let no_column = damaged("a feature feeds a column that does not exist, or is fed twice");
    assert_refused(|schema| schema.features[0].column = 1, &no_column);
    assert_refused(|schema| schema.features[0].column = 4, &no_column);
    assert_refused(|schema| schema.features[0].input = 1, &no_column);
    assert_refused(|schema| schema.features.push(Feature::new("fifth", 0, 4)), &no_column);
    assert_refused(
        |schema| drop(schema.features.pop()),
        &damaged("an input's row is not made of the features"),
    );
}

#[test]
fn a_row_has_a_fixed_width() {
    let message = damaged("an input's row is not made of the features");
    for row in [Dim::symbol("F"), Dim::Fixed(5), Dim::Fixed(usize::MAX)] {
        let input = tensor("X", ElementType::Float32, vec![n(), row]);
        assert_refused(|schema| schema.inputs[0] = input, &message);
    }
    let input = tensor("X", ElementType::Float32, vec![n(), Dim::Fixed(usize::MAX), Dim::Fixed(2)]);
    assert_refused(|schema| schema.inputs[0] = input, &message);
}

#[test]
fn inputs_are_no_wider_together_than_there_are_features() {
    let wide = |name| tensor(name, ElementType::Float32, vec![n(), Dim::Fixed(3)]);
    assert_refused(
        |schema| schema.inputs = vec![wide("A"), wide("B")],
        &damaged("an input's row is not made of the features"),
    );
}

#[test]
fn a_batch_of_rows_is_free_or_one() {
    let message = damaged("an input with features takes neither one row nor any number of them");
    for batch in [Dim::Fixed(0), Dim::Fixed(2)] {
        let input = tensor("X", ElementType::Float32, vec![batch, Dim::Fixed(4)]);
        assert_refused(|schema| schema.inputs[0] = input, &message);
    }
    assert_refused(|schema| schema.inputs[0] = tensor("X", ElementType::Float32, vec![]), &message);
}

#[test]
fn a_batch_of_any_size_is_right_where_there_are_no_features() {
    let mut schema = support::iris().schema;
    schema.features.clear();
    schema.inputs[0] = tensor("X", ElementType::Float32, vec![Dim::Fixed(8), Dim::symbol("F")]);
    assert_eq!(schema.check(), Ok(()));
}

#[test]
fn a_row_may_have_no_width_of_its_own_or_several_dimensions() {
    let mut schema = support::iris().schema;
    schema.inputs = (0..4).map(|at| tensor(&format!("x{at}"), ElementType::Float32, vec![n()])).collect();
    schema.features = (0..4).map(|at| Feature::new(&format!("x{at}"), at, 0)).collect();
    assert_eq!(schema.check(), Ok(()));
    schema.inputs = vec![tensor("X", ElementType::Float32, vec![n(), Dim::Fixed(2), Dim::Fixed(2)])];
    schema.features = (0..4).map(|at| Feature::new(&format!("x{at}"), 0, at)).collect();
    assert_eq!(schema.check(), Ok(()));
}

#[test]
fn a_task_is_about_the_outputs() {
    let message = damaged("the task does not fit the outputs");
    let task = |label, probabilities, labels: usize| Task::Classification {
        label,
        probabilities,
        classes: Classes::Integers(vec![0, 1, 2]),
        labels: vec![String::new(); labels],
    };
    for task in [
        task(Some(2), Some(1), 3),
        task(Some(0), Some(2), 3),
        task(None, None, 3),
        task(Some(0), Some(1), 2),
        Task::Regression { output: 2 },
    ] {
        assert_refused(|schema| schema.task = task, &message);
    }
}

#[test]
fn a_task_reads_tables() {
    let map = ValueType::Map { key: ElementType::String, value: ElementType::Float32 };
    for value in [map, ValueType::Sequence { element: ElementType::Float32 }] {
        let message = damaged("the task does not fit the outputs");
        assert_refused(|schema| schema.outputs[0].value = value.clone(), &message);
        assert_refused(|schema| schema.outputs[1].value = value.clone(), &message);
        let mut schema = support::iris().schema;
        schema.task = Task::Tensors;
        schema.outputs[1].value = value;
        assert_eq!(schema.check(), Ok(()));
    }
}
