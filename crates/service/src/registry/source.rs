use std::sync::Arc;

use edgeinfer_core::{EngineLoader, Model, ModelBytes, Result};

/// Where a model comes from.
pub enum Source {
    /// It is at hand, or the reason why it is not.
    Model(Result<Arc<Model>>),
    /// It is read when it is loaded.
    File {
        /// What its errors call it: a path, mostly.
        place: String,
        /// Reads the `.edge` file's bytes.
        read: Box<dyn Fn() -> Result<ModelBytes> + Send + Sync>,
    },
}

impl Source {
    /// The model, and the file that it was loaded from where there is one.
    pub(crate) fn load(&self, fallback: Option<EngineLoader>) -> Result<(Arc<Model>, Option<ModelBytes>)> {
        match self {
            Self::Model(model) => model.clone().map(|model| (model, None)),
            Self::File { place, read } => {
                let loaded = read().and_then(|bytes| {
                    let model = Model::load(bytes.clone(), fallback)?;
                    Ok((Arc::new(model), Some(bytes)))
                });
                loaded.map_err(|error| error.within(place))
            }
        }
    }
}
