//! `Pow`: `X` to the power of `Y`, in the type of `X`.
//! <https://onnx.ai/onnx/operators/onnx__Pow.html>

use super::binary::{axis, pair};
use super::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

struct Pow {
    axis: Option<i64>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Pow { axis: axis(node)? }))
}

impl Operator for Pow {
    /// In float64, whatever the types, as onnxruntime does for all but float32,
    /// whose powers are the nearest then.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, y) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let broadcast = pair(&x, &y, self.axis)?;
        if let Some(data) = small(&x, &y, scope)? {
            return one(broadcast.shape, data);
        }
        let (base, exponent) = (doubles(&x, scope)?, doubles(&y, scope)?);
        let mut powers = scope.vec(broadcast.len())?;
        broadcast.zip(&base, &exponent, &mut powers, |x: &f64, y: &f64| x.powf(*y));
        scope.keep_cow(base);
        scope.keep_cow(exponent);
        let data = in_type(powers, x.element_type(), scope)?;
        one(broadcast.shape, data)
    }
}

/// Squares and cubes of float32, for which there is no need of logarithms.
fn small(x: &TensorRef<'_>, y: &TensorRef<'_>, scope: &mut Scope) -> Result<Option<TensorData>> {
    let exponent = match y.data {
        DataRef::Float32([exponent]) => f64::from(*exponent),
        DataRef::Float64([exponent]) => *exponent,
        DataRef::Int64([exponent]) => *exponent as f64,
        DataRef::Int32([exponent]) => f64::from(*exponent),
        _ => return Ok(None),
    };
    let DataRef::Float32(x) = x.data else { return Ok(None) };
    let mut powers = scope.vec(x.len())?;
    match exponent {
        2.0 => powers.extend(x.iter().map(|x| x * x)),
        3.0 => powers.extend(x.iter().map(|x| x * x * x)),
        _ => {
            scope.keep(powers);
            return Ok(None);
        }
    }
    Ok(Some(TensorData::Float32(powers)))
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::testing::{Case, f32s, f64s, i64s, tensor};

    #[test]
    fn takes_exponents_of_each_base() {
        let inputs = [f32s(&[2, 1], &[2.0, 9.0]), f32s(&[3], &[0.0, 0.5, -1.0])];
        let y = Case::new("", "Pow", 15).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[1.0, std::f32::consts::SQRT_2, 0.5, 1.0, 3.0, 1.0 / 9.0])]);
    }

    #[test]
    fn squares_and_cubes() {
        let x = f32s(&[3], &[-2.0, 0.5, f32::INFINITY]);
        let y = Case::new("", "Pow", 15).run(&[x.clone(), f32s(&[], &[2.0])]).unwrap();
        assert_eq!(y, [f32s(&[3], &[4.0, 0.25, f32::INFINITY])]);
        let y = Case::new("", "Pow", 15).run(&[x, i64s(&[1, 1], &[3])]).unwrap();
        assert_eq!(y, [f32s(&[1, 3], &[-8.0, 0.125, f32::INFINITY])]);
    }

    #[test]
    fn the_result_has_the_type_of_the_base() {
        let y = Case::new("", "Pow", 15).run(&[i64s(&[2], &[2, 3]), f32s(&[2], &[0.5, 1.5])]).unwrap();
        assert_eq!(y, [i64s(&[2], &[1, 5])]);
        let y = Case::new("", "Pow", 15).run(&[f64s(&[1], &[2.5]), f32s(&[1], &[2.0])]).unwrap();
        assert_eq!(y, [f64s(&[1], &[6.25])]);
    }

    #[test]
    fn integers_without_a_power_are_as_onnxruntimes() {
        let y = Case::new("", "Pow", 15).run(&[i64s(&[3], &[3, 0, 2]), i64s(&[3], &[-1, -1, 64])]).unwrap();
        assert_eq!(y, [i64s(&[3], &[0, i64::MIN, i64::MIN])]);
        let int32 = |values: &[i32]| tensor(&[values.len()], TensorData::Int32(values.to_vec()));
        let y = Case::new("", "Pow", 15).run(&[int32(&[2, -2]), int32(&[31, 3])]).unwrap();
        assert_eq!(y, [int32(&[i32::MIN, -8])]);
    }
}
