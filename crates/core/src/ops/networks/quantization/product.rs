//! Products of 8-bit matrices, as all operators that multiply them share them.

use edgeinfer_kernels::{Byte, ByteProduct, byte_panel_length};
use smallvec::SmallVec;

use crate::ops::math::matmul::Sizes;
use crate::ops::math::matrix;
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Scope, failed};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Error, Result, Shape};

/// Zero points: none, one, or one for each row or column.
pub(super) type Zeros = SmallVec<[i16; 4]>;

/// A tensor of int8 or uint8 with its zero points.
pub(super) struct Bytes<'a> {
    pub(super) tensor: TensorRef<'a>,
    pub(super) zeros: Zeros,
}

impl<'a> Bytes<'a> {
    /// Inputs `place` and, where it is given, `zero`.
    pub(super) fn read(inputs: &Inputs<'a>, place: usize, zero: usize, scope: &mut Scope) -> Result<Self> {
        let tensor = inputs.tensor(place)?;
        let zeros = match inputs.optional(zero)? {
            Some(zero) if zero.element_type() == tensor.element_type() => zeros(&zero, scope)?,
            Some(zero) => {
                let (x, zero) = (tensor.element_type(), zero.element_type());
                return Err(failed(format!("a tensor of {x} has a zero point of {zero}")));
            }
            None => Zeros::new(),
        };
        Ok(Self { tensor, zeros })
    }

    /// The elements without their zero points, of which there is one for all or
    /// one for each of some equal parts.
    pub(super) fn centred(&self, scope: &mut Scope) -> Result<Vec<i16>> {
        match self.tensor.data {
            DataRef::Int8(x) => centred(x, &self.zeros, scope),
            DataRef::UInt8(x) => centred(x, &self.zeros, scope),
            _ => Err(self.no_bytes()),
        }
    }

    #[cold]
    pub(super) fn no_bytes(&self) -> Error {
        failed(format!("expected elements of int8 or uint8, got {}", self.tensor.element_type()))
    }
}

fn zeros(tensor: &TensorRef<'_>, scope: &mut Scope) -> Result<Zeros> {
    let values = ints(tensor, scope)?;
    // Zero points of 8 bits fit.
    let zeros = values.iter().map(|&zero| i16::try_from(zero).unwrap_or_default()).collect();
    scope.keep_cow(values);
    Ok(zeros)
}

fn centred<B: Byte>(x: &[B], zeros: &[i16], scope: &mut Scope) -> Result<Vec<i16>> {
    let mut y = scope.any(x.len())?;
    let part = x.len().checked_div(zeros.len()).unwrap_or(x.len());
    if part * zeros.len() != x.len() && !zeros.is_empty() {
        return Err(failed(format!("{} zero points do not fit {} elements", zeros.len(), x.len())));
    }
    let zeros = if zeros.is_empty() { &[0] } else { zeros };
    let parts = x.chunks_exact(part.max(1)).zip(y.chunks_exact_mut(part.max(1)));
    parts.zip(zeros).for_each(|((x, y), zero)| B::centre(x, *zero, y));
    Ok(y)
}

/// What [`product`] gives: rows of `n` sums.
pub(super) struct Sums {
    pub(super) shape: Shape,
    pub(super) n: usize,
    pub(super) values: Vec<i32>,
}

/// A `[…, m, k]` by B `[…, k, n]`, as `MatMul` has it. A has zero points by rows,
/// B by columns.
pub(super) fn product(a: &Bytes<'_>, b: &Bytes<'_>, scope: &mut Scope) -> Result<Sums> {
    let sizes = Sizes::of(a.tensor.shape, b.tensor.shape)?;
    let length = element_count(&sizes.shape).ok_or_else(|| failed("the product has too many elements"))?;
    let mut y = scope.zeros(length)?;
    if length > 0 && sizes.k > 0 {
        let x = a.centred(scope)?;
        match b.tensor.data {
            DataRef::Int8(w) => multiply(&x, w, &sizes, &mut y, scope)?,
            DataRef::UInt8(w) => multiply(&x, w, &sizes, &mut y, scope)?,
            _ => return Err(b.no_bytes()),
        }
        take_zeros_off(&x, b, &sizes, &mut y)?;
        scope.keep(x);
    }
    Ok(Sums { shape: sizes.shape, n: sizes.n, values: y })
}

fn multiply<B: Byte>(x: &[i16], w: &[B], sizes: &Sizes, y: &mut [i32], scope: &mut Scope) -> Result<()> {
    let &Sizes { m, k, n, .. } = sizes;
    let mut panel = scope.any(byte_panel_length(m, k, n))?;
    for (index, y) in y.chunks_exact_mut(m * n).enumerate() {
        let x = matrix::nth(x, m * k, matrix::place(index, &sizes.batch, &sizes.batch_a));
        let w = matrix::nth(w, k * n, matrix::place(index, &sizes.batch, &sizes.batch_b));
        B::multiply(ByteProduct { x, w, k, n }, y, &mut panel);
    }
    scope.keep(panel);
    Ok(())
}

/// Takes B's zero points off sums that were made without them: each times the
/// sum of A's row.
fn take_zeros_off(x: &[i16], b: &Bytes<'_>, sizes: &Sizes, y: &mut [i32]) -> Result<()> {
    let &Sizes { m, k, n, .. } = sizes;
    let zeros = b.zeros.as_slice();
    if zeros.iter().all(|zero| *zero == 0) {
        return Ok(());
    }
    let matrices = b.tensor.len() / (k * n);
    if zeros.len() != 1 && zeros.len() != n && zeros.len() != matrices * n {
        return Err(failed(format!("{} zero points do not fit {n} columns", zeros.len())));
    }
    for (index, y) in y.chunks_exact_mut(m * n).enumerate() {
        let x = matrix::nth(x, m * k, matrix::place(index, &sizes.batch, &sizes.batch_a));
        let of_matrix = matrix::place(index, &sizes.batch, &sizes.batch_b) * n;
        let zeros = zeros.get(of_matrix..).and_then(|zeros| zeros.get(..n)).unwrap_or(zeros);
        for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(n)) {
            let sum = x.iter().fold(0i32, |sum, x| sum.wrapping_add(i32::from(*x)));
            let off = |(y, zero): (&mut i32, &i16)| *y = y.wrapping_sub(sum.wrapping_mul(i32::from(*zero)));
            match zeros {
                [zero] => y.iter_mut().for_each(|y| off((y, zero))),
                zeros => y.iter_mut().zip(zeros).for_each(off),
            }
        }
    }
    Ok(())
}
