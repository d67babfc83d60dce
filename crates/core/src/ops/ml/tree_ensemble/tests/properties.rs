//! Any forest gives what its lists say, whichever way it is packed and walked.

use proptest::collection::vec;
use proptest::prelude::*;

use super::f64s;
use super::lists::{Entry, ListedNode, Lists};
use crate::ops::testing::{Case, f32s};
use crate::{Tensor, TensorData};

const MODES: [&str; 6] = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
/// Thresholds and features are of these: equal ones are frequent.
const VALUES: [f64; 7] = [-2.5, -0.0, 0.0, 0.1, 1.0, 3.0, f64::INFINITY];
const FEATURES: usize = 3;

#[derive(Clone, Debug)]
enum Tree {
    Leaf(Vec<(i64, f64)>),
    Branch { mode: usize, feature: i64, value: usize, missing: bool, children: Box<[Tree; 2]>, turned: bool },
}

/// Trees whose branches have `modes`, numbers of [`MODES`], and whose leaves have
/// up to `entries` entries for `targets` targets.
fn tree(modes: Vec<usize>, targets: usize, entries: usize, depth: u32) -> impl Strategy<Value = Tree> {
    let weight = (-8..=8).prop_map(|eighths| f64::from(eighths) / 8.0 + 0.1);
    let weight = prop_oneof![4 => weight, 1 => Just(0.0), 1 => Just(-0.0)];
    let leaf = vec((0..targets as i64, weight), 0..=entries).prop_map(Tree::Leaf);
    leaf.prop_recursive(depth, 96, 2, move |tree| {
        let mode = prop::sample::select(modes.clone());
        let test = (mode, 0..FEATURES as i64, 0..VALUES.len() - 1, any::<bool>(), any::<bool>());
        (test, tree.clone(), tree).prop_map(|((mode, feature, value, missing, turned), yes, no)| {
            Tree::Branch { mode, feature, value, missing, children: Box::new([yes, no]), turned }
        })
    })
}

/// Lists the nodes of `trees`. Parents come first; which child comes next is the
/// branch's to say.
fn lists(trees: &[Tree], targets: usize) -> Lists {
    let mut lists = Lists { targets, ..Lists::default() };
    for (number, tree) in trees.iter().enumerate() {
        let mut next = 0;
        list(tree, number as i64, &mut next, &mut lists);
    }
    lists
}

fn list(tree: &Tree, number: i64, next: &mut i64, lists: &mut Lists) -> i64 {
    let id = (number, *next);
    *next += 1;
    let place = lists.nodes.len();
    let leaf = ListedNode { id, mode: "LEAF", feature: 0, value: 0.25, missing: false, yes: 0, no: 0 };
    lists.nodes.push(leaf);
    match tree {
        Tree::Leaf(entries) => {
            let entry = |&(target, weight)| Entry { id, target, weight };
            lists.entries.extend(entries.iter().map(entry));
        }
        Tree::Branch { mode, feature, value, missing, children, turned } => {
            let [yes, no] = &**children;
            let (yes, no) = if *turned {
                let no = list(no, number, next, lists);
                (list(yes, number, next, lists), no)
            } else {
                (list(yes, number, next, lists), list(no, number, next, lists))
            };
            lists.nodes[place] = ListedNode {
                mode: MODES[*mode],
                feature: *feature,
                value: VALUES[*value],
                missing: *missing,
                yes,
                no,
                id,
            };
        }
    }
    id.1
}

fn rows(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let x = prop_oneof![6 => prop::sample::select(VALUES.to_vec()), 2 => -3.0..4.0, 1 => Just(f64::NAN)];
    (0..most).prop_flat_map(move |rows| vec(x.clone(), rows * FEATURES))
}

fn forest(modes: impl Strategy<Value = Vec<usize>>, most: usize, depth: u32) -> impl Strategy<Value = Lists> {
    (modes, 1..=3usize, 0..=3usize).prop_flat_map(move |(modes, targets, entries)| {
        let trees = vec(tree(modes, targets, entries, depth), 1..=most);
        trees.prop_map(move |trees| lists(&trees, targets))
    })
}

fn any_modes() -> impl Strategy<Value = Vec<usize>> {
    prop::sample::subsequence((0..MODES.len()).collect::<Vec<_>>(), 1..=MODES.len())
}

fn aggregate() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["SUM", "AVERAGE", "MIN", "MAX"])
}

/// Checks float32 scores against the twin's.
fn check(case: &Case, x: &Tensor, expected: Vec<Option<f32>>) -> Result<(), TestCaseError> {
    let y = case.run(std::slice::from_ref(x)).unwrap();
    let expected: Vec<_> = expected.into_iter().map(|score| score.unwrap_or(0.0)).collect();
    prop_assert_eq!(y[0].as_f32().unwrap(), expected);
    Ok(())
}

/// Numbers that are float32 as they are float64.
fn single(x: &[f64]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x as f32)).collect()
}

/// The lists with thresholds and weights as float32 has them.
fn rounded(mut lists: Lists) -> Lists {
    lists.nodes.iter_mut().for_each(|node| node.value = f64::from(node.value as f32));
    lists.entries.iter_mut().for_each(|entry| entry.weight = f64::from(entry.weight as f32));
    lists
}

proptest! {
    #[test]
    fn any_forest_scores_as_its_lists_say(
        lists in forest(any_modes(), 5, 4), x in rows(20), aggregate in aggregate(),
    ) {
        let lists = rounded(lists);
        let case = lists.regressor().string("aggregate_function", aggregate);
        let x = single(&x);
        let expected = x.chunks(FEATURES).flat_map(|row| lists.singles(row, aggregate)).collect();
        let values: Vec<_> = x.iter().map(|&x| x as f32).collect();
        check(&case, &f32s(&[x.len() / FEATURES, FEATURES], &values), expected)?;
    }

    /// Of one comparison, and of many leaves or few: walked, and by leaf sets.
    #[test]
    fn plain_forests_score_as_their_lists_say(
        lists in forest((0..4usize).prop_map(|mode| vec![mode]), 19, 7), x in rows(40),
    ) {
        let lists = rounded(lists);
        let x = single(&x);
        let expected = x.chunks(FEATURES).flat_map(|row| lists.singles(row, "SUM")).collect();
        let values: Vec<_> = x.iter().map(|&x| x as f32).collect();
        check(&lists.regressor(), &f32s(&[x.len() / FEATURES, FEATURES], &values), expected)?;
    }

    /// Float64 features are compared as such with float32 thresholds, and sums
    /// are float64.
    #[test]
    fn doubles_score_as_the_lists_say(
        lists in forest(any_modes(), 5, 4), x in rows(20), aggregate in aggregate(), double: bool,
    ) {
        let lists = if double { lists } else { rounded(lists) };
        let case = if double { lists.double_regressor() } else { lists.regressor() };
        let case = case.string("aggregate_function", aggregate);
        let expected = x.chunks(FEATURES).flat_map(|row| lists.doubles(row, aggregate));
        let expected = expected.map(|score| score.map(|score| score as f32)).collect();
        check(&case, &f64s(&[x.len() / FEATURES, FEATURES], &x), expected)?;
    }

    #[test]
    fn integers_score_as_the_lists_say(
        lists in forest(any_modes(), 5, 4), x in vec(-4..5i64, 3..60), wide: bool,
    ) {
        let lists = rounded(lists);
        let x = &x[..x.len() / FEATURES * FEATURES];
        let data = if wide {
            TensorData::Int64(x.to_vec())
        } else {
            TensorData::Int32(x.iter().map(|&x| x as i32).collect())
        };
        let values: Vec<_> = x.iter().map(|&x| x as f64).collect();
        let expected = values.chunks(FEATURES).flat_map(|row| lists.singles(row, "SUM")).collect();
        let x = Tensor::new(vec![x.len() / FEATURES, FEATURES], data).unwrap();
        check(&lists.regressor(), &x, expected)?;
    }

    /// Nodes that several others lead to, as in splits by category.
    #[test]
    fn nodes_with_several_parents_score_as_the_lists_say(
        lists in forest(any_modes(), 4, 4), x in rows(20), turns in vec((any::<usize>(), any::<usize>(), any::<bool>()), 1..6),
    ) {
        let mut lists = rounded(lists);
        for (node, child, yes) in turns {
            let node = node % lists.nodes.len();
            let (tree, own) = lists.nodes[node].id;
            // Children have greater numbers than their parents: no circles.
            let later: Vec<_> = lists.nodes.iter().filter(|other| other.id.0 == tree && other.id.1 > own).collect();
            if lists.nodes[node].mode != "LEAF" {
                let child = later[child % later.len()].id.1;
                *(if yes { &mut lists.nodes[node].yes } else { &mut lists.nodes[node].no }) = child;
            }
        }
        let x = single(&x);
        let expected = x.chunks(FEATURES).flat_map(|row| lists.singles(row, "SUM")).collect();
        let values: Vec<_> = x.iter().map(|&x| x as f32).collect();
        check(&lists.regressor(), &f32s(&[x.len() / FEATURES, FEATURES], &values), expected)?;
    }

    #[test]
    fn the_class_with_the_first_of_the_largest_scores_is_picked(
        trees in vec(tree(vec![0], 3, 3, 4), 1..8), x in rows(20),
    ) {
        let lists = rounded(lists(&trees, 3));
        let x = single(&x);
        let values: Vec<_> = x.iter().map(|&x| x as f32).collect();
        let tensor = f32s(&[x.len() / FEATURES, FEATURES], &values);
        let mut expected = Some(Vec::new());
        for row in x.chunks(FEATURES) {
            let scores = lists.singles(row, "SUM");
            let scored = (7..).zip(&scores).filter_map(|(label, score)| Some((label, (*score)?)));
            let best = scored.reduce(|best, next| if next.1 > best.1 { next } else { best });
            expected = expected.zip(best).map(|(mut labels, (label, _))| { labels.push(label); labels });
        }
        match (lists.classifier(&[7, 8, 9]).run(&[tensor]), expected) {
            (Ok(y), Some(labels)) => prop_assert_eq!(y[0].data(), &TensorData::Int64(labels)),
            (got, None) => prop_assert!(got.is_err()),
            (Err(error), _) => prop_assert!(false, "{}", error),
        }
    }
}
