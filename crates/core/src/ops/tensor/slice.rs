//! `Slice`: a range of every axis.
//! <https://onnx.ai/onnx/operators/onnx__Slice.html>

use super::axis::axes;
use super::indices::{optional, whole};
use super::layout::Layout;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};

/// The attributes of versions before 10.
struct Ranges {
    starts: Vec<i64>,
    ends: Vec<i64>,
    axes: Vec<i64>,
}

struct Slice {
    ranges: Option<Ranges>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    if node.version() >= 10 {
        return Ok(Box::new(Slice { ranges: None }));
    }
    let (starts, ends) = (node.ints("starts")?, node.ints("ends")?);
    Ok(Box::new(Slice { ranges: Some(Ranges { starts, ends, axes: node.ints("axes")? }) }))
}

impl Operator for Slice {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let mut layout = Layout::dense(data.shape);
        match &self.ranges {
            Some(Ranges { starts, ends, axes }) => narrow(&mut layout, starts, ends, axes, &[])?,
            None => {
                let (starts, ends) = (whole(&inputs.tensor(1)?, scope)?, whole(&inputs.tensor(2)?, scope)?);
                let (axes, steps) = (optional(inputs, 3, scope)?, optional(inputs, 4, scope)?);
                narrow(
                    &mut layout,
                    &starts,
                    &ends,
                    axes.as_deref().unwrap_or_default(),
                    steps.as_deref().unwrap_or_default(),
                )?;
                [Some(starts), Some(ends), axes, steps].into_iter().flatten().for_each(|v| scope.keep_cow(v));
            }
        }
        one(layout.shape(), layout.of(data.data, scope)?)
    }
}

/// Without axes, the first ones; without steps, 1.
fn narrow(layout: &mut Layout, starts: &[i64], ends: &[i64], list: &[i64], steps: &[i64]) -> Result<()> {
    let rank = layout.axes.len();
    let fits = |list: &[i64]| list.is_empty() || list.len() == starts.len();
    if ends.len() != starts.len() || !fits(list) || !fits(steps) || starts.len() > rank && list.is_empty() {
        let (starts, ends, axes, steps) = (starts.len(), ends.len(), list.len(), steps.len());
        return Err(failed(format!(
            "{starts} starts, {ends} ends, {axes} axes and {steps} steps do not fit a tensor of {rank} dimensions"
        )));
    }
    let axes = axes(list, rank)?;
    let steps = steps.iter().copied().chain(std::iter::repeat(1));
    for (index, ((&start, &end), step)) in starts.iter().zip(ends).zip(steps).enumerate() {
        let axis = axes.get(index).copied().unwrap_or(index);
        let (first, length) = range(start, end, step, layout.axis(axis)?.length)?;
        layout.narrow(axis, first, length, step as isize)?;
    }
    Ok(())
}

/// The first place and the number of places between `start` and `end` of an axis
/// of `length`, both brought into it as ONNX and NumPy do.
fn range(start: i64, end: i64, step: i64, length: usize) -> Result<(usize, usize)> {
    let length = length as i64;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let within = |place: i64, lowest: i64| {
        let place = if place < 0 { place.saturating_add(length) } else { place };
        place.clamp(lowest, highest.max(lowest))
    };
    // As in onnxruntime, "to the end" is to the beginning for a step backwards.
    let end = if step < 0 && (end == i64::MAX || end == i64::from(i32::MAX)) { i64::MIN } else { end };
    let (start, end) = (within(start, 0), within(end, lowest));
    let distance = if step < 0 { start - end } else { end - start };
    let step = step.unsigned_abs();
    if step == 0 {
        return Err(failed("a step is 0"));
    }
    if distance <= 0 || length == 0 {
        return Ok((0, 0));
    }
    Ok((start as usize, distance.unsigned_abs().div_ceil(step) as usize))
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s};

    fn sliced(
        x: &Tensor,
        starts: &[i64],
        ends: &[i64],
        axes: &[i64],
        steps: &[i64],
    ) -> crate::Result<Tensor> {
        let list = |list: &[i64]| i64s(&[list.len()], list);
        let inputs = [x.clone(), list(starts), list(ends), list(axes), list(steps)];
        Ok(Case::new("", "Slice", 13).run(&inputs)?.remove(0))
    }

    #[test]
    fn takes_ranges_with_steps() {
        let x = i64s(&[2, 4], &[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(sliced(&x, &[1, 0], &[2, 3], &[0, 1], &[1, 2]).unwrap(), i64s(&[1, 2], &[5, 7]));
        assert_eq!(sliced(&x, &[0], &[-1], &[-1], &[1]).unwrap(), i64s(&[2, 3], &[1, 2, 3, 5, 6, 7]));
        assert_eq!(sliced(&x, &[2], &[3], &[1], &[1]).unwrap(), i64s(&[2, 1], &[3, 7]));
    }

    #[test]
    fn goes_backwards_and_to_either_end() {
        let x = i64s(&[5], &[0, 1, 2, 3, 4]);
        let whole = |start, end, step| sliced(&x, &[start], &[end], &[0], &[step]).unwrap();
        assert_eq!(whole(-1, i64::MIN, -2), i64s(&[3], &[4, 2, 0]));
        assert_eq!(whole(3, i64::MAX, -2), i64s(&[2], &[3, 1]));
        assert_eq!(whole(i64::MAX, 0, -1), i64s(&[4], &[4, 3, 2, 1]));
        assert_eq!(whole(i64::MIN, i64::MAX, i64::MAX), i64s(&[1], &[0]));
        assert_eq!(whole(3, i64::MIN, i64::MIN), i64s(&[1], &[3]));
        assert_eq!(whole(7, 9, 1), i64s(&[0], &[]));
        assert_eq!(whole(3, 1, 1), i64s(&[0], &[]));
        assert_eq!(whole(-7, -9, -1), i64s(&[1], &[0]));
    }

    #[test]
    fn version_1_has_the_ranges_as_attributes() {
        let x = f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let slice = Case::new("", "Slice", 1).ints("starts", &[0, 1]).ints("ends", &[1, 9]);
        assert_eq!(slice.run(std::slice::from_ref(&x)).unwrap(), [f32s(&[1, 1], &[2.0])]);
        let slice = Case::new("", "Slice", 1).ints("starts", &[-1]).ints("ends", &[2]).ints("axes", &[1]);
        assert_eq!(slice.run(&[x]).unwrap(), [f32s(&[2, 1], &[2.0, 4.0])]);
    }

    #[test]
    fn refuses_steps_of_0_and_axes_twice() {
        let x = i64s(&[5], &[0, 1, 2, 3, 4]);
        assert!(sliced(&x, &[0], &[1], &[0], &[0]).is_err());
        assert!(sliced(&x, &[0, 0], &[1, 1], &[0, -1], &[1, 1]).is_err());
        assert!(sliced(&x, &[0, 0], &[1, 1], &[], &[]).is_err());
    }
}
