//! From sums over trees to what comes out: base values, averages, transforms,
//! and a classifier's labels. Calculated in float64 and rounded to the type of
//! the sums after each step, which gives what that type's own arithmetic gives.

use smallvec::{SmallVec, smallvec};

use super::super::classes::{classes, labels, outputs};
use super::super::post_transform::PostTransform;
use super::classifier::Classifier;
use super::sums::Score;
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
    pub(super) base: Vec<f64>,
    pub(super) transform: PostTransform,
}

enum Task {
    Numbers {
        /// Whether they are of X's type.
        typed: bool,
    },
    Classes(Classifier),
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
        let base = match node.weights::<f32>("base_values") {
            Ok(base) => base.iter().map(|&value| f64::from(value)).collect(),
            Err(_) => node.weights::<f64>("base_values")?.to_vec(),
        };
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

    /// The outputs for `sums`, in rows of which each is `stride` long; `double`
    /// is whether X is float64.
    pub(super) fn outputs<T: Score>(
        &self,
        sums: &[T],
        stride: usize,
        double: bool,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let rows = sums.len() / stride.max(1);
        let count = rows.saturating_mul(self.targets);
        let shape = Shape::from_slice(&[rows, self.targets]);
        let classifier = match &self.task {
            Task::Classes(classifier) => classifier,
            Task::Numbers { typed: true } if double => {
                let mut scores = scope.vec(count)?;
                self.rows(sums, stride, &mut |row| {
                    self.doubles(&row, &mut scores);
                    Ok(())
                })?;
                return one(shape, TensorData::Float64(scores));
            }
            Task::Numbers { .. } => {
                let mut scores = scope.vec(count)?;
                self.rows(sums, stride, &mut |row| {
                    self.singles(&row, &mut scores);
                    Ok(())
                })?;
                return one(shape, TensorData::Float32(scores));
            }
        };
        let (mut scores, mut picked) = (scope.vec(count)?, scope.vec::<u32>(rows)?);
        self.rows(sums, stride, &mut |row| {
            let class = self.class(row, classifier.single, &mut scores);
            picked.push(class.ok_or_else(|| failed("no leaf has a score for any class"))?);
            Ok(())
        })?;
        let labels = labels(&classifier.labels, picked.iter().map(|&class| class as usize), scope)?;
        scope.keep(picked);
        outputs(labels, scores, self.targets)
    }

    /// Gives `each` the scores of each row.
    fn rows<T: Score>(
        &self,
        sums: &[T],
        stride: usize,
        each: &mut dyn FnMut(Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut scores: SmallVec<[_; 16]> = smallvec![None; self.targets];
        for sums in sums.chunks_exact(stride.max(1)) {
            scores.fill(None);
            scores.iter_mut().skip(self.first).zip(sums).for_each(|(score, sum)| *score = sum.get());
            each(Row { scores: &mut scores, round: T::round })?;
        }
        Ok(())
    }

    /// The numbers of a row before they are transformed.
    fn numbers<'r>(&'r self, row: &'r Row<'_>) -> impl Iterator<Item = f64> + 'r {
        let bases = self.base.iter().copied().chain(std::iter::repeat(0.0));
        row.scores.iter().zip(bases).map(|(score, base)| match (*score, self.trees) {
            // A target that no leaf has is 0, with base values too.
            (None, _) => 0.0,
            (Some(sum), None) => (row.round)(sum + base),
            (Some(sum), Some(trees)) => (row.round)((row.round)(sum / (row.round)(trees)) + base),
        })
    }

    fn singles(&self, row: &Row<'_>, scores: &mut Vec<f32>) {
        scores.extend(self.numbers(row).map(|score| score as f32));
        self.transform_last(self.targets, scores);
    }

    /// Transforms are float32's, as in onnxruntime.
    fn doubles(&self, row: &Row<'_>, scores: &mut Vec<f64>) {
        if self.transform == PostTransform::None {
            return scores.extend(self.numbers(row));
        }
        let mut singles: SmallVec<[f32; 16]> = self.numbers(row).map(|score| score as f32).collect();
        self.transform.row(&mut singles);
        scores.extend(singles.into_iter().map(f64::from));
    }

    pub(super) fn base(&self, index: usize) -> f64 {
        self.base.get(index).copied().unwrap_or_default()
    }

    pub(super) fn transform_last(&self, count: usize, scores: &mut [f32]) {
        let start = scores.len().saturating_sub(count);
        self.transform.row(scores.get_mut(start..).unwrap_or_default());
    }
}
