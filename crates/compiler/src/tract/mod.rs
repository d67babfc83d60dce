//! tract as an engine.

mod engine;
mod tensor;
mod zip_map;

pub use engine::load as load_tract;
