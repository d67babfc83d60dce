use crate::ops::math::axis::Lanes;

/// How the numbers of a lane become one.
pub(super) struct Fold<T, F, J> {
    /// What the first number is added to; without, the first number itself,
    /// which must not be changed by a step with itself.
    pub(super) start: Option<T>,
    /// The result for a lane without numbers.
    pub(super) empty: T,
    /// The result so far with one more number.
    pub(super) step: F,
    /// Two results of parts of a lane.
    pub(super) join: J,
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

    /// The result of one lane: in eight parts, which vector registers hold.
    #[inline(never)]
    pub(super) fn lane(&self, lane: &[T]) -> T {
        let Some(&first) = lane.first() else { return self.empty };
        let start = self.start.unwrap_or(first);
        let (chunks, rest) = lane.as_chunks::<8>();
        let mut result = start;
        if !chunks.is_empty() {
            let mut parts = [start; 8];
            for chunk in chunks {
                parts.iter_mut().zip(chunk).for_each(|(part, x)| *part = (self.step)(*part, *x));
            }
            result = parts.into_iter().reduce(&self.join).unwrap_or(start);
        }
        rest.iter().fold(result, |result, x| (self.step)(result, *x))
    }

    /// The results of lanes that lie side by side, row by row.
    fn block(&self, block: &[T], inner: usize, y: &mut Vec<T>) {
        let done = y.len();
        match self.start {
            Some(start) => y.resize(done + inner, start),
            None => y.extend_from_slice(block.get(..inner).unwrap_or_default()),
        }
        for row in block.chunks_exact(inner) {
            let results = y.iter_mut().skip(done).zip(row);
            results.for_each(|(result, x)| *result = (self.step)(*result, *x));
        }
    }
}
