//! Which form a forest is packed in, and what that form can hold.

use super::lists::{Entry, ListedNode, Lists, column, stump};
use crate::ops::testing::{Case, f32s};
use crate::plan::Attribute;

/// A tree that has `leaves` leaves: x below 1, 2, 3 ... Each adds its number.
fn ladder(leaves: i64, mode: &'static str) -> Lists {
    let mut lists = Lists { targets: 1, ..Lists::default() };
    for step in 0..leaves - 1 {
        let branch = 2 * step;
        let node = ListedNode {
            id: (0, branch),
            mode,
            feature: 0,
            value: (step + 1) as f64,
            missing: step % 2 == 1,
            yes: branch + 1,
            no: branch + 2,
        };
        let leaf = ListedNode { id: (0, branch + 1), mode: "LEAF", yes: 0, no: 0, ..node.clone() };
        lists.nodes.extend([node, leaf]);
        lists.entries.push(Entry { id: (0, branch + 1), target: 0, weight: step as f64 });
    }
    let last = 2 * (leaves - 1);
    let node = lists.nodes.last().cloned().unwrap();
    lists.nodes.push(ListedNode { id: (0, last), mode: "LEAF", ..node });
    lists.entries.push(Entry { id: (0, last), target: 0, weight: (leaves - 1) as f64 });
    lists
}

/// The length of a tensor of the packed form; `None` where it has no such one.
fn length(case: &Case, name: &str) -> Option<usize> {
    let (step, tensors) = case.packed().unwrap();
    match step.attributes.get(name)? {
        Attribute::Tensor(index) => tensors[*index].shape().first().copied(),
        other => panic!("expected a tensor, got {other:?}"),
    }
}

fn plain(case: &Case) -> bool {
    length(case, "nodes").is_some()
}

#[test]
fn one_comparison_of_float32_makes_a_plain_forest() {
    for mode in ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"] {
        assert!(plain(&ladder(5, mode).regressor()), "{mode}");
    }
    assert!(!plain(&ladder(5, "BRANCH_EQ").regressor()));
    assert!(!plain(&ladder(5, "BRANCH_LEQ").double_regressor()));
    let mut mixed = ladder(5, "BRANCH_LEQ");
    mixed.nodes[2].mode = "BRANCH_LT";
    assert!(!plain(&mixed.regressor()));
    let mut infinite = stump();
    infinite.nodes[0].value = f64::INFINITY;
    assert!(!plain(&infinite.regressor()), "NaN is not below infinity");
}

#[test]
fn trees_of_any_number_of_leaves_give_the_same_for_one_row_and_for_many() {
    for leaves in [2, 31, 32, 33, 70] {
        let case = ladder(leaves, "BRANCH_LT").regressor();
        let x: Vec<_> = (0..300).map(|x| x as f32 / 4.0).collect();
        let expected: Vec<_> = x.iter().map(|x| x.floor().min((leaves - 1) as f32)).collect();
        let many = case.run(&[column(&x)]).unwrap();
        assert_eq!(many[0].as_f32().unwrap(), expected, "{leaves} leaves");
        for (x, expected) in x.iter().zip(expected) {
            let one = case.run(&[column(&[*x])]).unwrap();
            assert_eq!(one[0].as_f32().unwrap(), [expected], "{leaves} leaves");
        }
    }
}

#[test]
fn missing_numbers_take_the_side_that_their_branch_says() {
    // The first branch sends them on, the second one takes them.
    let nan = column(&[f32::NAN; 20]);
    for mode in ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"] {
        let y = ladder(5, mode).regressor().run(std::slice::from_ref(&nan)).unwrap();
        assert_eq!(y[0].as_f32().unwrap(), [1.0; 20], "{mode}");
    }
}

#[test]
fn rows_may_have_more_slots_than_fit_the_narrow_walk() {
    let mut lists = Lists { targets: 1, ..Lists::default() };
    for tree in 0..300 {
        let mut one = stump();
        one.nodes.iter_mut().for_each(|node| node.id.0 = tree);
        one.nodes[0].feature = tree;
        one.nodes[0].missing = tree % 2 == 0;
        one.entries.iter_mut().for_each(|entry| entry.id.0 = tree);
        lists.nodes.append(&mut one.nodes);
        lists.entries.append(&mut one.entries);
    }
    let x: Vec<_> = (0..300).map(|feature| [0.0, 2.0, f32::NAN][feature % 3]).collect();
    let y = lists.regressor().run(&[f32s(&[1, 300], &x)]).unwrap();
    assert_eq!(y[0].as_f32().unwrap(), [(100 * 10 + 100 * 20 + 50 * 10 + 50 * 20) as f32]);
}

#[test]
fn splits_by_category_become_a_set() {
    // 1, 4, 2 and 30 lead to the same leaf.
    let mut lists = stump();
    let values = [1.0, 4.0, 2.0, 30.0];
    let leaves = lists.nodes.split_off(1);
    let root = lists.nodes.remove(0);
    for (place, &value) in values.iter().enumerate() {
        let no = if place + 1 < values.len() { 10 + place as i64 + 1 } else { 2 };
        let id = (0, 10 + place as i64);
        lists.nodes.push(ListedNode { id, mode: "BRANCH_EQ", value, yes: 1, no, ..root.clone() });
    }
    lists.nodes.extend(leaves);
    let case = lists.regressor();
    assert_eq!(length(&case, "thresholds"), Some(3), "a branch and two leaves");
    let y = case.run(&[column(&[0.0, 1.0, 2.0, 2.5, 4.0, 30.0, f32::NAN])]).unwrap();
    assert_eq!(y[0].as_f32().unwrap(), [20.0, 10.0, 10.0, 20.0, 10.0, 10.0, 20.0]);
}

#[test]
fn equal_leaves_are_kept_once() {
    let mut lists = ladder(40, "BRANCH_LEQ");
    lists.entries.iter_mut().for_each(|entry| entry.weight = (entry.weight as i64 % 3) as f64);
    assert_eq!(length(&lists.regressor(), "leaf_weights"), Some(3));
}

#[test]
fn a_branch_to_the_same_node_either_way_is_passed_by() {
    let mut lists = stump();
    lists.nodes[0].no = 1;
    let y = lists.regressor().run(&[column(&[0.0, 5.0, f32::NAN])]).unwrap();
    assert_eq!(y[0].as_f32().unwrap(), [10.0; 3]);
    // The same further down.
    let mut lists = ladder(3, "BRANCH_LEQ");
    lists.nodes[2].no = 3;
    let y = lists.regressor().run(&[column(&[0.0, 1.5, 5.0])]).unwrap();
    assert_eq!(y[0].as_f32().unwrap(), [0.0, 1.0, 1.0]);
}

#[test]
fn leaves_may_add_to_many_targets_each_by_itself() {
    for targets in [2, 4, 5, 9] {
        let mut lists = Lists { targets, ..stump() };
        let weights = (0..targets as i64).flat_map(|target| [(1, target, 1.0), (2, target, 100.0)]);
        let entry = |(leaf, target, weight)| Entry { id: (0, leaf), target, weight: weight + target as f64 };
        lists.entries = weights.map(entry).collect();
        assert_eq!(length(&lists.regressor(), "leaf_targets"), None, "rows of weights");
        let expected = |first: f32| (0..targets).map(move |target| first + target as f32);
        for rows in [1, 20] {
            let x: Vec<_> = (0..rows).map(|row| (row % 2 * 2) as f32).collect();
            let y = lists.regressor().run(&[column(&x)]).unwrap();
            let expected: Vec<_> =
                x.iter().flat_map(|&x| expected(if x <= 1.0 { 1.0 } else { 100.0 })).collect();
            assert_eq!(y[0].as_f32().unwrap(), expected);
        }
    }
}

#[test]
fn leaves_that_add_to_one_of_many_targets_are_listed() {
    let mut lists = ladder(60, "BRANCH_LEQ");
    lists.targets = 20;
    lists.entries.iter_mut().for_each(|entry| entry.target = entry.weight as i64 % 20);
    let case = lists.regressor();
    assert_eq!(length(&case, "leaf_targets"), Some(60));
    assert_eq!(length(&case, "leaf_ends"), None);
    let y = case.run(&[column(&[33.0])]).unwrap();
    let expected: Vec<_> = (0..20).map(|target| if target == 12 { 32.0 } else { 0.0 }).collect();
    assert_eq!(y[0].as_f32().unwrap(), expected);
}
