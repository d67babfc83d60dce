//! `Pad`: more elements around the tensor, or fewer.
//! <https://onnx.ai/onnx/operators/onnx__Pad.html>

use std::borrow::Cow;

use super::along::{Along, along};
use super::axis::axes;
use super::indices::{optional, whole};
use super::runs::NOWHERE;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result};

#[derive(Clone, Copy)]
enum Mode {
    Constant,
    Reflect,
    Edge,
    Wrap,
}

struct Pad {
    mode: Mode,
    /// The attributes of versions before 11: how many, and of what value.
    pads: Option<(Vec<i64>, f32)>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let mode = match node.string_or("mode", "constant")? {
        "constant" => Mode::Constant,
        "reflect" => Mode::Reflect,
        "edge" => Mode::Edge,
        "wrap" => Mode::Wrap,
        other => return Err(node.invalid(format_args!("mode: there is no {other:?}"))),
    };
    let name = if node.version() < 2 { "paddings" } else { "pads" };
    // onnxruntime's own has inputs, as ONNX's has since version 11.
    let old = node.version() < 11 && node.step().domain.is_empty();
    let attributes = old.then(|| Ok((node.ints(name)?, node.float_or("value", 0.0)?)));
    Ok(Box::new(Pad { mode, pads: attributes.transpose()? }))
}

/// What happens to one axis.
#[derive(Clone, Copy)]
struct Border {
    before: i64,
    after: i64,
}

impl Operator for Pad {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let borders = self.borders(inputs, data.shape.len(), scope)?;
        let value = [self.pads.as_ref().map_or(0.0, |(_, value)| *value)];
        let fill = fill(data, inputs.optional(2)?, &value)?;
        let mut axes = Vec::new();
        for (axis, (&length, border)) in data.shape.iter().zip(borders).enumerate() {
            if border.before != 0 || border.after != 0 {
                axes.push(Along { axis, places: self.places(length as i64, border, scope)? });
            }
        }
        Ok(only(along(data, axes, fill, scope)?))
    }
}

impl Pad {
    fn borders(&self, inputs: &Inputs<'_>, rank: usize, scope: &mut Scope) -> Result<Vec<Border>> {
        let pads = match &self.pads {
            Some((pads, _)) => Cow::Borrowed(pads.as_slice()),
            None => whole(&inputs.tensor(1)?, scope)?,
        };
        let list = optional(inputs, 3, scope)?;
        let named = axes(list.as_deref().unwrap_or_default(), rank)?;
        let count = if list.is_some() { named.len() } else { rank };
        if pads.len() != 2 * count {
            let (got, expected) = (pads.len(), 2 * count);
            return Err(failed(format!("expected {expected} pads, got {got}")));
        }
        let mut borders = vec![Border { before: 0, after: 0 }; rank];
        let (before, after) = pads.split_at(count);
        for (index, (&before, &after)) in before.iter().zip(after).enumerate() {
            let axis = named.get(index).copied().unwrap_or(index);
            if let Some(border) = borders.get_mut(axis) {
                *border = Border { before, after };
            }
        }
        scope.keep_cow(pads);
        list.into_iter().for_each(|list| scope.keep_cow(list));
        Ok(borders)
    }

    /// Where the places of the result lie along an axis of `length`.
    fn places(&self, length: i64, border: Border, scope: &mut Scope) -> Result<Vec<u32>> {
        let padded = length.saturating_add(border.before).saturating_add(border.after).max(0);
        let mut places = scope.vec(usize::try_from(padded).unwrap_or(usize::MAX))?;
        for place in 0..padded {
            places.push(self.source(place, length, border)?);
        }
        Ok(places)
    }

    /// Where `place` of the result lies along an axis of `length`. Negative pads
    /// take elements away before others are put there.
    fn source(&self, place: i64, length: i64, border: Border) -> Result<u32> {
        let place = place.saturating_sub(border.before);
        let first = border.before.saturating_neg().clamp(0, length);
        let end = length.saturating_add(border.after.min(0)).clamp(first, length);
        let size = end - first;
        if (first..end).contains(&place) {
            return Ok(place as u32);
        }
        let offset = place - first;
        let place = match self.mode {
            Mode::Constant => return Ok(NOWHERE),
            _ if size == 0 => return Err(failed("an axis without elements has none to pad with")),
            Mode::Edge => offset.clamp(0, size - 1),
            Mode::Wrap => offset.rem_euclid(size),
            Mode::Reflect if offset.abs() < size => offset.abs(),
            Mode::Reflect if (0..size).contains(&(2 * (size - 1) - offset)) => 2 * (size - 1) - offset,
            Mode::Reflect => {
                return Err(failed(format!("an axis of length {size} has not enough elements to reflect")));
            }
        };
        Ok((first + place) as u32)
    }
}

/// The element to pad with: the one that is given, or `value` in float32.
fn fill<'a>(
    data: TensorRef<'_>,
    given: Option<TensorRef<'a>>,
    value: &'a [f32; 1],
) -> Result<Option<DataRef<'a>>> {
    match given.filter(|given| given.len() > 0) {
        Some(fill) if fill.len() == 1 && fill.element_type() == data.element_type() => Ok(Some(fill.data)),
        Some(fill) => {
            let (expected, got, length) = (data.element_type(), fill.element_type(), fill.len());
            Err(failed(format!("expected one {expected} to pad with, got {length} of type {got}")))
        }
        None if data.element_type() == ElementType::Float32 && value != &[0.0] => {
            Ok(Some(DataRef::Float32(value)))
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn padded(mode: &str, length: i64, before: i64, after: i64) -> crate::Result<Vec<i64>> {
        let x: Vec<i64> = (0..length).collect();
        let case = Case::new("", "Pad", 19).string("mode", mode);
        let y = case.run(&[i64s(&[x.len()], &x), i64s(&[2], &[before, after])])?;
        match y[0].data() {
            crate::TensorData::Int64(values) => Ok(values.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pads_with_a_constant() {
        let x = i64s(&[2, 2], &[0, 1, 2, 3]);
        let y =
            Case::new("", "Pad", 13).run(&[x.clone(), i64s(&[4], &[0, 1, 1, 0]), i64s(&[], &[9])]).unwrap();
        assert_eq!(y, [i64s(&[3, 3], &[9, 0, 1, 9, 2, 3, 9, 9, 9])]);
        let inputs = [x, i64s(&[2], &[1, -1]), i64s(&[], &[9]), i64s(&[1], &[-1])];
        assert_eq!(Case::new("", "Pad", 18).run(&inputs).unwrap(), [i64s(&[2, 2], &[9, 0, 9, 2])]);
        let y = Case::new("", "Pad", 13).run(&[texts(&[1], &["a"]), i64s(&[2], &[1, 0])]).unwrap();
        assert_eq!(y, [texts(&[2], &["", "a"])]);
    }

    #[test]
    fn that_of_onnxruntime_has_pads_as_an_input() {
        let y = Case::new("com.microsoft", "Pad", 1).run(&[f32s(&[1], &[1.0]), i64s(&[2], &[0, 2])]).unwrap();
        assert_eq!(y, [f32s(&[3], &[1.0, 0.0, 0.0])]);
    }

    #[test]
    fn version_2_has_pads_and_value_as_attributes() {
        let case = Case::new("", "Pad", 2).ints("pads", &[1, 0]).float("value", 0.5);
        assert_eq!(case.run(&[f32s(&[1], &[2.0])]).unwrap(), [f32s(&[2], &[0.5, 2.0])]);
    }

    #[test]
    fn pads_with_the_elements_at_the_border() {
        assert_eq!(padded("edge", 3, 2, 1).unwrap(), [0, 0, 0, 1, 2, 2]);
        assert_eq!(padded("wrap", 3, 4, 2).unwrap(), [2, 0, 1, 2, 0, 1, 2, 0, 1]);
        assert_eq!(padded("reflect", 4, 2, 3).unwrap(), [2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert!(padded("reflect", 3, 3, 0).is_err());
        assert!(padded("edge", 0, 1, 0).is_err());
    }

    #[test]
    fn negative_pads_take_elements_away_first() {
        assert_eq!(padded("constant", 3, -1, 1).unwrap(), [1, 2, 0]);
        assert_eq!(padded("constant", 3, -4, 5).unwrap(), [0, 0, 0, 0]);
        assert!(padded("constant", 3, -2, -2).unwrap().is_empty());
        assert_eq!(padded("wrap", 5, 3, -3).unwrap(), [1, 0, 1, 0, 1]);
        assert_eq!(padded("edge", 5, 2, -3).unwrap(), [0, 0, 0, 1]);
        assert_eq!(padded("reflect", 5, -1, 2).unwrap(), [1, 2, 3, 4, 3, 2]);
        assert!(padded("reflect", 5, 2, -3).is_err());
    }

    #[test]
    fn refuses_pads_that_do_not_fit() {
        assert!(padded("constant", 1, i64::MAX, i64::MAX).is_err());
        let case = Case::new("", "Pad", 13);
        assert!(case.run(&[i64s(&[1, 1], &[0]), i64s(&[2], &[0, 0])]).is_err());
    }
}
