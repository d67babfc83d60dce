//! Random numbers. ONNX leaves open which ones a seed gives: here they are those of
//! its reference implementation, which are NumPy's. A node without a seed draws
//! the same in every run, from its name: core asks nobody for chance.

mod bernoulli;
mod draw;
mod multinomial;
mod normal;
mod uniform;

use super::{Entry, ONNX, native};

pub(super) const OPERATORS: &[Entry] = &[
    native(ONNX, "Bernoulli", bernoulli::build),
    native(ONNX, "Multinomial", multinomial::build),
    native(ONNX, "RandomNormal", normal::build),
    native(ONNX, "RandomNormalLike", normal::like),
    native(ONNX, "RandomUniform", uniform::build),
    native(ONNX, "RandomUniformLike", uniform::like),
];
