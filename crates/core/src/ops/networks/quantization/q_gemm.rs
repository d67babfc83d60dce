//! `QGemm`: `alpha · A · B + C` on quantised matrices. Of onnxruntime's own
//! domain.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QGemm>

use super::granularity::Granularity;
use super::product::{Bytes, Sums, product};
use super::rescale::{multiplied, requantized, single};
use crate::native::Native;
use crate::ops::broadcast::Broadcast;
use crate::ops::math::matrix;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, TensorData};

struct QGemm {
    alpha: f32,
    transpose_a: bool,
    transpose_b: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(QGemm {
        alpha: node.float_or("alpha", 1.0)?,
        transpose_a: node.flag("transA", false)?,
        transpose_b: node.flag("transB", false)?,
    }))
}

impl Operator for QGemm {
    /// A and B, each with its scale and zero point; C of int32, by the product of
    /// their scales; the scale and zero point of the result, without which it is
    /// of float32. B may have a scale and a zero point for each column.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = (Bytes::read(inputs, 0, 2, scope)?, Bytes::read(inputs, 3, 5, scope)?);
        let a_scale = single("a_scale", &inputs.tensor(1)?, scope)?;
        let mut scales = multiplied(self.alpha * a_scale, &inputs.tensor(4)?, scope)?;
        let mut sums = turned(&a, self.transpose_a, scope, &mut |a, scope| {
            turned(&b, self.transpose_b, scope, &mut |b, scope| product(a, b, scope))
        })?;
        if let Some(c) = inputs.optional(6)? {
            add(&c, &mut sums, scope)?;
        }
        let granularity = Granularity::new(&sums.shape, &[scales.len()], 1, 0)?;
        let y = match (inputs.optional(7)?, inputs.optional(8)?) {
            (Some(scale), Some(zero)) => {
                let y_scale = single("y_scale", &scale, scope)?;
                scales.iter_mut().for_each(|scale| *scale /= y_scale);
                requantized(&sums.values, &scales, &granularity, &zero, scope)?
            }
            _ => {
                let mut y = scope.vec(sums.values.len())?;
                for row in sums.values.chunks_exact(sums.n.max(1)) {
                    y.extend(row.iter().zip(scales.iter().cycle()).map(|(sum, scale)| *sum as f32 * scale));
                }
                TensorData::Float32(y)
            }
        };
        scope.keep(sums.values);
        one(sums.shape, y)
    }
}

/// Gives the matrix, turned round where `transposed` says so, to `work`.
fn turned(
    matrix: &Bytes<'_>,
    transposed: bool,
    scope: &mut Scope,
    work: &mut dyn FnMut(&Bytes<'_>, &mut Scope) -> Result<Sums>,
) -> Result<Sums> {
    let &[height, width] = matrix.tensor.shape else {
        return Err(failed(format!("expected a matrix, got shape {:?}", matrix.tensor.shape)));
    };
    if !transposed {
        return work(matrix, scope);
    }
    let mut shape = Shape::new();
    shape.extend([width, height]);
    match matrix.tensor.data {
        DataRef::Int8(values) => {
            let columns = columns(values, width, scope)?;
            let tensor = TensorRef { shape: &shape, data: DataRef::Int8(&columns) };
            let sums = work(&Bytes { tensor, zeros: matrix.zeros.clone() }, scope);
            scope.keep(columns);
            sums
        }
        DataRef::UInt8(values) => {
            let columns = columns(values, width, scope)?;
            let tensor = TensorRef { shape: &shape, data: DataRef::UInt8(&columns) };
            let sums = work(&Bytes { tensor, zeros: matrix.zeros.clone() }, scope);
            scope.keep(columns);
            sums
        }
        _ => Err(matrix.no_bytes()),
    }
}

fn columns<T: Native + Copy>(values: &[T], width: usize, scope: &mut Scope) -> Result<Vec<T>> {
    let mut columns = scope.vec(values.len())?;
    if width > 0 {
        matrix::transpose(values, width, &mut columns);
    }
    Ok(columns)
}

/// Adds C, stretched to the sums' shape.
fn add(c: &TensorRef<'_>, sums: &mut Sums, scope: &mut Scope) -> Result<()> {
    let values =
        c.read::<i32>().ok_or_else(|| failed(format!("C: expected int32, got {}", c.element_type())))?;
    let broadcast = Broadcast::new(&[&sums.shape, c.shape])?;
    if broadcast.shape != sums.shape {
        return Err(failed(format!("C of shape {:?} cannot be stretched to {:?}", c.shape, sums.shape)));
    }
    let mut y = scope.vec(broadcast.len())?;
    broadcast.zip(&sums.values, values, &mut y, |sum, c| sum.wrapping_add(*c));
    scope.keep(std::mem::replace(&mut sums.values, y));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, tensor};
    use crate::{Result, Tensor, TensorData, Value};

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    fn i8s(shape: &[usize], values: &[i8]) -> Tensor {
        tensor(shape, TensorData::Int8(values.to_vec()))
    }

    fn inputs() -> Vec<Option<Tensor>> {
        let inputs = [
            u8s(&[2, 2], &[1, 2, 3, 4]),
            f32s(&[], &[0.5]),
            u8s(&[], &[1]),
            i8s(&[3, 2], &[10, 20, -30, 40, 50, -60]),
            f32s(&[3], &[0.5, 1.0, 2.0]),
            i8s(&[3], &[0, 10, 0]),
            i32s(&[3], &[4, -4, 8]),
        ];
        inputs.map(Some).into()
    }

    fn run(case: &Case, inputs: Vec<Option<Tensor>>) -> Result<Tensor> {
        let inputs: Vec<_> = inputs.into_iter().map(|input| input.map(Value::Tensor)).collect();
        match case.run_values(&inputs)?.remove(0) {
            Value::Tensor(tensor) => Ok(tensor),
            other => panic!("{other:?} is no tensor"),
        }
    }

    #[test]
    fn gives_numbers_or_quantised_ones() {
        let case = Case::new("com.microsoft", "QGemm", 1).int("transB", 1);
        // [0 1; 2 3] · [10 -40 50; 20 30 -60] = [20 30 -60; 80 10 -80]
        let y = run(&case, inputs()).unwrap();
        assert_eq!(y, f32s(&[2, 3], &[6.0, 13.0, -52.0, 21.0, 3.0, -72.0]));
        let mut quantised = inputs();
        quantised.extend([Some(f32s(&[], &[2.0])), Some(u8s(&[], &[40]))]);
        assert_eq!(run(&case, quantised).unwrap(), u8s(&[2, 3], &[43, 46, 14, 50, 42, 4]));
    }

    #[test]
    fn a_may_be_turned_round_and_c_left_out() {
        let mut inputs = inputs();
        inputs[0] = Some(u8s(&[2, 2], &[1, 3, 2, 4]));
        inputs[6] = None;
        let case = Case::new("com.microsoft", "QGemm", 1).int("transA", 1).int("transB", 1);
        let y = run(&case.float("alpha", 2.0), inputs).unwrap();
        assert_eq!(y, f32s(&[2, 3], &[10.0, 30.0, -120.0, 40.0, 10.0, -160.0]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let case = Case::new("com.microsoft", "QGemm", 1).int("transB", 1);
        let refused = |place: usize, with: Tensor| {
            let mut inputs = inputs();
            inputs[place] = Some(with);
            run(&case, inputs).unwrap_err().message().to_owned()
        };
        assert_eq!(
            refused(6, i32s(&[2, 2, 3], &[0; 12])),
            "C of shape [2, 2, 3] cannot be stretched to [2, 3]"
        );
        assert_eq!(refused(6, f32s(&[3], &[0.0; 3])), "C: expected int32, got float32");
        assert_eq!(refused(3, i8s(&[2], &[1, 2])), "expected a matrix, got shape [2]");
    }
}
