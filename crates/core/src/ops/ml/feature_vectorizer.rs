//! `ai.onnx.ml.FeatureVectorizer`: the rows of many inputs, side by side.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_FeatureVectorizer.html>

use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape, TensorData};

struct FeatureVectorizer {
    /// How many columns of the output each input has: its rows are cut off or
    /// filled up with zeros.
    widths: Vec<usize>,
    total: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let width = |&width: &i64| usize::try_from(width).ok();
    let widths: Option<Vec<_>> = node.ints("inputdimensions")?.iter().map(width).collect();
    let total = |widths: &Vec<usize>| widths.iter().try_fold(0usize, |sum, &width| sum.checked_add(width));
    match widths.as_ref().and_then(total) {
        Some(total) => Ok(Box::new(FeatureVectorizer { widths: widths.unwrap_or_default(), total })),
        None => Err(node.invalid("inputdimensions: expected the number of columns of each input")),
    }
}

impl Operator for FeatureVectorizer {
    /// Numbers of any types, `[features]` or `[rows, ..]`, to float32 `[rows,
    /// features of all]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        if inputs.len() != self.widths.len() {
            let (expected, got) = (self.widths.len(), inputs.len());
            return Err(failed(format!("expected {expected} inputs, as inputdimensions has, got {got}")));
        }
        let (rows, _) = rows(&inputs.tensor(0)?)?;
        let mut y = scope.filled(rows.saturating_mul(self.total), 0.0)?;
        let mut start = 0;
        for (index, &width) in self.widths.iter().enumerate() {
            let x = inputs.tensor(index)?;
            let (count, columns) = self::rows(&x)?;
            if count != rows {
                return Err(failed(format!("input {index} has {count} rows, but input 0 has {rows}")));
            }
            let values = floats(&x, scope)?;
            let from = values.chunks_exact(columns.max(1));
            for (row, y) in from.zip(y.chunks_exact_mut(self.total.max(1))) {
                let to = y.get_mut(start..start + width).unwrap_or_default();
                to.iter_mut().zip(row).for_each(|(y, x)| *y = *x);
            }
            scope.keep_cow(values);
            start += width;
        }
        one(Shape::from_slice(&[rows, self.total]), TensorData::Float32(y))
    }
}

/// The number of rows, and of elements in each.
fn rows(x: &TensorRef<'_>) -> Result<(usize, usize)> {
    match x.shape {
        [] => Err(failed("expected inputs of one or more dimensions, got a scalar")),
        [width] => Ok((1, *width)),
        [rows, row @ ..] => Ok((*rows, element_count(row).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    fn vectorizer(widths: &[i64]) -> Case {
        Case::new("ai.onnx.ml", "FeatureVectorizer", 1).ints("inputdimensions", widths)
    }

    #[test]
    fn puts_rows_side_by_side() {
        let (a, b) = (f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), i64s(&[2, 1], &[5, 6]));
        let y = vectorizer(&[2, 1]).run(&[a, b]).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[1.0, 2.0, 5.0, 3.0, 4.0, 6.0])]);
        let y = vectorizer(&[1, 2]).run(&[f32s(&[1], &[1.0]), f32s(&[2], &[2.0, 3.0])]).unwrap();
        assert_eq!(y, [f32s(&[1, 3], &[1.0, 2.0, 3.0])]);
        let y = vectorizer(&[4]).run(&[f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0])]).unwrap();
        assert_eq!(y, [f32s(&[1, 4], &[1.0, 2.0, 3.0, 4.0])]);
    }

    #[test]
    fn cuts_rows_off_or_fills_them_up_with_zeros() {
        let x = || f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let y = vectorizer(&[1, 3]).run(&[x(), x()]).unwrap();
        assert_eq!(y, [f32s(&[2, 4], &[1.0, 1.0, 2.0, 0.0, 3.0, 3.0, 4.0, 0.0])]);
    }

    #[test]
    fn refuses_inputs_that_do_not_fit() {
        let message = |case: Case, inputs: &[_]| case.run(inputs).unwrap_err().message().to_owned();
        let (one, two) = (f32s(&[1, 1], &[1.0]), f32s(&[2, 1], &[1.0, 2.0]));
        let inputs = [one.clone(), two];
        assert_eq!(message(vectorizer(&[1, 1]), &inputs), "input 1 has 2 rows, but input 0 has 1");
        let expected = "expected 1 inputs, as inputdimensions has, got 2";
        assert_eq!(message(vectorizer(&[1]), &inputs), expected);
        let expected = "inputdimensions: expected the number of columns of each input";
        for widths in [&[-1][..], &[i64::MAX, i64::MAX, i64::MAX]] {
            assert_eq!(message(vectorizer(widths), std::slice::from_ref(&one)), expected);
        }
        let huge = message(vectorizer(&[i64::MAX]), &[one]);
        assert_eq!(huge, "a tensor of 9223372036854775807 elements does not fit into memory");
    }
}
