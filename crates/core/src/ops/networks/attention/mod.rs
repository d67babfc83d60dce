//! Attention, positions, and the fused forms that exporters of transformers emit.

mod attend;
mod attention;
mod heads;
mod mask;

use crate::ops::{Entry, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[entry(ONNX, "Attention", attention::build)];
