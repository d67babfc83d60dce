//! TreeEnsemble of version 5. The numbers are onnxruntime's.

use super::f64s;
use super::lists::column;
use crate::ops::testing::{Case, assert_close, f32s};
use crate::{ElementType, ErrorKind, Tensor, TensorData};

const X: [f32; 9] = [1.2, 3.4, -0.12, 1.66, 4.14, 1.77, 9.0, 8.0, f32::NAN];

fn modes(modes: &[u8]) -> Tensor {
    Tensor::new(vec![modes.len()], TensorData::UInt8(modes.to_vec())).unwrap()
}

fn floats(values: &[f32]) -> Tensor {
    f32s(&[values.len()], values)
}

/// Branches by the places of their children, those that are leaves marked.
fn branches(case: Case, yes: &[(i64, bool)], no: &[(i64, bool)]) -> Case {
    let places = |list: &[(i64, bool)]| list.iter().map(|child| child.0).collect::<Vec<_>>();
    let leaves = |list: &[(i64, bool)]| list.iter().map(|child| i64::from(child.1)).collect::<Vec<_>>();
    case.ints("nodes_truenodeids", &places(yes))
        .ints("nodes_trueleafs", &leaves(yes))
        .ints("nodes_falsenodeids", &places(no))
        .ints("nodes_falseleafs", &leaves(no))
}

fn empty(targets: i64) -> Case {
    Case::new("ai.onnx.ml", "TreeEnsemble", 5).int("n_targets", targets).ints("tree_roots", &[0])
}

/// As ONNX's example with a set: x <= 3 or not; below it x == 1.2 or not, else x
/// in a set or not.
fn example() -> Case {
    let case = branches(empty(2), &[(1, false), (0, true), (1, true)], &[(2, false), (2, true), (3, true)]);
    case.tensor("nodes_modes", &modes(&[0, 4, 6]))
        .ints("nodes_featureids", &[0, 0, 0])
        .tensor("nodes_splits", &floats(&[3.0, 1.2, f32::NAN]))
        .tensor("membership_values", &floats(&[1.2, 3.7, 8.0, 9.0, f32::NAN]))
        .ints("leaf_targetids", &[0, 1, 0, 0])
        .tensor("leaf_weights", &floats(&[5.23, 12.12, -12.23, 7.21]))
}

fn scores(case: &Case) -> Vec<f32> {
    case.run(&[column(&X)]).unwrap()[0].as_f32().unwrap().to_vec()
}

#[test]
fn branches_of_three_modes_give_their_scores() {
    let expected = [
        [5.23, 0.0],
        [7.21, 0.0],
        [-12.23, 0.0],
        [-12.23, 0.0],
        [7.21, 0.0],
        [-12.23, 0.0],
        [0.0, 12.12],
        [0.0, 12.12],
        [7.21, 0.0],
    ];
    assert_eq!(scores(&example()), expected.concat());
}

#[test]
fn missing_numbers_pass_where_the_branch_says_so() {
    let last = |case: Case| scores(&case)[16..].to_vec();
    let missing = "nodes_missing_value_tracks_true";
    assert_eq!(last(example().ints(missing, &[1, 1, 1])), [5.23, 0.0]);
    assert_eq!(last(example().ints(missing, &[1, 0, 0])), [-12.23, 0.0]);
    assert_eq!(last(example().ints(missing, &[0, 0, 1])), [0.0, 12.12]);
}

#[test]
fn several_trees_may_share_nodes() {
    let y = scores(&example().ints("tree_roots", &[0, 1]));
    assert_close(&y[..6], &[10.46, 0.0, -5.02, 0.0, -24.46, 0.0]);
    assert_close(&y[12..14], &[-12.23, 12.12]);
    let y = scores(&example().ints("tree_roots", &[0, 1]).int("aggregate_function", 0));
    assert_close(&y[..2], &[5.23, 0.0]);
    let y = scores(&example().ints("tree_roots", &[0, 1]).int("aggregate_function", 2));
    assert_eq!(y[2..4], [-12.23, 0.0]);
    let y = scores(&example().ints("tree_roots", &[0, 1]).int("aggregate_function", 3));
    assert_eq!(y[2..4], [7.21, 0.0]);
}

#[test]
fn transforms_are_numbered_as_in_onnxruntime() {
    let first = |number| scores(&example().int("post_transform", number))[..2].to_vec();
    assert_eq!(first(0), [5.23, 0.0]);
    assert_close(&first(1), &[0.9946749, 0.5]);
    assert_close(&first(2), &[0.9946749, 0.005325017]);
    assert_close(&first(3), &[1.0, 0.0]);
    assert_eq!(first(4)[1], f32::NEG_INFINITY);
}

#[test]
fn doubles_give_doubles() {
    let case = branches(empty(1), &[(0, true)], &[(1, true)])
        .tensor("nodes_modes", &modes(&[0]))
        .ints("nodes_featureids", &[0])
        .tensor("nodes_splits", &f64s(&[1], &[0.1]))
        .ints("leaf_targetids", &[0, 0])
        .tensor("leaf_weights", &f64s(&[2], &[0.3, -0.7]));
    let x = f64s(&[2, 1], &[0.1, f64::from(0.1f32)]);
    assert_eq!(case.run(std::slice::from_ref(&x)).unwrap()[0], f64s(&[2, 1], &[0.3, -0.7]));
    let y = case.int("post_transform", 4).run(&[x]).unwrap();
    assert_eq!(y[0].element_type(), ElementType::Float64);
    assert_close(&[to_f32(&y[0])], &[-0.5244459]);
}

fn to_f32(y: &Tensor) -> f32 {
    let TensorData::Float64(values) = y.data() else { panic!("expected float64, got {y:?}") };
    values[0] as f32
}

/// One branch that asks for a member of `set`: 1 where it is one.
fn member(set: &[f32], x: &[f32]) -> Vec<f32> {
    let case = branches(empty(1), &[(0, true)], &[(1, true)])
        .tensor("nodes_modes", &modes(&[6]))
        .ints("nodes_featureids", &[0])
        .tensor("nodes_splits", &floats(&[f32::NAN]))
        .tensor("membership_values", &floats(set))
        .ints("leaf_targetids", &[0, 0])
        .tensor("leaf_weights", &floats(&[1.0, 0.0]));
    case.run(&[column(x)]).unwrap()[0].as_f32().unwrap().to_vec()
}

#[test]
fn members_of_sets_are_found_as_onnxruntime_does() {
    let x = [0.0, -0.0, 1.0, 1.5, 2.0, -1.5, 31.5, 100.5, f32::NAN, f32::INFINITY];
    assert_eq!(member(&[0.0, 2.0], &x), [1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(member(&[1.5, 2.0, f32::NAN], &x), [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    // With a whole number outside 0 to 30 fractions do not count.
    assert_eq!(member(&[2.0, 100.0], &x), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(member(&[31.0], &x), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(member(&[-1.0], &x), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_root_may_be_no_more_than_a_leaf() {
    let case = branches(empty(1), &[(1, true)], &[(1, true)])
        .tensor("nodes_modes", &modes(&[0]))
        .ints("nodes_featureids", &[0])
        .tensor("nodes_splits", &floats(&[0.0]))
        .ints("leaf_targetids", &[0, 0])
        .tensor("leaf_weights", &floats(&[5.0, 6.0]));
    assert_eq!(case.run(&[column(&[1.0])]).unwrap()[0].as_f32().unwrap(), [6.0]);
}

#[test]
fn refuses_lists_that_contradict_each_other() {
    let message = |case: Case| {
        let error = case.run(&[column(&[0.0])]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
        error.message().to_owned()
    };
    assert_eq!(message(example().ints("tree_roots", &[3])), "tree_roots: node 3 is not there");
    assert_eq!(message(example().ints("tree_roots", &[])), "expected trees, got none");
    assert_eq!(message(example().ints("nodes_falsenodeids", &[3, 2, 3])), "child 3 is not there");
    assert_eq!(message(example().ints("nodes_falsenodeids", &[2, 4, 3])), "child 4 is not there");
    let circle = "the way down a tree goes round in a circle";
    assert_eq!(message(example().ints("nodes_falsenodeids", &[0, 2, 3])), circle);
    let lengths = "nodes_featureids: expected 3 elements, got 1";
    assert_eq!(message(example().ints("nodes_featureids", &[0])), lengths);
    assert_eq!(message(example().ints("nodes_featureids", &[0, -1, 0])), "nodes_featureids: unexpected -1");
    assert_eq!(message(example().tensor("nodes_modes", &modes(&[0, 7, 6]))), "nodes_modes: unexpected 7");
    let targets = "leaf_targetids: expected targets below 2, got 2";
    assert_eq!(message(example().ints("leaf_targetids", &[0, 1, 2, 0])), targets);
    let no_set = "membership_values: a node has no set";
    assert_eq!(message(example().tensor("membership_values", &floats(&[f32::NAN]))), no_set);
    assert_eq!(message(example().int("aggregate_function", 4)), "aggregate_function: unexpected 4");
    assert_eq!(message(example().int("post_transform", -1)), "post_transform: unexpected -1");
    assert_eq!(message(example().int("n_targets", -1)), "n_targets: expected a positive number, got -1");
}
