//! `Det`: the determinants of square matrices.
//! <https://onnx.ai/onnx/operators/onnx__Det.html>

use super::inverse::{eliminate, matrices};
use crate::Result;
use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor::element_count;

struct Det;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Det))
}

impl Operator for Det {
    /// In float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (batch, size) = matrices(&x)?;
        let numbers = doubles(&x, scope)?;
        let mut numbers = scope.own(numbers)?;
        let count = element_count(batch).unwrap_or(0);
        let mut y = scope.vec(count)?;
        if size == 0 {
            y.resize(count, 1.0);
        }
        y.extend(
            numbers
                .chunks_exact_mut(size.saturating_mul(size).max(1))
                .map(|matrix| determinant(matrix, size)),
        );
        scope.keep(numbers);
        one(batch, in_type(y, x.element_type(), scope)?)
    }
}

/// The product of what elimination leaves on the diagonal.
fn determinant(matrix: &mut [f64], size: usize) -> f64 {
    let mut determinant = 1.0;
    for column in 0..size {
        match eliminate(matrix, size, size, column) {
            Some(pivot) => determinant *= pivot,
            None => return 0.0,
        }
    }
    determinant
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s};

    #[test]
    fn has_a_number_for_each_matrix() {
        let y = Case::new("", "Det", 22).run(&[f32s(&[2, 2], &[0.0, 1.0, 2.0, 3.0])]).unwrap();
        assert_eq!(y, [f32s(&[], &[-2.0])]);
        let x = [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 2.0, 1.0, 1.0, 3.0, 3.0, 1.0];
        let y = Case::new("", "Det", 11).run(&[f32s(&[3, 2, 2], &x)]).unwrap();
        assert_eq!(y, [f32s(&[3], &[-2.0, -3.0, -8.0])]);
    }

    #[test]
    fn of_rows_that_depend_on_each_other_it_is_zero() {
        let y = Case::new("", "Det", 22).run(&[f64s(&[2, 2], &[1.0, 2.0, 2.0, 4.0])]).unwrap();
        assert_eq!(y, [f64s(&[], &[0.0])]);
    }

    #[test]
    fn of_nothing_it_is_one() {
        let run = |shape: &[usize]| Case::new("", "Det", 22).run(&[f32s(shape, &[])]).unwrap();
        assert_eq!(run(&[2, 0, 0]), [f32s(&[2], &[1.0, 1.0])]);
        assert_eq!(run(&[0, 2, 2]), [f32s(&[0], &[])]);
    }

    #[test]
    fn refuses_what_is_not_square() {
        let error = Case::new("", "Det", 22).run(&[f32s(&[1, 2], &[1.0; 2])]).unwrap_err();
        assert_eq!(error.message(), "expected square matrices, got a tensor of shape [1, 2]");
        assert!(Case::new("", "Det", 22).run(&[i64s(&[1, 1], &[1])]).is_err());
    }
}
