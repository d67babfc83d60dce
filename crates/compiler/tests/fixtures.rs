//! Every fixture, natively: compiled to a plan, loaded, and equal to what
//! onnxruntime gave. A fixture is a folder of `tests/fixtures`; nothing here
//! names one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::{EngineSection, Features, Model, ModelFile, Outcome, Task, Value};
use support::{Fixture, compare, exclusions, fixtures, rows, value};

#[test]
fn every_fixture_runs_on_the_compiled_engine_unless_it_is_excluded() {
    let exclusions = exclusions();
    let names: Vec<_> = fixtures().into_iter().map(|fixture| fixture.name).collect();
    let unknown: Vec<_> = exclusions.keys().filter(|name| !names.contains(name)).collect();
    assert!(unknown.is_empty(), "excluded, but no fixtures: {unknown:?}");
    report(|fixture| match (outputs(fixture), exclusions.contains_key(&fixture.name)) {
        (Ok(()), true) => Err("passes; take it off tests/fixtures/exclusions.json".to_owned()),
        (Err(_), true) | (Ok(()), false) => Ok(()),
        (Err(reason), false) => Err(reason),
    });
}

/// Runs the fixture's inputs as named tensors, one run after the other on the
/// same model; what is wrong with the outputs.
fn outputs(fixture: &Fixture) -> Result<(), String> {
    let model = compiled(fixture)?;
    for (index, (given, wanted)) in fixture.cases.runs().enumerate() {
        let inputs = given.iter().map(|input| (input.name.clone(), value(input))).collect();
        let outputs = model.run::<Value>(inputs).map_err(|error| format!("run {index}: {error}"))?;
        assert_eq!(outputs.len(), wanted.len());
        for ((name, given), wanted) in outputs.iter().zip(wanted) {
            assert_eq!(name, &wanted.name);
            compare(given, &value(wanted), fixture.cases.tolerance)
                .map_err(|reason| format!("run {index}: {name}: {reason}"))?;
        }
    }
    Ok(())
}

/// The fixture's model on edgeinfer's own runtime.
fn compiled(fixture: &Fixture) -> Result<Model, String> {
    let file = fixture.compile().map_err(|error| error.to_string())?;
    match ModelFile::parse(&file.as_slice().into()).unwrap().manifest.engine {
        EngineSection::Plan(_) => Model::load(file.as_slice(), None).map_err(|error| error.to_string()),
        EngineSection::Onnx { refused } => Err(format!("refused: {refused:?}")),
    }
}

#[test]
fn rows_of_features_give_the_same_answers_one_by_one_by_name_and_as_a_batch() {
    report(|fixture| {
        let Ok(model) = compiled(fixture) else { return Ok(()) };
        // ONNX's own cases of operators are no rows of features.
        let one_row = fixture.name.starts_with("onnx-");
        if one_row || matches!(model.schema().task, Task::Tensors) || model.schema().features.is_empty() {
            return Ok(());
        }
        let rows = rows(&fixture.cases.inputs);
        let batch = model.predict_batch(&rows).map_err(|error| format!("batch: {error}"))?;
        assert_eq!(batch.len(), rows.len());
        for (index, (row, answer)) in rows.iter().zip(&batch).enumerate() {
            let alone = model.predict(row).map_err(|error| format!("row {index}: {error}"))?;
            let by_name = model.predict(&named(&model, row)).map_err(|error| format!("by name: {error}"))?;
            assert_eq!(format!("{alone:?}"), format!("{by_name:?}"));
            check(fixture, &model, index, &alone.prediction)?;
            check(fixture, &model, index, &answer.prediction)?;
        }
        Ok(())
    });
}

fn named(model: &Model, row: &Features) -> Features {
    let Features::Positional(values) = row else { panic!("not positional") };
    let names = model.schema().features.iter().map(|feature| feature.name.clone());
    Features::Named(names.zip(values.clone()).rev().collect())
}

/// The first output says what the prediction of a row is.
fn check(fixture: &Fixture, model: &Model, row: usize, prediction: &Outcome) -> Result<(), String> {
    let index = match model.schema().task {
        Task::Classification { label: Some(index), .. } | Task::Regression { output: index } => index,
        _ => return Ok(()),
    };
    let wanted = &fixture.cases.outputs[index];
    let width = wanted.data.len() / fixture.cases.inputs[0].shape[0];
    let wanted: Vec<_> = wanted.data[row * width..(row + 1) * width].to_vec();
    let given = match serde_json::to_value(prediction).unwrap() {
        serde_json::Value::Array(values) => values,
        value => vec![value],
    };
    let close = given.iter().zip(&wanted).all(|(given, wanted)| match (given.as_f64(), wanted.as_f64()) {
        (Some(given), Some(wanted)) => {
            (given - wanted).abs() <= fixture.cases.tolerance * wanted.abs().max(1.0)
        }
        _ => given == wanted,
    });
    if close { Ok(()) } else { Err(format!("row {row}: {given:?} instead of {wanted:?}")) }
}

#[test]
fn the_schema_carries_the_names_and_labels_of_the_metadata() {
    report(|fixture| {
        let Ok(model) = fixture.load() else { return Ok(()) };
        let info = model.info();
        if !info.metadata.features.is_empty() && !info.features.is_empty() {
            let names: Vec<_> = info.features.iter().map(|feature| feature.name.clone()).collect();
            assert_eq!(names, info.metadata.features, "{}", fixture.name);
        }
        if !info.metadata.labels.is_empty() {
            assert_eq!(info.labels, info.metadata.labels, "{}", fixture.name);
        }
        assert_eq!(info.name.as_deref(), Some(fixture.name.as_str()));
        Ok(())
    });
}

/// Fails with everything that is wrong with any fixture.
fn report(check: impl Fn(&Fixture) -> Result<(), String>) {
    let failed: Vec<_> = fixtures()
        .iter()
        .filter_map(|fixture| Some(format!("{}: {}", fixture.name, check(fixture).err()?)))
        .collect();
    assert!(failed.is_empty(), "{} fixtures fail:\n{}", failed.len(), failed.join("\n"));
}
