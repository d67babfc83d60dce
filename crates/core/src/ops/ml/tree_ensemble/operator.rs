use std::ops::Range;

use super::super::rows::Rows;
use super::general::GeneralForest;
use super::leaves::{Aggregate, Leaves};
use super::plain::PlainForest;
use super::rows::Rows as FeatureRows;
use super::scores::Scores;
use super::sums::Score;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};

struct TreeEnsemble {
    forest: Forest,
    leaves: Leaves,
    scores: Scores,
    features: usize,
}

enum Forest {
    Plain(PlainForest),
    General(GeneralForest),
}

/// More scores of a row than any model has.
const MOST_TARGETS: usize = 1 << 20;

pub(in super::super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let count = |name| {
        let value = node.int_or(name, 0)?;
        usize::try_from(value)
            .map_err(|_| node.invalid(format_args!("{name}: expected a number, got {value}")))
    };
    let (targets, features) = (count("targets")?, count("features")?);
    if targets > MOST_TARGETS {
        return Err(node.invalid(format_args!("targets: {targets} are too many")));
    }
    let aggregate = match node.string_or("aggregate_function", "SUM")? {
        "SUM" | "AVERAGE" => Aggregate::Sum,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        other => return Err(node.invalid(format_args!("aggregate_function: unexpected {other}"))),
    };
    let only = node.has("only_target").then(|| count("only_target")).transpose()?;
    let leaves = Leaves::of(node, only.map_or(targets, |_| 1), aggregate)?;
    let forest = if node.has("nodes") {
        Forest::Plain(PlainForest::of(node, leaves.count(), features)?)
    } else {
        Forest::General(GeneralForest::of(node, leaves.count(), features)?)
    };
    let trees = match &forest {
        Forest::Plain(forest) => forest.roots.len(),
        Forest::General(forest) => forest.roots.len(),
    };
    let scores = Scores::of(node, targets, only.unwrap_or(0), trees)?;
    Ok(Box::new(TreeEnsemble { forest, leaves, scores, features }))
}

impl Operator for TreeEnsemble {
    /// X of any numbers, `[features]` or `[rows, features]`, to scores
    /// `[rows, targets]`; a classifier gives labels `[rows]` before them.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        if rows.width < self.features {
            let (expected, got) = (self.features, rows.width);
            return Err(failed(format!("expected at least {expected} features, got {got}")));
        }
        if matches!(x.data, DataRef::Float64(_)) || self.leaves.double() {
            self.score::<f64>(&x, &rows, scope)
        } else {
            self.score::<f32>(&x, &rows, scope)
        }
    }
}

impl TreeEnsemble {
    fn score<T: Score>(&self, x: &TensorRef<'_>, rows: &Rows, scope: &mut Scope) -> Result<Outputs> {
        let stride = self.leaves.stride;
        let mut sums = scope.filled(rows.count.saturating_mul(stride), T::NONE)?;
        let mut take = |numbers: &[u32], of: Range<usize>| {
            let places = of.start.saturating_mul(stride)..of.end.saturating_mul(stride);
            self.leaves.add(numbers, of.len(), sums.get_mut(places).unwrap_or_default());
        };
        let (width, count) = (rows.width, rows.count);
        match &self.forest {
            Forest::Plain(forest) => {
                let values = forest.features(x, scope)?;
                forest.leaves(&FeatureRows { values: &values, width, count }, scope, &mut take)?;
                scope.keep_cow(values);
            }
            Forest::General(forest) => {
                let values = GeneralForest::features(x, scope)?;
                forest.leaves(&FeatureRows { values: &values, width, count }, scope, &mut take)?;
                scope.keep_cow(values);
            }
        }
        let double = matches!(x.data, DataRef::Float64(_));
        let outputs = self.scores.outputs(&sums, stride, double, scope);
        scope.keep(sums);
        outputs
    }
}
