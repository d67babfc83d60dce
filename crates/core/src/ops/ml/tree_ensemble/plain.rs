//! Forests whose branches compare a float32 with a float32, all in the same way
//! but for the side that missing numbers take: what nearly all learners make.
//!
//! A node is two words. A branch has its threshold's bits in the first one; the
//! second one has in its lower [`SLOT_BITS`] the place in the row of what it
//! compares, in the others how far the first child is. The second child is
//! taken where the number is greater than the threshold. A leaf has in the
//! first word its number; its children are no distance away, and it compares
//! what is smaller than anything, so that a walk stays there.
//!
//! A row is made anew for the walk, from `slots`: each is a feature's number
//! times two, plus one where missing numbers take the first child. They are
//! replaced by an infinity, so that a step need not ask for them.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::leaf_sets::LeafSets;
use crate::Result;
use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Node, Scope};
use crate::tensor_ref::{DataRef, TensorRef};

pub(super) const SLOT_BITS: u32 = 12;
/// No row has more slots.
pub(super) const MOST_SLOTS: usize = (1 << SLOT_BITS) - 1;

pub(super) struct PlainForest {
    nodes: Weights<u32>,
    pub(super) roots: Weights<u32>,
    slots: Weights<u32>,
    /// Whether branches mean "less than" where they say "less or equal": their
    /// thresholds are those next to the ones of the model.
    strict: bool,
    /// Made for the first batch; `None` where a tree has too many leaves.
    leaf_sets: OnceLock<Option<LeafSets>>,
}

/// A place in a row: where it comes from.
#[derive(Clone, Copy)]
pub(super) struct Slot(pub(super) u32);

impl Slot {
    pub(super) fn feature(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// What a walk compares of the row `x`; a missing number is on its child's
    /// side of every threshold.
    pub(super) fn of(self, x: &[f32]) -> f32 {
        let missing = if self.0 & 1 == 1 { f32::NEG_INFINITY } else { f32::INFINITY };
        let x = x.get(self.feature()).copied().unwrap_or_default();
        if x.is_nan() { missing } else { x }
    }
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
        let slots = forest.slots.len();
        if slots > MOST_SLOTS || forest.slots().any(|slot| slot.feature() >= features) {
            return Err(node.invalid(format_args!("slots: expected {slots} features below {features}")));
        }
        let checked = forest.trees().all(|tree| tree.is_some_and(|tree| checked(tree, slots, leaves)));
        if checked
            && forest.nodes.len().is_multiple_of(2)
            && forest.roots.first().is_none_or(|&root| root == 0)
        {
            return Ok(forest);
        }
        Err(node.invalid("nodes: a child, a slot or a leaf is not there"))
    }

    pub(super) fn nodes(&self) -> &[[u32; 2]] {
        self.nodes.as_chunks().0
    }

    pub(super) fn slots(&self) -> impl ExactSizeIterator<Item = Slot> {
        self.slots.iter().copied().map(Slot)
    }

    /// The nodes of each tree; `None` where roots are not in order.
    pub(super) fn trees(&self) -> impl Iterator<Item = Option<&[[u32; 2]]>> {
        let nodes = self.nodes();
        let ends = self.roots.iter().skip(1).map(|&root| root as usize).chain([nodes.len()]);
        self.roots.iter().zip(ends).map(move |(&root, end)| nodes.get(root as usize..end))
    }

    /// X as float32 that compare with every threshold as X does.
    pub(super) fn features<'a>(&self, x: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f32]>> {
        let DataRef::Float64(doubles) = x.data else { return floats(x, scope) };
        let mut values = scope.vec(doubles.len())?;
        values.extend(doubles.iter().map(|&x| if self.strict { round_down(x) } else { round_up(x) }));
        Ok(Cow::Owned(values))
    }

    pub(super) fn leaf_sets(&self) -> Option<&LeafSets> {
        self.leaf_sets.get_or_init(|| LeafSets::of(self)).as_ref()
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
    ((link & ((1 << SLOT_BITS) - 1)) as usize, (link >> SLOT_BITS) as usize)
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
