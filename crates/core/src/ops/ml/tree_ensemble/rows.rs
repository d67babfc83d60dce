//! Rows of features on their way to leaves.

use std::ops::Range;

/// Rows of numbers, each of which has `width`.
pub(super) struct Rows<'a, T> {
    pub(super) values: &'a [T],
    pub(super) width: usize,
    pub(super) count: usize,
}

impl<T> Rows<'_, T> {
    pub(super) fn rows(&self, range: Range<usize>) -> &[T] {
        let [start, end] = [range.start, range.end].map(|row| row.saturating_mul(self.width));
        self.values.get(start..end).unwrap_or_default()
    }

    pub(super) fn row(&self, index: usize) -> &[T] {
        self.rows(index..index + 1)
    }
}

/// Takes the numbers of the leaves that rows come to, tree by tree; of each tree
/// one for each of the rows. Of a row it is given trees in their order.
pub(super) type Take<'a> = dyn FnMut(&[u32], Range<usize>) + 'a;
