//! The cases of the onnx wheel's folder of data, as onnx's own loader finds them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// The suites with a folder for each case, and that of networks.
const FOLDERS: [&str; 4] = ["node", "simple", "pytorch-operator", "pytorch-converted"];
/// Where the networks' names and tolerances are.
const NETWORKS: &str = "real";

/// One case: a model, and what it is to give.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) suite: &'static str,
    /// The name of its folder.
    pub(crate) name: String,
    pub(crate) model: PathBuf,
    pub(crate) data: Data,
    /// How far a number may be off, relative to the expected one.
    pub(crate) rtol: f64,
    /// How far it may be off besides.
    pub(crate) atol: f64,
}

/// Where the inputs and the expected outputs are.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// In folders `test_data_set_*` of this one.
    Folder(PathBuf),
    /// The inputs are made up as onnx's runner makes them up; the outputs are in
    /// files that start with this path.
    MadeUp(PathBuf),
}

/// What may be in a file `data.json`.
#[derive(Deserialize)]
struct Told {
    url: Option<String>,
    rtol: Option<f64>,
    atol: Option<f64>,
}

impl Case {
    /// The name by which lists call it.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.suite, self.name)
    }
}

/// The cases in `data` with `only` in their names, by suite and name.
///
/// # Errors
///
/// Where the folder is not there, or no case is left.
pub(crate) fn find(data: &Path, only: Option<&str>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for suite in FOLDERS {
        for folder in folders(&data.join(suite))? {
            cases.push(of_folder(suite, &folder)?);
        }
    }
    for folder in folders(&data.join(NETWORKS))? {
        cases.extend(network(data, &folder)?);
    }
    cases.retain(|case| only.is_none_or(|only| case.id().contains(only)));
    if cases.is_empty() {
        bail!("no case is called like that");
    }
    Ok(cases)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let missing = || format!("no folder {}; scripts/setup --tests fetches it", parent.display());
    let entries = fs::read_dir(parent).with_context(missing)?;
    let mut folders: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}

fn of_folder(suite: &'static str, folder: &Path) -> Result<Case> {
    let told = told(folder)?;
    Ok(case(suite, folder, folder.join("model.onnx"), Data::Folder(folder.to_owned()), &told))
}

/// The network that `folder` tells of, where the wheel holds it.
fn network(data: &Path, folder: &Path) -> Result<Option<Case>> {
    let told = told(folder)?;
    let file = told.url.as_deref().and_then(|url| url.strip_prefix("onnx/backend/test/data/"));
    Ok(file.map(|file| {
        let model = data.join(file);
        let outputs = model.with_extension("");
        case("light", folder, model, Data::MadeUp(outputs), &told)
    }))
}

fn told(folder: &Path) -> Result<Told> {
    let file = folder.join("data.json");
    if !file.exists() {
        return Ok(Told { url: None, rtol: None, atol: None });
    }
    let text = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("reading {}", file.display()))
}

/// The tolerances are those of onnx's runner where the case has none of its own.
fn case(suite: &'static str, folder: &Path, model: PathBuf, data: Data, told: &Told) -> Case {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Case { suite, name, model, data, rtol: told.rtol.unwrap_or(1e-3), atol: told.atol.unwrap_or(1e-7) }
}
