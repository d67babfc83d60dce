use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use edgeinfer_core::{Error, ErrorKind, Model, ModelBytes, Result};

/// Where the host mounts the model.
const MODELS: &str = "/models";

/// Loads the one compiled model of the mount.
pub(crate) fn load() -> Result<Arc<Model>> {
    let path = find(Path::new(MODELS))?;
    let bytes =
        read(&path).map_err(|error| unavailable(format!("cannot read {}: {error}", path.display())))?;
    let model = Model::load(bytes, None).map_err(|error| error.within(path.display()))?;
    Ok(Arc::new(model))
}

/// The bytes of the file at `path`, read to where they stay.
fn read(path: &Path) -> io::Result<ModelBytes> {
    let mut file = File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut done = Ok(());
    let bytes = ModelBytes::filled_by(length, |bytes| done = file.read_exact(bytes));
    done.map(|()| bytes)
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
