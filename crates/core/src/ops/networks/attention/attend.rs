//! Scaled dot-product attention: `softmax(scale · Q · Kᵀ + mask) · V`, head by head
//! and some queries at a time, so that their scores are still near when they are
//! multiplied by the values.

use edgeinfer_kernels::{Product, ROWS, Softmax};

use super::heads::{Heads, Target};
use crate::Result;
use crate::native::Native;
use crate::ops::{Scope, failed};

/// Numbers that attention is calculated with.
pub(super) trait Real:
    Softmax + Native + From<f32> + std::ops::AddAssign + std::ops::MulAssign
{
}

impl Real for f32 {}
impl Real for f64 {}

/// What scores have gone through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    Product,
    Capped,
    Masked,
    Soft,
}

/// Scores of one stage, kept as `[batch, heads, queries, keys]`.
pub(super) struct Kept<T> {
    pub(super) stage: Stage,
    pub(super) scores: Vec<T>,
}

/// A query, the keys that it sees, and the values that it gets.
pub(super) struct Attention<'a, T> {
    pub(super) q: Heads<'a, T>,
    /// One head for some heads of `q` in a row.
    pub(super) k: Heads<'a, T>,
    pub(super) v: Heads<'a, T>,
    pub(super) scale: T,
    /// What scores are squeezed to, `cap · tanh(x / cap)`; 0 leaves them.
    pub(super) cap: T,
    /// Where they are given, query `i` sees the keys up to `i` plus this alone:
    /// for each of the batch, or one for all.
    pub(super) causal: Option<&'a [usize]>,
    /// How many of the keys count, by batch; where it is empty, all do.
    pub(super) lengths: &'a [usize],
    /// For each head, the score of a key without a value: it takes its share of the
    /// softmax. Where it is empty, there is none.
    pub(super) sinks: &'a [T],
}

/// The scores of a query, by batch, head and query, to which something is added.
pub(super) type Add<'a, T> = &'a dyn Fn([usize; 3], &mut [T]);

/// What a head's queries go through, used again for the next.
struct Buffers<T> {
    queries: Vec<T>,
    scores: Vec<T>,
    rows: Vec<T>,
    panel: Vec<T>,
}

/// Which queries of which head, and how many keys they see at most.
#[derive(Clone, Copy)]
struct Block {
    batch: usize,
    head: usize,
    first: usize,
    count: usize,
    keys: usize,
}

impl<T: Real> Attention<'_, T> {
    /// Writes what the queries get to `y`, and scores to `kept`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// queries, keys and values do not fit each other.
    pub(super) fn run(
        &self,
        y: &mut Target<T>,
        add: Option<Add<'_, T>>,
        mut kept: Option<&mut Kept<T>>,
        scope: &mut Scope,
    ) -> Result<()> {
        self.check()?;
        let Self { q, k, v, .. } = self;
        // Without elements there may be more heads than can be gone through.
        let nothing = |size| [q.batch, q.heads, q.length, size].contains(&0);
        if nothing(v.size) && (kept.is_none() || nothing(k.length)) {
            return Ok(());
        }
        let group = q.heads.checked_div(k.heads).unwrap_or_default().max(1);
        let count = q.length.min(ROWS);
        let mut buffers = Buffers {
            queries: scope.vec(count.saturating_mul(q.size))?,
            scores: scope.vec(count.saturating_mul(k.length))?,
            rows: scope.vec(count.saturating_mul(v.size))?,
            panel: scope.zeros(T::panel_length(count, q.size.max(k.length)))?,
        };
        let (mut own_keys, mut own_values) = (scope.vec(0)?, scope.vec(0)?);
        for batch in 0..q.batch {
            let length = self.lengths.get(batch).copied().unwrap_or(k.length).min(k.length);
            for head in 0..q.heads {
                let keys = k.rows((batch, head / group), length, &mut own_keys);
                let values = v.rows((batch, head / group), length, &mut own_values);
                for first in (0..q.length).step_by(ROWS) {
                    let count = ROWS.min(q.length - first);
                    let seen = self.offset(batch).map(|offset| offset.saturating_add(first + count));
                    // Scores that are kept are kept for every key.
                    let seen = if kept.is_some() { length } else { seen.unwrap_or(length).min(length) };
                    let block = Block { batch, head, first, count, keys: seen };
                    self.block(block, [keys, values], &mut buffers, add, kept.as_deref_mut());
                    y.write((batch, head, first), &buffers.rows, v.size);
                }
            }
        }
        let Buffers { queries, scores, rows, panel } = buffers;
        [queries, scores, rows, panel, own_keys, own_values].into_iter().for_each(|own| scope.keep(own));
        Ok(())
    }

    fn offset(&self, batch: usize) -> Option<usize> {
        let offsets = self.causal?;
        offsets.get(batch).or(offsets.first()).copied()
    }

    fn check(&self) -> Result<()> {
        let Self { q, k, v, .. } = self;
        if k.heads == 0 || q.heads % k.heads != 0 {
            let message = "are no multiple of the heads of keys";
            return Err(failed(format!("the {} heads of queries {message}, {}", q.heads, k.heads)));
        }
        if q.size != k.size {
            return Err(failed(format!("queries are of size {}, but keys of size {}", q.size, k.size)));
        }
        let sizes = |heads: &Heads<'_, T>| [heads.batch, heads.heads, heads.length];
        if sizes(k) != sizes(v) || k.batch != q.batch {
            let (keys, values) = (sizes(k), sizes(v));
            return Err(failed(format!(
                "queries are of batch {}, keys of batch, heads and length {keys:?}, values of {values:?}",
                q.batch
            )));
        }
        Ok(())
    }

    /// Leaves what some queries get in `buffers.rows`.
    fn block(
        &self,
        block: Block,
        [keys, values]: [&[T]; 2],
        buffers: &mut Buffers<T>,
        add: Option<Add<'_, T>>,
        mut kept: Option<&mut Kept<T>>,
    ) {
        let Self { q, v, .. } = self;
        let Buffers { queries, scores, rows, panel } = buffers;
        queries.clear();
        for row in block.first..block.first + block.count {
            queries.extend(q.row(block.batch, block.head, row).iter().map(|x| *x * self.scale));
        }
        reset(scores, block.count * block.keys);
        let keys = keys.get(..block.keys * q.size).unwrap_or_default();
        T::multiply_transposed(Product { x: queries, w: keys, k: q.size, n: block.keys }, scores, panel);
        self.keep(Stage::Product, block, scores, &mut kept);
        if self.cap > T::default() {
            T::softcap(scores, self.cap);
        }
        self.keep(Stage::Capped, block, scores, &mut kept);
        if add.is_some() || self.causal.is_some() {
            self.mask(block, scores, add);
        }
        self.keep(Stage::Masked, block, scores, &mut kept);
        for row in scores.chunks_exact_mut(block.keys.max(1)) {
            match self.sinks.get(block.head) {
                Some(sink) => softmax_beside(row, *sink, rows),
                None => T::softmax(row),
            }
        }
        self.keep(Stage::Soft, block, scores, &mut kept);
        reset(rows, block.count * v.size);
        let values = values.get(..block.keys * v.size).unwrap_or_default();
        T::multiply(Product { x: scores, w: values, k: block.keys, n: v.size }, rows, panel);
    }

    fn mask(&self, block: Block, scores: &mut [T], add: Option<Add<'_, T>>) {
        for (row, scores) in (block.first..).zip(scores.chunks_exact_mut(block.keys.max(1))) {
            if let Some(add) = add {
                add([block.batch, block.head, row], scores);
            }
            if let Some(offset) = self.offset(block.batch) {
                let beyond = scores.iter_mut().skip(offset.saturating_add(row).saturating_add(1));
                beyond.for_each(|score| *score = T::from(f32::NEG_INFINITY));
            }
        }
    }

    fn keep(&self, stage: Stage, block: Block, scores: &[T], kept: &mut Option<&mut Kept<T>>) {
        let Some(kept) = kept.as_mut().filter(|kept| kept.stage == stage) else { return };
        let row = (block.batch * self.q.heads + block.head) * self.q.length + block.first;
        let places = kept.scores.chunks_exact_mut(self.k.length.max(1)).skip(row);
        for (place, scores) in places.zip(scores.chunks_exact(block.keys.max(1))) {
            place.iter_mut().zip(scores).for_each(|(place, score)| *place = *score);
        }
    }
}

/// The softmax of `row` and `sink`, without what `sink` gets; `buffer` is for both.
fn softmax_beside<T: Real>(row: &mut [T], sink: T, buffer: &mut Vec<T>) {
    buffer.clear();
    buffer.extend_from_slice(row);
    buffer.push(sink);
    T::softmax(buffer);
    row.iter_mut().zip(buffer).for_each(|(score, share)| *score = *share);
}

/// Makes `values` `length` zeros, for which there is room.
fn reset<T: Copy + Default>(values: &mut Vec<T>, length: usize) {
    values.clear();
    values.resize(length, T::default());
}
