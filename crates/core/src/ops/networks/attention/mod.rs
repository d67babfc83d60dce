//! Attention, positions, and the fused forms that exporters of transformers emit.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
