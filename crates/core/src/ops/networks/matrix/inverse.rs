//! `Inverse`: the inverses of square matrices, an operator of onnxruntime.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Inverse>

use crate::Result;
use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;

struct Inverse;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Inverse))
}

impl Operator for Inverse {
    /// In float64. A matrix without an inverse has one of numbers that are none,
    /// as a run is not to fail for one of many.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (_, size) = matrices(&x)?;
        let numbers = doubles(&x, scope)?;
        let mut numbers = scope.own(numbers)?;
        let mut work = scope.zeros(if numbers.is_empty() { 0 } else { 2 * size * size })?;
        for matrix in numbers.chunks_exact_mut(size.saturating_mul(size).max(1)) {
            invert(matrix, size, &mut work);
        }
        scope.keep(work);
        one(x.shape, in_type(numbers, x.element_type(), scope)?)
    }
}

/// The dimensions before the matrices of `x`, and their size.
pub(super) fn matrices<'a>(x: &TensorRef<'a>) -> Result<(&'a [usize], usize)> {
    match x.shape {
        [batch @ .., rows, columns] if rows == columns && x.element_type().is_float() => Ok((batch, *rows)),
        [.., rows, columns] if rows == columns => {
            Err(failed(format!("elements of type {} are not supported", x.element_type())))
        }
        shape => Err(failed(format!("expected square matrices, got a tensor of shape {shape:?}"))),
    }
}

/// Eliminates column `column` of the first `size` from all rows but one of a
/// matrix of rows of `width`, which comes to be row `column`; gives its number on
/// the diagonal, with the sign that the exchange of rows gives it. `None` where
/// there are zeros only.
pub(super) fn eliminate(matrix: &mut [f64], size: usize, width: usize, column: usize) -> Option<f64> {
    let at = |matrix: &[f64], row: usize| matrix.get(row * width + column).copied().unwrap_or(0.0);
    let largest = (column..size).max_by(|&a, &b| at(matrix, a).abs().total_cmp(&at(matrix, b).abs()))?;
    let pivot = at(matrix, largest);
    if pivot == 0.0 {
        return None;
    }
    if largest != column {
        let (upper, lower) = matrix.split_at_mut_checked(largest * width)?;
        let upper = upper.get_mut(column * width..(column + 1) * width)?;
        upper.swap_with_slice(lower.get_mut(..width)?);
    }
    let (before, rest) = matrix.split_at_mut_checked(column * width)?;
    let (row, after) = rest.split_at_mut_checked(width)?;
    for other in before.chunks_exact_mut(width).chain(after.chunks_exact_mut(width)) {
        let factor = other.get(column).copied().unwrap_or(0.0) / pivot;
        other.iter_mut().zip(row.iter()).for_each(|(other, x)| *other -= factor * x);
    }
    Some(if largest == column { pivot } else { -pivot })
}

/// Puts the inverse in the place of `matrix`; `work` has room for two.
fn invert(matrix: &mut [f64], size: usize, work: &mut [f64]) {
    let width = 2 * size;
    for (row, (work, from)) in work.chunks_exact_mut(width).zip(matrix.chunks_exact(size)).enumerate() {
        let (left, right) = work.split_at_mut(size);
        left.copy_from_slice(from);
        right.iter_mut().enumerate().for_each(|(column, x)| *x = f64::from(u8::from(column == row)));
    }
    if (0..size).any(|column| eliminate(work, size, width, column).is_none()) {
        return matrix.fill(f64::NAN);
    }
    for (row, (work, to)) in work.chunks_exact(width).zip(matrix.chunks_exact_mut(size)).enumerate() {
        let pivot = work.get(row).copied().unwrap_or(f64::NAN);
        to.iter_mut().zip(work.iter().skip(size)).for_each(|(to, x)| *to = x / pivot);
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, f64s};

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let x = f32s(&[2, 2, 2], &[0.0, 2.0, 1.0, 0.5, 4.0, 7.0, 2.0, 6.0]);
        let y = Case::new("com.microsoft", "Inverse", 1).run(&[x]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[-0.25, 1.0, 0.5, 0.0, 0.6, -0.7, -0.2, 0.4]);
        let x = f64s(&[3, 3], &[2.0, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 8.0, 0.0]);
        let y = Case::new("com.microsoft", "Inverse", 1).run(&[x]).unwrap();
        assert_eq!(y, [f64s(&[3, 3], &[0.5, 0.0, 0.0, 0.0, 0.0, 0.125, 0.0, 0.25, 0.0])]);
    }

    #[test]
    fn a_matrix_may_have_none() {
        let y = Case::new("com.microsoft", "Inverse", 1).run(&[f32s(&[2, 2], &[1.0, 2.0, 2.0, 4.0])]);
        assert!(y.unwrap()[0].as_f32().unwrap().iter().all(|x| x.is_nan()));
        let nothing = f32s(&[2, 0, 0], &[]);
        let y = Case::new("com.microsoft", "Inverse", 1).run(std::slice::from_ref(&nothing));
        assert_eq!(y.unwrap(), [nothing]);
    }
}
