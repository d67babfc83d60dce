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

use edgeinfer_kernels::trees::PART;

use crate::Result;
use crate::bytes::Weights;
use crate::ops::Node;
use crate::plan::Constant;

/// How the weights of trees become one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    /// Sum, and average.
    Sum,
    Min,
    Max,
}

pub(super) struct Leaves {
    pub(super) weights: LeafWeights,
    pub(super) kind: Kind,
    pub(super) stride: usize,
    pub(super) aggregate: Aggregate,
}

pub(super) enum LeafWeights {
    Single(Weights<f32>),
    Double(Weights<f64>),
}

pub(super) enum Kind {
    All,
    One(Weights<u32>),
    Several { targets: Weights<u32>, ends: Weights<u32> },
}

/// The length of a row of `targets` scores.
pub(super) fn stride(targets: usize) -> Option<usize> {
    if targets == 1 { Some(1) } else { targets.checked_next_multiple_of(PART) }
}

impl Leaves {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where the
    /// attributes contradict each other.
    pub(super) fn of(node: &Node<'_>, targets: usize, aggregate: Aggregate) -> Result<Self> {
        let singles = node.tensor("leaf_weights")?.and_then(Constant::weights);
        let weights = match singles {
            Some(weights) => LeafWeights::Single(weights),
            None => LeafWeights::Double(node.weights("leaf_weights")?),
        };
        let Some(stride) = stride(targets).filter(|&stride| stride > 0) else {
            return Err(node.invalid(format_args!("targets: expected some, got {targets}")));
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
                let mut before = 0;
                let sorted = ends.iter().all(|&end| std::mem::replace(&mut before, end) <= end);
                sorted && before as usize == weights && targets.len() == weights
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

    /// Whether weights are float64.
    pub(super) fn double(&self) -> bool {
        matches!(self.weights, LeafWeights::Double(_))
    }
}
