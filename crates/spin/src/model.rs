use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use edgeinfer_core::{EngineLoader, Error, ErrorKind, Model, Result};

/// Where the host mounts the model.
const MODELS: &str = "/models";

/// Loads the one compiled model of the mount.
pub(crate) fn load() -> Result<Arc<Model>> {
    let path = find(Path::new(MODELS))?;
    let bytes =
        fs::read(&path).map_err(|error| unavailable(format!("cannot read {}: {error}", path.display())))?;
    let model = Model::load(bytes.as_slice(), FALLBACK).map_err(|error| error.within(path.display()))?;
    Ok(Arc::new(model))
}

fn find(folder: &Path) -> Result<PathBuf> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let is_model = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "edge");
        entries.filter(|entry| entry.as_ref().map_or(true, is_model)).collect()
    };
    let found = list().map_err(|error| unavailable(format!("cannot read the mount {MODELS}: {error}")))?;
    match <[PathBuf; 1]>::try_from(found) {
        Ok([path]) => Ok(path),
        Err(found) => Err(unavailable(format!(
            "expected one .edge file in the mount {MODELS}, found {}; make one with `edgeinfer compile MODEL.onnx` \
             and mount it there",
            found.len()
        ))),
    }
}

fn unavailable(message: String) -> Error {
    Error::new(ErrorKind::ModelUnavailable, message)
}

/// What runs a model that has no plan.
#[cfg(feature = "tract")]
const FALLBACK: Option<EngineLoader> = Some(edgeinfer_compiler::load_tract);
#[cfg(not(feature = "tract"))]
const FALLBACK: Option<EngineLoader> = None;
