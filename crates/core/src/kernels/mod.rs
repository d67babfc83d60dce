//! The inner loops of products of matrices and of vectors, and of functions that
//! the standard library has slower. They are plain Rust
//! that LLVM turns into vector instructions, the same source for every target,
//! so that native tests test what runs in wasm.
//!
//! No function here can fail: where lengths do not fit each other, the shorter
//! counts.

mod dot;
pub(crate) mod erf;
pub(crate) mod exp;
mod gemm;
mod gemv;
mod naive;
mod number;
pub(crate) mod tanh;

pub(crate) use dot::{dot, squared_distance};
pub(crate) use gemm::{ROWS, gemm};
pub(crate) use gemv::gemv;
pub(crate) use number::{Number, Real};

/// Two matrices to multiply, both row-major: `x` of `k` columns, `w` of `k` rows
/// and `n` columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Product<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) w: &'a [T],
    pub(crate) k: usize,
    pub(crate) n: usize,
}
