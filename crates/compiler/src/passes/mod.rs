//! What makes a graph smaller and faster without changing what it gives.

mod attention;
mod common;
mod contrib;
mod convolution;
mod dead;
mod distance;
mod dynamic;
mod find;
mod fold;
mod gates;
mod gelu;
mod half;
mod identity;
mod linear;
mod normalization;
mod pack;
mod quantized;

use std::collections::BTreeMap;

use crate::graph::Graph;

/// The file holds so many numbers as they are, though they were quantised.
const FEW: usize = 64;

/// Runs every pass. `types` and `outputs` are the types of the graph's inputs and
/// outputs, by ONNX's numbers: of all that are tensors.
pub(crate) fn run(graph: &mut Graph, types: &BTreeMap<String, i32>, outputs: &BTreeMap<String, i32>) {
    half::widen(graph, types, outputs);
    identity::remove(graph, types);
    fold::fold(graph, 0);
    dead::remove(graph);
    contrib::lower(graph);
    quantized::fuse(graph);
    dynamic::fuse(graph);
    dead::remove(graph);
    fold::fold(graph, FEW);
    dead::remove(graph);
    gates::fuse(graph);
    dead::remove(graph);
    convolution::fuse(graph);
    distance::fuse(graph);
    normalization::fuse(graph);
    gelu::fuse(graph);
    attention::fuse(graph);
    dead::remove(graph);
    linear::fuse(graph);
    common::remove(graph);
    pack::pack(graph);
    dead::remove(graph);
}
