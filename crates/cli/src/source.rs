//! Models from files: compiled ones as they are, ONNX compiled on the way.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use edgeinfer_compiler::{compile as compile_onnx, embed, load_tract, parse_metadata};
use edgeinfer_core::{MAGIC, Metadata, Model};

/// The file beside a model that says what is known of it.
const METADATA: &str = "model_metadata.json";

/// Whether the file at `path` is to be compiled.
///
/// Only an extension of ONNX's own makes it ONNX: anything else is read as a
/// compiled model, whose errors say what the file looks like.
pub(crate) fn is_onnx(path: &Path) -> Result<bool> {
    let is_named_so = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
    Ok(is_named_so && !is_compiled(path)?)
}

/// Whether the file at `path` begins as a compiled model.
pub(crate) fn is_compiled(path: &Path) -> Result<bool> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(start == MAGIC)
}

/// The model at `path`, compiled or ONNX, loaded.
pub(crate) fn load(path: &Path) -> Result<Model> {
    let file = if is_onnx(path)? { compile(path, None)? } else { read(path)? };
    Model::load(file.as_slice(), Some(load_tract)).with_context(|| format!("cannot load {}", path.display()))
}

/// Compiles the ONNX model at `path` with the metadata at `metadata`, or beside
/// the model.
pub(crate) fn compile(path: &Path, metadata: Option<&Path>) -> Result<Vec<u8>> {
    let metadata = self::metadata(path, metadata)?;
    let failed = || format!("cannot compile {}", path.display());
    let onnx = read(path)?;
    compile_onnx(&whole(path, &onnx).with_context(failed)?, metadata).with_context(failed)
}

/// The ONNX model `onnx`, which is at `path`, with its tensors that are in files
/// beside it.
///
/// # Errors
///
/// Where it is no ONNX model, or one of the files is not there.
pub(crate) fn whole<'a>(path: &Path, onnx: &'a [u8]) -> edgeinfer_core::Result<Cow<'a, [u8]>> {
    embed(onnx, |location| fs::read(path.with_file_name(location)))
}

/// The metadata in the file `given`, or in the one beside the model at `path`.
pub(crate) fn metadata(path: &Path, given: Option<&Path>) -> Result<Metadata> {
    let beside = path.with_file_name(METADATA);
    match given {
        Some(given) => read_metadata(given),
        None if beside.is_file() => read_metadata(&beside),
        None => Ok(Metadata::default()),
    }
}

fn read_metadata(path: &Path) -> Result<Metadata> {
    parse_metadata(&read(path)?)
        .map_err(|error| anyhow!("cannot read the metadata {}: {}", path.display(), error.message()))
}

/// The bytes of the file at `path`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
