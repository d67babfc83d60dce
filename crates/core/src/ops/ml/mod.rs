//! Operators of `ai.onnx.ml`: classic machine learning.

mod post_transform;
mod scaler;

use super::{Entry, ML, entry};

pub(super) const OPERATORS: &[Entry] = &[entry(ML, "Scaler", scaler::build)];
