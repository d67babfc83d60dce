//! `ai.onnx.ml.Binarizer`: 1 above a threshold, otherwise 0.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Binarizer.html>

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct Binarizer {
    threshold: f32,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Binarizer { threshold: node.float_or("threshold", 0.0)? }))
}

impl Operator for Binarizer {
    /// X of any shape, float32, float64, int64 or int32, to the same type.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let threshold = self.threshold;
        let data = match x.data {
            DataRef::Float32(x) => {
                check(x.iter().any(|x| x.is_nan()))?;
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|&x| f32::from(u8::from(x > threshold))));
                TensorData::Float32(y)
            }
            DataRef::Float64(x) => {
                check(x.iter().any(|x| x.is_nan()))?;
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|&x| f64::from(u8::from(x > f64::from(threshold)))));
                TensorData::Float64(y)
            }
            DataRef::Int64(x) => {
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|&x| i64::from(x as f64 > f64::from(threshold))));
                TensorData::Int64(y)
            }
            DataRef::Int32(x) => {
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|&x| i32::from(f64::from(x) > f64::from(threshold))));
                TensorData::Int32(y)
            }
            _ => return Err(failed(format!("expected numbers, got {} elements", x.element_type()))),
        };
        one(x.shape, data)
    }
}

fn check(nan: bool) -> Result<()> {
    if nan { Err(failed("expected numbers, got NaN")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};
    use crate::{Tensor, TensorData};

    fn binarizer(threshold: f32) -> Case {
        Case::new("ai.onnx.ml", "Binarizer", 1).float("threshold", threshold)
    }

    /// The first matrix of the test.
    #[test]
    fn test_ai_onnx_ml_binarizer() {
        let x = [
            1.7640524,
            0.4001572,
            0.978738,
            2.2408931,
            1.867558,
            -0.9772779,
            0.95008844,
            -0.1513572,
            -0.10321885,
            0.41059852,
            0.14404356,
            1.4542735,
            0.7610377,
            0.12167501,
            0.44386324,
            0.33367434,
            1.4940791,
            -0.20515826,
            0.3130677,
            -0.85409576,
        ];
        let y = binarizer(1.0).run(&[f32s(&[1, 4, 5], &x)]).unwrap();
        let ones = [0, 3, 4, 11, 16];
        let expected: Vec<_> = (0..20).map(|place| f32::from(u8::from(ones.contains(&place)))).collect();
        assert_eq!(y, [f32s(&[1, 4, 5], &expected)]);
    }

    #[test]
    fn is_one_above_the_threshold_alone() {
        let y = binarizer(3.0).run(&[f32s(&[2, 2], &[2.5, 3.0, 3.5, -7.0])]).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[0.0, 0.0, 1.0, 0.0])]);
    }

    #[test]
    fn the_threshold_is_zero_unless_told() {
        let y = Case::new("ai.onnx.ml", "Binarizer", 1).run(&[f32s(&[3], &[-1.0, 0.0, 0.1])]).unwrap();
        assert_eq!(y, [f32s(&[3], &[0.0, 0.0, 1.0])]);
    }

    #[test]
    fn keeps_the_type() {
        assert_eq!(binarizer(1.5).run(&[i64s(&[2], &[1, 2])]).unwrap(), [i64s(&[2], &[0, 1])]);
        let of = |values: &[f64]| Tensor::new(vec![2], TensorData::Float64(values.to_vec())).unwrap();
        assert_eq!(binarizer(1.5).run(&[of(&[1.0, 2.0])]).unwrap(), [of(&[0.0, 1.0])]);
        let of = |values: &[i32]| Tensor::new(vec![2], TensorData::Int32(values.to_vec())).unwrap();
        assert_eq!(binarizer(1.5).run(&[of(&[1, 2])]).unwrap(), [of(&[0, 1])]);
    }

    #[test]
    fn refuses_nan_and_texts() {
        let message = |x| binarizer(0.0).run(&[x]).unwrap_err().message().to_owned();
        assert_eq!(message(f32s(&[2], &[1.0, f32::NAN])), "expected numbers, got NaN");
        assert_eq!(message(texts(&[1], &["a"])), "expected numbers, got string elements");
    }
}
