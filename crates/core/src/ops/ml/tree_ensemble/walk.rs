//! Rows through plain forests: one by one, or many at once where that is faster.

use edgeinfer_kernels::trees::{SLOTS, place, walk};

use super::plain::{Arrays, PlainForest};
use super::rows::{Rows, Take};
use crate::Result;
use crate::ops::Scope;

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
        let mut slots = [f32::NEG_INFINITY; SLOTS];
        for row in 0..x.count {
            place(self.slots, x.row(row), &mut slots);
            leaves.clear();
            walk(self.nodes, self.roots, &slots, &mut leaves);
            take(&leaves, row..row + 1);
        }
        scope.keep(leaves);
        Ok(())
    }
}
