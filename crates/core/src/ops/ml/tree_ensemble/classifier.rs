//! The scores and the label of a row of classes, as onnxruntime has them.

use super::super::post_transform::PostTransform;
use super::scores::{Row, Scores};
use crate::ops::Node;
use crate::{Classes, Result};

pub(super) struct Classifier {
    pub(super) labels: Classes,
    pub(super) single: Single,
}

/// What the one score of a classifier of two classes is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Single {
    /// Nothing: there are several.
    No,
    Probability,
    Distance,
}

impl Classifier {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where there are
    /// not as many `classes` as scores.
    pub(super) fn of(node: &Node<'_>, classes: Classes, targets: usize) -> Result<Self> {
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
        Ok(Self { labels, single })
    }
}

impl Scores {
    /// Appends the scores of a row of classes; gives the label's number, `None`
    /// where there is none.
    pub(super) fn class(&self, row: Row<'_>, single: Single, scores: &mut Vec<f32>) -> Option<u32> {
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
}
