//! Operators on images: resizing, sampling, regions, boxes.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
