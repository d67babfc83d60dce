//! Many rows at once through trees of few leaves, without walks: every node is
//! asked for all rows of a block, with vector instructions.
//!
//! A row has for each tree the set of the leaves that it may still come to, a
//! bit for each. A branch that sends it to its second child takes away the
//! leaves below the first one. Leaves are numbered from the first child to the
//! second: in the end the lowest one that is left is the row's. (Lucchese and
//! others, QuickScorer, 2015; there the branches are in the order of features.)

use std::ops::Range;

use edgeinfer_kernels::trees::{Branch, keep, place_columns};

use super::plain::{Arrays, parts};
use super::rows::{Rows, Take};
use crate::Result;
use crate::ops::Scope;

/// The rows of a block.
const ROWS: usize = 128;
/// Blocks of fewer rows are padded to a multiple of this: what is left over by
/// vector instructions is slow.
const PADDED: usize = 16;
/// No tree has more leaves: there is a bit for each.
const MOST_LEAVES: usize = u32::BITS as usize;

pub(super) struct LeafSets {
    branches: Vec<Branch>,
    /// The leaves' numbers, tree by tree.
    leaves: Vec<u32>,
    /// For each tree, the ends of its branches and of its leaves.
    ends: Vec<[usize; 2]>,
}

impl LeafSets {
    /// `None` where a tree has too many leaves.
    pub(super) fn of(forest: &Arrays<'_>) -> Option<Self> {
        let mut sets = Self { branches: Vec::new(), leaves: Vec::new(), ends: Vec::new() };
        for tree in forest.trees() {
            let tree = tree.filter(|tree| tree.len() < 2 * MOST_LEAVES)?;
            sets.add(tree)?;
        }
        Some(sets)
    }

    fn add(&mut self, tree: &[[u32; 2]]) -> Option<()> {
        let mut counts = [0usize; 2 * MOST_LEAVES];
        for (index, &[_, link]) in tree.iter().enumerate().rev() {
            let (_, distance) = parts(link);
            let below = counts.get(index + distance..)?;
            let count = if distance == 0 { 1 } else { below.first()?.saturating_add(*below.get(1)?) };
            *counts.get_mut(index)? = count;
        }
        let mut firsts = [0usize; 2 * MOST_LEAVES];
        let start = self.leaves.len();
        self.leaves.resize(start + counts.first().filter(|&&count| count <= MOST_LEAVES)?, 0);
        for (index, &[word, link]) in tree.iter().enumerate() {
            let (slot, distance) = parts(link);
            let first = *firsts.get(index)?;
            if distance == 0 {
                *self.leaves.get_mut(start.checked_add(first)?)? = word;
                continue;
            }
            let count = *counts.get(index + distance)?;
            let [left, right] = firsts.get_mut(index + distance..)?.first_chunk_mut()?;
            (*left, *right) = (first, first.saturating_add(count));
            let below = u32::MAX.checked_shr(u32::BITS.checked_sub(count as u32)?)?;
            let keeps = !below.checked_shl(first as u32)?;
            self.branches.push(Branch { slot, threshold: f32::from_bits(word), keeps });
        }
        self.ends.push([self.branches.len(), self.leaves.len()]);
        Some(())
    }

    /// Gives `take` the leaves of all rows.
    pub(super) fn leaves(
        &self,
        forest: &Arrays<'_>,
        x: &Rows<'_, f32>,
        scope: &mut Scope,
        take: &mut Take<'_>,
    ) -> Result<()> {
        let mut columns = scope.filled(forest.slots.len() * ROWS, 0.0)?;
        let mut left = scope.filled(ROWS, 0)?;
        for start in (0..x.count).step_by(ROWS) {
            let rows = start..x.count.min(start + ROWS);
            let lanes = rows.len().next_multiple_of(PADDED);
            place_columns(forest.slots, x.rows(rows.clone()), x.width, lanes, &mut columns);
            self.block(&columns, rows, left.get_mut(..lanes).unwrap_or_default(), take);
        }
        scope.keep(columns);
        scope.keep(left);
        Ok(())
    }

    /// Finds the leaves of the rows whose slots are `columns`.
    fn block(&self, columns: &[f32], rows: Range<usize>, left: &mut [u32], take: &mut Take<'_>) {
        let (mut branch, mut leaf) = (0, 0);
        for &[branches, end] in &self.ends {
            let tree = self.branches.get(branch..branches).unwrap_or_default();
            let numbers = self.leaves.get(leaf..end).unwrap_or_default();
            (branch, leaf) = (branches, end);
            keep(tree, numbers, columns, left);
            take(left.get(..rows.len()).unwrap_or_default(), rows.clone());
        }
    }
}
