//! Inner loops that are worth more than the plain ones, each with a naive twin
//! in its tests.

pub(crate) mod erf;
pub(crate) mod exp;
pub(crate) mod tanh;
