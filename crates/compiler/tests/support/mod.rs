//! Fixtures: folders of `tests/fixtures` with a model, its metadata, and the
//! answers that onnxruntime gave.

#![allow(dead_code, unused_imports, reason = "each test file uses what it needs")]

mod compare;
mod values;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use edgeinfer_compiler::{compile, parse_metadata};
use edgeinfer_core::{Model, Result};
use serde::Deserialize;

pub(crate) use compare::compare;
pub(crate) use values::{rows, value};

/// The content of `cases.json`.
#[derive(Deserialize)]
pub(crate) struct Cases {
    pub(crate) inputs: Vec<Named>,
    pub(crate) outputs: Vec<Named>,
    pub(crate) tolerance: f64,
    /// The same of other shapes.
    #[serde(default)]
    pub(crate) more: Vec<Run>,
}

/// What is given, and what comes of it.
#[derive(Deserialize)]
pub(crate) struct Run {
    pub(crate) inputs: Vec<Named>,
    pub(crate) outputs: Vec<Named>,
}

impl Cases {
    /// The inputs and outputs of every run.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (&[Named], &[Named])> {
        let more = self.more.iter().map(|run| (run.inputs.as_slice(), run.outputs.as_slice()));
        std::iter::once((self.inputs.as_slice(), self.outputs.as_slice())).chain(more)
    }
}

/// A tensor, maps, or a sequence, with its elements as JSON.
#[derive(Clone, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) element: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<serde_json::Value>,
    pub(crate) keys: Option<Vec<serde_json::Value>>,
}

pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) cases: Cases,
}

impl Fixture {
    /// The compiled file.
    pub(crate) fn compile(&self) -> Result<Vec<u8>> {
        let read = |name| fs::read(self.folder.join(name)).unwrap();
        compile(&read("model.onnx"), parse_metadata(&read("model_metadata.json"))?)
    }

    /// The model.
    pub(crate) fn load(&self) -> Result<Model> {
        Model::load(self.compile()?.as_slice(), None)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// Every fixture, by name.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let mut folders: Vec<_> = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("model.onnx").exists());
    folders.sort();
    assert!(!folders.is_empty());
    folders.into_iter().map(fixture).collect()
}

fn fixture(folder: PathBuf) -> Fixture {
    let cases = serde_json::from_slice(&fs::read(folder.join("cases.json")).unwrap()).unwrap();
    Fixture { name: folder.file_name().unwrap().to_string_lossy().into_owned(), folder, cases }
}

/// The fixtures that edgeinfer's own runtime cannot run, with the reason of
/// each.
pub(crate) fn exclusions() -> BTreeMap<String, String> {
    serde_json::from_slice(&fs::read(root().join("exclusions.json")).unwrap()).unwrap()
}
