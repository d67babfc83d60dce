//! `ai.onnx.ml.Normalizer`: divides each row by its norm.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Normalizer.html>

use edgeinfer_kernels::{divide, l1, l2};

use super::rows::Rows;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

/// A row's norm.
type Norm = fn(&[f32]) -> f32;

struct Normalizer {
    norm: Norm,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let norm: Norm = match node.string_or("norm", "MAX")? {
        "MAX" => largest,
        "L1" => l1,
        "L2" => l2,
        other => return Err(node.invalid(format_args!("norm: expected MAX, L1 or L2, got {other}"))),
    };
    Ok(Box::new(Normalizer { norm }))
}

/// The largest number, not the largest magnitude: so onnxruntime has it, and
/// with a negative one the signs of the row change.
fn largest(row: &[f32]) -> f32 {
    row.iter().fold(f32::MIN, |largest, &x| if x > largest { x } else { largest })
}

impl Operator for Normalizer {
    /// X of any numbers, `[features]` or `[rows, features]`, to float32. A row
    /// whose norm is zero comes out as it is.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        let values = floats(&x, scope)?;
        let mut y = scope.vec(values.len())?;
        for row in values.chunks_exact(rows.width.max(1)) {
            let norm = (self.norm)(row);
            let divisor = if norm == 0.0 { 1.0 } else { norm };
            divide(row, divisor, &mut y);
        }
        scope.keep_cow(values);
        one(x.shape, TensorData::Float32(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s, i64s};

    fn normalizer(norm: &str) -> Case {
        Case::new("ai.onnx.ml", "Normalizer", 1).string("norm", norm)
    }

    /// The numbers are those of onnxruntime.
    fn check(norm: &str, expected: &[f32]) {
        let numbers = [1, -2, 2, 0, 0, 0, -1, -2, -4];
        for x in [i64s(&[3, 3], &numbers), f32s(&[3, 3], &numbers.map(|x| x as f32))] {
            let y: Vec<Tensor> = normalizer(norm).run(&[x]).unwrap();
            assert_eq!(y[0].shape(), [3, 3]);
            assert_close(y[0].as_f32().unwrap(), expected);
        }
    }

    #[test]
    fn max_divides_by_the_largest_number_even_if_it_is_negative() {
        check("MAX", &[0.5, -1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0]);
    }

    #[test]
    fn l1_divides_by_the_sum_of_magnitudes() {
        check("L1", &[0.2, -0.4, 0.4, 0.0, 0.0, 0.0, -0.14285715, -0.2857143, -0.5714286]);
    }

    #[test]
    fn l2_divides_by_the_length() {
        check("L2", &[0.33333334, -0.6666667, 0.6666667, 0.0, 0.0, 0.0, -0.2182179, -0.4364358, -0.8728716]);
    }

    #[test]
    fn one_dimension_is_one_row() {
        let y = Case::new("ai.onnx.ml", "Normalizer", 1).run(&[f32s(&[2], &[1.0, 4.0])]).unwrap();
        assert_eq!(y, [f32s(&[2], &[0.25, 1.0])]);
    }

    #[test]
    fn refuses_other_norms_and_shapes() {
        let error = normalizer("L3").run(&[f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "norm: expected MAX, L1 or L2, got L3");
        let error = normalizer("L1").run(&[f32s(&[1, 1, 1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "expected X of one or two dimensions, got shape [1, 1, 1]");
    }
}
