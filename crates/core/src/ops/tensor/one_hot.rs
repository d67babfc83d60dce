//! `OneHot`: an axis with one value at the place that an index names, another
//! everywhere else.
//! <https://onnx.ai/onnx/operators/onnx__OneHot.html>

use std::borrow::Cow;

use super::axis::{around, axis, count, dim};
use super::runs::{Runs, gathered};
use crate::ops::numbers::{doubles, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape};

struct OneHot {
    axis: i64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(OneHot { axis: node.int_or("axis", -1)? }))
}

impl Operator for OneHot {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (indices, values) = (inputs.tensor(0)?, inputs.tensor(2)?);
        if values.len() != 2 {
            return Err(failed(format!("expected two values, off and on, got {}", values.len())));
        }
        let depth = match *numbers(&inputs.tensor(1)?, scope)? {
            [depth] => dim(depth)?,
            ref depth => return Err(failed(format!("expected one depth, got {}", depth.len()))),
        };
        let at = axis(self.axis, indices.shape.len() + 1)?;
        let mut shape = Shape::from(indices.shape);
        shape.insert(at, depth);
        let list = numbers(&indices, scope)?;
        let mut starts = scope.vec(count(&shape)?)?;
        let inner = around(&shape, at).inner;
        for list in list.chunks_exact(inner.max(1)) {
            for place in 0..depth as i64 {
                let on = |&index: &i64| index == place || index == place - depth as i64;
                starts.extend(list.iter().map(|index| u32::from(on(index))));
            }
        }
        scope.keep_cow(list);
        one(shape, gathered(values.data, Runs::elements(starts), scope)?)
    }
}

/// Indices of any type, fractions cut off.
fn numbers<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [i64]>> {
    if !tensor.element_type().is_float() {
        return ints(tensor, scope);
    }
    let values = doubles(tensor, scope)?;
    let mut numbers = scope.vec(values.len())?;
    numbers.extend(values.iter().map(|&x| x as i64));
    scope.keep_cow(values);
    Ok(Cow::Owned(numbers))
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::testing::{Case, f32s, i64s, tensor};

    #[test]
    fn puts_on_where_the_index_says() {
        let (depth, values) = (f32s(&[], &[3.0]), i64s(&[2], &[0, 1]));
        let indices = f32s(&[5], &[0.0, 2.7, -1.0, -4.0, 3.0]);
        let y = Case::new("", "OneHot", 11).run(&[indices, depth, values]).unwrap();
        assert_eq!(y, [i64s(&[5, 3], &[1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])]);
    }

    #[test]
    fn indices_are_of_any_type_of_numbers() {
        let y = f32s(&[1, 3], &[0.0, 1.0, 0.0]);
        let ones = [
            TensorData::Int8(vec![1]),
            TensorData::UInt64(vec![1]),
            TensorData::Float64(vec![1.0]),
            TensorData::Float16(vec![0x3c00]),
        ];
        for one in ones {
            let inputs = [tensor(&[1], one), i64s(&[], &[3]), f32s(&[2], &[0.0, 1.0])];
            assert_eq!(Case::new("", "OneHot", 11).run(&inputs).unwrap(), std::slice::from_ref(&y));
        }
    }

    #[test]
    fn the_new_axis_may_be_anywhere() {
        let case = Case::new("", "OneHot", 11).int("axis", 0);
        let y = case.run(&[i64s(&[1, 2], &[0, 2]), i64s(&[1], &[3]), f32s(&[2], &[5.0, 1.0])]).unwrap();
        assert_eq!(y, [f32s(&[3, 1, 2], &[1.0, 5.0, 5.0, 5.0, 5.0, 1.0])]);
    }

    #[test]
    fn refuses_depths_and_values_that_are_none() {
        let case = Case::new("", "OneHot", 11);
        let indices = i64s(&[1], &[0]);
        assert!(case.run(&[indices.clone(), i64s(&[1], &[-1]), i64s(&[2], &[0, 1])]).is_err());
        assert!(case.run(&[indices.clone(), i64s(&[1], &[i64::MAX]), i64s(&[2], &[0, 1])]).is_err());
        assert!(case.run(&[indices, i64s(&[1], &[3]), i64s(&[1], &[1])]).is_err());
    }
}
