//! `post_transform`: what classifiers and regressors of `ai.onnx.ml` make of
//! their scores, as onnxruntime does it.

use crate::Result;
use crate::ops::Node;
use edgeinfer_kernels::exp::{exp, logistic, logistic_each};

/// The attribute `post_transform`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PostTransform {
    None,
    Softmax,
    Logistic,
    /// Softmax over the scores that are not zero.
    SoftmaxZero,
    Probit,
}

impl PostTransform {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) for a name
    /// that ONNX does not have.
    pub(crate) fn of(node: &Node<'_>) -> Result<Self> {
        Ok(match node.string_or("post_transform", "NONE")? {
            "NONE" => Self::None,
            "SOFTMAX" => Self::Softmax,
            "LOGISTIC" => Self::Logistic,
            "SOFTMAX_ZERO" => Self::SoftmaxZero,
            "PROBIT" => Self::Probit,
            other => {
                let known = "NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT";
                return Err(node.invalid(format_args!("post_transform: expected {known}, got {other}")));
            }
        })
    }

    /// Transforms the scores of many rows, `width` to a row.
    pub(crate) fn rows(self, scores: &mut [f32], width: usize) {
        if self == Self::Logistic && width > 1 {
            logistic_each(scores);
        } else if self != Self::None {
            scores.chunks_exact_mut(width.max(1)).for_each(|row| self.row(row));
        }
    }

    /// Transforms the scores of a row. A score that is alone in its row is
    /// transformed by PROBIT alone, as onnxruntime has it.
    pub(crate) fn row(self, scores: &mut [f32]) {
        match self {
            Self::Probit => scores.iter_mut().for_each(|score| *score = probit(*score)),
            _ if scores.len() < 2 => {}
            Self::None => {}
            Self::Logistic => logistic_each(scores),
            Self::Softmax => softmax(scores),
            Self::SoftmaxZero => softmax_zero(scores),
        }
    }

    /// The scores of both classes where the only score, that of the second one,
    /// is taken for a probability: `1 - score` is the first one's.
    pub(crate) fn complement(self, score: f32) -> [f32; 2] {
        match self {
            Self::Logistic | Self::Probit => self.opposite(score),
            _ => [1.0 - score, score],
        }
    }

    /// The scores of both classes where the only score, that of the second one,
    /// is a distance from zero: `-score` is the first one's.
    pub(crate) fn opposite(self, score: f32) -> [f32; 2] {
        match self {
            Self::Logistic => [logistic(-score), logistic(score)],
            // onnxruntime leaves the second number as it was in memory. The
            // probit of 1 - p is minus that of p.
            Self::Probit => [-probit(score), probit(score)],
            _ => [-score, score],
        }
    }
}

/// The quantile function of the normal distribution, with the approximation of
/// erf's inverse that onnxruntime uses.
fn probit(p: f32) -> f32 {
    const A: f32 = 0.147;
    let x = 2.0 * p - 1.0;
    let log = ((1.0 - x) * (1.0 + x)).ln();
    let v = 2.0 / (std::f32::consts::PI * A) + 0.5 * log;
    let square = (v * v - 1.0 / A * log).sqrt() - v;
    let sign = if x < 0.0 { -1.0 } else { 1.0 };
    std::f32::consts::SQRT_2 * sign * square.sqrt()
}

fn largest(scores: &[f32]) -> f32 {
    scores.iter().fold(-f32::MAX, |largest, &score| if score > largest { score } else { largest })
}

fn softmax(scores: &mut [f32]) {
    let largest = largest(scores);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = exp(*score - largest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// NaN for a row of nothing but zeros, as in onnxruntime.
fn softmax_zero(scores: &mut [f32]) {
    const ZERO: f32 = 1e-7;
    let largest = largest(scores);
    let factor = exp(-largest);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        if score.abs() > ZERO {
            *score = exp(*score - largest);
            sum += *score;
        } else {
            *score *= factor;
        }
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::assert_close;

    /// Scores as onnxruntime's LinearClassifier gives them before a transform.
    const SCORES: [f32; 6] = [0.55, 0.1, 0.08, 0.05, 0.0, 0.0];

    fn transformed(transform: PostTransform) -> Vec<f32> {
        let mut scores = SCORES;
        transform.rows(&mut scores, 3);
        scores.to_vec()
    }

    #[test]
    fn each_row_is_transformed_by_itself() {
        assert_eq!(transformed(PostTransform::None), SCORES);
        let y = transformed(PostTransform::Logistic);
        assert_close(&y, &[0.6341356, 0.5249792, 0.5199893, 0.51249737, 0.5, 0.5]);
        let y = transformed(PostTransform::Softmax);
        assert_close(&y, &[0.44196346, 0.28180835, 0.27622816, 0.34453544, 0.32773226, 0.32773226]);
        let y = transformed(PostTransform::Probit);
        assert_close(&y[..4], &[0.12566201, -1.2817129, -1.4051673, -1.6446697]);
        assert_eq!(y[4..], [f32::NEG_INFINITY; 2]);
    }

    #[test]
    fn softmax_zero_leaves_zeros_as_they_are() {
        let y = transformed(PostTransform::SoftmaxZero);
        assert_close(&y, &[0.44196346, 0.28180835, 0.27622816, 1.0, 0.0, 0.0]);
        let mut zeros = [0.0; 2];
        PostTransform::SoftmaxZero.row(&mut zeros);
        assert!(zeros.iter().all(|score| score.is_nan()));
    }

    #[test]
    fn a_single_score_is_left_alone_but_for_probit() {
        let single = |transform: PostTransform| {
            let mut score = [0.55];
            transform.row(&mut score);
            score
        };
        assert_eq!(single(PostTransform::Logistic), [0.55]);
        assert_eq!(single(PostTransform::Softmax), [0.55]);
        assert_eq!(single(PostTransform::SoftmaxZero), [0.55]);
        assert_close(&single(PostTransform::Probit), &[0.12566201]);
    }

    #[test]
    fn one_score_becomes_those_of_two_classes() {
        assert_eq!(PostTransform::None.complement(0.75), [0.25, 0.75]);
        assert_eq!(PostTransform::Softmax.complement(0.75), [0.25, 0.75]);
        assert_eq!(PostTransform::None.opposite(0.75), [-0.75, 0.75]);
        assert_close(&PostTransform::Logistic.complement(0.55), &[0.3658644, 0.6341356]);
        assert_close(&PostTransform::Logistic.opposite(0.55), &[0.3658644, 0.6341356]);
        assert_close(&PostTransform::Probit.complement(0.55), &[-0.12566201, 0.12566201]);
    }

    #[test]
    fn large_scores_do_not_overflow() {
        let mut scores = [1000.0, 999.0];
        PostTransform::Softmax.row(&mut scores);
        assert_close(&scores, &[0.7310586, 0.26894143]);
        assert_eq!(logistic(-200.0), 0.0);
        assert_eq!(logistic(200.0), 1.0);
        assert!(logistic(f32::NAN).is_nan());
    }
}
