//! `Unique`: every value, or every slice of an axis, once.
//! <https://onnx.ai/onnx/operators/onnx__Unique.html>

use std::cmp::Ordering;

use super::axis::{Around, around, axis, replaced};
use super::gather::taken;
use super::layout::Layout;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor::each;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Tensor, TensorData, Value};

struct Unique {
    /// Without, the tensor is one row of elements.
    axis: Option<i64>,
    /// Whether the values are in order, and not as they first occur.
    sorted: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Unique { axis: node.int("axis")?, sorted: node.flag("sorted", true)? }))
}

impl Operator for Unique {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let flat = [data.len()];
        let (shape, at) = match self.axis {
            Some(at) => (data.shape, axis(at, data.shape.len())?),
            None => (flat.as_slice(), 0),
        };
        let mut layout = Layout::dense(shape);
        layout.move_axis(at, 0);
        let places = layout.places(scope)?;
        let Around { outer, inner, .. } = around(shape, at);
        let slices: Vec<_> = places.chunks_exact(outer.saturating_mul(inner).max(1)).collect();
        let groups = self.groups(&slices, data.data);
        drop(slices);
        scope.keep(places);
        let values = taken(&TensorRef { shape, data: data.data }, at, &groups.first, scope)?;
        let mut outputs = one(replaced(shape, at, &[groups.first.len()]), values)?;
        for list in [groups.first, groups.of_slice, groups.count] {
            outputs.push(Value::Tensor(Tensor::new([list.len()].as_slice(), TensorData::Int64(list))?));
        }
        Ok(outputs)
    }
}

/// Slices of the same elements.
#[derive(Default)]
struct Groups {
    /// The first slice of each.
    first: Vec<i64>,
    /// The number of slices of each.
    count: Vec<i64>,
    /// The group of each slice.
    of_slice: Vec<i64>,
}

impl Unique {
    fn groups(&self, slices: &[&[u32]], data: DataRef<'_>) -> Groups {
        let mut groups = Groups { of_slice: vec![0; slices.len()], ..Groups::default() };
        let mut before: Option<&[u32]> = None;
        for index in sorted(slices, data) {
            let Some(&slice) = slices.get(index) else { continue };
            match groups.count.last_mut() {
                Some(count) if before.is_some_and(|before| compare(data, before, slice).is_eq()) => {
                    *count += 1
                }
                _ => {
                    groups.first.push(index as i64);
                    groups.count.push(1);
                }
            }
            before = Some(slice);
            if let Some(group) = groups.of_slice.get_mut(index) {
                *group = groups.first.len() as i64 - 1;
            }
        }
        if self.sorted { groups } else { groups.by_occurrence() }
    }
}

/// The slices in order; those that are equal, as they occur. Merges runs of 1, 2,
/// 4 ... of them: a sort that is small, for an operator that is rare.
fn sorted(slices: &[&[u32]], data: DataRef<'_>) -> Vec<usize> {
    let slice = |index: usize| slices.get(index).copied().unwrap_or_default();
    let mut order: Vec<usize> = (0..slices.len()).collect();
    let mut length = 1;
    while length < order.len() {
        let mut merged = Vec::with_capacity(order.len());
        for pair in order.chunks(2 * length) {
            let (mut left, mut right) = pair.split_at_checked(length).unwrap_or((pair, &[]));
            while let (Some((&a, left_rest)), Some((&b, right_rest))) =
                (left.split_first(), right.split_first())
            {
                if compare(data, slice(b), slice(a)).is_lt() {
                    merged.push(b);
                    right = right_rest;
                } else {
                    merged.push(a);
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        order = merged;
        length *= 2;
    }
    order
}

/// How two slices, given as the places of their elements, stand to each other.
fn compare(data: DataRef<'_>, a: &[u32], b: &[u32]) -> Ordering {
    for (&a, &b) in a.iter().zip(b) {
        let order = each!(DataRef, data, values => element_order(values, a, b));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// NaN is above all other numbers.
fn element_order<T: PartialOrd>(values: &[T], a: u32, b: u32) -> Ordering {
    match (values.get(a as usize), values.get(b as usize)) {
        #[expect(clippy::eq_op, reason = "NaN alone is not equal to itself")]
        (Some(a), Some(b)) => a.partial_cmp(b).unwrap_or_else(|| (a != a).cmp(&(b != b))),
        _ => Ordering::Equal,
    }
}

impl Groups {
    fn by_occurrence(self) -> Self {
        let mut groups = Self::default();
        let mut renamed: Vec<Option<i64>> = vec![None; self.first.len()];
        for (slice, &group) in self.of_slice.iter().enumerate() {
            let Some(name) = renamed.get_mut(group as usize) else { continue };
            let name = *name.get_or_insert_with(|| {
                groups.first.push(slice as i64);
                groups.count.push(0);
                groups.first.len() as i64 - 1
            });
            groups.of_slice.push(name);
            if let Some(count) = groups.count.get_mut(name as usize) {
                *count += 1;
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};

    #[test]
    fn gives_values_first_places_groups_and_counts() {
        let x = f32s(&[6], &[2.0, 1.0, 1.0, 3.0, -4.0, 3.0]);
        let y = Case::new("", "Unique", 11).run(std::slice::from_ref(&x)).unwrap();
        let lists = [i64s(&[4], &[4, 1, 0, 3]), i64s(&[6], &[2, 1, 1, 3, 0, 3]), i64s(&[4], &[1, 2, 1, 2])];
        assert_eq!(y[0], f32s(&[4], &[-4.0, 1.0, 2.0, 3.0]));
        assert_eq!(y[1..], lists);
        let y = Case::new("", "Unique", 11).int("sorted", 0).run(&[x]).unwrap();
        let lists = [i64s(&[4], &[0, 1, 3, 4]), i64s(&[6], &[0, 1, 1, 2, 3, 2]), i64s(&[4], &[1, 2, 2, 1])];
        assert_eq!(y[0], f32s(&[4], &[2.0, 1.0, 3.0, -4.0]));
        assert_eq!(y[1..], lists);
    }

    #[test]
    fn compares_the_slices_of_an_axis() {
        let x = i64s(&[3, 3], &[1, 0, 0, 1, 0, 0, 2, 3, 3]);
        let y = Case::new("", "Unique", 11).int("axis", 0).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y[0], i64s(&[2, 3], &[1, 0, 0, 2, 3, 3]));
        assert_eq!(y[1..], [i64s(&[2], &[0, 2]), i64s(&[3], &[0, 0, 1]), i64s(&[2], &[2, 1])]);
        let y = Case::new("", "Unique", 11).int("axis", 1).int("sorted", 0).run(&[x]).unwrap();
        assert_eq!(y[0], i64s(&[3, 2], &[1, 0, 1, 0, 2, 3]));
    }

    #[test]
    fn takes_texts_and_numbers_that_are_none() {
        let y = Case::new("", "Unique", 11).run(&[texts(&[3], &["b", "a", "b"])]).unwrap();
        assert_eq!(y[0], texts(&[2], &["a", "b"]));
        let y = Case::new("", "Unique", 11).run(&[f32s(&[4], &[f32::NAN, -0.0, f32::NAN, 0.0])]).unwrap();
        assert_eq!(y[3], i64s(&[2], &[2, 2]));
        let y = Case::new("", "Unique", 11).run(&[f32s(&[0], &[])]).unwrap();
        assert_eq!(y[1], i64s(&[0], &[]));
    }
}
