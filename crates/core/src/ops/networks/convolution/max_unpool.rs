//! `MaxUnpool`: numbers back to where `MaxPool` had found them, among zeros.
//! <https://onnx.ai/onnx/operators/onnx__MaxUnpool.html>

use super::planes::{length, unpooled_shape};
use super::window::{Window, spatial};
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape, TensorData};

struct MaxUnpool {
    window: Window,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(MaxUnpool { window: Window::with_kernel(node)? }))
}

impl Operator for MaxUnpool {
    /// X, float32, and I, int64, `[N, C, D1, …]`; the places in I are those in a
    /// tensor as large as the attributes say, which lies at the start of one of
    /// `output_shape`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x, places) = (inputs.tensor(0)?.shape, inputs.read::<f32>(0)?, inputs.read::<i64>(1)?);
        if x.len() != places.len() {
            return Err(failed(format!("X has {} numbers, but I has {}", x.len(), places.len())));
        }
        let inner = self.unpooled(shape)?;
        let outer = self.asked(inputs, shape, scope)?.unwrap_or_else(|| inner.clone());
        let mut y = scope.zeros(length(&outer)?)?;
        for (x, place) in x.iter().zip(places) {
            let found = within(*place, &inner, &outer).and_then(|place| y.get_mut(place));
            *found.ok_or_else(|| {
                failed(format!("there is no place {place} in a tensor of shape {inner:?}"))
            })? = *x;
        }
        one(outer, TensorData::Float32(y))
    }
}

impl MaxUnpool {
    /// The shape that the attributes give.
    fn unpooled(&self, shape: &[usize]) -> Result<Shape> {
        let unpooled = unpooled_shape(shape, &self.window.over_outputs(spatial(shape)?)?);
        length(&unpooled)?;
        Ok(unpooled)
    }

    fn asked(&self, inputs: &Inputs<'_>, shape: &[usize], scope: &mut Scope) -> Result<Option<Shape>> {
        let Some(asked) = inputs.optional(2)? else { return Ok(None) };
        let sizes = ints(&asked, scope)?;
        let found: Option<Shape> = sizes.iter().map(|size| usize::try_from(*size).ok()).collect();
        match found.filter(|found| found.len() == shape.len()) {
            Some(found) => Ok(Some(found)),
            None => Err(failed(format!("output_shape: expected {} sizes, got {sizes:?}", shape.len()))),
        }
    }
}

/// A place in a tensor of shape `inner` as one in a tensor of shape `outer`.
fn within(place: i64, inner: &[usize], outer: &[usize]) -> Option<usize> {
    let (mut place, mut found, mut step) = (usize::try_from(place).ok()?, 0usize, 1usize);
    for (inner, outer) in inner.iter().zip(outer).rev() {
        let index = place.checked_rem(*inner).filter(|index| index < outer)?;
        found += index * step;
        step *= outer;
        place /= inner;
    }
    (place == 0).then_some(found)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    fn case() -> Case {
        Case::new("", "MaxUnpool", 11).ints("kernel_shape", &[2]).ints("strides", &[2])
    }

    #[test]
    fn puts_numbers_back() {
        let inputs = [f32s(&[1, 1, 2], &[5.0, 7.0]), i64s(&[1, 1, 2], &[1, 2])];
        assert_eq!(case().run(&inputs).unwrap(), [f32s(&[1, 1, 4], &[0.0, 5.0, 7.0, 0.0])]);
    }

    #[test]
    fn into_a_larger_tensor_at_its_start() {
        let case = Case::new("", "MaxUnpool", 11).ints("kernel_shape", &[1, 2]).ints("strides", &[1, 2]);
        let (x, places) = (f32s(&[1, 1, 2, 1], &[5.0, 7.0]), i64s(&[1, 1, 2, 1], &[1, 2]));
        let y = case.run(&[x, places, i64s(&[4], &[1, 1, 2, 3])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 2, 3], &[0.0, 5.0, 0.0, 7.0, 0.0, 0.0])]);
    }

    #[test]
    fn refuses_places_that_are_not_there() {
        let run = |place| case().run(&[f32s(&[1, 1, 1], &[5.0]), i64s(&[1, 1, 1], &[place])]);
        assert_eq!(run(2).unwrap_err().message(), "there is no place 2 in a tensor of shape [1, 1, 2]");
        assert!(run(-1).is_err());
        let error = case().run(&[f32s(&[1, 1, 1], &[5.0]), i64s(&[0], &[])]).unwrap_err();
        assert_eq!(error.message(), "X has 1 numbers, but I has 0");
    }
}
