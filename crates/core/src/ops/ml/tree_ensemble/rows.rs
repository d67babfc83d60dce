//! Rows of features on their way to leaves.

use std::ops::Range;

/// Rows of numbers, each of which has `width`.
pub(super) struct Rows<'a, T> {
    pub(super) values: &'a [T],
    pub(super) width: usize,
    pub(super) count: usize,
}

impl<T> Rows<'_, T> {
    pub(super) fn row(&self, index: usize) -> &[T] {
        let start = index.saturating_mul(self.width);
        self.values.get(start..).and_then(|rest| rest.get(..self.width)).unwrap_or_default()
    }
}

/// Takes the numbers of the leaves that rows come to, tree by tree; of each tree
/// one for each of the rows. Of a row it is given trees in their order.
pub(super) type Take<'a> = dyn FnMut(&[u32], Range<usize>) + 'a;
