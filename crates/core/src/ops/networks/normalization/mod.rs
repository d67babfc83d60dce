//! Normalisations over channels, groups and layers.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
