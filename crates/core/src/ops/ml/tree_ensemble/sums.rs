//! Adds what leaves have to the scores of rows.

use edgeinfer_kernels::trees;

use super::leaves::{Aggregate, Kind, LeafWeights, Leaves};
use crate::native::Native;

impl Leaves {
    /// Adds to rows of scores what the leaves have for them: `numbers` are those
    /// of the leaves, for each tree one of each of the `lanes` rows.
    pub(super) fn add<T: Score>(&self, numbers: &[u32], lanes: usize, scores: &mut [T]) {
        if !T::add_fast(self, numbers, lanes, scores) {
            each(numbers, lanes, scores, self.stride, |number, scores| {
                self.entries(number, &mut |target, weight| {
                    if let Some(score) = scores.get_mut(target) {
                        *score = T::of(T::round(self.together(score.get(), weight)));
                    }
                });
            });
        }
    }

    /// Sums of float32 where all leaves have the same number of weights: what
    /// nearly all models have. `false` where they are others.
    fn add_singles(&self, numbers: &[u32], lanes: usize, scores: &mut [f32]) -> bool {
        let LeafWeights::Single(weights) = &self.weights else { return false };
        let weights = match &self.kind {
            Kind::All => trees::LeafWeights::All(weights),
            Kind::One(targets) => trees::LeafWeights::One(weights, targets),
            Kind::Several { .. } => return false,
        };
        trees::add(weights, numbers, lanes, self.stride, scores);
        true
    }

    /// Gives `each` the targets and the weights of a leaf.
    #[inline(never)]
    fn entries(&self, number: usize, each: &mut dyn FnMut(usize, f64)) {
        let weight = |index: usize| match &self.weights {
            LeafWeights::Single(weights) => weights.get(index).map(|&weight| f64::from(weight)),
            LeafWeights::Double(weights) => weights.get(index).copied(),
        };
        let (range, targets) = match &self.kind {
            Kind::All => (number * self.stride..(number + 1) * self.stride, None),
            Kind::One(targets) => (number..number + 1, Some(&**targets)),
            Kind::Several { targets, ends } => {
                let end = |number| ends.get(number).map_or(0, |&end| end as usize);
                (number.checked_sub(1).map_or(0, end)..end(number), Some(&**targets))
            }
        };
        for (place, index) in range.enumerate() {
            let target = targets.map_or(Some(place), |targets| targets.get(index).map(|&to| to as usize));
            if let (Some(target), Some(weight)) = (target, weight(index)) {
                each(target, weight);
            }
        }
    }

    fn together(&self, score: Option<f64>, weight: f64) -> f64 {
        match (self.aggregate, score) {
            (Aggregate::Sum, _) => score.unwrap_or(-0.0) + weight,
            (Aggregate::Min, Some(score)) if weight >= score => score,
            (Aggregate::Max, Some(score)) if weight <= score => score,
            _ => weight,
        }
    }
}

/// Gives `add` each leaf's number with the scores of its row.
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
/// otherwise float32, as in onnxruntime. A score is -0 before the first leaf.
pub(super) trait Score: Native + Copy {
    fn of(x: f64) -> Self;

    /// `x`, rounded to this type.
    fn round(x: f64) -> f64;

    /// The score, where a leaf has added to it.
    fn get(self) -> Option<f64>;

    /// As [`Leaves::add`], or `false`.
    fn add_fast(leaves: &Leaves, numbers: &[u32], lanes: usize, scores: &mut [Self]) -> bool;
}

impl Score for f32 {
    fn of(x: f64) -> Self {
        x as Self
    }

    fn round(x: f64) -> f64 {
        f64::from(x as Self)
    }

    fn get(self) -> Option<f64> {
        (self.to_bits() != (-0.0f32).to_bits()).then(|| f64::from(self))
    }

    fn add_fast(leaves: &Leaves, numbers: &[u32], lanes: usize, scores: &mut [Self]) -> bool {
        leaves.add_singles(numbers, lanes, scores)
    }
}

impl Score for f64 {
    fn of(x: f64) -> Self {
        x
    }

    fn round(x: f64) -> f64 {
        x
    }

    fn get(self) -> Option<f64> {
        (self.to_bits() != (-0.0f64).to_bits()).then_some(self)
    }

    fn add_fast(_: &Leaves, _: &[u32], _: usize, _: &mut [Self]) -> bool {
        false
    }
}
