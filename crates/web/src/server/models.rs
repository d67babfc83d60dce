use edgeinfer_core::{Error, ErrorKind, ModelBytes, Result};
use edgeinfer_service::{Registry, Source};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

/// The models that services are made from, as their files.
#[wasm_bindgen]
#[derive(Default)]
pub struct Models {
    files: Vec<File>,
}

struct File {
    name: String,
    version: String,
    bytes: Result<ModelBytes>,
}

#[wasm_bindgen]
impl Models {
    /// No models.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `version` of the model `name`, whose compiled file is `bytes`, in place of
    /// what was added for that before.
    pub fn add(&mut self, name: String, version: String, bytes: &Uint8Array) {
        let bytes = ModelBytes::filled_by(bytes.length() as usize, |copy| bytes.copy_to(copy));
        self.keep(File { name, version, bytes: Ok(bytes) });
    }

    /// Adds `version` of the model `name`, which cannot be read for `reason`.
    #[wasm_bindgen(js_name = addUnavailable)]
    pub fn add_unavailable(&mut self, name: String, version: String, reason: &str) {
        let reason = Error::new(ErrorKind::ModelUnavailable, reason);
        self.keep(File { name, version, bytes: Err(reason) });
    }
}

impl Models {
    fn keep(&mut self, file: File) {
        let is_same = |kept: &&mut File| kept.name == file.name && kept.version == file.version;
        match self.files.iter_mut().find(is_same) {
            Some(kept) => *kept = file,
            None => self.files.push(file),
        }
    }

    /// The models, none of them loaded yet.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::new(None);
        for File { name, version, bytes } in &self.files {
            let bytes = bytes.clone();
            let read = Box::new(move || bytes.clone());
            registry.add(name, version, Source::File { place: name.clone(), read });
        }
        registry
    }
}
