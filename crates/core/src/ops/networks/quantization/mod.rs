//! Operators on quantised numbers, and to and from them.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
