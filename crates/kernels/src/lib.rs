//! The inner loops of `edgeinfer-core`: products of matrices and of vectors,
//! distances, trees, moving elements, weighted samples, numbers of 16 bits, and functions
//! that the standard library has slower.
//!
//! They are a crate so that they can be built for speed where the rest is built
//! for size. They are plain Rust that LLVM turns into vector instructions, the
//! same source for every target, so that native tests test what runs in wasm.
//!
//! No function here can fail: where lengths do not fit each other, the shorter
//! counts.

mod activation;
mod depthwise;
mod distance;
mod dot;
pub mod erf;
pub mod exp;
mod fourier;
mod gathered;
pub mod gelu;
mod gemm;
mod gemm_transposed;
mod gemv;
mod half;
mod integer;
mod lanes;
mod lines;
mod moments;
mod moves;
mod naive;
mod number;
mod packed;
mod panels;
pub mod pool;
mod products;
mod quantize;
pub mod recurrent;
pub mod samples;
mod softmax;
mod sums;
pub mod tanh;
pub mod trees;
mod vector;

pub use activation::Activation;
pub use depthwise::{Sweep, depthwise};
pub use distance::{Distance, LANES, Rows, Size};
pub use fourier::Fourier;
pub use gathered::Gathered;
pub use gemm::ROWS;
pub use half::Half;
pub use integer::{Byte, ByteProduct, byte_panel_length, multiply_packed, packed_length};
pub use lines::Lines;
pub use moments::{Moments, Normalize};
pub use moves::Element;
pub use number::{Number, Real};
pub use packed::{Packed, pack_columns, pack_rows, packed_panels_length, unpack_rows};
pub use panels::{Columns, Panel, Start, multiply, scratch_length};
pub use quantize::{
    Quantization, Quantum, add_to_sums, dequantize, dequantize_each, dequantize_halves, quantize,
    quantize_each, requantize, requantize_each, whole_sums,
};
pub use softmax::Softmax;
pub use sums::{divide, dots, l1, l2, squared_distances, wide_dot};

/// Two matrices to multiply, both row-major: `x` of `k` columns, `w` of `k` rows
/// and `n` columns.
#[derive(Clone, Copy, Debug)]
pub struct Product<'a, T> {
    /// The left one, `[rows, k]`.
    pub x: &'a [T],
    /// The right one, `[k, n]`.
    pub w: &'a [T],
    /// The columns of the left one.
    pub k: usize,
    /// The columns of the right one.
    pub n: usize,
}
