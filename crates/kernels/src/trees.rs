//! Decision trees: from rows to leaves, from leaves to sums.
//!
//! A node is two words. A branch has its threshold's bits in the first one; the
//! second one has in its lower [`SLOT_BITS`] the place in the row of what it
//! compares, in the others how far the first child is. The second child is
//! taken where the number is greater than the threshold. A leaf has its number in
//! the first word; its children are no distance away, and it compares what is
//! smaller than anything, so that a walk stays there.

/// The bits of a node's second word that name a place in a row.
pub const SLOT_BITS: u32 = 10;
/// The length of a row: whatever the lowest bits of a node are, they name a place.
pub const SLOTS: usize = 1 << SLOT_BITS;
/// So many trees are walked at once: the processor waits for none of them.
const TREES: usize = 8;

/// Appends the leaf that `row` comes to in the tree at each of `roots`.
pub fn walk(nodes: &[[u32; 2]], roots: &[u32], row: &[f32; SLOTS], leaves: &mut Vec<u32>) {
    for roots in roots.chunks(TREES) {
        let mut at = <[u32; TREES]>::try_from(roots).unwrap_or_else(|_| padded(roots));
        descend(nodes, row, &mut at);
        let leaf = |at: &u32| nodes.get(*at as usize).map_or(0, |node| node[0]);
        leaves.extend(at.iter().take(roots.len()).map(leaf));
    }
}

/// The last roots, where they are not as many as are walked at once.
fn padded(roots: &[u32]) -> [u32; TREES] {
    let mut all = [0; TREES];
    all.iter_mut().zip(roots).for_each(|(place, &root)| *place = root);
    all
}

/// Walks from the nodes `at` to leaves.
#[inline(always)]
fn descend(nodes: &[[u32; 2]], row: &[f32; SLOTS], at: &mut [u32; TREES]) {
    loop {
        let mut distances = 0;
        for at in at.iter_mut() {
            // There always is such a node and such a place: to say so here costs
            // less than an index that may panic.
            let Some(&[threshold, link]) = nodes.get(*at as usize) else { return };
            let Some(&x) = row.get(link as usize & (SLOTS - 1)) else { return };
            let distance = link >> SLOT_BITS;
            distances |= distance;
            *at = at.wrapping_add(distance).wrapping_add(u32::from(x > f32::from_bits(threshold)));
        }
        if distances == 0 {
            return;
        }
    }
}

/// Puts a row's numbers in their places: each of `slots` is the index in `x` times
/// two, plus one where a missing number is smaller than every threshold, not greater.
pub fn place(slots: &[u32], x: &[f32], row: &mut [f32]) {
    row.iter_mut().zip(slots).for_each(|(place, &slot)| *place = placed(slot, x));
}

/// The same for several rows of `x`, each `width` long, as columns of `rows`: what is
/// at one place of all rows, then what is at the next.
pub fn place_columns(slots: &[u32], x: &[f32], width: usize, rows: usize, columns: &mut [f32]) {
    for (column, &slot) in columns.chunks_exact_mut(rows.max(1)).zip(slots) {
        let rows = x.chunks_exact(width.max(1));
        column.iter_mut().zip(rows).for_each(|(place, x)| *place = placed(slot, x));
    }
}

#[inline(always)]
fn placed(slot: u32, x: &[f32]) -> f32 {
    let missing = if slot & 1 == 1 { f32::NEG_INFINITY } else { f32::INFINITY };
    let x = x.get((slot >> 1) as usize).copied().unwrap_or_default();
    if x.is_nan() { missing } else { x }
}

/// A branch, asked for many rows at once.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// The place in the row of what it compares.
    pub slot: usize,
    /// With what.
    pub threshold: f32,
    /// The leaves that a row keeps that goes to the second child, a bit for each.
    pub keeps: u32,
}

/// Finds for each row the lowest leaf that it may come to after all `branches` of a
/// tree: its number, out of `leaves`. Each of `columns` is as long as `found`.
pub fn keep(branches: &[Branch], leaves: &[u32], columns: &[f32], found: &mut [u32]) {
    let rows = found.len().max(1);
    found.fill(u32::MAX);
    for branch in branches {
        let start = branch.slot.saturating_mul(rows);
        let column = columns.get(start..).unwrap_or_default();
        for (left, &x) in found.iter_mut().zip(column) {
            // All ones for the first child, which takes nothing away.
            let first = 0u32.wrapping_sub(u32::from(x <= branch.threshold));
            *left &= branch.keeps | first;
        }
    }
    for left in found {
        *left = leaves.get(left.trailing_zeros() as usize).copied().unwrap_or_default();
    }
}

/// The weights that leaves have for scores, for each leaf as many.
#[derive(Clone, Copy, Debug)]
pub enum LeafWeights<'a> {
    /// One for each score of a row.
    All(&'a [f32]),
    /// One, for the score of that index.
    One(&'a [f32], &'a [u32]),
}

/// The numbers that are added at a time.
pub const PART: usize = 4;

/// Adds to the rows of `scores`, each of `stride`, the weights of the leaves `numbers`:
/// for each tree the leaf of each of `rows` rows.
pub fn add(weights: LeafWeights<'_>, numbers: &[u32], rows: usize, stride: usize, scores: &mut [f32]) {
    match weights {
        LeafWeights::All(weights) if stride == 1 => add_parts::<1>(weights, numbers, rows, stride, scores),
        LeafWeights::All(weights) => add_parts::<PART>(weights, numbers, rows, stride, scores),
        LeafWeights::One(weights, targets) => each(numbers, rows, stride, scores, |number, scores| {
            let Some((&target, weight)) = targets.get(number).zip(weights.get(number)) else { return };
            if let Some(score) = scores.get_mut(target as usize) {
                *score += weight;
            }
        }),
    }
}

fn add_parts<const N: usize>(
    weights: &[f32],
    numbers: &[u32],
    rows: usize,
    stride: usize,
    scores: &mut [f32],
) {
    let parts = weights.as_chunks::<N>().0;
    let length = stride / N;
    let add = |number: usize, part: usize, scores: &mut [f32; N]| {
        if let Some(weights) = parts.get(number * length + part) {
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += weight);
        }
    };
    if rows == 1 {
        // The sums of one row do not leave the registers between trees.
        for (part, scores) in scores.as_chunks_mut().0.iter_mut().enumerate() {
            let mut sums = *scores;
            numbers.iter().for_each(|&number| add(number as usize, part, &mut sums));
            *scores = sums;
        }
        return;
    }
    each(numbers, rows, stride, scores, |number, scores| {
        for (part, scores) in scores.as_chunks_mut().0.iter_mut().enumerate() {
            add(number, part, scores);
        }
    });
}

/// Gives `add` each leaf's number with the scores of its row.
#[inline(always)]
fn each(
    numbers: &[u32],
    rows: usize,
    stride: usize,
    scores: &mut [f32],
    mut add: impl FnMut(usize, &mut [f32]),
) {
    for of_tree in numbers.chunks_exact(rows.max(1)) {
        for (&number, scores) in of_tree.iter().zip(scores.chunks_exact_mut(stride.max(1))) {
            add(number as usize, scores);
        }
    }
}
