//! TreeEnsembleClassifier and TreeEnsembleRegressor: nodes by the numbers of
//! their tree and of themselves, and a list of what leaves add.

use std::collections::{BTreeMap, BTreeSet};

use super::Ensemble;
use super::ids::Ids;
use super::read::{self, Numbers, expect, numbers};
use super::trees::{Branch, LeafEntries, Test, TreeNode, Trees};
use crate::ops::Node;
use crate::plan::Attribute;
use crate::{Result, Tensor, TensorData};

const TRANSFORMS: [&str; 5] = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];

pub(super) fn classifier(node: &Node<'_>) -> Result<Ensemble> {
    let (strings, integers) = (node.strings("classlabels_strings")?, node.ints("classlabels_int64s")?);
    // onnxruntime takes the strings where there are both.
    let (name, labels) = if strings.is_empty() {
        ("classlabels_int64s", TensorData::Int64(integers))
    } else {
        ("classlabels_strings", TensorData::String(strings))
    };
    let targets = labels.len();
    let (ids, entries) = (Ids::of(node)?, Entries::of(node, "class")?);
    let distinct: BTreeSet<_> = entries.targets.iter().collect();
    let mut more = BTreeMap::new();
    if targets == 2 && distinct.len() == 1 {
        let negative = entries.weights.values.iter().any(|&weight| weight < 0.0);
        let what = if negative { "distance" } else { "probability" };
        more.insert("single_score".to_owned(), Attribute::String(what.to_owned()));
    }
    let labels = Some((name, Tensor::new(vec![targets], labels)?));
    let trees = trees(node, &ids, &entries, targets)?;
    Ok(Ensemble { more, labels, ..ensemble(node, trees, targets, "SUM")? })
}

pub(super) fn regressor(node: &Node<'_>) -> Result<Ensemble> {
    let aggregate = read::one_of(node, "aggregate_function", &["SUM", "AVERAGE", "MIN", "MAX"])?;
    let targets = read::targets(node)?;
    let (ids, entries) = (Ids::of(node)?, Entries::of(node, "target")?);
    ensemble(node, trees(node, &ids, &entries, targets)?, targets, aggregate)
}

fn ensemble(node: &Node<'_>, trees: Trees, targets: usize, aggregate: &'static str) -> Result<Ensemble> {
    let Numbers { values, double } = numbers(node, "base_values")?;
    let base_values = if double {
        TensorData::Float64(values)
    } else {
        TensorData::Float32(values.iter().map(|&value| value as f32).collect())
    };
    let base_values = Tensor::new(vec![base_values.len()], base_values)?;
    Ok(Ensemble {
        trees,
        targets,
        aggregate,
        transform: read::one_of(node, "post_transform", &TRANSFORMS)?,
        base_values: Some(base_values).filter(|values| !values.data().is_empty()),
        more: BTreeMap::new(),
        labels: None,
    })
}

fn trees(node: &Node<'_>, ids: &Ids, entries: &Entries, targets: usize) -> Result<Trees> {
    let columns = Columns::of(node, ids.len())?;
    let mut leaves = LeafEntries { double: entries.weights.double, ..LeafEntries::default() };
    let mut entries = entries.by_place(node, ids, targets)?.into_iter().peekable();
    let mut nodes = Vec::with_capacity(ids.len());
    for place in 0..ids.len() {
        let of_node = std::iter::from_fn(|| Some(entries.next_if(|&(of, _)| of == place)?.1));
        nodes.push(match columns.branch(node, place, ids)? {
            Some(branch) => {
                // Weights of branches are left by old converters; onnxruntime
                // does not look at them.
                of_node.for_each(drop);
                TreeNode::Branch(branch)
            }
            None => {
                add_leaf(&mut leaves, of_node, targets, columns.value(place));
                TreeNode::Leaf(leaves.end())
            }
        });
    }
    Ok(Trees { nodes, roots: ids.roots(node)?, leaves, double: columns.values.double })
}

/// A leaf's entries as onnxruntime sums them: where there is one target, the
/// first alone, and what a leaf without any has for a threshold.
fn add_leaf(
    leaves: &mut LeafEntries,
    mut entries: impl Iterator<Item = (u32, f64)>,
    targets: usize,
    value: f64,
) {
    if targets == 1 {
        let (target, weight) = entries.next().unwrap_or((0, value));
        leaves.push(target, weight);
        entries.for_each(drop);
    } else {
        entries.for_each(|(target, weight)| leaves.push(target, weight));
    }
}

/// The lists of nodes.
struct Columns {
    modes: Vec<String>,
    features: Vec<i64>,
    values: Numbers,
    yes: Vec<i64>,
    no: Vec<i64>,
    missing: Vec<i64>,
}

impl Columns {
    fn of(node: &Node<'_>, count: usize) -> Result<Self> {
        let columns = Self {
            modes: node.strings("nodes_modes")?,
            features: node.ints("nodes_featureids")?,
            values: numbers(node, "nodes_values")?,
            yes: node.ints("nodes_truenodeids")?,
            no: node.ints("nodes_falsenodeids")?,
            missing: node.ints("nodes_missing_value_tracks_true")?,
        };
        expect(node, "nodes_modes", columns.modes.len(), count)?;
        expect(node, "nodes_featureids", columns.features.len(), count)?;
        expect(node, "nodes_values", columns.values.values.len(), count)?;
        expect(node, "nodes_truenodeids", columns.yes.len(), count)?;
        expect(node, "nodes_falsenodeids", columns.no.len(), count)?;
        Ok(columns)
    }

    fn value(&self, place: usize) -> f64 {
        self.values.values.get(place).copied().unwrap_or_default()
    }

    /// The branch at `place`; `None` for a leaf.
    fn branch(&self, node: &Node<'_>, place: usize, ids: &Ids) -> Result<Option<Branch>> {
        let mode = self.modes.get(place).map(String::as_str).unwrap_or_default();
        if mode == "LEAF" {
            return Ok(None);
        }
        let test = Test::named(mode, self.value(place));
        let number = |list: &[i64]| list.get(place).copied().unwrap_or(-1);
        Ok(Some(Branch {
            test: test.ok_or_else(|| node.invalid(format_args!("nodes_modes: unexpected {mode}")))?,
            feature: read::feature(node, number(&self.features))?,
            missing: number(&self.missing) == 1,
            yes: ids.sibling(node, place, number(&self.yes))?,
            no: ids.sibling(node, place, number(&self.no))?,
        }))
    }
}

/// The lists of what leaves add.
struct Entries {
    trees: Vec<i64>,
    nodes: Vec<i64>,
    targets: Vec<i64>,
    weights: Numbers,
}

impl Entries {
    fn of(node: &Node<'_>, prefix: &str) -> Result<Self> {
        let name = |suffix: &str| format!("{prefix}_{suffix}");
        let entries = Self {
            trees: node.ints(&name("treeids"))?,
            nodes: node.ints(&name("nodeids"))?,
            targets: node.ints(&name("ids"))?,
            weights: numbers(node, &name("weights"))?,
        };
        let count = entries.targets.len();
        expect(node, &name("treeids"), entries.trees.len(), count)?;
        expect(node, &name("nodeids"), entries.nodes.len(), count)?;
        expect(node, &name("weights"), entries.weights.values.len(), count)?;
        Ok(entries)
    }

    /// Targets and weights in the order of the nodes that have them, those of
    /// one node as they are listed.
    fn by_place(&self, node: &Node<'_>, ids: &Ids, targets: usize) -> Result<Vec<(usize, (u32, f64))>> {
        let of = self.trees.iter().zip(&self.nodes);
        let mut entries = Vec::with_capacity(self.targets.len());
        for ((&target, &weight), (&tree, &id)) in self.targets.iter().zip(&self.weights.values).zip(of) {
            let target = read::target(node, "weights", target, targets)?;
            entries.push((ids.place(node, (tree, id))?, (target, weight)));
        }
        entries.sort_by_key(|&(place, _)| place);
        Ok(entries)
    }
}
