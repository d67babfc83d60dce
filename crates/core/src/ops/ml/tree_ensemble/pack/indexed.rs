//! TreeEnsemble: branches and leaves in lists of their own, by their places.

use std::collections::BTreeMap;

use super::Ensemble;
use super::read::{self, Numbers, expect, numbers};
use super::trees::{Branch, LeafEntries, Test, Than, TreeNode, Trees};
use crate::Result;
use crate::ops::Node;
use crate::plan::Attribute;

pub(super) fn ensemble(node: &Node<'_>) -> Result<Ensemble> {
    let targets = read::targets(node)?;
    let name = |attribute: &str, default: i64, names: &[&'static str]| {
        let number = node.int_or(attribute, default)?;
        let name = usize::try_from(number).ok().and_then(|number| names.get(number).copied());
        name.ok_or_else(|| node.invalid(format_args!("{attribute}: unexpected {number}")))
    };
    Ok(Ensemble {
        trees: trees(node, targets)?,
        targets,
        aggregate: name("aggregate_function", 1, &["AVERAGE", "SUM", "MIN", "MAX"])?,
        // ONNX has 1 for SOFTMAX and 2 for LOGISTIC; onnxruntime the other way
        // round.
        transform: name("post_transform", 0, &["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"])?,
        base_values: None,
        more: BTreeMap::from([("typed".to_owned(), Attribute::Int(1))]),
        labels: None,
    })
}

/// The lists of branches.
struct Branches {
    modes: Vec<u8>,
    features: Vec<i64>,
    splits: Numbers,
    /// For yes and for no: the child, and whether it is a leaf.
    children: [(Vec<i64>, Vec<i64>); 2],
    missing: Vec<i64>,
}

impl Branches {
    fn of(node: &Node<'_>) -> Result<Self> {
        let modes = node.weights::<u8>("nodes_modes")?.to_vec();
        let features = node.ints("nodes_featureids")?;
        let splits = numbers(node, "nodes_splits")?;
        let yes = (node.ints("nodes_truenodeids")?, node.ints("nodes_trueleafs")?);
        let no = (node.ints("nodes_falsenodeids")?, node.ints("nodes_falseleafs")?);
        for (name, length) in [
            ("nodes_featureids", features.len()),
            ("nodes_splits", splits.values.len()),
            ("nodes_truenodeids", yes.0.len()),
            ("nodes_trueleafs", yes.1.len()),
            ("nodes_falsenodeids", no.0.len()),
            ("nodes_falseleafs", no.1.len()),
        ] {
            expect(node, name, length, modes.len())?;
        }
        let missing = node.ints("nodes_missing_value_tracks_true")?;
        Ok(Self { modes, features, splits, children: [yes, no], missing })
    }

    /// The places of both children; leaves come after all branches.
    fn children(&self, node: &Node<'_>, place: usize, leaves: usize) -> Result<[usize; 2]> {
        let mut both = [0; 2];
        for (child, (places, leafs)) in both.iter_mut().zip(&self.children) {
            let leaf = leafs.get(place).is_some_and(|&leaf| leaf != 0);
            let (first, count) = if leaf { (self.modes.len(), leaves) } else { (0, self.modes.len()) };
            let to = places.get(place).copied().unwrap_or(-1);
            let known = usize::try_from(to).ok().filter(|&to| to < count);
            *child = first + known.ok_or_else(|| node.invalid(format_args!("child {to} is not there")))?;
        }
        Ok(both)
    }
}

fn trees(node: &Node<'_>, targets: usize) -> Result<Trees> {
    let branches = Branches::of(node)?;
    let leaves = leaves(node, targets)?;
    let members = numbers(node, "membership_values")?;
    // NaN keeps the sets apart.
    let mut sets = members.values.split(|value| value.is_nan());
    let mut nodes = Vec::with_capacity(branches.modes.len());
    for (place, (&mode, (&feature, &split))) in
        branches.modes.iter().zip(branches.features.iter().zip(&branches.splits.values)).enumerate()
    {
        let test = match mode {
            0 => Test::Than(Than::LessOrEqual, split),
            1 => Test::Than(Than::Less, split),
            2 => Test::Than(Than::GreaterOrEqual, split),
            3 => Test::Than(Than::Greater, split),
            4 => Test::Equal(split),
            5 => Test::NotEqual(split),
            6 => member(sets.next().unwrap_or_default(), node)?,
            other => return Err(node.invalid(format_args!("nodes_modes: unexpected {other}"))),
        };
        let feature = read::feature(node, feature)?;
        let missing = branches.missing.get(place) == Some(&1);
        let [yes, no] = branches.children(node, place, leaves.ends.len())?;
        nodes.push(TreeNode::Branch(Branch { test, feature, missing, yes, no }));
    }
    nodes.extend((0..leaves.ends.len()).map(TreeNode::Leaf));
    let root = |&root: &i64| {
        let known = usize::try_from(root).ok().filter(|&root| root < branches.modes.len());
        known.ok_or_else(|| node.invalid(format_args!("tree_roots: node {root} is not there")))
    };
    let roots = node.ints("tree_roots")?.iter().map(root).collect::<Result<_>>()?;
    Ok(Trees { nodes, roots, leaves, double: branches.splits.double })
}

fn leaves(node: &Node<'_>, targets: usize) -> Result<LeafEntries> {
    let (of, weights) = (node.ints("leaf_targetids")?, numbers(node, "leaf_weights")?);
    expect(node, "leaf_weights", weights.values.len(), of.len())?;
    let mut leaves = LeafEntries { double: weights.double, ..LeafEntries::default() };
    for (&target, &weight) in of.iter().zip(&weights.values) {
        let target = read::target(node, "leaf_targetids", target, targets)?;
        leaves.push(target, weight);
        leaves.end();
    }
    Ok(leaves)
}

fn member(set: &[f64], node: &Node<'_>) -> Result<Test> {
    /// onnxruntime tells sets of such numbers by a mask, all others by looking a
    /// number up without its fraction.
    const MASK: std::ops::RangeInclusive<f64> = 0.0..=30.0;
    if set.is_empty() {
        return Err(node.invalid("membership_values: a node has no set"));
    }
    let whole = set.iter().all(|value| value.fract() == 0.0) && !set.iter().all(|value| MASK.contains(value));
    Ok(Test::Member { set: set.to_vec(), whole })
}
