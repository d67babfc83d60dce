//! What leaves add to the scores of a row.
//!
//! | `leaf_targets` | `leaf_ends` | leaf `i` has |
//! |---|---|---|
//! | no | no | the weights of all targets at `i * stride`, -0 where it has none |
//! | yes | no | weight `i`, for target `i` of `leaf_targets` |
//! | yes | yes | as many of those as lie before end `i` and not before the one before it |
//!
//! Rows of weights and of scores are `stride` long: the number of targets, and
//! more than one of them padded to whole vectors. Where `only_target` says that
//! leaves have but one of the targets it is counted as 0 and alone. A score that
//! no leaf has added to is -0, which no sum of anything else is.

use crate::Result;
use crate::bytes::Weights;
use crate::native::Native;
use crate::ops::Node;

/// Rows of weights are a multiple of this long.
pub(super) const VECTOR: usize = 4;

/// How the weights of trees become one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    /// Sum, and average.
    Sum,
    Min,
    Max,
}

pub(super) struct Leaves {
    weights: LeafWeights,
    kind: Kind,
    stride: usize,
    aggregate: Aggregate,
}

enum LeafWeights {
    Single(Weights<f32>),
    Double(Weights<f64>),
}

enum Kind {
    All,
    One(Weights<u32>),
    Several { targets: Weights<u32>, ends: Weights<u32> },
}

/// The length of a row of `targets` scores.
pub(super) fn stride(targets: usize) -> Option<usize> {
    if targets == 1 { Some(1) } else { targets.checked_next_multiple_of(VECTOR) }
}

impl Leaves {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where the
    /// attributes contradict each other.
    pub(super) fn of(node: &Node<'_>, targets: usize, aggregate: Aggregate) -> Result<Self> {
        let weights = match node.weights("leaf_weights") {
            Ok(weights) => LeafWeights::Single(weights),
            Err(_) => LeafWeights::Double(node.weights("leaf_weights")?),
        };
        let Some(stride) = stride(targets).filter(|&stride| stride > 0) else {
            return Err(node.invalid(format_args!("targets: {targets} are too many or too few")));
        };
        let of_targets = node.weights::<u32>("leaf_targets")?;
        let ends = node.weights::<u32>("leaf_ends")?;
        let right = of_targets.iter().all(|&target| (target as usize) < targets);
        let kind = match (node.has("leaf_targets"), node.has("leaf_ends")) {
            (false, false) => Kind::All,
            (true, false) => Kind::One(of_targets),
            (_, true) => Kind::Several { targets: of_targets, ends },
        };
        let leaves = Self { weights, kind, stride, aggregate };
        if right
            && leaves.fit()
            && (aggregate == Aggregate::Sum || matches!(leaves.kind, Kind::Several { .. }))
        {
            return Ok(leaves);
        }
        Err(node.invalid("leaf_weights, leaf_targets and leaf_ends do not fit each other"))
    }

    fn fit(&self) -> bool {
        let weights = match &self.weights {
            LeafWeights::Single(weights) => weights.len(),
            LeafWeights::Double(weights) => weights.len(),
        };
        match &self.kind {
            Kind::All => weights.is_multiple_of(self.stride),
            Kind::One(targets) => targets.len() == weights,
            Kind::Several { targets, ends } => {
                targets.len() == weights
                    && ends.is_sorted()
                    && ends.last().is_none_or(|&end| end as usize == weights)
            }
        }
    }

    /// The number of leaves.
    pub(super) fn count(&self) -> usize {
        match (&self.kind, &self.weights) {
            (Kind::All, LeafWeights::Single(weights)) => weights.len() / self.stride,
            (Kind::All, LeafWeights::Double(weights)) => weights.len() / self.stride,
            (Kind::One(targets), _) => targets.len(),
            (Kind::Several { ends, .. }, _) => ends.len(),
        }
    }

    /// The length of a row of scores.
    pub(super) fn stride(&self) -> usize {
        self.stride
    }

    /// Whether weights are float64.
    pub(super) fn double(&self) -> bool {
        matches!(self.weights, LeafWeights::Double(_))
    }

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
        let weight = |number: u32| weights.get(number as usize).map(|&weight| T::from(weight));
        match &self.kind {
            Kind::All if self.stride == 1 => {
                if let ([score], 1) = (&mut *scores, lanes) {
                    *score =
                        numbers.iter().filter_map(|&number| weight(number)).fold(*score, |sum, w| sum + w);
                    return;
                }
                each(numbers, lanes, scores, 1, |number, score| {
                    if let ([score], Some(weight)) = (score, weight(number)) {
                        *score += weight;
                    }
                });
            }
            Kind::All => {
                let rows = weights.as_chunks::<VECTOR>().0;
                let length = self.stride / VECTOR;
                each(numbers, lanes, scores, self.stride, |number, scores| {
                    let start = number as usize * length;
                    let weights = rows.get(start..start + length).unwrap_or_default();
                    for (scores, weights) in scores.as_chunks_mut::<VECTOR>().0.iter_mut().zip(weights) {
                        scores.iter_mut().zip(weights).for_each(|(score, &weight)| *score += T::from(weight));
                    }
                });
            }
            Kind::One(targets) => each(numbers, lanes, scores, self.stride, |number, scores| {
                let Some((&target, weight)) = targets.get(number as usize).zip(weight(number)) else {
                    return;
                };
                if let Some(score) = scores.get_mut(target as usize) {
                    *score += weight;
                }
            }),
            Kind::Several { targets, ends } => each(numbers, lanes, scores, self.stride, |number, scores| {
                let number = number as usize;
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

/// Gives `add` each leaf's number with the scores of its row.
#[inline(always)]
fn each<T>(
    numbers: &[u32],
    lanes: usize,
    scores: &mut [T],
    stride: usize,
    mut add: impl FnMut(u32, &mut [T]),
) {
    for of_tree in numbers.chunks_exact(lanes.max(1)) {
        for (&number, scores) in of_tree.iter().zip(scores.chunks_exact_mut(stride.max(1))) {
            add(number, scores);
        }
    }
}

/// The type that scores are summed in: float64 where X or the weights are,
/// otherwise float32, as in onnxruntime.
pub(super) trait Score:
    Native + Copy + PartialOrd + From<f32> + std::ops::Add<Output = Self> + std::ops::AddAssign
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
