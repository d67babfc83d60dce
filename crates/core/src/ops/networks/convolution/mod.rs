//! Convolutions and pools.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
