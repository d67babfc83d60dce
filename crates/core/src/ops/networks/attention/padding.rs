//! The masks of onnxruntime's operators, which say which keys are no padding.

use crate::ops::failed;
use crate::tensor_ref::TensorRef;
use crate::{Error, Result};

/// Adds to the scores of keys that are padding a number that is as good as
/// negative infinity.
pub(super) struct Padding<'a> {
    kept: Kept<'a>,
    batch: usize,
    value: f32,
}

enum Kept<'a> {
    /// The keys before a place, for each of the batch, and from a place on, for
    /// each after those.
    Before(&'a [i32]),
    /// The keys that are not 0: for each of the batch.
    Keys(&'a [i32]),
    /// The keys that are not 0: for each of the batch, then each query.
    Pairs(&'a [i32]),
}

impl<'a> Padding<'a> {
    /// Of a mask of int32 for a batch of queries and keys: `[batch]`, `[2 · batch]`
    /// or `[3 · batch + 2]` of places, `[batch, keys]` or `[batch, queries, keys]`.
    pub(super) fn new(mask: &TensorRef<'a>, [batch, queries, keys]: [usize; 3], value: f32) -> Result<Self> {
        let misfit = || misfit(mask, [batch, queries, keys]);
        let numbers = mask.read::<i32>().ok_or_else(misfit)?;
        let kept = match *mask.shape {
            [own] if own == batch || own == batch.saturating_mul(2) => Kept::Before(numbers),
            // Lengths of keys, then where queries and keys begin among those of all.
            [own] if own == batch.saturating_mul(3).saturating_add(2) => {
                Kept::Before(numbers.get(..batch).unwrap_or_default())
            }
            [own, length] if [own, length] == [batch, keys] => Kept::Keys(numbers),
            // One number stands in for a mask of which nothing is read.
            [own, 1] if own == 1 || own == batch => Kept::Before(&[]),
            [own, rows, length] if [own, rows, length] == [batch, queries, keys] => Kept::Pairs(numbers),
            _ => return Err(misfit()),
        };
        Ok(Self { kept, batch, value })
    }

    /// Adds to the scores of `query`, of `queries`.
    pub(super) fn add(&self, batch: usize, query: usize, queries: usize, keys: usize, scores: &mut [f32]) {
        let padded = scores.iter_mut().enumerate();
        match self.kept {
            Kept::Before(places) => {
                let place =
                    |index| places.get(index).map(|place| usize::try_from(*place).unwrap_or_default());
                let end = place(batch).unwrap_or(keys);
                let start = place(batch.saturating_add(self.batch)).unwrap_or_default();
                let padded = padded.filter(|(key, _)| !(start..end).contains(key));
                padded.for_each(|(_, score)| *score += self.value);
            }
            Kept::Keys(mask) => self.add_row(mask, batch, keys, scores),
            Kept::Pairs(mask) => {
                self.add_row(mask, batch.saturating_mul(queries).saturating_add(query), keys, scores);
            }
        }
    }

    fn add_row(&self, mask: &[i32], row: usize, keys: usize, scores: &mut [f32]) {
        let mask = mask.chunks_exact(keys.max(1)).nth(row).unwrap_or_default();
        let padded = scores.iter_mut().zip(mask).filter(|(_, kept)| **kept <= 0);
        padded.for_each(|(score, _)| *score += self.value);
    }
}

#[cold]
fn misfit(mask: &TensorRef<'_>, sizes: [usize; 3]) -> Error {
    let (element, shape, [batch, queries, keys]) = (mask.element_type(), mask.shape, sizes);
    failed(format!(
        "expected a mask of int32 for a batch of {batch} with {queries} queries and {keys} keys, \
         got {element} of shape {shape:?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tensor;
    use crate::ops::testing::{f32s, i32s};

    fn added(mask: &Tensor, batch: usize, query: usize) -> [f32; 3] {
        let mut scores = [0.0; 3];
        let padding = Padding::new(&mask.into(), [2, 2, 3], -9.0).unwrap();
        padding.add(batch, query, 2, 3, &mut scores);
        scores
    }

    #[test]
    fn keys_are_kept_by_place_or_one_by_one() {
        assert_eq!(added(&i32s(&[2], &[1, 2]), 1, 0), [0.0, 0.0, -9.0]);
        assert_eq!(added(&i32s(&[4], &[3, 2, 0, 1]), 1, 0), [-9.0, 0.0, -9.0]);
        assert_eq!(added(&i32s(&[2, 3], &[1, 1, 1, 0, 1, 1]), 1, 0), [-9.0, 0.0, 0.0]);
        assert_eq!(added(&i32s(&[8], &[3, 2, 0, 2, 4, 0, 3, 5]), 1, 0), [0.0, 0.0, -9.0]);
        assert_eq!(added(&i32s(&[2, 1], &[0, 0]), 1, 0), [0.0; 3]);
        let pairs: Vec<i32> = (0..12).map(|index| i32::from(index != 10)).collect();
        assert_eq!(added(&i32s(&[2, 2, 3], &pairs), 1, 1), [0.0, -9.0, 0.0]);
    }

    #[test]
    fn refuses_other_masks() {
        for mask in [i32s(&[3], &[1; 3]), i32s(&[2, 4], &[1; 8]), f32s(&[2], &[1.0; 2])] {
            let error = Padding::new(&TensorRef::from(&mask), [2, 2, 3], 0.0).err().unwrap();
            assert!(error.message().starts_with("expected a mask of int32 for a batch of 2"), "{error}");
        }
    }
}
