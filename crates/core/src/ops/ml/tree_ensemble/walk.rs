//! Walks through plain forests, row by row, several trees at once.

use super::plain::{PlainForest, SLOT_BITS};
use super::rows::{Rows, Take};
use crate::Result;
use crate::ops::Scope;

/// Rows of fewer slots are made in an array of this length.
const NARROW: usize = 256;
/// So many trees are walked at once: the processor waits for none of them.
const LANES: usize = 8;
/// Fewer rows than this are walked even where there are leaf sets.
const FEW_ROWS: usize = 12;

impl PlainForest {
    /// Gives `take` the leaves of all rows.
    pub(super) fn leaves(&self, x: &Rows<'_, f32>, scope: &mut Scope, take: &mut Take<'_>) -> Result<()> {
        let sets = if x.count < FEW_ROWS { None } else { self.leaf_sets() };
        match sets {
            Some(sets) => sets.leaves(self, x, scope, take),
            None if self.slots().len() < NARROW => self.walk::<NARROW>(x, scope, take),
            None => self.walk::<{ 1 << SLOT_BITS }>(x, scope, take),
        }
    }

    fn walk<const WIDTH: usize>(
        &self,
        x: &Rows<'_, f32>,
        scope: &mut Scope,
        take: &mut Take<'_>,
    ) -> Result<()> {
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
    fn walk_row<const WIDTH: usize>(&self, row: &[f32; WIDTH], leaves: &mut Vec<u32>) {
        let nodes = self.nodes();
        let leaf = |at: u32| nodes.get(at as usize).map_or(0, |node| node[0]);
        let (groups, rest) = self.roots.as_chunks::<LANES>();
        for group in groups {
            let mut at = *group;
            descend(nodes, row, &mut at);
            leaves.extend(at.map(leaf));
        }
        if !rest.is_empty() {
            let mut at = [0; LANES];
            at.iter_mut().zip(rest).for_each(|(at, &root)| *at = root);
            descend(nodes, row, &mut at);
            leaves.extend(at.map(leaf).iter().take(rest.len()));
        }
    }
}

/// Walks from the nodes `at` to leaves.
#[inline(always)]
fn descend<const WIDTH: usize>(nodes: &[[u32; 2]], row: &[f32; WIDTH], at: &mut [u32; LANES]) {
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
