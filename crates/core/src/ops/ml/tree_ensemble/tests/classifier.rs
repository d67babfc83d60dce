//! Classifiers of one, two and more classes. The numbers are onnxruntime's.

use super::lists::{Entry, Lists, column, stump};
use crate::ops::testing::{Case, assert_close, i64s, texts};
use crate::{ErrorKind, TensorData};

/// What the leaves for x <= 1 and for x > 1 add: leaf, class, weight.
type Entries = &'static [(i64, i64, f64)];

const POSITIVE_FIRST: Entries = &[(1, 0, 0.3), (2, 0, 0.9)];
const POSITIVE_SECOND: Entries = &[(1, 1, 0.3), (2, 1, 0.9)];
const MIXED_FIRST: Entries = &[(1, 0, -0.3), (2, 0, 0.9)];
const MIXED_SECOND: Entries = &[(1, 1, -0.3), (2, 1, 0.9)];
const BOTH: Entries = &[(1, 0, 0.3), (1, 1, 0.7), (2, 0, 0.9), (2, 1, 0.1)];
const SPARSE: Entries = &[(1, 0, 0.3), (2, 1, 0.9)];

/// Entries, base values and a transform; the labels and the scores of two rows.
type Expected = (Entries, &'static [f32], &'static str, [i64; 2], [f32; 4]);

/// Two classes, 10 and 20. Where both have scores onnxruntime gives 1 and 0
/// instead of the labels.
#[rustfmt::skip]
const TWO_CLASSES: &[Expected] = &[
    (POSITIVE_FIRST, &[], "NONE", [10, 20], [0.7, 0.3, 0.10000002, 0.9]),
    (POSITIVE_FIRST, &[], "LOGISTIC", [10, 20], [0.4255575, 0.5744425, 0.28905052, 0.7109495]),
    (POSITIVE_FIRST, &[], "SOFTMAX", [10, 20], [0.7, 0.3, 0.10000002, 0.9]),
    (POSITIVE_FIRST, &[], "SOFTMAX_ZERO", [10, 20], [0.7, 0.3, 0.10000002, 0.9]),
    (POSITIVE_FIRST, &[0.25], "NONE", [20, 20], [0.45, 0.55, -0.14999998, 1.15]),
    (POSITIVE_FIRST, &[0.25], "LOGISTIC", [20, 20], [0.3658644, 0.6341356, 0.24048913, 0.7595109]),
    (POSITIVE_FIRST, &[0.125, 0.25], "NONE", [10, 20], [0.425, 0.0, 1.025, 0.0]),
    (POSITIVE_FIRST, &[0.125, 0.25], "LOGISTIC", [10, 20], [0.6046791, 0.5, 0.7359454, 0.5]),
    (POSITIVE_FIRST, &[0.125, 0.25], "SOFTMAX", [10, 20], [0.6046791, 0.39532092, 0.7359454, 0.26405463]),
    (POSITIVE_SECOND, &[], "NONE", [10, 20], [0.0, 0.3, 0.0, 0.9]),
    (POSITIVE_SECOND, &[], "LOGISTIC", [10, 20], [0.5, 0.5744425, 0.5, 0.7109495]),
    (POSITIVE_SECOND, &[], "SOFTMAX", [10, 20], [0.42555746, 0.5744425, 0.2890505, 0.7109495]),
    (POSITIVE_SECOND, &[], "SOFTMAX_ZERO", [10, 20], [0.0, 1.0, 0.0, 1.0]),
    (POSITIVE_SECOND, &[0.25], "NONE", [10, 20], [0.0, 0.3, 0.0, 0.9]),
    (POSITIVE_SECOND, &[0.25], "LOGISTIC", [10, 20], [0.5, 0.5744425, 0.5, 0.7109495]),
    (POSITIVE_SECOND, &[0.125, 0.25], "NONE", [10, 10], [0.0, 0.25, 0.0, 0.25]),
    (POSITIVE_SECOND, &[0.125, 0.25], "LOGISTIC", [10, 10], [0.5, 0.5621765, 0.5, 0.5621765]),
    (POSITIVE_SECOND, &[0.125, 0.25], "SOFTMAX", [10, 10], [0.4378235, 0.5621765, 0.4378235, 0.5621765]),
    (MIXED_FIRST, &[], "NONE", [10, 20], [0.3, -0.3, -0.9, 0.9]),
    (MIXED_FIRST, &[], "LOGISTIC", [10, 20], [0.5744425, 0.4255575, 0.28905052, 0.7109495]),
    (MIXED_FIRST, &[], "SOFTMAX", [10, 20], [0.3, -0.3, -0.9, 0.9]),
    (MIXED_FIRST, &[], "SOFTMAX_ZERO", [10, 20], [0.3, -0.3, -0.9, 0.9]),
    (MIXED_FIRST, &[0.25], "NONE", [10, 20], [0.050000012, -0.050000012, -1.15, 1.15]),
    (MIXED_FIRST, &[0.25], "LOGISTIC", [10, 20], [0.5124974, 0.48750257, 0.24048913, 0.7595109]),
    (MIXED_FIRST, &[0.125, 0.25], "NONE", [10, 20], [-0.17500001, 0.0, 1.025, 0.0]),
    (MIXED_FIRST, &[0.125, 0.25], "LOGISTIC", [10, 20], [0.4563613, 0.5, 0.7359454, 0.5]),
    (MIXED_FIRST, &[0.125, 0.25], "SOFTMAX", [10, 20], [0.45636132, 0.5436387, 0.7359454, 0.26405463]),
    (MIXED_SECOND, &[], "NONE", [10, 20], [0.0, -0.3, 0.0, 0.9]),
    (MIXED_SECOND, &[], "LOGISTIC", [10, 20], [0.5, 0.4255575, 0.5, 0.7109495]),
    (MIXED_SECOND, &[], "SOFTMAX", [10, 20], [0.5744425, 0.42555746, 0.2890505, 0.7109495]),
    (MIXED_SECOND, &[], "SOFTMAX_ZERO", [10, 20], [0.0, 1.0, 0.0, 1.0]),
    (MIXED_SECOND, &[0.25], "NONE", [10, 20], [0.0, -0.3, 0.0, 0.9]),
    (MIXED_SECOND, &[0.25], "LOGISTIC", [10, 20], [0.5, 0.4255575, 0.5, 0.7109495]),
    (MIXED_SECOND, &[0.125, 0.25], "NONE", [20, 20], [0.0, 0.25, 0.0, 0.25]),
    (MIXED_SECOND, &[0.125, 0.25], "LOGISTIC", [20, 20], [0.5, 0.5621765, 0.5, 0.5621765]),
    (MIXED_SECOND, &[0.125, 0.25], "SOFTMAX", [20, 20], [0.4378235, 0.5621765, 0.4378235, 0.5621765]),
    (BOTH, &[], "NONE", [1, 1], [0.3, 0.7, 0.9, 0.1]),
    (BOTH, &[], "LOGISTIC", [1, 1], [0.5744425, 0.66818774, 0.7109495, 0.5249792]),
    (BOTH, &[], "SOFTMAX", [1, 1], [0.40131232, 0.59868765, 0.6899744, 0.3100255]),
    (BOTH, &[], "SOFTMAX_ZERO", [1, 1], [0.40131232, 0.59868765, 0.6899744, 0.3100255]),
    (BOTH, &[0.25], "NONE", [1, 1], [0.55, 0.7, 1.15, 0.1]),
    (BOTH, &[0.25], "LOGISTIC", [1, 1], [0.6341356, 0.66818774, 0.7595109, 0.5249792]),
    (BOTH, &[0.125, 0.25], "NONE", [1, 1], [-0.55, 0.55, -1.15, 1.15]),
    (BOTH, &[0.125, 0.25], "LOGISTIC", [1, 1], [0.3658644, 0.6341356, 0.24048913, 0.7595109]),
    (BOTH, &[0.125, 0.25], "SOFTMAX", [1, 1], [0.24973989, 0.7502601, 0.09112297, 0.9088771]),
    (BOTH, &[0.125, 0.25], "SOFTMAX_ZERO", [1, 1], [0.24973989, 0.7502601, 0.09112297, 0.9088771]),
    (SPARSE, &[], "NONE", [1, 1], [-0.3, 0.3, 0.0, 0.9]),
    (SPARSE, &[], "LOGISTIC", [1, 1], [0.4255575, 0.5744425, 0.5, 0.7109495]),
    (SPARSE, &[], "SOFTMAX", [1, 1], [-0.3, 0.3, 0.2890505, 0.7109495]),
    (SPARSE, &[], "SOFTMAX_ZERO", [1, 1], [-0.3, 0.3, 0.0, 1.0]),
    (SPARSE, &[0.125, 0.25], "NONE", [1, 1], [0.425, 0.0, 0.0, 0.25]),
    (SPARSE, &[0.125, 0.25], "LOGISTIC", [1, 1], [0.6046791, 0.5, 0.5, 0.5621765]),
    (SPARSE, &[0.125, 0.25], "SOFTMAX", [1, 1], [0.6046791, 0.39532092, 0.4378235, 0.5621765]),
    (SPARSE, &[0.125, 0.25], "SOFTMAX_ZERO", [1, 1], [1.0, 0.0, 0.0, 1.0]),
];

fn lists(entries: Entries) -> Lists {
    let entry = |&(leaf, target, weight): &(i64, i64, f64)| Entry { id: (0, leaf), target, weight };
    Lists { entries: entries.iter().map(entry).collect(), ..stump() }
}

fn classifier(entries: Entries, labels: &[i64], base: &[f32], transform: &str) -> Case {
    let case = lists(entries).classifier(labels).string("post_transform", transform);
    if base.is_empty() { case } else { case.floats("base_values", base) }
}

fn run(case: &Case) -> (TensorData, Vec<f32>) {
    let y = case.run(&[column(&[0.0, 2.0])]).unwrap();
    (y[0].data().clone(), y[1].as_f32().unwrap().to_vec())
}

#[test]
fn two_classes_are_told_apart_as_onnxruntime_does() {
    for &(entries, base, transform, labels, scores) in TWO_CLASSES {
        let got = run(&classifier(entries, &[10, 20], base, transform));
        assert_eq!(got.0, TensorData::Int64(labels.to_vec()), "{entries:?} {base:?} {transform}");
        assert_close(&got.1, &scores);
    }
}

#[test]
fn two_classes_have_probits() {
    let (_, scores) = run(&classifier(BOTH, &[10, 20], &[], "PROBIT"));
    assert_close(&scores, &[-0.5244459, 0.5244459, 1.2817129, -1.2817129]);
    // Of a single score the second number is none of onnxruntime's.
    let (_, scores) = run(&classifier(POSITIVE_FIRST, &[10, 20], &[], "PROBIT"));
    assert_close(&scores, &[-0.5244459, 0.0, 1.2817129, 0.0]);
}

#[test]
fn labels_may_be_texts() {
    let lists = lists(POSITIVE_FIRST);
    let case = lists.classifier(&[]).strings("classlabels_strings", &["no", "yes"]);
    let y = case.run(&[column(&[0.0, 2.0])]).unwrap();
    assert_eq!(y[0], texts(&[2], &["no", "yes"]));
    // Scores of both classes pick a text, not 1 or 0.
    let case = self::lists(BOTH).classifier(&[]).strings("classlabels_strings", &["no", "yes"]);
    let y = case.run(&[column(&[0.0, 2.0])]).unwrap();
    assert_eq!(y[0], texts(&[2], &["yes", "yes"]));
}

#[test]
fn one_class_gives_1_for_a_score_above_0() {
    let (labels, scores) = run(&classifier(POSITIVE_FIRST, &[5], &[], "NONE"));
    assert_eq!((labels, scores), (TensorData::Int64(vec![1, 1]), vec![0.3, 0.9]));
    let (labels, scores) = run(&classifier(MIXED_FIRST, &[5], &[0.125], "LOGISTIC"));
    assert_eq!(labels, TensorData::Int64(vec![0, 1]));
    assert_close(&scores, &[-0.175, 1.025]);
    let case = lists(MIXED_FIRST).classifier(&[]).strings("classlabels_strings", &["all"]);
    assert_eq!(case.run(&[column(&[0.0, 2.0])]).unwrap()[0], texts(&[2], &["all", "all"]));
}

#[test]
fn of_several_classes_the_first_of_the_largest_is_picked() {
    let entries = &[(1, 0, 0.3), (1, 2, 0.5), (2, 1, 0.9), (2, 0, 0.9)];
    let (labels, scores) = run(&classifier(entries, &[7, 8, 9], &[], "NONE"));
    assert_eq!(labels, TensorData::Int64(vec![9, 7]));
    assert_eq!(scores, [0.3, 0.0, 0.5, 0.9, 0.9, 0.0]);
}

#[test]
fn classes_that_no_leaf_adds_to_are_not_picked() {
    let entries = &[(1, 1, -0.3), (1, 2, -0.5), (2, 2, -0.9)];
    let (labels, scores) = run(&classifier(entries, &[7, 8, 9], &[], "NONE"));
    assert_eq!(labels, TensorData::Int64(vec![8, 9]));
    assert_eq!(scores, [0.0, -0.3, -0.5, 0.0, 0.0, -0.9]);
    // Base values add to all.
    let (labels, scores) = run(&classifier(entries, &[7, 8, 9], &[0.1, 0.2, 0.3], "SOFTMAX"));
    assert_eq!(labels, TensorData::Int64(vec![7, 8]));
    assert_close(&scores, &[0.39069384, 0.31987306, 0.28943315, 0.38435578, 0.42477882, 0.19086544]);
}

#[test]
fn only_one_of_several_classes_may_have_scores() {
    let (labels, scores) = run(&classifier(&[(1, 1, -0.5), (2, 1, 0.5)], &[7, 8, 9], &[], "NONE"));
    assert_eq!(labels, TensorData::Int64(vec![8, 8]));
    assert_eq!(scores, [0.0, -0.5, 0.0, 0.0, 0.5, 0.0]);
    // Each row starts without any.
    let (labels, _) = run(&classifier(&[(1, 1, -0.5), (2, 1, 0.15)], &[7, 8, 9], &[0.0, 0.0, 0.1], "NONE"));
    assert_eq!(labels, TensorData::Int64(vec![9, 8]));
}

#[test]
fn a_row_without_any_score_has_no_label() {
    let case = classifier(&[(1, 1, 0.5)], &[7, 8, 9], &[], "NONE");
    assert_eq!(case.run(&[column(&[0.0])]).unwrap()[0], i64s(&[1], &[8]));
    let error = case.run(&[column(&[0.0, 2.0])]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InferenceFailed);
    assert_eq!(error.message(), "no leaf has a score for any class");
}

#[test]
fn base_values_have_to_go_with_the_classes() {
    let message = |labels: &[i64], base: &[f32]| {
        let error = classifier(BOTH, labels, base, "NONE").run(&[column(&[0.0])]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
        error.message().to_owned()
    };
    assert_eq!(message(&[7, 8], &[0.0; 3]), "3 base_values do not go with 2 scores");
    assert_eq!(message(&[7, 8, 9], &[0.0]), "1 base_values do not go with 3 scores");
}
