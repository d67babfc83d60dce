//! `ai.onnx.ml.Imputer`: other numbers in place of missing ones.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Imputer.html>

use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

/// What replaces what: one number for every feature, or one for all.
enum Imputer {
    Floats { imputed: Vec<f32>, replaced: f32 },
    Integers { imputed: Vec<i64>, replaced: i64 },
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let floats = node.floats("imputed_value_floats")?.to_vec();
    let integers = node.ints("imputed_value_int64s")?;
    let imputer = match (floats.is_empty(), integers.is_empty()) {
        (false, true) => {
            Imputer::Floats { imputed: floats, replaced: node.float_or("replaced_value_float", 0.0)? }
        }
        (true, false) => {
            Imputer::Integers { imputed: integers, replaced: node.int_or("replaced_value_int64", 0)? }
        }
        _ => {
            let expected = "expected numbers either in imputed_value_floats or in imputed_value_int64s";
            return Err(node.invalid(expected));
        }
    };
    Ok(Box::new(imputer))
}

impl Operator for Imputer {
    /// X of any shape but a scalar; float32 or float64 where the node has
    /// floats, otherwise int64 or int32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        // The features of X of many dimensions are in the second one, but the
        // numbers go round with the elements: so onnxruntime has it.
        let (&[width] | &[_, width, ..]) = x.shape else {
            return Err(failed("expected X of one or more dimensions, got a scalar"));
        };
        let data = match (self, x.data) {
            (Self::Floats { imputed, replaced }, DataRef::Float32(x)) => {
                let missing = |x: f32| x == *replaced || (x.is_nan() && replaced.is_nan());
                impute(x, width, imputed, missing, |imputed| imputed, scope)?
            }
            (Self::Floats { imputed, replaced }, DataRef::Float64(x)) => {
                let missing = |x: f64| x == f64::from(*replaced) || (x.is_nan() && replaced.is_nan());
                impute(x, width, imputed, missing, f64::from, scope)?
            }
            (Self::Integers { imputed, replaced }, DataRef::Int64(x)) => {
                impute(x, width, imputed, |x| x == *replaced, |imputed| imputed, scope)?
            }
            (Self::Integers { imputed, replaced }, DataRef::Int32(x)) => {
                impute(x, width, imputed, |x| i64::from(x) == *replaced, |imputed| imputed as i32, scope)?
            }
            (Self::Floats { .. }, _) => {
                return Err(failed(format!("expected floats, got {} elements", x.element_type())));
            }
            _ => return Err(failed(format!("expected integers, got {} elements", x.element_type()))),
        };
        one(x.shape, data)
    }
}

fn impute<T: Native + Copy, I: Copy>(
    x: &[T],
    width: usize,
    imputed: &[I],
    missing: impl Fn(T) -> bool,
    convert: impl Fn(I) -> T,
    scope: &mut Scope,
) -> Result<TensorData> {
    let mut y = scope.vec(x.len())?;
    let number = |x: T, imputed: I| if missing(x) { convert(imputed) } else { x };
    match *imputed {
        _ if imputed.len() == width => {
            for row in x.chunks(width) {
                y.extend(row.iter().zip(imputed).map(|(&x, &imputed)| number(x, imputed)));
            }
        }
        // As in onnxruntime, the first number is for all features where there is
        // not one for each.
        [imputed, ..] => y.extend(x.iter().map(|&x| number(x, imputed))),
        [] => return Err(failed("expected numbers to impute")),
    }
    Ok(T::wrap(y))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};
    use crate::{Tensor, TensorData};

    const NAN: f32 = f32::NAN;

    fn imputer(imputed: &[f32], replaced: f32) -> Case {
        Case::new("ai.onnx.ml", "Imputer", 1)
            .floats("imputed_value_floats", imputed)
            .float("replaced_value_float", replaced)
    }

    fn check(case: &Case, expected: &[f32]) {
        let y = case.run(&[f32s(&[2, 2], &[NAN, 1.0, 2.0, NAN])]).unwrap();
        assert_eq!(y[0].shape(), [2, 2]);
        assert_close(y[0].as_f32().unwrap(), expected);
    }

    #[test]
    fn replaces_nan_or_a_number() {
        check(&imputer(&[7.0, 8.0], NAN), &[7.0, 1.0, 2.0, 8.0]);
        check(&imputer(&[7.0, 8.0], 2.0), &[NAN, 1.0, 7.0, NAN]);
    }

    #[test]
    fn the_first_number_is_for_all_features_where_there_is_not_one_for_each() {
        check(&imputer(&[7.0], NAN), &[7.0, 1.0, 2.0, 7.0]);
        check(&imputer(&[7.0, 8.0, 9.0], NAN), &[7.0, 1.0, 2.0, 7.0]);
        let y = imputer(&[7.0, 8.0], 0.0).run(&[f32s(&[1, 2, 3], &[0.0; 6])]).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 3], &[7.0, 8.0, 7.0, 8.0, 7.0, 8.0])]);
    }

    #[test]
    fn replaces_zero_unless_told() {
        let case = Case::new("ai.onnx.ml", "Imputer", 1).ints("imputed_value_int64s", &[7, 8]);
        let y = case.run(&[i64s(&[2, 2], &[0, 1, 2, 0])]).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[7, 1, 2, 8])]);
    }

    #[test]
    fn keeps_the_type() {
        let x = Tensor::new(vec![2], TensorData::Float64(vec![f64::NAN, 0.1])).unwrap();
        let y = Tensor::new(vec![2], TensorData::Float64(vec![7.0, 0.1])).unwrap();
        assert_eq!(imputer(&[7.0], NAN).run(&[x]).unwrap(), [y]);
        let of = |values: &[i32]| Tensor::new(vec![2], TensorData::Int32(values.to_vec())).unwrap();
        let case = Case::new("ai.onnx.ml", "Imputer", 1)
            .ints("imputed_value_int64s", &[7])
            .int("replaced_value_int64", -1);
        assert_eq!(case.run(&[of(&[-1, 3])]).unwrap(), [of(&[7, 3])]);
    }

    #[test]
    fn refuses_other_types_and_scalars() {
        let message = |case: Case, x| case.run(&[x]).unwrap_err().message().to_owned();
        let x = i64s(&[1], &[1]);
        assert_eq!(message(imputer(&[1.0], 0.0), x.clone()), "expected floats, got int64 elements");
        let case = imputer(&[1.0], 0.0).ints("imputed_value_int64s", &[1]);
        let expected = "expected numbers either in imputed_value_floats or in imputed_value_int64s";
        assert_eq!(message(case, x), expected);
        let scalar = f32s(&[], &[1.0]);
        let expected = "expected X of one or more dimensions, got a scalar";
        assert_eq!(message(imputer(&[1.0], 0.0), scalar), expected);
    }
}
