//! Operators on text.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
