//! Adds what leaves have to the scores of rows.

use std::ops::{Add, AddAssign};

use super::leaves::{Aggregate, Kind, LeafWeights, Leaves, VECTOR};
use crate::native::Native;

impl Leaves {
    /// Adds to rows of scores what the leaves have for them: `numbers` are those
    /// of the leaves, for each tree one of each of the `lanes` rows.
    pub(super) fn add<T: Score>(&self, numbers: &[u32], lanes: usize, scores: &mut [T]) {
        match &self.weights {
            LeafWeights::Single(weights) => self.add_weights(weights, numbers, lanes, scores),
            LeafWeights::Double(weights) => T::add_doubles(self, weights, numbers, lanes, scores),
        }
    }

    fn add_weights<T: Score + From<W>, W: Copy>(
        &self,
        weights: &[W],
        numbers: &[u32],
        lanes: usize,
        scores: &mut [T],
    ) {
        let stride = self.stride;
        match &self.kind {
            Kind::All if stride == 1 => add_rows::<T, W, 1>(weights, numbers, lanes, scores, stride),
            Kind::All => add_rows::<T, W, VECTOR>(weights, numbers, lanes, scores, stride),
            Kind::One(targets) => each(numbers, lanes, scores, stride, |number, scores| {
                let Some((&target, &weight)) = targets.get(number).zip(weights.get(number)) else { return };
                if let Some(score) = scores.get_mut(target as usize) {
                    *score += T::from(weight);
                }
            }),
            Kind::Several { targets, ends } => each(numbers, lanes, scores, stride, |number, scores| {
                let start = number.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&end| end);
                let range = start as usize..ends.get(number).map_or(0, |&end| end as usize);
                let of_leaf = targets.get(range.clone()).unwrap_or_default();
                for (&target, &weight) in of_leaf.iter().zip(weights.get(range).unwrap_or_default()) {
                    if let Some(score) = scores.get_mut(target as usize) {
                        *score = self.together(*score, T::from(weight));
                    }
                }
            }),
        }
    }

    fn together<T: Score>(&self, score: T, weight: T) -> T {
        let first = score.get().is_none();
        match self.aggregate {
            Aggregate::Sum => score + weight,
            Aggregate::Min if first || weight < score => weight,
            Aggregate::Max if first || weight > score => weight,
            Aggregate::Min | Aggregate::Max => score,
        }
    }
}

/// Adds rows of weights to rows of scores, `PART` numbers at a time.
fn add_rows<T: Score + From<W>, W: Copy, const PART: usize>(
    weights: &[W],
    numbers: &[u32],
    lanes: usize,
    scores: &mut [T],
    stride: usize,
) {
    let parts = weights.as_chunks::<PART>().0;
    let length = stride / PART;
    let add = |number: usize, part: usize, scores: &mut [T; PART]| {
        if let Some(weights) = parts.get(number * length + part) {
            scores.iter_mut().zip(weights).for_each(|(score, &weight)| *score += T::from(weight));
        }
    };
    if lanes == 1 {
        // The sums of one row do not leave the registers between trees.
        for (part, scores) in scores.as_chunks_mut().0.iter_mut().enumerate() {
            let mut sums = *scores;
            numbers.iter().for_each(|&number| add(number as usize, part, &mut sums));
            *scores = sums;
        }
        return;
    }
    each(numbers, lanes, scores, stride, |number, scores| {
        for (part, scores) in scores.as_chunks_mut().0.iter_mut().enumerate() {
            add(number, part, scores);
        }
    });
}

/// Gives `add` each leaf's number with the scores of its row.
#[inline(always)]
fn each<T>(
    numbers: &[u32],
    lanes: usize,
    scores: &mut [T],
    stride: usize,
    mut add: impl FnMut(usize, &mut [T]),
) {
    for of_tree in numbers.chunks_exact(lanes.max(1)) {
        for (&number, scores) in of_tree.iter().zip(scores.chunks_exact_mut(stride.max(1))) {
            add(number as usize, scores);
        }
    }
}

/// The type that scores are summed in: float64 where X or the weights are,
/// otherwise float32, as in onnxruntime.
pub(super) trait Score:
    Native + Copy + PartialOrd + From<f32> + Add<Output = Self> + AddAssign
{
    /// What a score is before the first leaf.
    const NONE: Self;

    /// `x`, rounded to this type.
    fn round(x: f64) -> f64;

    /// The score, where a leaf has added to it.
    fn get(self) -> Option<f64>;

    fn add_doubles(leaves: &Leaves, weights: &[f64], numbers: &[u32], lanes: usize, scores: &mut [Self]);
}

impl Score for f32 {
    const NONE: Self = -0.0;

    fn round(x: f64) -> f64 {
        f64::from(x as f32)
    }

    fn get(self) -> Option<f64> {
        (self.to_bits() != Self::NONE.to_bits()).then(|| f64::from(self))
    }

    /// Sums of float64 weights are float64.
    fn add_doubles(_: &Leaves, _: &[f64], _: &[u32], _: usize, _: &mut [Self]) {}
}

impl Score for f64 {
    const NONE: Self = -0.0;

    fn round(x: f64) -> f64 {
        x
    }

    fn get(self) -> Option<f64> {
        (self.to_bits() != Self::NONE.to_bits()).then_some(self)
    }

    fn add_doubles(leaves: &Leaves, weights: &[f64], numbers: &[u32], lanes: usize, scores: &mut [Self]) {
        leaves.add_weights(weights, numbers, lanes, scores);
    }
}
