//! The packed form as a damaged file may have it.

use super::{f64s, u32s};
use crate::ErrorKind;
use crate::ops::testing::{Case, f32s};

const BITS: u32 = 1.0f32.to_bits();

fn packed() -> Case {
    Case::new("edgeinfer", "TreeEnsemble", 1)
        .int("targets", 1)
        .int("features", 2)
        .tensor("trees", &u32s(&[1], &[0]))
        .tensor("leaf_weights", &f32s(&[2], &[10.0, 20.0]))
}

fn nodes(words: &[u32]) -> Case {
    packed().tensor("nodes", &u32s(&[words.len()], words)).tensor("slots", &u32s(&[2], &[0, 3]))
}

/// x1 <= 1 or not; a missing one is.
fn plain() -> Case {
    nodes(&[BITS, 1 << 12 | 1, 0, 2, 1, 2])
}

fn links(thresholds: &[f64], words: &[u32]) -> Case {
    packed()
        .tensor("thresholds", &f64s(&[thresholds.len()], thresholds))
        .tensor("links", &u32s(&[words.len()], words))
        .tensor("sets", &f64s(&[2], &[1.0, 2.0]))
        .tensor("set_ends", &u32s(&[1], &[2]))
}

/// x1 == 1 or not.
fn general() -> Case {
    links(&[1.0, 0.0, 0.0], &[1, 1 << 4 | 4, 0, 0, 1, 0])
}

fn run(case: &Case) -> Result<Vec<f32>, crate::Error> {
    let x = f32s(&[3, 2], &[5.0, 1.0, 5.0, 2.0, 5.0, f32::NAN]);
    Ok(case.run(&[x])?[0].as_f32().unwrap().to_vec())
}

fn refused(case: &Case, what: &str) {
    let error = run(case).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidModel, "{error}");
    assert!(error.message().contains(what), "{error}");
}

#[test]
fn both_forms_give_scores() {
    assert_eq!(run(&plain()).unwrap(), [10.0, 20.0, 10.0]);
    assert_eq!(run(&general()).unwrap(), [10.0, 20.0, 20.0]);
}

#[test]
fn refuses_plain_nodes_that_go_beyond_what_is_there() {
    let what = "a child, a slot or a leaf is not there";
    refused(&nodes(&[BITS, 2 << 12 | 1, 0, 2, 1, 2]), what);
    refused(&nodes(&[BITS, u32::MAX, 0, 2, 1, 2]), what);
    refused(&nodes(&[BITS, 1 << 12 | 2, 0, 2, 1, 2]), what);
    refused(&nodes(&[BITS, 1 << 12 | 1, 2, 2, 1, 2]), what);
    // A leaf that compares a feature could be left.
    refused(&nodes(&[BITS, 1 << 12 | 1, 0, 1, 1, 2]), what);
    refused(&nodes(&[BITS, 1 << 12 | 1, 0, 2, 1]), what);
    refused(&nodes(&[]), what);
    refused(&plain().tensor("trees", &u32s(&[1], &[4])), what);
    refused(&plain().tensor("trees", &u32s(&[2], &[0, 2])), what);
    refused(&plain().tensor("trees", &u32s(&[2], &[0, 0])), what);
    refused(&plain().tensor("trees", &u32s(&[1], &[1])), what);
    refused(&plain().tensor("slots", &u32s(&[2], &[0, 4])), "slots: expected");
    refused(&plain().tensor("slots", &u32s(&[4096], &[0; 4096])), "slots: expected");
}

#[test]
fn refuses_general_nodes_that_go_beyond_what_is_there() {
    let what = "a child, a feature, a set or a leaf is not there";
    let branch = |first: u32, link: u32| links(&[1.0, 0.0, 0.0], &[first, link, 0, 0, 1, 0]);
    refused(&branch(1, 2 << 4 | 4), what);
    refused(&branch(1, u32::MAX << 4 | 4), what);
    // A branch that leads to itself.
    refused(&branch(1, 4), what);
    refused(&branch(2, 1 << 4 | 4), what);
    refused(&branch(1, 1 << 4 | 7), what);
    refused(&branch(1, 3 << 4 | 1), what);
    refused(&links(&[1.0, 0.0, 0.0], &[1, 1 << 4 | 4, 2, 0, 1, 0]), what);
    for set in [1.0, 1e300] {
        refused(&links(&[set, 0.0, 0.0], &[1, 1 << 4 | 5, 0, 0, 1, 0]), what);
    }
    refused(&links(&[0.0; 3], &[1, 1 << 4 | 5, 0, 0, 1, 0]).tensor("set_ends", &u32s(&[1], &[3])), what);
    let what = "thresholds, links and trees do not fit each other";
    refused(&links(&[1.0, 0.0], &[1, 1 << 4 | 4, 0, 0, 1, 0]), what);
    refused(&general().tensor("trees", &u32s(&[1], &[3])), what);
}

#[test]
fn refuses_leaves_that_do_not_fit() {
    let what = "leaf_weights, leaf_targets and leaf_ends do not fit each other";
    refused(&plain().int("targets", 2), what);
    refused(&plain().tensor("leaf_targets", &u32s(&[1], &[0])), what);
    refused(&plain().tensor("leaf_targets", &u32s(&[2], &[0, 1])), what);
    let listed = plain().tensor("leaf_targets", &u32s(&[2], &[0, 0]));
    assert_eq!(run(&listed).unwrap(), [10.0, 20.0, 10.0]);
    let ends = |ends: &[u32]| {
        plain().tensor("leaf_targets", &u32s(&[2], &[0, 0])).tensor("leaf_ends", &u32s(&[ends.len()], ends))
    };
    assert_eq!(run(&ends(&[0, 2])).unwrap(), [0.0, 30.0, 0.0]);
    refused(&ends(&[2, 1]), what);
    refused(&ends(&[1, 3]), what);
    refused(&ends(&[2]), "a child, a slot or a leaf is not there");
    refused(&plain().string("aggregate_function", "MIN"), what);
    refused(&plain().int("targets", 0), "targets: expected some, got 0");
    refused(&plain().int("targets", 1 << 21), "targets: 2097152 are too many");
    refused(&plain().int("targets", -1), "targets: expected a number, got -1");
    refused(&plain().string("aggregate_function", "MEDIAN"), "aggregate_function: unexpected MEDIAN");
}

#[test]
fn refuses_labels_that_do_not_go_with_the_scores() {
    refused(&plain().ints("classlabels_int64s", &[1, 2]), "2 class labels do not go with 1 scores");
    let classes = plain().int("targets", 2).int("only_target", 0).ints("classlabels_int64s", &[1, 2]);
    assert!(classes.run(&[f32s(&[1, 2], &[0.0; 2])]).is_ok());
    refused(&classes.string("single_score", "odds"), "single_score: unexpected odds");
}
