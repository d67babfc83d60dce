//! Operators of control flow.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
