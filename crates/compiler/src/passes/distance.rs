//! Distances of rows to constant rows, which converters write as a `Scan` over
//! the constant rows and a `Transpose`, as one `CDist`.

use std::collections::BTreeMap;

use edgeinfer_core::{Tensor, TensorData};

use crate::graph::{Attribute, Graph, Node};

/// The number of rows in a tile.
const LANES: usize = 16;

/// Replaces every such pair of `graph`.
pub(super) fn fuse(graph: &mut Graph) {
    let uses = graph.uses();
    // What a Scan gives before it is transposed, and the CDist to be.
    let mut found: BTreeMap<String, Node> = BTreeMap::new();
    for node in &graph.nodes {
        if let Some((output, distance)) = distance(node, graph, &uses) {
            found.insert(output, distance);
        }
    }
    for node in &mut graph.nodes {
        let distance = node.input(0).filter(|_| is_transpose(node)).and_then(|input| found.get(input));
        if let Some(distance) = distance.cloned() {
            *node = Node { outputs: node.outputs.clone(), ..distance };
            tile(node, &mut graph.constants);
        }
    }
}

/// Puts the constant rows of the CDist `node` into tiles, as the runtime reads
/// them.
fn tile(node: &mut Node, constants: &mut BTreeMap<String, Tensor>) {
    let Some(name) = node.input(1).map(str::to_owned) else { return };
    let Some((tiles, rows)) = constants.get(&name).and_then(tiles) else { return };
    let tiled = format!("{name}@tiles");
    constants.insert(tiled.clone(), tiles);
    node.inputs = vec![node.inputs.first().cloned().flatten(), Some(tiled)];
    node.domain = "edgeinfer".to_owned();
    node.attributes.insert("rows".to_owned(), Attribute::Int(rows));
}

/// The rows of `tensor`, `[rows, width]`, as `[tiles, width, 16]`, and their
/// number.
fn tiles(tensor: &Tensor) -> Option<(Tensor, i64)> {
    let &[rows, width] = tensor.shape() else { return None };
    let data = match tensor.data() {
        TensorData::Float32(values) => TensorData::Float32(tiled(values, rows, width)),
        TensorData::Float64(values) => TensorData::Float64(tiled(values, rows, width)),
        _ => return None,
    };
    let shape = vec![rows.div_ceil(LANES), width, LANES];
    Some((Tensor::new(shape, data).ok()?, i64::try_from(rows).ok()?))
}

fn tiled<T: Copy + Default>(values: &[T], rows: usize, width: usize) -> Vec<T> {
    let places = (0..rows.div_ceil(LANES)).flat_map(|tile| {
        (0..width).flat_map(move |column| (0..LANES).map(move |lane| (tile * LANES + lane, column)))
    });
    places.map(|(row, column)| values.get(row * width + column).copied().unwrap_or_default()).collect()
}

fn is_transpose(node: &Node) -> bool {
    // Without `perm` it turns the dimensions round, which for two is the same.
    let turns = match node.attributes.get("perm") {
        Some(Attribute::Ints(perm)) => *perm == [1, 0],
        None => true,
        _ => false,
    };
    node.is("Transpose") && turns
}

/// The CDist that the Scan `node` is but for its transposed output, whose name
/// is the first of the pair.
fn distance(node: &Node, graph: &Graph, uses: &BTreeMap<String, usize>) -> Option<(String, Node)> {
    let ([Some(rows), Some(others), ..], [state, Some(distances)]) = (&node.inputs[..], &node.outputs[..])
    else {
        return None;
    };
    let own = node.inputs.len().checked_sub(usize::try_from(node.int_or("captures", 0)).ok()?)?;
    let state_unused = state.as_ref().is_none_or(|state| !uses.contains_key(state));
    // Directions and axes are attributes too: none but these may be there.
    let plain =
        node.attributes.keys().all(|name| matches!(name.as_str(), "body" | "captures" | "num_scan_inputs"));
    let one_taker = uses.get(distances) == Some(&1);
    let scans_one = node.is("Scan") && own == 2 && node.int_or("num_scan_inputs", 0) == 1;
    if !(scans_one && plain && state_unused && one_taker) {
        return None;
    }
    let Some(Attribute::Graph(body)) = node.attributes.get("body") else { return None };
    let captured: BTreeMap<&str, &str> = body
        .inputs
        .iter()
        .zip(&node.inputs)
        .skip(2)
        .filter_map(|(inner, outer)| Some((inner.as_str(), outer.as_deref()?)))
        .collect();
    let metric = metric(body, |name| graph.constants.get(*captured.get(name)?))?;
    let distance = Node {
        name: node.name.clone(),
        domain: "com.microsoft".to_owned(),
        op: "CDist".to_owned(),
        version: 1,
        inputs: vec![Some(rows.clone()), Some(others.clone())],
        outputs: Vec::new(),
        attributes: BTreeMap::from([("metric".to_owned(), Attribute::String(metric.to_owned()))]),
    };
    Some((distances.clone(), distance))
}

/// The metric that `body` calculates: of its state, rows, and of a row.
fn metric<'a>(body: &Graph, constant: impl Fn(&str) -> Option<&'a Tensor>) -> Option<&'static str> {
    let [rows, row, ..] = body.inputs.as_slice() else { return None };
    let [state, distances] = body.outputs.as_slice() else { return None };
    if source(body, state) != rows {
        return None;
    }
    let sum = maker(body, source(body, distances))?;
    let keeps = sum.int_or("keepdims", 1) != 0;
    if keeps || !sums_features(sum, constant) {
        return None;
    }
    let summed = maker(body, source(body, sum.input(0)?))?;
    let (difference, metric) = match (sum.op.as_str(), summed.op.as_str()) {
        ("ReduceSumSquare", "Sub") => (summed, "sqeuclidean"),
        ("ReduceSum", "Abs") => (maker(body, source(body, summed.input(0)?))?, "cityblock"),
        _ => return None,
    };
    let of_rows = difference.is("Sub")
        && source(body, difference.input(0)?) == rows
        && source(body, difference.input(1)?) == row;
    of_rows.then_some(metric)
}

/// Whether a reduction is over the features, the second dimension.
fn sums_features<'a>(sum: &Node, constant: impl Fn(&str) -> Option<&'a Tensor>) -> bool {
    match (sum.attributes.get("axes"), sum.input(1).map(constant)) {
        (Some(Attribute::Ints(axes)), None) => *axes == [1],
        (None, Some(Some(axes))) => {
            matches!(axes.data(), TensorData::Int64(axes) if *axes == [1])
        }
        _ => false,
    }
}

/// The node of `body` that makes `value`.
fn maker<'a>(body: &'a Graph, value: &str) -> Option<&'a Node> {
    body.nodes.iter().find(|node| node.only_output() == Some(value))
}

/// Where `value` comes from, through nodes that pass it on as it is.
fn source<'a>(body: &'a Graph, value: &'a str) -> &'a str {
    let mut value = value;
    // A chain is no longer than the body.
    for _ in 0..body.nodes.len() {
        match maker(body, value).filter(|node| node.is("Identity")).and_then(|node| node.input(0)) {
            Some(input) => value = input,
            None => break,
        }
    }
    value
}
