//! Recurrent layers, and operators on sequences in time.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
