//! What the guest sees as `/models`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// The model's name in the guest's `/models`.
const FILE_NAME: &str = "model.edge";

/// A model file, open for reading.
pub(crate) struct ModelFile {
    path: PathBuf,
    file: File,
}

impl ModelFile {
    /// Opens the file at `path`; what it holds is the guest's business.
    ///
    /// # Errors
    ///
    /// There is no such file, or it cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| {
            format!("cannot read the model {}; `edgeinfer compile MODEL.onnx` makes one", path.display())
        })?;
        ensure!(file.metadata()?.is_file(), "expected a compiled model, but {} is no file", path.display());
        Ok(Self { path: path.to_owned(), file })
    }
}

/// A private folder that holds at most a copy of the model, and is removed
/// when dropped.
///
/// A copy, so that the guest sees neither the file's neighbours nor a later
/// compilation to the same path half written.
pub(crate) struct ModelDir(TempDir);

impl ModelDir {
    /// Makes the folder; empty if there is no model.
    ///
    /// # Errors
    ///
    /// The folder for temporary files cannot be written, or is full.
    pub(crate) fn new(model: Option<ModelFile>) -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("edgeinfer-models-")
            .tempdir()
            .context("cannot make a temporary folder for the model; TMPDIR chooses another")?;
        if let Some(ModelFile { path, mut file }) = model {
            let copy = dir.path().join(FILE_NAME);
            File::create(&copy).and_then(|mut copy| io::copy(&mut file, &mut copy)).with_context(|| {
                format!("cannot copy {} to {}; TMPDIR chooses another place", path.display(), copy.display())
            })?;
        }
        Ok(Self(dir))
    }

    /// The folder's path on the host.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn holds_the_model_alone_and_is_removed() -> Result<()> {
        let source = tempfile::tempdir()?;
        let path = source.path().join("iris.edge");
        fs::write(&path, b"weights")?;
        fs::write(source.path().join("neighbour"), b"secret")?;

        let models = ModelDir::new(Some(ModelFile::open(&path)?))?;
        fs::write(&path, b"changed")?;
        let kept = models.path().to_owned();
        assert_eq!(fs::read_dir(&kept)?.count(), 1);
        assert_eq!(fs::read(kept.join("model.edge"))?, b"weights");

        drop(models);
        assert!(!kept.exists());
        Ok(())
    }

    #[test]
    fn is_empty_without_a_model() -> Result<()> {
        let models = ModelDir::new(None)?;
        assert_eq!(fs::read_dir(models.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn refuses_a_missing_file_and_a_folder() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let missing =
            ModelFile::open(&dir.path().join("none.edge")).err().context("opened a missing file")?;
        assert!(missing.to_string().contains("none.edge"), "{missing}");
        let folder = ModelFile::open(dir.path()).err().context("opened a folder")?;
        assert!(folder.to_string().contains("no file"), "{folder}");
        Ok(())
    }
}
