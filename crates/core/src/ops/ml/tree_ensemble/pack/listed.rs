//! TreeEnsembleClassifier and TreeEnsembleRegressor: nodes by the numbers of
//! their tree and of themselves, and a list of what leaves add.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Ensemble;
use super::trees::{Branch, LeafEntries, Test, TreeNode, Trees};
use crate::ops::Node;
use crate::plan::Attribute;
use crate::tensor_ref::DataRef;
use crate::{Result, Tensor, TensorData};

/// A list of numbers, and whether it is float64.
pub(super) struct Numbers {
    pub(super) values: Vec<f64>,
    pub(super) double: bool,
}

/// The columns of the list of leaves' weights.
struct Entries {
    targets: Vec<i64>,
    /// The places of the nodes that have them.
    nodes: Vec<usize>,
    weights: Numbers,
}

pub(super) fn classifier(node: &Node<'_>) -> Result<Ensemble> {
    let (strings, integers) = (node.strings("classlabels_strings")?, node.ints("classlabels_int64s")?);
    // onnxruntime takes the strings where there are both.
    let (name, labels) = if strings.is_empty() {
        ("classlabels_int64s", TensorData::Int64(integers))
    } else {
        ("classlabels_strings", TensorData::String(strings))
    };
    let targets = labels.len();
    let lists = Lists::of(node, "class")?;
    let distinct: BTreeSet<_> = lists.entries.targets.iter().collect();
    let mut more = BTreeMap::new();
    if targets == 2 && distinct.len() == 1 {
        let negative = lists.entries.weights.values.iter().any(|&weight| weight < 0.0);
        let what = if negative { "distance" } else { "probability" };
        more.insert("single_score".to_owned(), Attribute::String(what.to_owned()));
    }
    let labels = Some((name, Tensor::new(vec![targets], labels)?));
    Ok(Ensemble { more, labels, ..lists.ensemble(node, targets, "SUM")? })
}

pub(super) fn regressor(node: &Node<'_>) -> Result<Ensemble> {
    let targets = node.int_or("n_targets", 0)?;
    let targets = usize::try_from(targets)
        .map_err(|_| node.invalid(format_args!("n_targets: expected a positive number, got {targets}")))?;
    let aggregate = node.string_or("aggregate_function", "SUM")?;
    let known = ["SUM", "AVERAGE", "MIN", "MAX"];
    let aggregate = known.into_iter().find(|&name| name == aggregate);
    let aggregate =
        aggregate.ok_or_else(|| node.invalid("aggregate_function: expected SUM, AVERAGE, MIN or MAX"))?;
    Lists::of(node, "target")?.ensemble(node, targets, aggregate)
}

/// The attribute `name`, or `name_as_tensor`.
pub(super) fn numbers(node: &Node<'_>, name: &str) -> Result<Numbers> {
    let as_tensor = format!("{name}_as_tensor");
    let name = match (node.has(name), node.has(&as_tensor)) {
        (true, true) => return Err(node.invalid(format_args!("expected {name} or {as_tensor}, got both"))),
        (false, true) => &as_tensor,
        _ => name,
    };
    match node.tensor(name)?.map(|constant| constant.view().data) {
        None => Ok(Numbers { values: Vec::new(), double: false }),
        Some(DataRef::Float32(values)) => {
            Ok(Numbers { values: values.iter().map(|&value| f64::from(value)).collect(), double: false })
        }
        Some(DataRef::Float64(values)) => Ok(Numbers { values: values.to_vec(), double: true }),
        Some(other) => {
            let got = other.element_type();
            Err(node.invalid(format_args!("{name}: expected float32 or float64 elements, got {got}")))
        }
    }
}

/// The attribute `post_transform` by its name.
fn transform(node: &Node<'_>) -> Result<&'static str> {
    let known = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];
    let name = node.string_or("post_transform", "NONE")?;
    let found = known.into_iter().find(|&known| known == name);
    found.ok_or_else(|| node.invalid(format_args!("post_transform: unexpected {name}")))
}

struct Lists {
    /// For each node, those of its tree and of itself.
    ids: Vec<(i64, i64)>,
    /// The place of each of them.
    places: HashMap<(i64, i64), usize>,
    values: Numbers,
    entries: Entries,
}

impl Lists {
    fn of(node: &Node<'_>, prefix: &str) -> Result<Self> {
        let (trees, nodes) = (node.ints("nodes_treeids")?, node.ints("nodes_nodeids")?);
        expect(node, "nodes_nodeids", nodes.len(), trees.len())?;
        let ids: Vec<_> = trees.into_iter().zip(nodes).collect();
        let mut places = HashMap::with_capacity(ids.len());
        for (place, &id) in ids.iter().enumerate() {
            if places.insert(id, place).is_some() {
                return Err(node.invalid(format_args!("node {} is in tree {} twice", id.1, id.0)));
            }
        }
        let values = numbers(node, "nodes_values")?;
        expect(node, "nodes_values", values.values.len(), ids.len())?;
        let name = |suffix: &str| format!("{prefix}_{suffix}");
        let targets = node.ints(&name("ids"))?;
        let (trees, nodes) = (node.ints(&name("treeids"))?, node.ints(&name("nodeids"))?);
        let weights = numbers(node, &name("weights"))?;
        for (suffix, length) in
            [("treeids", trees.len()), ("nodeids", nodes.len()), ("weights", weights.values.len())]
        {
            expect(node, &name(suffix), length, targets.len())?;
        }
        let place = |id: (i64, i64)| {
            let place = places.get(&id).copied();
            place.ok_or_else(|| node.invalid(format_args!("weights: no node {} in tree {}", id.1, id.0)))
        };
        let nodes = trees.into_iter().zip(nodes).map(place).collect::<Result<_>>()?;
        Ok(Self { entries: Entries { targets, nodes, weights }, ids, places, values })
    }

    fn ensemble(self, node: &Node<'_>, targets: usize, aggregate: &'static str) -> Result<Ensemble> {
        let base = numbers(node, "base_values")?;
        let base_values = match (base.values.is_empty(), base.double) {
            (true, _) => None,
            (false, true) => Some(TensorData::Float64(base.values)),
            (false, false) => {
                Some(TensorData::Float32(base.values.iter().map(|&value| value as f32).collect()))
            }
        };
        let base_values = base_values.map(|data| Tensor::new(vec![data.len()], data)).transpose()?;
        let trees = self.trees(node, targets)?;
        Ok(Ensemble {
            trees,
            targets,
            aggregate,
            transform: transform(node)?,
            base_values,
            more: BTreeMap::new(),
            labels: None,
        })
    }

    fn trees(&self, node: &Node<'_>, targets: usize) -> Result<Trees> {
        let count = self.ids.len();
        let modes = node.strings("nodes_modes")?;
        let features = node.ints("nodes_featureids")?;
        let (yes, no) = (node.ints("nodes_truenodeids")?, node.ints("nodes_falsenodeids")?);
        for (name, length) in [
            ("nodes_modes", modes.len()),
            ("nodes_featureids", features.len()),
            ("nodes_truenodeids", yes.len()),
            ("nodes_falsenodeids", no.len()),
        ] {
            expect(node, name, length, count)?;
        }
        let missing = node.ints("nodes_missing_value_tracks_true")?;
        let mut leaves = LeafEntries { double: self.entries.weights.double, ..LeafEntries::default() };
        let mut entries = self.entries_by_node(node, targets)?.into_iter().peekable();
        let mut nodes = Vec::with_capacity(count);
        let branches = modes.iter().zip(&self.values.values).zip(features.iter().zip(yes.iter().zip(&no)));
        for (place, ((mode, &value), (&feature, (&yes, &no)))) in branches.enumerate() {
            let of_node =
                std::iter::from_fn(|| entries.next_if(|&(of, _)| of == place).map(|(_, entry)| entry));
            if mode == "LEAF" {
                add_leaf(&mut leaves, of_node, targets, value);
                nodes.push(TreeNode::Leaf(leaves.end()));
                continue;
            }
            // Weights of branches are left by old converters; onnxruntime does
            // not look at them.
            of_node.for_each(drop);
            let test = Test::named(mode, value)
                .ok_or_else(|| node.invalid(format_args!("nodes_modes: unexpected {mode}")))?;
            let feature = u32::try_from(feature)
                .map_err(|_| node.invalid(format_args!("nodes_featureids: unexpected {feature}")))?;
            let missing = missing.get(place) == Some(&1);
            let (yes, no) = (self.child(node, place, yes)?, self.child(node, place, no)?);
            nodes.push(TreeNode::Branch(Branch { test, feature, missing, yes, no }));
        }
        Ok(Trees { nodes, roots: self.roots(node)?, leaves, double: self.values.double })
    }

    /// Targets and weights in the order of the nodes that have them, those of
    /// one node as they are listed.
    fn entries_by_node(&self, node: &Node<'_>, targets: usize) -> Result<Vec<(usize, (u32, f64))>> {
        let Entries { targets: of, nodes, weights } = &self.entries;
        let mut entries = Vec::with_capacity(nodes.len());
        for ((&place, &target), &weight) in nodes.iter().zip(of).zip(&weights.values) {
            let known = u32::try_from(target).ok().filter(|&target| (target as usize) < targets);
            let target = known.ok_or_else(|| {
                node.invalid(format_args!("weights: expected targets below {targets}, got {target}"))
            })?;
            entries.push((place, (target, weight)));
        }
        entries.sort_by_key(|&(place, _)| place);
        Ok(entries)
    }

    fn child(&self, node: &Node<'_>, of: usize, id: i64) -> Result<usize> {
        let tree = self.ids.get(of).map_or(0, |&(tree, _)| tree);
        let child = self.places.get(&(tree, id)).copied();
        child.ok_or_else(|| node.invalid(format_args!("node {id} of tree {tree} is not there")))
    }

    /// The first node of each tree.
    fn roots(&self, node: &Node<'_>) -> Result<Vec<usize>> {
        let mut seen = BTreeSet::new();
        let mut before = None;
        let mut roots = Vec::new();
        for (place, &(tree, _)) in self.ids.iter().enumerate() {
            if before == Some(tree) {
                continue;
            }
            if !seen.insert(tree) {
                return Err(
                    node.unsupported(format_args!("the nodes of tree {tree} are not listed together"))
                );
            }
            before = Some(tree);
            roots.push(place);
        }
        Ok(roots)
    }
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

/// Checks that a list is as long as the one that it goes with.
pub(super) fn expect(node: &Node<'_>, name: &str, length: usize, expected: usize) -> Result<()> {
    if length == expected {
        return Ok(());
    }
    Err(node.invalid(format_args!("{name}: expected {expected} elements, got {length}")))
}
