//! Random numbers.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
