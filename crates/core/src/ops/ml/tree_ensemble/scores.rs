//! From sums over trees to what comes out: base values, averages, transforms,
//! and a classifier's labels. Calculated in float64 and rounded to the type of
//! the sums after each step, which gives what that type's own arithmetic gives.

use smallvec::{SmallVec, smallvec};

use super::super::classes::{classes, labels, outputs};
use super::super::post_transform::PostTransform;
use super::leaves::Score;
use crate::ops::{Node, Outputs, Scope, failed, one};
use crate::{Classes, Result, Shape, TensorData};

pub(super) struct Scores {
    task: Task,
    /// The number of scores of a row.
    targets: usize,
    /// That of the first sum of a row.
    first: usize,
    /// What averages are divided by.
    trees: Option<f64>,
    base: Vec<f64>,
    transform: PostTransform,
}

enum Task {
    Numbers {
        /// Whether they are of X's type.
        typed: bool,
    },
    Classes {
        labels: Classes,
        single: Single,
    },
}

/// What the one score of a classifier of two classes is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Single {
    /// Nothing: there are several.
    No,
    Probability,
    Distance,
}

/// The scores of a row, `None` where no leaf has added to one, and how sums are
/// rounded.
struct Row<'a> {
    scores: &'a mut [Option<f64>],
    round: fn(f64) -> f64,
}

impl Scores {
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
            Self::classifier(node, classes, targets)?
        };
        let transform = PostTransform::of(node)?;
        Ok(Self { task, targets, first, trees: average.then_some(trees as f64), base, transform })
    }

    fn classifier(node: &Node<'_>, classes: Classes, targets: usize) -> Result<Task> {
        let single = match node.string("single_score")? {
            None => Single::No,
            Some("probability") => Single::Probability,
            Some("distance") => Single::Distance,
            Some(other) => return Err(node.invalid(format_args!("single_score: unexpected {other}"))),
        };
        if classes.len() != targets {
            let labels = classes.len();
            return Err(node.invalid(format_args!("{labels} class labels do not go with {targets} scores")));
        }
        let labels = match classes {
            // onnxruntime gives 1 and 0 then, whatever the labels are.
            Classes::Integers(_) if targets < 3 && single == Single::No => Classes::Integers(vec![0, 1]),
            // Where there is but one label it is every row's.
            Classes::Strings(labels) => {
                let again = labels.last().cloned().filter(|_| targets == 1);
                Classes::Strings(labels.into_iter().chain(again).collect())
            }
            classes => classes,
        };
        Ok(Task::Classes { labels, single })
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
        let mut scores = scope.vec::<f32>(rows.saturating_mul(self.targets))?;
        let mut doubles = scope.vec::<f64>(0)?;
        let mut picked = scope.vec::<u32>(rows)?;
        let mut row: SmallVec<[_; 16]> = smallvec![None; self.targets];
        for sums in sums.chunks_exact(stride.max(1)) {
            row.fill(None);
            row.iter_mut().skip(self.first).zip(sums).for_each(|(score, sum)| *score = sum.get());
            let row = Row { scores: &mut row, round: T::round };
            match &self.task {
                Task::Classes { single, .. } => {
                    let class = self.class(row, *single, &mut scores);
                    picked.push(class.ok_or_else(|| failed("no leaf has a score for any class"))?);
                }
                Task::Numbers { typed } => self.numbers(&row, *typed && double, &mut scores, &mut doubles),
            }
        }
        match &self.task {
            Task::Classes { labels: classes, .. } => {
                let labels = labels(classes, picked.iter().map(|&class| class as usize), scope)?;
                scope.keep(picked);
                scope.keep(doubles);
                outputs(labels, scores, self.targets)
            }
            Task::Numbers { typed } => {
                let shape = Shape::from_slice(&[rows, self.targets]);
                scope.keep(picked);
                if *typed && double {
                    scope.keep(scores);
                    return one(shape, TensorData::Float64(doubles));
                }
                scope.keep(doubles);
                one(shape, TensorData::Float32(scores))
            }
        }
    }

    /// Appends the scores of a row of numbers to `doubles` where they are to be
    /// float64, otherwise to `scores`.
    fn numbers(&self, row: &Row<'_>, double: bool, scores: &mut Vec<f32>, doubles: &mut Vec<f64>) {
        let bases = self.base.iter().copied().chain(std::iter::repeat(0.0));
        let values = row.scores.iter().zip(bases).map(|(score, base)| match (*score, self.trees) {
            // A target that no leaf has is 0, with base values too.
            (None, _) => 0.0,
            (Some(sum), None) => (row.round)(sum + base),
            (Some(sum), Some(trees)) => (row.round)((row.round)(sum / (row.round)(trees)) + base),
        });
        if double && self.transform == PostTransform::None {
            return doubles.extend(values);
        }
        let start = scores.len();
        scores.extend(values.map(|value| value as f32));
        self.transform_last(self.targets, scores);
        if double {
            doubles.extend(scores.drain(start..).map(f64::from));
        }
    }

    /// Appends the scores of a row of classes; gives the label's number, `None`
    /// where there is none.
    fn class(&self, row: Row<'_>, single: Single, scores: &mut Vec<f32>) -> Option<u32> {
        match row.scores {
            [score] => {
                let score = (row.round)(score.unwrap_or_default() + self.base(0));
                scores.push(score as f32);
                self.transform_last(1, scores);
                Some(u32::from(score > 0.0))
            }
            [first, second] => Some(self.of_two([*first, *second], row.round, single, scores)),
            several => self.of_many(several, row.round, scores),
        }
    }

    fn of_many(&self, row: &mut [Option<f64>], round: fn(f64) -> f64, scores: &mut Vec<f32>) -> Option<u32> {
        for (score, base) in row.iter_mut().zip(&self.base) {
            *score = Some(round(score.unwrap_or_default() + base));
        }
        let mut best: Option<(u32, f64)> = None;
        for (class, score) in (0..).zip(row.iter()) {
            if let Some(score) = *score
                && best.is_none_or(|(_, most)| score > most)
            {
                best = Some((class, score));
            }
        }
        scores.extend(row.iter().map(|score| score.unwrap_or_default() as f32));
        self.transform_last(row.len(), scores);
        best.map(|(class, _)| class)
    }

    /// Two classes, as onnxruntime has them: base values are added in three
    /// ways, and a second class that no leaf adds to makes the first score the
    /// second class's.
    fn of_two(
        &self,
        [mut first, mut second]: [Option<f64>; 2],
        round: fn(f64) -> f64,
        single: Single,
        scores: &mut Vec<f32>,
    ) -> u32 {
        let mut pair = second.is_some();
        match (self.base.len(), second) {
            (2, Some(_)) => {
                let score = round(self.base(1) + first.unwrap_or_default());
                first = first.map(|_| -score);
                second = Some(score);
            }
            (2, None) => {
                first = first.map(|score| round(score + self.base(0)));
                pair = true;
            }
            (1, _) => first = first.map(|score| round(score + self.base(0))),
            _ => {}
        }
        let positive = second.or(first).unwrap_or_default();
        let class = positive > if single == Single::Probability { 0.5 } else { 0.0 };
        let score = first.unwrap_or_default();
        if pair {
            scores.extend([score as f32, second.unwrap_or_default() as f32]);
            self.transform_last(2, scores);
        } else {
            scores.extend(self.of_single(score, round, single));
        }
        u32::from(class)
    }

    fn of_single(&self, score: f64, round: fn(f64) -> f64, single: Single) -> [f32; 2] {
        let mut alone = [score as f32];
        match (self.transform, single) {
            // onnxruntime leaves the second number as it was in memory.
            (PostTransform::Probit, _) => {
                self.transform.row(&mut alone);
                [alone[0], 0.0]
            }
            (_, Single::No) if self.base.len() == 1 => [score as f32, 0.0],
            (PostTransform::Logistic, _) => self.transform.opposite(score as f32),
            (_, Single::Probability) => [round(1.0 - score) as f32, score as f32],
            _ => self.transform.opposite(score as f32),
        }
    }

    fn base(&self, index: usize) -> f64 {
        self.base.get(index).copied().unwrap_or_default()
    }

    fn transform_last(&self, count: usize, scores: &mut [f32]) {
        let start = scores.len().saturating_sub(count);
        self.transform.row(scores.get_mut(start..).unwrap_or_default());
    }
}
