//! `ai.onnx.ml.LinearClassifier`.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_LinearClassifier.html>
//!
//! `multi_class` says nothing that the number of intercepts does not say.

use super::classes::{classes, labels, largest, outputs};
use super::linear::Linear;
use super::post_transform::PostTransform;
use super::rows::Rows;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};
use crate::{Classes, Result};

struct LinearClassifier {
    linear: Linear,
    classes: Classes,
    /// The number of scores of a row, which is 1 where it tells two classes
    /// apart.
    scores: usize,
    /// Whether that one score comes out as two.
    both: bool,
    post_transform: PostTransform,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let intercepts = node.floats("intercepts")?;
    let scores = intercepts.len();
    let mut classes = classes(node, "classlabels_ints")?;
    let both = scores == 1 && !classes.is_empty();
    if scores == 1 && !both {
        classes = Classes::Integers(vec![0, 1]);
    }
    let fits = if scores == 1 { classes.len() == 2 } else { scores > 0 && classes.len() >= scores };
    if !fits {
        let got = classes.len();
        let message = format_args!("{got} class labels do not go with {scores} intercepts");
        return Err(node.invalid(message));
    }
    let linear = Linear::of(node, scores, intercepts)?;
    let post_transform = PostTransform::of(node)?;
    Ok(Box::new(LinearClassifier { linear, classes, scores, both, post_transform }))
}

impl Operator for LinearClassifier {
    /// X of any numbers, `[features]` or `[rows, features]`, to labels `[rows]`
    /// and float32 scores `[rows, classes]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        let mut scores = self.linear.scores(&x, &rows, scope)?;
        let labels = if self.scores == 1 {
            labels(&self.classes, scores.iter().map(|&score| usize::from(score > 0.0)), scope)?
        } else {
            labels(&self.classes, scores.chunks_exact(self.scores).map(largest), scope)?
        };
        if !self.both {
            self.post_transform.rows(&mut scores, self.scores);
            return outputs(labels, scores, self.scores);
        }
        let mut pairs = scope.vec(rows.count.saturating_mul(2))?;
        pairs.extend(scores.iter().flat_map(|&score| self.post_transform.complement(score)));
        scope.keep(scores);
        outputs(labels, pairs, 2)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s, texts};
    use crate::{ErrorKind, Tensor, TensorData};

    fn classifier(coefficients: &[f32], intercepts: &[f32]) -> Case {
        Case::new("ai.onnx.ml", "LinearClassifier", 1)
            .floats("coefficients", coefficients)
            .floats("intercepts", intercepts)
    }

    fn binary() -> Case {
        classifier(&[0.1, 0.2], &[0.05]).ints("classlabels_ints", &[7, 9])
    }

    fn multi() -> Case {
        classifier(&[0.1, 0.2, 0.3, -0.1, 0.02, 0.03], &[0.05, 0.0, 0.0])
            .strings("classlabels_strings", &["a", "b", "c"])
    }

    fn x() -> Tensor {
        f32s(&[4, 2], &[1.0, 2.0, -1.0, 0.5, 0.0, 0.0, -3.0, -4.0])
    }

    fn scores(case: &Case) -> Vec<f32> {
        let y = case.run(&[x()]).unwrap();
        y[1].as_f32().unwrap().to_vec()
    }

    #[test]
    fn one_row_of_coefficients_tells_two_classes_apart() {
        let y = binary().run(&[x()]).unwrap();
        assert_eq!(y[0], i64s(&[4], &[9, 9, 9, 7]));
        assert_eq!(y[1].shape(), [4, 2]);
        let expected = [0.45, 0.55, 0.95, 0.05, 0.95, 0.05, 2.05, -1.05];
        assert_close(y[1].as_f32().unwrap(), &expected);
    }

    #[test]
    fn only_the_logistic_function_transforms_a_single_score() {
        let logistic = scores(&binary().string("post_transform", "LOGISTIC"));
        assert_close(&logistic[..4], &[0.3658644, 0.6341356, 0.48750263, 0.51249737]);
        assert_close(&logistic[6..], &[0.7407749, 0.25922507]);
        for transform in ["SOFTMAX", "SOFTMAX_ZERO"] {
            assert_eq!(scores(&binary().string("post_transform", transform)), scores(&binary()));
        }
    }

    #[test]
    fn without_labels_one_score_comes_out_as_it_is() {
        let y = classifier(&[0.1, 0.2], &[0.0]).run(&[x()]).unwrap();
        assert_eq!(y[0], i64s(&[4], &[1, 0, 0, 0]));
        assert_eq!(y[1].shape(), [4, 1]);
        assert_close(y[1].as_f32().unwrap(), &[0.5, 0.0, 0.0, -1.1]);
    }

    #[test]
    fn many_rows_of_coefficients_are_as_many_classes() {
        let y = multi().run(&[x()]).unwrap();
        assert_eq!(y[0], texts(&[4], &["a", "a", "a", "c"]));
        let expected = [0.55, 0.1, 0.08, 0.05, -0.35, -0.005, 0.05, 0.0, 0.0, -1.05, -0.5, -0.18];
        assert_close(y[1].as_f32().unwrap(), &expected);
        let softmax = scores(&multi().string("post_transform", "SOFTMAX"));
        assert_close(&softmax[..3], &[0.44196346, 0.28180835, 0.27622816]);
        let logistic = scores(&multi().string("post_transform", "LOGISTIC"));
        assert_close(&logistic[9..], &[0.25922507, 0.3775407, 0.4551211]);
    }

    #[test]
    fn takes_doubles_integers_and_a_single_row() {
        let case = classifier(&[0.1, 0.2], &[0.1]).ints("classlabels_ints", &[7, 9]);
        let integers = case.run(&[i64s(&[1, 2], &[-1, 0])]).unwrap();
        assert_eq!(integers[0], i64s(&[1], &[7]));
        let doubles = Tensor::new(vec![2], TensorData::Float64(vec![1.0, 2.0])).unwrap();
        let doubles = case.run(&[doubles]).unwrap();
        assert_eq!(doubles[0], i64s(&[1], &[9]));
        assert_close(doubles[1].as_f32().unwrap(), &[0.4, 0.6]);
    }

    #[test]
    fn takes_no_rows_at_all() {
        let y = multi().run(&[f32s(&[0, 2], &[])]).unwrap();
        assert_eq!(y, [texts(&[0], &[]), f32s(&[0, 3], &[])]);
    }

    #[test]
    fn refuses_labels_that_do_not_fit_the_scores() {
        let message = |case: Case| {
            let error = case.run(&[x()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidModel);
            error.message().to_owned()
        };
        let case = classifier(&[0.1, 0.2], &[0.1]).ints("classlabels_ints", &[7]);
        assert_eq!(message(case), "1 class labels do not go with 1 intercepts");
        let case = classifier(&[0.1, 0.2], &[]).ints("classlabels_ints", &[7, 9]);
        assert_eq!(message(case), "2 class labels do not go with 0 intercepts");
        let case = binary().strings("classlabels_strings", &["a", "b"]);
        assert_eq!(message(case), "expected class labels of one type, got integers and strings");
        let case = binary().string("post_transform", "COSINE");
        let known = "NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT";
        assert_eq!(message(case), format!("post_transform: expected {known}, got COSINE"));
    }

    #[test]
    fn refuses_rows_of_another_width_or_shape() {
        let error = binary().run(&[f32s(&[1, 3], &[0.0; 3])]).unwrap_err();
        assert_eq!(error.message(), "expected 2 features, got 3");
        let error = binary().run(&[f32s(&[1, 1, 2], &[0.0; 2])]).unwrap_err();
        assert_eq!(error.message(), "expected X of one or two dimensions, got shape [1, 1, 2]");
    }
}
