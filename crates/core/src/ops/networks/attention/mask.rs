//! What is added to scores: a tensor that is stretched to them, or truth values
//! that say which of them count.

use crate::native::Native;
use crate::ops::failed;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result};

/// A tensor that is stretched to `[batch, heads, queries, keys]`.
pub(super) struct Mask<'a, T> {
    numbers: Numbers<'a, T>,
    /// How far apart the parts for the next batch, head and query are; 0 where
    /// there is one for all.
    steps: [usize; 3],
    width: usize,
}

enum Numbers<'a, T> {
    Added(&'a [T]),
    Counts(&'a [bool]),
}

impl<'a, T: Native + Copy + From<f32> + std::ops::AddAssign> Mask<'a, T> {
    /// `tensor`, which an error calls `name`, for scores of `shape`. It may have
    /// fewer keys: those beyond do not count.
    pub(super) fn new(name: &str, tensor: &TensorRef<'a>, shape: [usize; 4]) -> Result<Self> {
        let numbers = match (tensor.data, tensor.read::<T>()) {
            (DataRef::Bool(counts), _) => Numbers::Counts(counts),
            (_, Some(added)) => Numbers::Added(added),
            _ => {
                let (expected, got) = (T::TYPE, tensor.element_type());
                let bool = ElementType::Bool;
                return Err(failed(format!("{name}: expected {expected} or {bool} elements, got {got}")));
            }
        };
        let misfit =
            || failed(format!("{name} of shape {:?} cannot be stretched to {shape:?}", tensor.shape));
        let [batch, heads, queries, keys] = shape;
        let mut dims = tensor.shape.iter().rev();
        let width = dims.next().copied().unwrap_or(1);
        if width > keys || tensor.shape.len() > 4 {
            return Err(misfit());
        }
        let (mut steps, mut next) = ([0; 3], width);
        for (step, all) in steps.iter_mut().rev().zip([queries, heads, batch]) {
            match dims.next().copied().unwrap_or(1) {
                1 => {}
                own if own == all => {
                    *step = next;
                    next = next.checked_mul(own).ok_or_else(misfit)?;
                }
                _ => return Err(misfit()),
            }
        }
        Ok(Self { numbers, steps, width })
    }

    /// Adds to the scores of one query: negative infinity where they do not count.
    pub(super) fn add(&self, place: [usize; 3], scores: &mut [T], keys: usize) {
        let offsets = place.iter().zip(&self.steps).map(|(index, step)| index.saturating_mul(*step));
        let start = offsets.fold(0usize, usize::saturating_add);
        let never = T::from(f32::NEG_INFINITY);
        match self.numbers {
            Numbers::Added(numbers) => match numbers.get(start..).and_then(|rest| rest.get(..self.width)) {
                Some([one]) if keys > 1 && self.width == 1 => scores.iter_mut().for_each(|x| *x += *one),
                row => scores.iter_mut().zip(row.unwrap_or_default()).for_each(|(x, add)| *x += *add),
            },
            Numbers::Counts(counts) => match counts.get(start..).and_then(|rest| rest.get(..self.width)) {
                Some([true]) if self.width == 1 => {}
                Some([false]) if self.width == 1 => scores.fill(never),
                row => {
                    let outside =
                        scores.iter_mut().zip(row.unwrap_or_default()).filter(|(_, counts)| !**counts);
                    outside.for_each(|(x, _)| *x = never);
                }
            },
        }
        if self.width > 1 {
            scores.iter_mut().skip(self.width).for_each(|x| *x = never);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tensor;
    use crate::ops::testing::{bools, f32s, i64s};

    const NEVER: f32 = f32::NEG_INFINITY;

    fn added(mask: &Tensor, place: [usize; 3]) -> Vec<f32> {
        let mut scores = vec![1.0; 3];
        Mask::<f32>::new("mask", &mask.into(), [2, 2, 2, 3]).unwrap().add(place, &mut scores, 3);
        scores
    }

    #[test]
    fn is_stretched_to_the_scores() {
        assert_eq!(added(&f32s(&[], &[2.0]), [1, 1, 1]), [3.0; 3]);
        assert_eq!(added(&f32s(&[3], &[1.0, 2.0, 3.0]), [1, 1, 1]), [2.0, 3.0, 4.0]);
        let by_batch = f32s(&[2, 1, 1, 1], &[0.0, 5.0]);
        assert_eq!((added(&by_batch, [0, 1, 1]), added(&by_batch, [1, 0, 0])), (vec![1.0; 3], vec![6.0; 3]));
        let by_head_and_query = f32s(&[2, 2, 3], &(0..12u8).map(f32::from).collect::<Vec<_>>());
        assert_eq!(added(&by_head_and_query, [1, 1, 0]), [7.0, 8.0, 9.0]);
    }

    #[test]
    fn truth_values_say_what_counts_and_keys_beyond_do_not() {
        assert_eq!(added(&bools(&[1, 3], &[true, false, true]), [0; 3]), [1.0, NEVER, 1.0]);
        assert_eq!(added(&bools(&[2], &[true, true]), [0; 3]), [1.0, 1.0, NEVER]);
        assert_eq!(added(&f32s(&[2], &[1.0, 0.0]), [0; 3]), [2.0, 1.0, NEVER]);
        assert_eq!(added(&bools(&[2, 1], &[true, false]), [0, 0, 1]), [NEVER; 3]);
    }

    #[test]
    fn refuses_what_cannot_be_stretched() {
        let message = |mask: &Tensor| {
            Mask::<f32>::new("mask", &mask.into(), [2, 2, 2, 3]).err().unwrap().message().to_owned()
        };
        let misfit = "mask of shape [3, 1, 3] cannot be stretched to [2, 2, 2, 3]";
        assert_eq!(message(&f32s(&[3, 1, 3], &[0.0; 9])), misfit);
        assert!(message(&f32s(&[4], &[0.0; 4])).starts_with("mask of shape [4]"));
        assert!(message(&f32s(&[1, 1, 1, 1, 1], &[0.0])).starts_with("mask of shape"));
        assert_eq!(message(&i64s(&[1], &[0])), "mask: expected float32 or bool elements, got int64");
    }
}
