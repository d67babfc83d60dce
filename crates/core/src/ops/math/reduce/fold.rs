use crate::ops::math::axis::Lanes;

/// How the numbers of a lane become one.
pub(in crate::ops::math) struct Fold<T, F, J> {
    /// What the first number is added to; without, the first number itself.
    pub(in crate::ops::math) start: Option<T>,
    /// The result for a lane without numbers.
    pub(in crate::ops::math) empty: T,
    /// The result so far with one more number.
    pub(in crate::ops::math) step: F,
    /// Two results of parts of a lane.
    pub(in crate::ops::math) join: J,
}

impl<T: Copy, F: Fn(T, T) -> T, J: Fn(T, T) -> T> Fold<T, F, J> {
    /// Appends the result of each lane to `y`.
    pub(super) fn lanes(&self, x: &[T], lanes: &Lanes, y: &mut Vec<T>) {
        match (lanes.size, lanes.inner) {
            (0, _) => y.resize(lanes.count(), self.empty),
            (size, 1) => y.extend(x.chunks_exact(size).map(|lane| self.lane(lane))),
            (_, 0) => {}
            (size, inner) => x.chunks_exact(size * inner).for_each(|block| self.block(block, inner, y)),
        }
    }

    /// The result of one lane: in eight parts, which a vector register holds.
    #[inline]
    pub(in crate::ops::math) fn lane(&self, lane: &[T]) -> T {
        let Some(&first) = lane.first() else { return self.empty };
        let start = self.start.unwrap_or(first);
        let (chunks, rest) = lane.as_chunks::<8>();
        let mut parts = [start; 8];
        for chunk in chunks {
            parts.iter_mut().zip(chunk).for_each(|(part, x)| *part = (self.step)(*part, *x));
        }
        let joined = if chunks.is_empty() { None } else { parts.into_iter().reduce(&self.join) };
        rest.iter().fold(joined.unwrap_or(start), |so_far, x| (self.step)(so_far, *x))
    }

    /// The results of lanes that lie side by side, row by row.
    fn block(&self, block: &[T], inner: usize, y: &mut Vec<T>) {
        let done = y.len();
        for (index, row) in block.chunks_exact(inner).enumerate() {
            if index == 0 {
                y.extend(row.iter().map(|x| (self.step)(self.start.unwrap_or(*x), *x)));
                continue;
            }
            let results = y.iter_mut().skip(done).zip(row);
            results.for_each(|(so_far, x)| *so_far = (self.step)(*so_far, *x));
        }
    }
}
