//! tract as an engine.

mod engine;
mod tensor;
mod zip_map;

use edgeinfer_core::{EngineFormat, EngineLoader};

/// The engine that runs an ONNX graph with tract.
#[must_use]
pub fn tract_loader() -> EngineLoader {
    EngineLoader { format: EngineFormat::Onnx, load: engine::load }
}
