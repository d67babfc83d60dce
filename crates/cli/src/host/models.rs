//! What the guest sees as `/models`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A model file, open for reading.
pub(crate) struct ModelFile {
    path: PathBuf,
    file: File,
    /// Where the guest sees it in `/models`.
    mounted: PathBuf,
}

impl ModelFile {
    /// Opens the file at `path`, which the guest shall see as `mounted`; what it
    /// holds is the guest's business.
    ///
    /// # Errors
    ///
    /// There is no such file, or it cannot be read.
    pub(crate) fn open(path: &Path, mounted: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| {
            format!("cannot read the model {}; `edgeinfer compile MODEL.onnx` makes one", path.display())
        })?;
        ensure!(file.metadata()?.is_file(), "expected a compiled model, but {} is no file", path.display());
        Ok(Self { path: path.to_owned(), file, mounted: mounted.to_owned() })
    }

    /// Copies it to its place in `folder`.
    fn copy_to(mut self, folder: &Path) -> Result<()> {
        let copy = folder.join(&self.mounted);
        fs::create_dir_all(copy.parent().unwrap_or(folder))
            .and_then(|()| File::create_new(&copy))
            .and_then(|mut copy| io::copy(&mut self.file, &mut copy))
            .with_context(|| {
                let (path, copy) = (self.path.display(), copy.display());
                format!("cannot copy {path} to {copy}; TMPDIR chooses another place")
            })?;
        Ok(())
    }
}

/// A private folder that holds copies of the models, and is removed when dropped.
///
/// Copies, so that the guest sees neither the files' neighbours nor a later
/// compilation to the same path half written.
pub(crate) struct ModelDir(TempDir);

impl ModelDir {
    /// Makes the folder; empty if there is no model.
    ///
    /// # Errors
    ///
    /// The folder for temporary files cannot be written, or is full; two models
    /// have the same place.
    pub(crate) fn new(models: Vec<ModelFile>) -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("edgeinfer-models-")
            .tempdir()
            .context("cannot make a temporary folder for the models; TMPDIR chooses another")?;
        models.into_iter().try_for_each(|model| model.copy_to(dir.path()))?;
        Ok(Self(dir))
    }

    /// The folder's path on the host.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_the_models_alone_and_is_removed() -> Result<()> {
        let source = tempfile::tempdir()?;
        let path = source.path().join("iris.edge");
        fs::write(&path, b"weights")?;
        fs::write(source.path().join("neighbour"), b"secret")?;

        let models = ModelDir::new(vec![ModelFile::open(&path, Path::new("iris/2.edge"))?])?;
        fs::write(&path, b"changed")?;
        let kept = models.path().to_owned();
        assert_eq!(fs::read_dir(&kept)?.count(), 1);
        assert_eq!(fs::read_dir(kept.join("iris"))?.count(), 1);
        assert_eq!(fs::read(kept.join("iris/2.edge"))?, b"weights");

        drop(models);
        assert!(!kept.exists());
        Ok(())
    }

    #[test]
    fn is_empty_without_a_model() -> Result<()> {
        let models = ModelDir::new(Vec::new())?;
        assert_eq!(fs::read_dir(models.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn refuses_a_missing_file_and_a_folder() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let missing = ModelFile::open(&dir.path().join("none.edge"), Path::new("a"))
            .err()
            .context("opened a missing file")?;
        assert!(missing.to_string().contains("none.edge"), "{missing}");
        let folder = ModelFile::open(dir.path(), Path::new("a")).err().context("opened a folder")?;
        assert!(folder.to_string().contains("no file"), "{folder}");
        Ok(())
    }
}
