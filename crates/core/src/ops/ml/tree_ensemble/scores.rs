//! From sums over trees to what comes out: base values, averages, transforms,
//! and a classifier's labels. Calculated in float64 and rounded to the type of
//! the sums after each step, which gives what that type's own arithmetic gives.

use smallvec::{SmallVec, smallvec};

use super::super::classes::{classes, labels, outputs};
use super::super::post_transform::PostTransform;
use super::classifier::Classifier;
use crate::bytes::Weights;
use crate::ops::{Node, Outputs, Scope, failed, one};
use crate::{Result, Shape, TensorData};

pub(super) struct Scores {
    task: Task,
    /// The number of scores of a row.
    targets: usize,
    /// That of the first sum of a row.
    first: usize,
    /// What averages are divided by.
    trees: Option<f64>,
    base: Weights<f64>,
    pub(super) transform: PostTransform,
}

enum Task {
    Numbers {
        /// Whether they are of X's type.
        typed: bool,
    },
    Classes(Classifier),
}

/// Rows of sums over trees.
pub(super) struct SummedRows<'a> {
    pub(super) count: usize,
    /// Puts the sums of a row where they are not those of no leaf.
    pub(super) fill: &'a dyn Fn(usize, &mut [Option<f64>]),
    /// Rounds to the type of the sums.
    pub(super) round: fn(f64) -> f64,
}

/// The scores of a row, `None` where no leaf has added to one, and how sums are
/// rounded.
pub(super) struct Row<'a> {
    pub(super) scores: &'a mut [Option<f64>],
    pub(super) round: fn(f64) -> f64,
}

impl Scores {
    /// Scores of `targets` numbers from sums of `trees` trees; the first sum is
    /// that of number `first`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where base
    /// values or labels are of other numbers.
    pub(super) fn of(node: &Node<'_>, targets: usize, first: usize, trees: usize) -> Result<Self> {
        let average = node.string("aggregate_function")? == Some("AVERAGE");
        let base = node.weights::<f64>("base_values")?;
        let classes = classes(node, "classlabels_int64s")?;
        let few = targets < 3 && !classes.is_empty();
        if !(base.is_empty() || base.len() == targets || few && base.len() == 1) {
            return Err(
                node.invalid(format_args!("{} base_values do not go with {targets} scores", base.len()))
            );
        }
        let task = if classes.is_empty() {
            Task::Numbers { typed: node.flag("typed", false)? }
        } else {
            Task::Classes(Classifier::of(node, classes, targets)?)
        };
        let transform = PostTransform::of(node)?;
        Ok(Self { task, targets, first, trees: average.then_some(trees as f64), base, transform })
    }

    /// The outputs for rows of sums; `double` is whether X is float64.
    pub(super) fn outputs(&self, rows: &SummedRows<'_>, double: bool, scope: &mut Scope) -> Result<Outputs> {
        let count = rows.count.saturating_mul(self.targets);
        let double = double && matches!(self.task, Task::Numbers { typed: true });
        let mut scores = scope.vec(count)?;
        let mut doubles = scope.vec(if double { count } else { 0 })?;
        let mut picked = scope.vec::<u32>(rows.count)?;
        let mut row: SmallVec<[_; 16]> = smallvec![None; self.targets];
        for index in 0..rows.count {
            row.fill(None);
            (rows.fill)(index, row.get_mut(self.first..).unwrap_or_default());
            let row = Row { scores: &mut row, round: rows.round };
            match &self.task {
                Task::Classes(classifier) => {
                    let class = self.class(row, classifier.single, &mut scores);
                    picked.push(class.ok_or_else(|| failed("no leaf has a score for any class"))?);
                }
                Task::Numbers { .. } if double => self.doubles(&row, &mut scores, &mut doubles),
                Task::Numbers { .. } => self.singles(&row, &mut scores),
            }
        }
        let shape = Shape::from_slice(&[rows.count, self.targets]);
        let outputs = match &self.task {
            Task::Classes(classifier) => {
                let picked = picked.iter().map(|&class| class as usize);
                outputs(labels(&classifier.labels, picked, scope)?, scores, self.targets)
            }
            Task::Numbers { .. } if double => {
                scope.keep(scores);
                return one(shape, TensorData::Float64(doubles));
            }
            Task::Numbers { .. } => one(shape, TensorData::Float32(scores)),
        };
        scope.keep(picked);
        scope.keep(doubles);
        outputs
    }

    /// A number of a row before it is transformed.
    fn number(&self, row: &Row<'_>, index: usize) -> f64 {
        match (row.scores.get(index).copied().flatten(), self.trees) {
            // A target that no leaf has is 0, with base values too.
            (None, _) => 0.0,
            (Some(sum), None) => (row.round)(sum + self.base(index)),
            (Some(sum), Some(trees)) => (row.round)((row.round)(sum / (row.round)(trees)) + self.base(index)),
        }
    }

    fn singles(&self, row: &Row<'_>, scores: &mut Vec<f32>) {
        scores.extend((0..self.targets).map(|index| self.number(row, index) as f32));
        self.transform_last(self.targets, scores);
    }

    /// Transforms are float32's, as in onnxruntime.
    fn doubles(&self, row: &Row<'_>, singles: &mut Vec<f32>, scores: &mut Vec<f64>) {
        singles.clear();
        self.singles(row, singles);
        for (index, &single) in singles.iter().enumerate() {
            let exact = self.transform == PostTransform::None;
            scores.push(if exact { self.number(row, index) } else { f64::from(single) });
        }
    }

    /// How many base values there are.
    pub(super) fn bases(&self) -> usize {
        self.base.len()
    }

    pub(super) fn base(&self, index: usize) -> f64 {
        self.base.get(index).copied().unwrap_or_default()
    }

    pub(super) fn transform_last(&self, count: usize, scores: &mut [f32]) {
        let start = scores.len().saturating_sub(count);
        self.transform.row(scores.get_mut(start..).unwrap_or_default());
    }
}
