//! Fourier transforms and windows.

use super::Entry;

pub(super) const OPERATORS: &[Entry] = &[];
