//! `edgeinfer predict`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use support::{FEATURES, Folder, Ran, SETOSA, assert_names};

const VIRGINICA: [f64; 4] = [6.3, 3.4, 5.6, 2.4];

fn iris() -> Folder {
    Folder::compiled("iris-forest")
}

fn predict(folder: &Folder, args: &[&str]) -> Ran {
    folder.run(&[&["predict", "model.edge"], args].concat())
}

/// The iris row as an object by feature name.
fn named(row: [f64; 4]) -> Value {
    FEATURES.into_iter().zip(row).map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// The labels that were printed, a line per row.
fn labels(text: &str) -> Vec<&str> {
    text.lines().map(|line| line.split('\t').next().unwrap()).collect()
}

#[test]
fn a_row_is_values_a_json_array_or_a_json_object() {
    let folder = iris();
    let object = named([5.1, 3.5, 1.4, 0.2]).to_string();
    for row in [SETOSA, " 5.1, 3.5, 1.4, 0.2", "51e-1,3.5,1.4,.2", "[5.1, 3.5, 1.4, 0.2]", &object] {
        assert_eq!(predict(&folder, &["--features", row]).succeeded(), "setosa\t1.0000\n", "{row}");
    }
    let negative = predict(&folder, &["--features", "-5.1,3.5,1.4,0.2"]).succeeded();
    assert_eq!(labels(&negative), ["setosa"]);
}

#[test]
fn an_onnx_model_gives_the_same() {
    let folder = iris();
    let compiled = predict(&folder, &["--features", SETOSA, "--json"]).succeeded();
    let onnx = folder.run(&["predict", "model.onnx", "--features", SETOSA, "--json"]).succeeded();
    assert_eq!(onnx, compiled);
    assert_eq!(folder.names(), ["model.edge", "model.onnx", "model_metadata.json"]);
}

#[test]
fn json_holds_the_whole_prediction() {
    let prediction = predict(&iris(), &["--features", SETOSA, "--json"]).json();
    assert_eq!(prediction["prediction"], 0);
    assert_eq!(prediction["label"], "setosa");
    assert_eq!(prediction["probabilities"].as_array().unwrap().len(), 3);
    assert_eq!(prediction["confidence"], prediction["probabilities"][0]);
}

#[test]
fn a_regressor_gives_its_value() {
    let folder = Folder::compiled("diabetes-ridge");
    let row = "54,2,36.1,115,163,98.4,43,4,4.6821,101";
    let text = predict(&folder, &["--features", row]).succeeded();
    let prediction = predict(&folder, &["--features", row, "--json"]).json();
    assert_eq!(prediction, json!({ "prediction": text.trim().parse::<f64>().unwrap() }));
}

#[test]
fn a_file_of_rows_gives_a_line_per_row() {
    let folder = iris();
    let [setosa, virginica] = [[5.1, 3.5, 1.4, 0.2], VIRGINICA];
    folder.write("rows.json", json!([setosa, virginica, named(setosa)]).to_string());
    let lines =
        |[a, b]: [[f64; 4]; 2]| format!("{}\n{a:?}\n {b:?} \n", FEATURES.join(",")).replace(['[', ']'], "");
    folder.write("rows.csv", lines([setosa, virginica]));
    folder.write("row.json", json!(virginica).to_string());
    folder.write("named.json", named(virginica).to_string());
    for (file, expected) in [
        ("rows.json", &["setosa", "virginica", "setosa"][..]),
        ("rows.csv", &["setosa", "virginica"]),
        ("row.json", &["virginica"]),
        ("named.json", &["virginica"]),
    ] {
        assert_eq!(labels(&predict(&folder, &["--input", file]).succeeded()), expected, "{file}");
        let text = predict(&folder, &["--input", file, "--json"]).succeeded();
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found: Vec<_> = rows.iter().map(|row| row["label"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{file}");
    }
}

#[test]
fn columns_of_csv_go_by_name_in_any_order() {
    let folder = iris();
    let mut columns: Vec<_> = FEATURES.into_iter().zip(VIRGINICA).collect();
    columns.reverse();
    let header: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| value.to_string()).collect();
    // As spreadsheets write it: a byte order mark, quotes, lines that end in \r\n.
    folder.write("rows.csv", format!("\u{feff}{}\r\n{}\r\n", header.join(","), values.join(", ")));
    assert_eq!(labels(&predict(&folder, &["--input", "rows.csv"]).succeeded()), ["virginica"]);
}

#[test]
fn rows_come_from_standard_input() {
    let folder = iris();
    let piped = |rows: &str| {
        let mut command = folder.command(&["predict", "model.edge", "--input", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(rows.as_bytes()).unwrap();
        Ran::from(child.wait_with_output().unwrap())
    };
    let rows = json!([[5.1, 3.5, 1.4, 0.2], VIRGINICA]).to_string();
    assert_eq!(labels(&piped(&rows).succeeded()), ["setosa", "virginica"]);
    let error = piped("[[1, 2, 3, 4], [1, 2]]").failed();
    assert_names(&error, &["standard input", "[1].features", "expected 4 values", "got 2"]);
}

#[test]
fn a_wrong_row_is_named_with_what_was_expected_and_what_came() {
    let folder = iris();
    for (row, parts) in [
        ("5.1,3.5,1.4", ["expected 4 values", "petal width (cm)", "got 3"]),
        ("5.1,3.5,1.4,abc", ["features[3]", "petal width (cm): expected a number", "\"abc\""]),
        ("5.1,3.5,1.4,NaN", ["features[3]", "expected a finite number", "NaN"]),
        ("5.1,3.5,1.4,1e300", ["features[3]", "float32", "1e300"]),
        ("[5.1, 3.5, 1.4, null]", ["features[3]", "expected a number", "null"]),
        ("[5.1", ["--features", "not valid JSON", "EOF"]),
        (r#"{"sepal length": 5.1}"#, ["sepal length", "no such feature", "did you mean"]),
    ] {
        assert_names(&predict(&folder, &["--features", row]).failed(), &parts);
    }
}

#[test]
fn a_wrong_file_of_rows_is_named_with_its_row() {
    let folder = iris();
    let header = FEATURES.join(",");
    for (file, content, parts) in [
        ("rows.json", "[[1,2,3,4],[1,2,3]]".to_owned(), ["[1].features", "expected 4 values", "got 3"]),
        (
            "rows.json",
            "[[1,2,3,4],[1,2,true,4]]".to_owned(),
            ["[1].features[2]", "expected a number", "true"],
        ),
        ("rows.json", "hello".to_owned(), ["cannot read rows", "expected rows in JSON", "line 1"]),
        ("rows.json", "\"hello\"".to_owned(), ["cannot read rows", "string \"hello\"", "array"]),
        ("rows.json", String::new(), ["cannot read rows", "expected rows in JSON", "EOF"]),
        ("rows.json", "[]".to_owned(), ["cannot predict", "features", "got 0"]),
        ("rows.csv", format!("{header}\n1,2,3,4\n1,2,3\n"), ["cannot read rows", "line: 3", "3 fields"]),
        ("rows.csv", format!("{header}\n1,2,3,4\n1,2,x,4\n"), ["[1].features", "petal length", "\"x\""]),
        ("rows.csv", format!("{header}\n"), ["cannot predict", "empty", "at least one row"]),
        ("rows.csv", "1,2,3,4\n5,6,7,8\n".to_owned(), ["features[\"1\"]", "no such feature", "sepal"]),
    ] {
        folder.write(file, content);
        let error = predict(&folder, &["--input", file]).failed();
        assert_names(&error, &parts);
        assert_names(&error, &[file]);
    }
    let error = predict(&folder, &["--input", "none.json"]).failed();
    assert_names(&error, &["none.json", "No such file"]);
}

#[test]
fn a_missing_model_is_named() {
    let error = Folder::empty().run(&["predict", "none.edge", "--features", SETOSA]).failed();
    assert_names(&error, &["cannot read none.edge", "No such file"]);
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let folder = iris();
    folder.write("rows.json", json!(vec![[5.1, 3.5, 1.4, 0.2]; 300]).to_string());
    for args in [
        &["predict", "model.edge", "--input", "rows.json", "--json"][..],
        &["predict", "model.edge", "--features", SETOSA],
        &["inspect", "model.edge"],
        &["inspect", "model.edge", "--json"],
        &["compile", "model.onnx"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.command(args).stdout(writer).output().unwrap();
        assert_eq!(Ran::from(output).succeeded(), "", "{args:?}");
    }
}
