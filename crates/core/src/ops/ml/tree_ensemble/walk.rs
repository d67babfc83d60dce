//! Walks through plain forests, row by row, several trees at once.

use super::plain::{Arrays, PlainForest, SLOT_BITS};
use super::rows::{Rows, Take};
use crate::Result;
use crate::ops::Scope;

/// Rows are made in an array of this length: whatever the lowest bits of a node
/// are, they name a place in it.
const WIDTH: usize = 1 << SLOT_BITS;
/// So many trees are walked at once: the processor waits for none of them.
const LANES: usize = 8;
/// Fewer rows than this are walked even where there are leaf sets.
const FEW_ROWS: usize = 12;

impl PlainForest {
    /// Gives `take` the leaves of all rows.
    pub(super) fn leaves(&self, x: &Rows<'_, f32>, scope: &mut Scope, take: &mut Take<'_>) -> Result<()> {
        let sets = if x.count < FEW_ROWS { None } else { self.leaf_sets() };
        match sets {
            Some(sets) => sets.leaves(&self.arrays(), x, scope, take),
            None => self.arrays().walk(x, scope, take),
        }
    }
}

impl Arrays<'_> {
    fn walk(&self, x: &Rows<'_, f32>, scope: &mut Scope, take: &mut Take<'_>) -> Result<()> {
        let mut leaves = scope.vec(self.roots.len())?;
        let mut slots = [f32::NEG_INFINITY; WIDTH];
        for row in 0..x.count {
            let features = x.row(row);
            slots.iter_mut().zip(self.slots()).for_each(|(place, slot)| *place = slot.of(features));
            leaves.clear();
            self.walk_row(&slots, &mut leaves);
            take(&leaves, row..row + 1);
        }
        scope.keep(leaves);
        Ok(())
    }

    /// Appends the leaf that `row` comes to in each tree.
    fn walk_row(&self, row: &[f32; WIDTH], leaves: &mut Vec<u32>) {
        for roots in self.roots.chunks(LANES) {
            let mut at = <[u32; LANES]>::try_from(roots).unwrap_or_else(|_| padded(roots));
            descend(self.nodes, row, &mut at);
            let leaf = |at: &u32| self.nodes.get(*at as usize).map_or(0, |node| node[0]);
            leaves.extend(at.iter().take(roots.len()).map(leaf));
        }
    }
}

/// The last roots, where they are not as many as are walked at once.
fn padded(roots: &[u32]) -> [u32; LANES] {
    let mut all = [0; LANES];
    all.iter_mut().zip(roots).for_each(|(place, &root)| *place = root);
    all
}

/// Walks from the nodes `at` to leaves.
#[inline(always)]
fn descend(nodes: &[[u32; 2]], row: &[f32; WIDTH], at: &mut [u32; LANES]) {
    loop {
        let mut distances = 0;
        for at in at.iter_mut() {
            // There always is such a node and such a place: to say so here costs
            // less than an index that may panic.
            let Some(&[threshold, link]) = nodes.get(*at as usize) else { return };
            let Some(&x) = row.get(link as usize & (WIDTH - 1)) else { return };
            let distance = link >> SLOT_BITS;
            distances |= distance;
            *at = at.wrapping_add(distance).wrapping_add(u32::from(x > f32::from_bits(threshold)));
        }
        if distances == 0 {
            return;
        }
    }
}
