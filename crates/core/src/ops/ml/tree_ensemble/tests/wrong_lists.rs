//! Lists of TreeEnsembleRegressor and TreeEnsembleClassifier that contradict
//! each other, and what onnxruntime makes of odd ones.

use super::lists::{Entry, Lists, column, stump};
use crate::ErrorKind;
use crate::ops::testing::{Case, assert_close, f32s};

fn message(case: &Case) -> String {
    let error = case.run(&[column(&[0.0])]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModel);
    error.message().to_owned()
}

fn changed(change: impl FnOnce(&mut Lists)) -> Case {
    let mut lists = stump();
    change(&mut lists);
    lists.regressor()
}

#[test]
fn refuses_trees_that_are_none() {
    let circle = "the way down a tree goes round in a circle";
    assert_eq!(message(&changed(|lists| lists.nodes[0].yes = 0)), circle);
    let round = |lists: &mut Lists| {
        lists.nodes[1].mode = "BRANCH_GT";
        lists.nodes[1].no = 2;
    };
    assert_eq!(message(&changed(round)), circle);
    let both = |lists: &mut Lists| (lists.nodes[0].yes, lists.nodes[0].no) = (0, 0);
    assert_eq!(message(&changed(both)), circle);
    assert_eq!(message(&changed(|lists| lists.nodes[0].no = 3)), "node 3 of tree 0 is not there");
    assert_eq!(message(&changed(|lists| lists.nodes[2].id.1 = 1)), "node 1 is in tree 0 twice");
    assert_eq!(message(&Lists { targets: 1, ..Lists::default() }.regressor()), "expected trees, got none");
}

#[test]
fn refuses_lists_of_other_lengths() {
    let regressor = || stump().regressor();
    for name in ["nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids", "nodes_nodeids"] {
        let expected = format!("{name}: expected 3 elements, got 1");
        assert_eq!(message(&regressor().ints(name, &[0])), expected);
    }
    let values = "nodes_values: expected 3 elements, got 1";
    assert_eq!(message(&regressor().floats("nodes_values", &[0.0])), values);
    let modes = "nodes_modes: expected 3 elements, got 1";
    assert_eq!(message(&regressor().strings("nodes_modes", &["LEAF"])), modes);
    let weights = "target_weights: expected 2 elements, got 1";
    assert_eq!(message(&regressor().floats("target_weights", &[0.0])), weights);
}

#[test]
fn refuses_what_it_does_not_know() {
    let modes = "nodes_modes: unexpected BRANCH_MEMBER";
    assert_eq!(message(&changed(|lists| lists.nodes[0].mode = "BRANCH_MEMBER")), modes);
    assert_eq!(message(&changed(|lists| lists.nodes[0].feature = -1)), "nodes_featureids: unexpected -1");
    let targets = "weights: expected targets below 1, got 1";
    assert_eq!(message(&changed(|lists| lists.entries[0].target = 1)), targets);
    let place = "node 9 of tree 0 is not there";
    assert_eq!(message(&changed(|lists| lists.entries[0].id.1 = 9)), place);
    let aggregate = "aggregate_function: unexpected MEDIAN";
    assert_eq!(message(&stump().regressor().string("aggregate_function", "MEDIAN")), aggregate);
    let transform = "post_transform: unexpected COSINE";
    assert_eq!(message(&stump().regressor().string("post_transform", "COSINE")), transform);
    assert_eq!(message(&changed(|lists| lists.targets = 0)), "weights: expected targets below 0, got 0");
    let both = stump().regressor().tensor("nodes_values_as_tensor", &super::f64s(&[3], &[0.0; 3]));
    assert_eq!(message(&both), "expected nodes_values or nodes_values_as_tensor, got both");
    let base = stump().regressor().floats("base_values", &[1.0, 2.0]);
    assert_eq!(message(&base), "2 base_values do not go with 1 scores");
}

#[test]
fn refuses_trees_whose_nodes_are_not_together() {
    let mut lists = stump();
    let mut other = stump();
    other.nodes.iter_mut().for_each(|node| node.id.0 = 1);
    lists.nodes.splice(1..1, other.nodes);
    let error = lists.regressor().run(&[column(&[0.0])]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedModel);
    assert_eq!(error.message(), "the nodes of tree 0 are not listed together");
}

#[test]
fn refuses_rows_without_a_feature_that_a_branch_asks_for() {
    let case = changed(|lists| lists.nodes[0].feature = 2);
    let error = case.run(&[f32s(&[1, 2], &[0.0; 2])]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InferenceFailed);
    assert_eq!(error.message(), "expected at least 3 features, got 2");
    let error = case.run(&[f32s(&[1, 1, 3], &[0.0; 3])]).unwrap_err();
    assert_eq!(error.message(), "expected X of one or two dimensions, got shape [1, 1, 3]");
}

#[test]
fn takes_a_single_row_no_rows_and_more_features_than_it_needs() {
    let case = stump().regressor();
    assert_eq!(case.run(&[f32s(&[1], &[2.0])]).unwrap(), [f32s(&[1, 1], &[20.0])]);
    assert_eq!(case.run(&[f32s(&[0, 1], &[])]).unwrap(), [f32s(&[0, 1], &[])]);
    assert_eq!(case.run(&[f32s(&[1, 3], &[0.0, 2.0, 2.0])]).unwrap(), [f32s(&[1, 1], &[10.0])]);
}

/// As onnxruntime does.
#[test]
fn a_leaf_of_one_target_adds_its_first_weight_or_else_its_threshold() {
    let twice = |lists: &mut Lists| lists.entries.push(Entry { id: (0, 2), target: 0, weight: 5.0 });
    assert_eq!(changed(twice).run(&[column(&[2.0])]).unwrap()[0].as_f32().unwrap(), [20.0]);
    let none = |lists: &mut Lists| {
        lists.entries.remove(0);
        lists.nodes[1].value = 7.0;
    };
    assert_eq!(changed(none).run(&[column(&[0.0])]).unwrap()[0].as_f32().unwrap(), [7.0]);
}

#[test]
fn weights_of_branches_and_nodes_that_nothing_leads_to_do_not_count() {
    let weighted = |lists: &mut Lists| lists.entries.push(Entry { id: (0, 0), target: 0, weight: 99.0 });
    assert_eq!(changed(weighted).run(&[column(&[0.0])]).unwrap()[0].as_f32().unwrap(), [10.0]);
    let alone = |lists: &mut Lists| {
        let mut node = lists.nodes[1].clone();
        node.id.1 = 7;
        lists.nodes.push(node);
    };
    assert_eq!(changed(alone).run(&[column(&[0.0])]).unwrap()[0].as_f32().unwrap(), [10.0]);
}

/// As onnxruntime does: of all transforms PROBIT alone is of one score, and base
/// values are added but to targets that leaves have added to.
#[test]
fn scores_of_a_regressor_are_transformed_as_in_onnxruntime() {
    let two = || {
        let mut lists = Lists { targets: 2, ..stump() };
        lists.entries[0].weight = 0.25;
        lists.entries[1] = Entry { id: (0, 2), target: 1, weight: 0.75 };
        lists.regressor().floats("base_values", &[0.125, 0.5])
    };
    let run = |case: Case| case.run(&[column(&[0.0, 2.0])]).unwrap()[0].as_f32().unwrap().to_vec();
    assert_eq!(run(two()), [0.375, 0.0, 0.0, 1.25]);
    assert_close(&run(two().string("post_transform", "LOGISTIC")), &[0.59266657, 0.5, 0.5, 0.7772999]);
    let one = |name| {
        let mut lists = stump();
        lists.entries[0].weight = 0.25;
        run(lists.regressor().floats("base_values", &[0.25]).string("post_transform", name))
    };
    assert_eq!(one("LOGISTIC"), [0.5, 20.25]);
    assert_close(&one("PROBIT")[..1], &[0.0]);
}
