//! `NonZero`: the places of elements that are not zero, an axis a row.
//! <https://onnx.ai/onnx/operators/onnx__NonZero.html>

use super::layout::Layout;
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor::each;
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct NonZero;

pub(super) fn build(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(NonZero))
}

impl Operator for NonZero {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let mut found: Vec<u64> = scope.vec(data.len())?;
        for place in 0..data.len() {
            if each!(DataRef, data.data, values => is_set(values, place)) {
                found.push(place as u64);
            }
        }
        // As in onnxruntime, a scalar has one axis.
        let axes = Layout::dense(if data.shape.is_empty() { &[1] } else { data.shape }).axes;
        let mut out = scope.vec(axes.len().saturating_mul(found.len()))?;
        for axis in &axes {
            let (step, length) = (axis.step.unsigned_abs().max(1), axis.length.max(1));
            out.extend(found.iter().map(|&place| (place as usize / step % length) as i64));
        }
        let shape = [axes.len(), found.len()];
        scope.keep(found);
        one(shape.as_slice(), TensorData::Int64(out))
    }
}

fn is_set<T: Native>(values: &[T], place: usize) -> bool {
    values.get(place).is_some_and(|value| *value != T::default())
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, i64s};

    #[test]
    fn gives_a_column_for_each_element_that_is_not_zero() {
        let case = Case::new("", "NonZero", 13);
        let y = case.run(&[bools(&[2, 2], &[true, false, true, true])]).unwrap();
        assert_eq!(y, [i64s(&[2, 3], &[0, 1, 1, 0, 0, 1])]);
        let y = case.run(&[f32s(&[3], &[-0.0, f32::NAN, 1.0])]).unwrap();
        assert_eq!(y, [i64s(&[1, 2], &[1, 2])]);
        assert_eq!(case.run(&[f32s(&[], &[3.0])]).unwrap(), [i64s(&[1, 1], &[0])]);
        assert_eq!(case.run(&[f32s(&[0, 2], &[])]).unwrap(), [i64s(&[2, 0], &[])]);
    }
}
