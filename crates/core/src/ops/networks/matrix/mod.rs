//! Operators on the matrices that the last two axes of a tensor are.

mod det;
mod inverse;
mod trilu;

use super::{Entry, MICROSOFT, ONNX, entry, native};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "Det", det::build),
    entry(MICROSOFT, "Inverse", inverse::build),
    native(ONNX, "Trilu", trilu::build),
    native(MICROSOFT, "Trilu", trilu::build),
];
