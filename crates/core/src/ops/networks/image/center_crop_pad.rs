//! `CenterCropPad`: what is in the middle, with zeros around it where there is
//! less than asked for.
//! <https://onnx.ai/onnx/operators/onnx__CenterCropPad.html>

use crate::Result;
use crate::ops::tensor::along::{Along, along};
use crate::ops::tensor::axis::{axes, dim};
use crate::ops::tensor::indices::whole;
use crate::ops::tensor::runs::NOWHERE;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};

struct CenterCropPad {
    /// The axes that sizes are given for; without, all.
    axes: Option<Vec<i64>>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let axes = if node.has("axes") { Some(node.ints("axes")?) } else { None };
    Ok(Box::new(CenterCropPad { axes }))
}

impl Operator for CenterCropPad {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let named = match &self.axes {
            Some(list) => axes(list, x.shape.len())?,
            None => (0..x.shape.len()).collect(),
        };
        let sizes = whole(&inputs.tensor(1)?, scope)?;
        if sizes.len() != named.len() {
            let (expected, got) = (named.len(), sizes.len());
            return Err(failed(format!("expected {expected} sizes, got {got}")));
        }
        let mut moved = Vec::new();
        for (&axis, &size) in named.iter().zip(sizes.iter()) {
            let (length, size) = (x.shape.get(axis).copied().unwrap_or_default(), dim(size)?);
            if length != size {
                moved.push(Along { axis, places: centered(length, size, scope)? });
            }
        }
        scope.keep_cow(sizes);
        Ok(only(along(x, moved, None, scope)?))
    }
}

/// The places of an axis of `length` in the middle of one of `size`.
fn centered(length: usize, size: usize, scope: &mut Scope) -> Result<Vec<u32>> {
    let (first, before) = (length.saturating_sub(size) / 2, size.saturating_sub(length) / 2);
    let mut places = scope.filled(size, NOWHERE)?;
    for (place, from) in places.iter_mut().skip(before).zip(first..length) {
        *place = from as u32;
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i64s};

    #[test]
    fn crops_and_pads_around_the_middle() {
        let x = [i64s(&[5], &[1, 2, 3, 4, 5]), i64s(&[1], &[2])];
        assert_eq!(Case::new("", "CenterCropPad", 18).run(&x).unwrap(), [i64s(&[2], &[2, 3])]);
        let x = [i64s(&[1, 2], &[1, 2]), i64s(&[1], &[5])];
        let y = Case::new("", "CenterCropPad", 18).ints("axes", &[-1]).run(&x).unwrap();
        assert_eq!(y, [i64s(&[1, 5], &[0, 1, 2, 0, 0])]);
        let x = [i64s(&[1, 3], &[1, 2, 3]), i64s(&[2], &[2, 1])];
        assert_eq!(Case::new("", "CenterCropPad", 18).run(&x).unwrap(), [i64s(&[2, 1], &[2, 0])]);
    }

    #[test]
    fn refuses_sizes_that_do_not_fit() {
        let run = |sizes| Case::new("", "CenterCropPad", 18).run(&[i64s(&[1], &[1]), sizes]).unwrap_err();
        assert_eq!(run(i64s(&[2], &[1, 1])).message(), "expected 1 sizes, got 2");
        run(i64s(&[1], &[-1]));
        run(i64s(&[1], &[i64::MAX]));
    }
}
