//! What `edgeinfer serve` refuses. What it answers is in tests/host, with the
//! component that `scripts/build` makes.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::net::TcpListener;

use edgeinfer_core::{
    Dim, ElementType, EngineSection, Manifest, Metadata, Schema, Task, ValueSpec, ValueType, write_model,
};
use support::{Folder, assert_names};

/// Serves on any free port, with a component that does not exist: what is
/// looked at before it fails before.
fn refusal(folder: &Folder, args: &[&str]) -> String {
    let common = ["serve", "--addr", "127.0.0.1:0", "--component", "none.wasm"];
    folder.run(&[&common, args].concat()).failed_on_the_way()
}

#[test]
fn a_missing_component_is_named_with_how_to_make_one() {
    let error = refusal(&Folder::empty(), &[]);
    assert_names(&error, &["\nerror: cannot read the component none.wasm", "scripts/build", "No such file"]);
}

#[test]
fn what_is_no_component_is_refused() {
    let folder = Folder::empty();
    folder.write("none.wasm", "hello");
    assert_names(&refusal(&folder, &[]), &["cannot serve none.wasm", "WASI 0.2 component"]);
}

#[test]
fn a_missing_model_is_named() {
    for model in ["none.edge", "none.onnx"] {
        let error = refusal(&Folder::empty(), &[model]);
        assert_names(&error, &["error: cannot read", model, "No such file"]);
    }
}

#[test]
fn an_onnx_model_that_does_not_compile_is_refused() {
    let folder = Folder::empty();
    folder.write("broken.onnx", "broken");
    let error = refusal(&folder, &["broken.onnx"]);
    assert_names(
        &error,
        &["compiling broken.onnx\n", "error: cannot compile broken.onnx: not an ONNX model"],
    );
}

#[test]
fn a_damaged_model_is_told_of_at_once() {
    let folder = Folder::compiled("iris-forest");
    let mut edge = folder.read("model.edge");
    edge.truncate(1000);
    folder.write("model.edge", edge);
    let error = refusal(&folder, &["model.edge"]);
    assert_names(&error, &["warning: model.edge", "503", "damaged compiled model"]);
}

#[test]
fn a_model_without_a_plan_is_told_of_at_once() {
    let folder = Folder::empty();
    let input = ValueSpec {
        name: "X".into(),
        value: ValueType::Tensor { element: ElementType::Float32, shape: vec![Dim::symbol("N")] },
    };
    let schema = Schema { inputs: vec![input], outputs: vec![], features: vec![], task: Task::Tensors };
    let engine = EngineSection::Onnx { refused: vec![] };
    let manifest = Manifest { schema, metadata: Metadata::default(), engine };
    folder.write("model.edge", write_model(&manifest, b"").unwrap());
    let error = folder.run(&["serve", "--addr", "127.0.0.1:0", "model.edge"]).failed_on_the_way();
    assert_names(&error, &["warning: model.edge", "503", "runs on the host alone"]);
    assert_names(&error, &["there is no", "edgeinfer-spin.wasm", "scripts/build"]);
}

#[test]
fn a_missing_folder_of_files_is_named() {
    assert_names(&refusal(&Folder::empty(), &["--www", "none"]), &["the folder none", "No such file"]);
}

#[test]
fn a_taken_port_is_named_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let error = Folder::empty().run(&["serve", "--addr", &addr, "--component", "none.wasm"]).failed();
    assert_names(&error, &[&format!("cannot listen on {addr}"), "another program listens there", "--addr"]);
}
