//! Losses, and the steps of optimisers.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
