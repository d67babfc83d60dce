//! SVMClassifier without support vectors: a linear function for each class.

use super::super::classes::{labels, largest, outputs};
use super::super::linear::Linear;
use super::super::post_transform::PostTransform;
use super::super::rows::Rows;
use crate::bytes::Weights;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};
use crate::{Classes, Result};

struct LinearSvm {
    linear: Linear,
    classes: Classes,
    rho: f32,
    post_transform: PostTransform,
    /// Above this score, the second one of two classes is chosen even if it is
    /// the first one's.
    second_above: Option<f32>,
}

pub(super) fn build(node: &Node<'_>, classes: Classes) -> Result<Box<dyn Operator>> {
    let linear = Linear::of(node, classes.len(), Weights::default())?;
    let Some(&rho) = node.floats("rho")?.first() else {
        return Err(node.invalid("expected a number in rho"));
    };
    let alone = classes.len() == 2 && node.floats("prob_a")?.is_empty();
    let positive = node.floats("coefficients")?.iter().all(|&weight| weight >= 0.0);
    // onnxruntime's rule, which takes the largest score for one of both classes.
    let second_above = alone.then_some(if positive { 0.5f32.next_down() } else { 0.0 });
    let post_transform = PostTransform::of(node)?;
    Ok(Box::new(LinearSvm { linear, classes, rho, post_transform, second_above }))
}

impl LinearSvm {
    fn pick(&self, scores: &[f32]) -> usize {
        let largest = largest(scores);
        let score = scores.get(largest).copied().unwrap_or_default();
        match self.second_above {
            Some(limit) if score > limit => 1,
            _ => largest,
        }
    }
}

impl Operator for LinearSvm {
    /// As the classifier with support vectors.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        let mut scores = self.linear.scores(&x, &rows, scope)?;
        scores.iter_mut().for_each(|score| *score += self.rho);
        let width = self.classes.len();
        let labels = labels(&self.classes, scores.chunks_exact(width).map(|row| self.pick(row)), scope)?;
        self.post_transform.rows(&mut scores, width);
        outputs(labels, scores, width)
    }
}
