//! Operators that move elements, and make and join tensors.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
