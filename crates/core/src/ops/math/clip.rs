//! `Clip`: numbers brought between two.
//! <https://onnx.ai/onnx/operators/onnx__Clip.html>

use std::borrow::Cow;

use super::binary::{same_type, unsupported};
use crate::native::Native;
use crate::ops::numbers::{integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

struct Clip {
    /// The attributes of the operator sets before 11.
    least: Option<f32>,
    most: Option<f32>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let bound = |name| match node.version() < 11 && node.has(name) {
        true => node.float_or(name, 0.0).map(Some),
        false => Ok(None),
    };
    Ok(Box::new(Clip { least: bound("min")?, most: bound("max")? }))
}

impl Operator for Clip {
    /// A bound that is left out is the last finite number, as in onnxruntime.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (least, most) = (bound(inputs, 1, &x)?, bound(inputs, 2, &x)?);
        let data = match x.data {
            DataRef::Float32(x) => {
                let least = first(least).or(self.least).unwrap_or(f32::MIN);
                let most = first(most).or(self.most).unwrap_or(f32::MAX);
                TensorData::Float32(clip(x, least, most, scope)?)
            }
            DataRef::Float64(x) => {
                let least = first(least).or(self.least.map(f64::from)).unwrap_or(f64::MIN);
                let most = first(most).or(self.most.map(f64::from)).unwrap_or(f64::MAX);
                TensorData::Float64(clip(x, least, most, scope)?)
            }
            _ => clip_integers(&x, least, most, scope)?,
        };
        one(x.shape, data)
    }
}

/// The bound of input `index`: one number.
fn bound<'a>(inputs: &Inputs<'a>, index: usize, x: &TensorRef<'_>) -> Result<Option<TensorRef<'a>>> {
    let Some(bound) = inputs.optional(index)? else { return Ok(None) };
    same_type(x, &bound)?;
    if bound.len() == 1 {
        return Ok(Some(bound));
    }
    Err(failed(format!("input {index}: expected one number, got a tensor of shape {:?}", bound.shape)))
}

fn first<T: Native + Copy>(bound: Option<TensorRef<'_>>) -> Option<T> {
    bound.and_then(|bound| bound.read()).and_then(|numbers| numbers.first()).copied()
}

/// Where the bounds are the wrong way round, the upper one holds; a bound that
/// is NaN is none; and NaN stays NaN.
fn clip<T: Native + Copy + PartialOrd>(x: &[T], least: T, most: T, scope: &mut Scope) -> Result<Vec<T>> {
    let mut y = scope.vec(x.len())?;
    y.extend(x.iter().map(|&x| {
        let x = if x < least { least } else { x };
        if x > most { most } else { x }
    }));
    Ok(y)
}

fn clip_integers(
    x: &TensorRef<'_>,
    least: Option<TensorRef<'_>>,
    most: Option<TensorRef<'_>>,
    scope: &mut Scope,
) -> Result<TensorData> {
    let element = x.element_type();
    if !element.is_integer() {
        return Err(unsupported(x));
    }
    let least = int(least, scope)?.unwrap_or(i64::MIN);
    let most = int(most, scope)?.unwrap_or(i64::MAX);
    let x = ints(x, scope)?;
    let y = clip(&x, least, most, scope)?;
    scope.keep_cow(x);
    integers(Cow::Owned(y), element, scope)
}

fn int(bound: Option<TensorRef<'_>>, scope: &mut Scope) -> Result<Option<i64>> {
    let Some(bound) = bound else { return Ok(None) };
    let numbers = ints(&bound, scope)?;
    let number = numbers.first().copied();
    scope.keep_cow(numbers);
    Ok(number)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s};
    use crate::{Tensor, Value};

    fn clip(inputs: &[Option<Tensor>]) -> Value {
        let inputs: Vec<_> = inputs.iter().cloned().map(|input| input.map(Value::Tensor)).collect();
        Case::new("", "Clip", 13).run_values(&inputs).unwrap().remove(0)
    }

    #[test]
    fn brings_numbers_between_the_bounds() {
        let x = f32s(&[3], &[-2.0, 0.5, 7.0]);
        let (least, most) = (f32s(&[], &[-1.0]), f32s(&[1], &[1.0]));
        let y = clip(&[Some(x.clone()), Some(least.clone()), Some(most.clone())]);
        assert_eq!(y, f32s(&[3], &[-1.0, 0.5, 1.0]).into());
        assert_eq!(clip(&[Some(x.clone()), Some(least)]), f32s(&[3], &[-1.0, 0.5, 7.0]).into());
        assert_eq!(clip(&[Some(x.clone()), None, Some(most)]), f32s(&[3], &[-2.0, 0.5, 1.0]).into());
        assert_eq!(clip(&[Some(x.clone())]), x.into());
    }

    #[test]
    fn infinity_becomes_finite_even_without_bounds() {
        let y = clip(&[Some(f32s(&[2], &[f32::NEG_INFINITY, f32::INFINITY]))]);
        assert_eq!(y, f32s(&[2], &[f32::MIN, f32::MAX]).into());
    }

    #[test]
    fn the_upper_bound_holds_where_they_are_the_wrong_way_round() {
        let y = clip(&[Some(f64s(&[2], &[1.0, 5.0])), Some(f64s(&[], &[3.0])), Some(f64s(&[], &[2.0]))]);
        assert_eq!(y, f64s(&[2], &[2.0, 2.0]).into());
    }

    #[test]
    fn nan_is_no_bound_and_stays_nan() {
        let y = clip(&[
            Some(f32s(&[2], &[f32::NAN, 5.0])),
            Some(f32s(&[], &[f32::NAN])),
            Some(f32s(&[], &[3.0])),
        ]);
        let Value::Tensor(y) = y else { panic!() };
        assert!(y.as_f32().unwrap()[0].is_nan());
        assert_eq!(y.as_f32().unwrap()[1], 3.0);
    }

    #[test]
    fn takes_integers() {
        let y = clip(&[Some(i64s(&[3], &[-2, 0, 7])), Some(i64s(&[], &[-1])), Some(i64s(&[], &[1]))]);
        assert_eq!(y, i64s(&[3], &[-1, 0, 1]).into());
    }

    #[test]
    fn old_operator_sets_have_the_bounds_as_attributes() {
        let x = f32s(&[3], &[-2.0, 0.5, 7.0]);
        let y = Case::new("", "Clip", 6)
            .float("min", 0.0)
            .float("max", 1.0)
            .run(std::slice::from_ref(&x))
            .unwrap();
        assert_eq!(y, [f32s(&[3], &[0.0, 0.5, 1.0])]);
        let y = Case::new("", "Clip", 6).float("min", 0.0).run(&[x]).unwrap();
        assert_eq!(y, [f32s(&[3], &[0.0, 0.5, 7.0])]);
    }

    #[test]
    fn refuses_several_bounds_and_bounds_of_another_type() {
        let run = |bound| Case::new("", "Clip", 13).run(&[f32s(&[1], &[1.0]), bound]).unwrap_err();
        let several = run(f32s(&[2], &[1.0, 2.0]));
        assert_eq!(several.message(), "input 1: expected one number, got a tensor of shape [2]");
        assert_eq!(run(i64s(&[], &[1])).message(), "expected elements of one type, got float32 and int64");
    }
}
