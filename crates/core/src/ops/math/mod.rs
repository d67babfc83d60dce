//! Operators that calculate.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
