//! Which features may be missing: those that reach, still as they came, an
//! operator that knows what to do with NaN.

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{Tensor, TensorData};

use crate::graph::{Attribute, Graph, Node};

/// Operators that give each element of their first input, or a number made of
/// it alone, in its place: a missing one stays missing.
const KEEPS: [&str; 13] = [
    "Identity",
    "Cast",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Scaler",
    "FeatureVectorizer",
    "Concat",
    "Add",
    "Sub",
    "Mul",
    "Div",
];
/// Operators that take columns out by their numbers, their second input.
const PICKS: [&str; 2] = ["ArrayFeatureExtractor", "Gather"];
/// A column of one of the graph's inputs.
pub(crate) type Column = (usize, usize);

/// Columns on their way through the graph.
#[derive(Clone, Default)]
struct Columns {
    origins: Vec<Column>,
    /// Whether the origin at place i is column i.
    in_place: bool,
}

/// The columns of `graph`'s inputs, which have `widths` of them, that may be
/// missing.
pub(crate) fn missing(graph: &Graph, widths: &[usize]) -> BTreeSet<Column> {
    let mut ways: BTreeMap<&str, Columns> = BTreeMap::new();
    for (input, (name, &width)) in graph.inputs.iter().zip(widths).enumerate() {
        let origins = (0..width).map(|column| (input, column)).collect();
        ways.insert(name, Columns { origins, in_place: true });
    }
    let mut found = BTreeSet::new();
    for node in &graph.nodes {
        let taken: Vec<_> =
            node.inputs.iter().flatten().filter_map(|input| ways.get(input.as_str())).cloned().collect();
        if handles(node) {
            found.extend(taken.iter().flat_map(|columns| columns.origins.iter().copied()));
        } else if let (Some(columns), Some(output)) = (through(node, taken, graph), node.only_output()) {
            ways.insert(output, columns);
        }
    }
    found
}

/// Whether the operator knows what to do with a missing number.
fn handles(node: &Node) -> bool {
    match node.op.as_str() {
        "Imputer" | "IsNaN" => true,
        op if op.starts_with("TreeEnsemble") => {
            match node.attributes.get("nodes_missing_value_tracks_true") {
                Some(Attribute::Ints(tracks)) => tracks.contains(&1),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The columns of the node's output, where they are still those of the inputs.
fn through(node: &Node, taken: Vec<Columns>, graph: &Graph) -> Option<Columns> {
    let op = node.op.as_str();
    if PICKS.contains(&op) {
        let columns = taken.into_iter().next()?;
        let places = graph.constants.get(node.input(1)?).and_then(places);
        return Some(match places {
            Some(places) if columns.in_place => {
                let origin = |place: usize| columns.origins.get(place).copied();
                Columns { origins: places.into_iter().filter_map(origin).collect(), in_place: true }
            }
            _ => Columns { in_place: false, ..columns },
        });
    }
    if !KEEPS.contains(&op) || taken.is_empty() {
        return None;
    }
    let in_place = taken.len() == 1 && !matches!(op, "Concat" | "FeatureVectorizer");
    let in_place = in_place && taken.iter().all(|columns| columns.in_place);
    Some(Columns { origins: taken.into_iter().flat_map(|columns| columns.origins).collect(), in_place })
}

fn places(tensor: &Tensor) -> Option<Vec<usize>> {
    match tensor.data() {
        TensorData::Int64(values) => values.iter().map(|&value| usize::try_from(value).ok()).collect(),
        _ => None,
    }
}
