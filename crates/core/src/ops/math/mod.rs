//! Operators that calculate.

mod cdist;
mod differences;

use super::{Entry, MICROSOFT, entry};

pub(super) const OPERATORS: &[Entry] = &[entry(MICROSOFT, "CDist", cdist::build)];
