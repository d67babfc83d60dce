//! Forests whose branches compare a float32 with a float32, all in the same way
//! but for the side that missing numbers take: what nearly all learners make.
//!
//! Nodes are as [`edgeinfer_kernels::trees`] has them.
//!
//! A row is made anew for the walk, from `slots`: each is a feature's number
//! times two, plus one where missing numbers take the first child. They are
//! replaced by an infinity, so that a step need not ask for them.

use std::borrow::Cow;
use std::sync::OnceLock;

use edgeinfer_kernels::trees::{SLOT_BITS, SLOTS};

use super::leaf_sets::LeafSets;
use crate::Result;
use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Node, Scope};
use crate::tensor_ref::{DataRef, TensorRef};

/// No row has more slots.
pub(super) const MOST_SLOTS: usize = SLOTS - 1;

pub(super) struct PlainForest {
    nodes: Weights<u32>,
    roots: Weights<u32>,
    slots: Weights<u32>,
    /// Whether branches mean "less than" where they say "less or equal": their
    /// thresholds are those next to the ones of the model.
    strict: bool,
    /// Made for the first batch; `None` where a tree has too many leaves.
    leaf_sets: OnceLock<Option<LeafSets>>,
}

impl PlainForest {
    /// The forest of `node`, whose leaves have numbers below `leaves`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where a node
    /// goes beyond its tree, its leaves or `features`.
    pub(super) fn of(node: &Node<'_>, leaves: usize, features: usize) -> Result<Self> {
        let forest = Self {
            nodes: node.weights("nodes")?,
            roots: node.weights("trees")?,
            slots: node.weights("slots")?,
            strict: node.flag("strict", false)?,
            leaf_sets: OnceLock::new(),
        };
        let arrays = forest.arrays();
        let slots = arrays.slots.len();
        if slots > MOST_SLOTS || arrays.slots.iter().any(|slot| (slot >> 1) as usize >= features) {
            return Err(node.invalid(format_args!("slots: expected {slots} features below {features}")));
        }
        let whole =
            forest.nodes.len().is_multiple_of(2) && arrays.roots.first().is_none_or(|&root| root == 0);
        if whole && arrays.trees().all(|tree| tree.is_some_and(|tree| checked(tree, slots, leaves))) {
            return Ok(forest);
        }
        Err(node.invalid("nodes: a child, a slot or a leaf is not there"))
    }

    pub(super) fn arrays(&self) -> Arrays<'_> {
        Arrays { nodes: self.nodes.as_chunks().0, roots: &self.roots, slots: &self.slots }
    }

    /// X as float32 that compare with every threshold as X does.
    pub(super) fn features<'a>(&self, x: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f32]>> {
        let DataRef::Float64(doubles) = x.data else { return floats(x, scope) };
        let mut values = scope.vec(doubles.len())?;
        values.extend(doubles.iter().map(|&x| if self.strict { round_down(x) } else { round_up(x) }));
        Ok(Cow::Owned(values))
    }

    pub(super) fn leaf_sets(&self) -> Option<&LeafSets> {
        self.leaf_sets.get_or_init(|| LeafSets::of(&self.arrays())).as_ref()
    }
}

/// The arrays of a forest.
pub(super) struct Arrays<'a> {
    pub(super) nodes: &'a [[u32; 2]],
    pub(super) roots: &'a [u32],
    pub(super) slots: &'a [u32],
}

impl<'a> Arrays<'a> {
    /// The nodes of each tree; `None` where roots are not in order.
    pub(super) fn trees(&self) -> impl Iterator<Item = Option<&'a [[u32; 2]]>> {
        let nodes = self.nodes;
        let ends = self.roots.iter().skip(1).map(|&root| root as usize).chain([nodes.len()]);
        self.roots.iter().zip(ends).map(move |(&root, end)| nodes.get(root as usize..end))
    }
}

/// Whether every node's children, slot or leaf are there.
fn checked(tree: &[[u32; 2]], slots: usize, leaves: usize) -> bool {
    let right = |(index, &[first, link]): (usize, &[u32; 2])| {
        let (slot, distance) = parts(link);
        match distance {
            0 => slot == slots && (first as usize) < leaves,
            distance => slot < slots && distance < tree.len() - index - 1,
        }
    };
    !tree.is_empty() && tree.iter().enumerate().all(right)
}

/// The slot and the distance in a node's second word.
pub(super) fn parts(link: u32) -> (usize, usize) {
    (link as usize & (SLOTS - 1), (link >> SLOT_BITS) as usize)
}

/// The least float32 that is no less than `x`: it is at most a float32 threshold
/// where `x` is.
fn round_up(x: f64) -> f32 {
    let nearest = x as f32;
    if f64::from(nearest) < x { nearest.next_up() } else { nearest }
}

/// The greatest float32 that is no greater than `x`.
fn round_down(x: f64) -> f32 {
    let nearest = x as f32;
    if f64::from(nearest) > x { nearest.next_down() } else { nearest }
}
