//! The models of the mount.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use edgeinfer_core::{Error, ErrorKind, ModelBytes};
use edgeinfer_service::{FIRST_VERSION, Registry, Source};

/// Where the host mounts the models: `NAME.edge`, or `NAME/VERSION.edge`.
const MODELS: &str = "/models";

/// The models of the mount, none of them read yet, the first by name as the
/// default.
pub(crate) fn registry() -> Registry {
    let files = match files(Path::new(MODELS)) {
        Ok(files) if files.is_empty() => return Registry::without_models(none()),
        Ok(files) => files,
        Err(error) => {
            let message = format!("cannot read the mount {MODELS}: {error}");
            return Registry::without_models(Error::new(ErrorKind::ModelUnavailable, message));
        }
    };
    let mut registry = Registry::new(None);
    for Found { name, version, path } in files {
        registry.add(&name, &version, source(path));
    }
    registry
}

/// A model's file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    name: String,
    version: String,
    path: PathBuf,
}

/// The files of models in `folder`, by name.
fn files(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        let name = stem(&entry);
        if is_model(&entry) {
            found.push(Found { name, version: FIRST_VERSION.to_owned(), path: entry });
        } else if entry.is_dir() {
            let versions = entries(&entry)?.into_iter().filter(|path| is_model(path));
            found.extend(versions.map(|path| Found { name: name.clone(), version: stem(&path), path }));
        }
    }
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "edge") && path.is_file()
}

/// The name of a file without `.edge`, or that of a folder.
fn stem(path: &Path) -> String {
    let name = if is_model(path) { path.file_stem() } else { path.file_name() };
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn source(path: PathBuf) -> Source {
    let read = {
        let path = path.clone();
        move || {
            read(&path)
                .map_err(|error| Error::new(ErrorKind::ModelUnavailable, format!("cannot be read: {error}")))
        }
    };
    Source::File { place: path.display().to_string(), read: Box::new(read) }
}

/// The bytes of the file at `path`, read to where they stay.
fn read(path: &Path) -> io::Result<ModelBytes> {
    let mut file = File::open(path)?;
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut done = Ok(());
    let bytes = ModelBytes::filled_by(length, |bytes| done = file.read_exact(bytes));
    done.map(|()| bytes)
}

fn none() -> Error {
    let message = format!(
        "there is no .edge file in the mount {MODELS}; make one with `edgeinfer compile MODEL.onnx` and mount it \
         there"
    );
    Error::new(ErrorKind::ModelUnavailable, message)
}
