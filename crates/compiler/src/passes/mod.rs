//! What makes a graph smaller and faster without changing what it gives.

mod dead;
mod distance;
mod fold;
mod linear;
mod pack;

use crate::graph::Graph;

/// Runs every pass.
pub(crate) fn run(graph: &mut Graph) {
    fold::fold(graph);
    dead::remove(graph);
    distance::fuse(graph);
    linear::fuse(graph);
    pack::pack(graph);
    dead::remove(graph);
}
