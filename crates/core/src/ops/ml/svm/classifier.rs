//! `ai.onnx.ml.SVMClassifier`.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_SVMClassifier.html>

use edgeinfer_kernels::exp::logistic;

use super::super::classes::{classes, labels, outputs};
use super::super::post_transform::PostTransform;
use super::super::rows::Rows;
use super::coupling::couple;
use super::kernel::SupportVectors;
use super::linear;
use super::pairs::Pairs;
use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};
use crate::{Classes, Result};

struct SvmClassifier {
    vectors: SupportVectors,
    pairs: Pairs,
    classes: Classes,
    /// For each pair, the slope and the offset that make a probability of its
    /// decision; empty where decisions come out as they are.
    probabilities: (Weights<f32>, Weights<f32>),
    post_transform: PostTransform,
}

pub(in super::super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let classes = classes(node, "classlabels_ints")?;
    let (ranges, count) = Pairs::vectors_per_class(node)?;
    if count == 0 {
        return linear::build(node, classes);
    }
    if classes.len() != ranges.len() || classes.len() < 2 {
        let (labels, got) = (classes.len(), ranges.len());
        let message = format_args!("{labels} class labels do not go with support vectors of {got} classes");
        return Err(node.invalid(message));
    }
    let vectors = SupportVectors::of(node, count)?;
    let pairs = Pairs::of(node, &ranges, &vectors)?;
    let probabilities = (node.floats("prob_a")?, node.floats("prob_b")?);
    let (a, b) = (probabilities.0.len(), probabilities.1.len());
    if a != b || (a > 0 && a < pairs.len()) {
        return Err(node.invalid(format_args!("{a} numbers in prob_a do not go with {b} in prob_b")));
    }
    let post_transform = PostTransform::of(node)?;
    Ok(Box::new(SvmClassifier { vectors, pairs, classes, probabilities, post_transform }))
}

impl SvmClassifier {
    /// The number of scores that come out for a row.
    fn width(&self) -> usize {
        match self.classes.len() {
            2 => 2,
            _ if self.probabilities.0.is_empty() => self.pairs.len(),
            count => count,
        }
    }

    /// Appends the scores of the row with `kernels`; gives the class with the
    /// most votes, the first of equals.
    fn score(
        &self,
        kernels: &[f32],
        votes: &mut [u32],
        scores: &mut Vec<f32>,
        scope: &mut Scope,
    ) -> Result<usize> {
        let start = scores.len();
        for ((first, second), decision) in self.pairs.classes().zip(self.pairs.decide(kernels)) {
            let winner = if decision > 0.0 { first } else { second };
            if let Some(votes) = votes.get_mut(winner) {
                *votes += 1;
            }
            scores.push(decision);
        }
        let winner = most_votes(votes);
        if !self.probabilities.0.is_empty() {
            self.couple(start, scores, scope)?;
        }
        let row = scores.get_mut(start..).unwrap_or_default();
        match *row {
            [decision] => {
                scores.pop();
                scores.extend(match self.post_transform {
                    PostTransform::None => self.post_transform.opposite(decision),
                    transform => transform.complement(decision),
                });
            }
            _ => self.post_transform.row(row),
        }
        Ok(winner)
    }

    /// Puts class probabilities into the place of the decisions from `start` on.
    fn couple(&self, start: usize, scores: &mut Vec<f32>, scope: &mut Scope) -> Result<()> {
        /// No pair is more certain than this.
        const LEAST: f32 = 1.0e-7;
        let count = self.classes.len();
        let mut table = scope.filled(count.saturating_mul(count), 0.0)?;
        let decisions = scores.get(start..).unwrap_or_default();
        let (slopes, offsets) = (&*self.probabilities.0, &*self.probabilities.1);
        let probability = decisions
            .iter()
            .zip(slopes.iter().zip(offsets))
            .map(|(decision, (a, b))| logistic(-(decision * a + b)).clamp(LEAST, 1.0 - LEAST));
        let mut put = |row: usize, column: usize, p: f32| {
            if let Some(place) = table.get_mut(row * count + column) {
                *place = p;
            }
        };
        for ((first, second), p) in self.pairs.classes().zip(probability) {
            put(first, second, p);
            put(second, first, 1.0 - p);
        }
        scores.truncate(start);
        scores.resize(start + count, 0.0);
        couple(&table, scores.get_mut(start..).unwrap_or_default(), scope)?;
        scope.keep(table);
        Ok(())
    }
}

fn most_votes(votes: &[u32]) -> usize {
    let mut most = (0, 0);
    for (class, &votes) in votes.iter().enumerate() {
        if votes > most.1 {
            most = (class, votes);
        }
    }
    most.0
}

impl Operator for SvmClassifier {
    /// X of any numbers, `[features]` or `[rows, features]`, to labels `[rows]`
    /// and float32 scores `[rows, classes]`; with more than two classes and
    /// without probabilities, `[rows, pairs of classes]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        rows.expect(self.vectors.width())?;
        let values = floats(&x, scope)?;
        let mut votes = scope.filled(self.classes.len(), 0)?;
        let mut scores = scope.vec(rows.count.saturating_mul(self.width()))?;
        let mut picked = scope.vec::<u32>(rows.count)?;
        self.vectors.kernels(&values, scope, &mut |kernels, scope| {
            votes.fill(0);
            let winner = self.score(kernels, &mut votes, &mut scores, scope)?;
            picked.push(u32::try_from(winner).unwrap_or_default());
            Ok(())
        })?;
        let labels = labels(&self.classes, picked.iter().map(|&class| class as usize), scope)?;
        scope.keep(picked);
        scope.keep(votes);
        scope.keep_cow(values);
        outputs(labels, scores, self.width())
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s, texts};
    use crate::{ErrorKind, Tensor, TensorData};

    const VECTORS: [f32; 15] = [1.0, 0.0, 0.5, -1.0, 2.0, 0.0, 0.5, 0.5, 0.5, 0.0, -1.0, 1.0, 2.0, 1.0, -0.5];

    fn machine(kernel: &str, coefficients: &[f32], rho: &[f32]) -> Case {
        Case::new("ai.onnx.ml", "SVMClassifier", 1)
            .string("kernel_type", kernel)
            .floats("kernel_params", &[0.5, 0.1, 3.0])
            .floats("coefficients", coefficients)
            .floats("rho", rho)
    }

    fn binary(kernel: &str) -> Case {
        machine(kernel, &[0.7, -0.2, 0.3, -0.9, 0.1], &[0.25])
            .floats("support_vectors", &VECTORS)
            .ints("vectors_per_class", &[2, 3])
            .ints("classlabels_ints", &[4, 6])
    }

    fn multi(kernel: &str) -> Case {
        machine(kernel, &[0.7, -0.2, 0.3, -0.9, 0.1, 0.4, 0.6, -0.5, 0.2, -0.3], &[0.25, -0.1, 0.05])
            .floats("support_vectors", &VECTORS)
            .ints("vectors_per_class", &[2, 1, 2])
            .ints("classlabels_ints", &[4, 6, 9])
    }

    fn probable(case: Case) -> Case {
        case.floats("prob_a", &[-1.2, 0.8, -2.0]).floats("prob_b", &[0.3, 0.0, 0.1])
    }

    fn x() -> Tensor {
        f32s(&[4, 3], &[1.0, 2.0, -1.0, 0.5, -1.0, 0.25, 0.0, 0.0, 0.0, -2.0, 1.0, 3.0])
    }

    /// Labels and scores are those of onnxruntime.
    fn check(case: &Case, labels: &[i64], scores: &[f32]) {
        let y = case.run(&[x()]).unwrap();
        assert_eq!(y[0], i64s(&[4], labels));
        assert_eq!(y[1].shape(), [4, scores.len() / 4]);
        assert_close(y[1].as_f32().unwrap(), scores);
    }

    #[test]
    fn the_decision_between_two_classes_comes_out_with_both_signs() {
        let pairs = |scores: [f32; 4]| scores.map(|score| [-score, score]).concat();
        check(&binary("LINEAR"), &[4, 4, 4, 6], &pairs([3.45, 0.0125, 0.25, -2.85]));
        check(&binary("POLY"), &[4, 4, 4, 6], &pairs([3.293, 0.26035836, 0.25, -3.7315]));
        let rbf = pairs([0.32388777, 0.11064261, 0.4906053, 0.24767016]);
        check(&binary("RBF"), &[4; 4], &rbf);
        let sigmoid = pairs([1.3572578, 0.14396189, 0.25, -0.7049668]);
        check(&binary("SIGMOID"), &[4, 4, 4, 6], &sigmoid);
    }

    #[test]
    fn polynomials_are_of_any_degree() {
        let degree = |degree| binary("POLY").floats("kernel_params", &[0.5, 5.0, degree]);
        let scores = [-14.4, 14.4, 1.5316403, -1.5316403, -0.25, 0.25, 16.324997, -16.324997];
        check(&degree(2.0), &[4, 6, 4, 6], &scores);
        let scores = [-5.284725, 5.284725, 0.24929976, -0.24929976, -0.25, 0.25, 5.108998, -5.108998];
        check(&degree(1.5), &[4, 6, 4, 6], &scores);
    }

    #[test]
    fn probabilities_of_two_classes_are_coupled_but_the_label_is_the_decision_s() {
        let case = |kernel| binary(kernel).floats("prob_a", &[-1.2]).floats("prob_b", &[0.3]);
        let scores = [0.9785538, 0.02144624, 0.42900774, 0.57099223, 0.5, 0.5, 0.023651054, 0.97634894];
        check(&case("LINEAR"), &[4, 4, 4, 6], &scores);
        let scores = [0.52215, 0.47785002, 0.458264, 0.54173595, 0.5715112, 0.42848882, 0.5, 0.5];
        check(&case("RBF"), &[4; 4], &scores);
        let scores = [0.5110732, 0.48892683, 0.47914413, 0.5208559, 0.5356948, 0.46430522, 0.5, 0.5];
        check(&case("RBF").string("post_transform", "SOFTMAX"), &[4; 4], &scores);
    }

    #[test]
    fn a_transform_takes_the_decision_between_two_classes_for_a_probability() {
        let scores =
            [0.67611223, 0.32388777, 0.8893574, 0.11064261, 0.5093947, 0.4906053, 0.7523298, 0.24767016];
        check(&binary("RBF").string("post_transform", "SOFTMAX"), &[4; 4], &scores);
        let scores =
            [0.41972858, 0.5802714, 0.47236753, 0.5276325, 0.37975097, 0.62024903, 0.43839705, 0.56160295];
        check(&binary("RBF").string("post_transform", "LOGISTIC"), &[4; 4], &scores);
    }

    #[test]
    fn more_classes_vote_and_come_out_pair_by_pair() {
        let scores = [0.3, 5.05, -2.4, 1.15, -2.4875, 0.4, 0.25, -0.1, 0.05, -0.6, -0.14999989, 1.3000001];
        check(&multi("LINEAR"), &[4, 4, 4, 6], &scores);
        let scores = [
            0.2922432,
            -0.001529674,
            -0.09372061,
            0.7068553,
            -0.48659804,
            0.015947144,
            0.8144528,
            -0.16049194,
            -0.24180068,
            0.24990097,
            -0.09966032,
            0.04964372,
        ];
        check(&multi("RBF"), &[9, 4, 9, 4], &scores);
    }

    #[test]
    fn probabilities_of_more_classes_are_coupled() {
        let scores = [
            0.33880502, 0.29716274, 0.3640322, 0.44233605, 0.26442492, 0.29323918, 0.41921574, 0.20977637,
            0.37100795, 0.34104258, 0.33443, 0.3245276,
        ];
        check(&probable(multi("RBF")), &[9, 4, 9, 4], &scores);
        let scores = [
            0.015252652,
            0.009288448,
            0.9754589,
            0.6765288,
            0.22402054,
            0.09945057,
            0.34106237,
            0.3345168,
            0.32442087,
            0.21349198,
            0.69292676,
            0.093581274,
        ];
        check(&probable(multi("LINEAR")), &[4, 4, 4, 6], &scores);
    }

    #[test]
    fn without_support_vectors_each_class_has_a_linear_function() {
        let scores = [0.25, -0.85, 0.65, 0.875, -0.2, 0.2, 0.25, 0.25, 0.25, -0.45, 3.35, 0.65];
        let y = machine("RBF", &[0.7, -0.2, 0.3, -0.9, 0.1, 0.4, 0.2, 0.2, 0.2], &[0.25])
            .strings("classlabels_strings", &["a", "b", "c"])
            .run(&[x()])
            .unwrap();
        assert_eq!(y[0], texts(&[4], &["c", "a", "a", "b"]));
        assert_close(y[1].as_f32().unwrap(), &scores);
    }

    #[test]
    fn of_two_linear_functions_the_larger_one_speaks_for_the_second_class() {
        let linear =
            |coefficients: &[f32]| machine("LINEAR", coefficients, &[0.25]).ints("classlabels_ints", &[4, 6]);
        let scores = [0.25, -0.85, 0.875, -0.2, 0.25, 0.25, -0.45, 3.35];
        let mixed = [0.7, -0.2, 0.3, -0.9, 0.1, 0.4];
        check(&linear(&mixed), &[6; 4], &scores);
        check(&probable(linear(&mixed)), &[4, 4, 4, 6], &scores);
        let scores = [1.05, 0.95, 0.475, 0.7, 0.25, 0.25, -0.05, -0.25];
        check(&linear(&[0.7, 0.2, 0.3, 0.9, 0.1, 0.4]), &[6, 6, 4, 4], &scores);
    }

    #[test]
    fn takes_doubles_integers_and_a_single_row() {
        let doubles = Tensor::new(vec![3], TensorData::Float64(vec![1.0, 2.0, -1.0])).unwrap();
        let y = binary("RBF").run(&[doubles]).unwrap();
        assert_eq!(y[0], i64s(&[1], &[4]));
        assert_close(y[1].as_f32().unwrap(), &[-0.32388777, 0.32388777]);
        let y = binary("RBF").run(&[i64s(&[1, 3], &[0, -1, 0])]).unwrap();
        assert_close(y[1].as_f32().unwrap(), &[-0.00749978, 0.00749978]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |case: Case| {
            let error = case.run(&[x()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidModel);
            error.message().to_owned()
        };
        assert_eq!(
            message(binary("COSINE")),
            "kernel_type: expected LINEAR, POLY, RBF or SIGMOID, got COSINE"
        );
        let short = binary("RBF").floats("kernel_params", &[0.5]);
        assert_eq!(message(short), "expected gamma, coef0 and degree in kernel_params");
        let odd = binary("RBF").ints("vectors_per_class", &[2, 2]);
        assert_eq!(message(odd), "expected 4 support vectors, got 15 numbers");
        let lonely = binary("RBF").ints("vectors_per_class", &[5]);
        assert_eq!(message(lonely), "2 class labels do not go with support vectors of 1 classes");
        let negative = binary("RBF").ints("vectors_per_class", &[2, -1]);
        assert_eq!(message(negative), "vectors_per_class: unexpected number");
        let few = binary("RBF").floats("coefficients", &[1.0]);
        let expected = "1 numbers in rho and 1 coefficients are too few for 1 pairs of classes";
        assert_eq!(message(few), expected);
        let unequal = binary("RBF").floats("prob_a", &[1.0]);
        assert_eq!(message(unequal), "1 numbers in prob_a do not go with 0 in prob_b");
        let error = binary("RBF").run(&[f32s(&[1, 2], &[0.0; 2])]).unwrap_err();
        assert_eq!(error.message(), "expected 3 features, got 2");
    }
}
