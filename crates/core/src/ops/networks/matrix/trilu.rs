//! `Trilu`: the upper or the lower triangle of matrices, and zeros elsewhere.
//! <https://onnx.ai/onnx/operators/onnx__Trilu.html>

use crate::ops::tensor::bits::copied;
use crate::ops::tensor::runs::scalar;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::each;
use crate::{Result, TensorData};

struct Trilu {
    upper: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Trilu { upper: node.flag("upper", true)? }))
}

impl Operator for Trilu {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let &[.., rows, columns] = x.shape else {
            return Err(failed(format!("expected matrices, got a tensor of shape {:?}", x.shape)));
        };
        let diagonal = inputs.optional(1)?.map(|k| scalar::<i64>(&k, "k")).transpose()?.unwrap_or(0);
        let triangle = Triangle { upper: self.upper, rows, columns, diagonal };
        let mut data = copied(x.data, scope)?;
        each!(TensorData, &mut data, values => triangle.cut(values));
        one(x.shape, data)
    }
}

struct Triangle {
    upper: bool,
    rows: usize,
    columns: usize,
    diagonal: i64,
}

impl Triangle {
    /// Puts zeros where the triangle is not.
    fn cut<T: Clone + Default>(&self, values: &mut [T]) {
        for (index, row) in values.chunks_exact_mut(self.columns.max(1)).enumerate() {
            let (first, end) = self.outside((index % self.rows.max(1)) as i64);
            row.get_mut(first..end).unwrap_or_default().fill(T::default());
        }
    }

    /// The columns of a row that are not in the triangle.
    fn outside(&self, row: i64) -> (usize, usize) {
        let place = |column: i64| usize::try_from(column.max(0)).unwrap_or(usize::MAX).min(self.columns);
        let diagonal = row.saturating_add(self.diagonal);
        if self.upper { (0, place(diagonal)) } else { (place(diagonal.saturating_add(1)), self.columns) }
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn run(upper: i64, k: i64) -> Tensor {
        let x = i64s(&[2, 3], &[1, 2, 3, 4, 5, 6]);
        Case::new("", "Trilu", 14).int("upper", upper).run(&[x, i64s(&[], &[k])]).unwrap().remove(0)
    }

    #[test]
    fn keeps_what_is_above_a_diagonal_or_below_it() {
        assert_eq!(run(1, 0), i64s(&[2, 3], &[1, 2, 3, 0, 5, 6]));
        assert_eq!(run(1, 1), i64s(&[2, 3], &[0, 2, 3, 0, 0, 6]));
        assert_eq!(run(1, -1), i64s(&[2, 3], &[1, 2, 3, 4, 5, 6]));
        assert_eq!(run(0, 0), i64s(&[2, 3], &[1, 0, 0, 4, 5, 0]));
        assert_eq!(run(0, 1), i64s(&[2, 3], &[1, 2, 0, 4, 5, 6]));
        assert_eq!(run(0, -1), i64s(&[2, 3], &[0, 0, 0, 4, 0, 0]));
    }

    #[test]
    fn a_diagonal_may_be_far_outside() {
        for (upper, k) in [(1, i64::MAX), (0, i64::MIN)] {
            assert_eq!(run(upper, k), i64s(&[2, 3], &[0; 6]));
        }
        for (upper, k) in [(1, i64::MIN), (0, i64::MAX)] {
            assert_eq!(run(upper, k), i64s(&[2, 3], &[1, 2, 3, 4, 5, 6]));
        }
    }

    #[test]
    fn takes_many_matrices_of_any_type_and_none() {
        let x = f32s(&[2, 2, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let y = Case::new("", "Trilu", 14).run(&[x]).unwrap();
        assert_eq!(y, [f32s(&[2, 2, 2], &[1.0, 2.0, 0.0, 4.0, 5.0, 6.0, 0.0, 8.0])]);
        let y = Case::new("", "Trilu", 14).run(&[texts(&[2, 1], &["a", "b"])]).unwrap();
        assert_eq!(y, [texts(&[2, 1], &["a", ""])]);
        let nothing = f32s(&[3, 0, 5], &[]);
        assert_eq!(Case::new("", "Trilu", 14).run(std::slice::from_ref(&nothing)).unwrap(), [nothing]);
        let error = Case::new("", "Trilu", 14).run(&[f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "expected matrices, got a tensor of shape [1]");
    }
}
