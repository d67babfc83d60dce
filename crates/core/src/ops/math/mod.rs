//! Operators that calculate.

mod cdist;
mod differences;

use super::{EDGEINFER, Entry, MICROSOFT, entry};

pub(super) const OPERATORS: &[Entry] =
    &[entry(MICROSOFT, "CDist", cdist::build), entry(EDGEINFER, "CDist", cdist::build_tiled)];
