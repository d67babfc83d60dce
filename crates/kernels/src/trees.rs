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
    if rows == 1 {
        for (start, scores) in (0..).step_by(MOST).zip(scores.as_chunks_mut::<N>().0.chunks_mut(MOST)) {
            let leaves = numbers.iter().map(|&number| number as usize * length + start);
            match scores {
                [a] => add_row(parts, leaves, [a]),
                [a, b] => add_row(parts, leaves, [a, b]),
                [a, b, c] => add_row(parts, leaves, [a, b, c]),
                [a, b, c, d, ..] => add_row(parts, leaves, [a, b, c, d]),
                [] => {}
            }
        }
        return;
    }
    each(numbers, rows, stride, scores, |number, scores| {
        for (part, scores) in (number * length..).zip(scores.as_chunks_mut::<N>().0) {
            if let Some(weights) = parts.get(part) {
                plus(scores, weights);
            }
        }
    });
}

/// So many parts of a row are summed at once, none of which waits for another.
const MOST: usize = 4;

/// Adds to a row's parts those of `weights` from each of `starts` on. The sums do not
/// leave the registers in between.
#[inline(always)]
fn add_row<const N: usize, const P: usize>(
    weights: &[[f32; N]],
    starts: impl Iterator<Item = usize>,
    scores: [&mut [f32; N]; P],
) {
    let mut sums = [[0.0; N]; P];
    sums.iter_mut().zip(&scores).for_each(|(sum, score)| *sum = **score);
    for start in starts {
        let Some(weights) = weights.get(start..).and_then(|rest| rest.first_chunk::<P>()) else { continue };
        sums.iter_mut().zip(weights).for_each(|(sum, weights)| plus(sum, weights));
    }
    scores.into_iter().zip(sums).for_each(|(score, sum)| *score = sum);
}

#[inline(always)]
fn plus<const N: usize>(sums: &mut [f32; N], weights: &[f32; N]) {
    sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Trees whose nodes are `words`: each branch has a slot below `slots`, and its
    /// children lie after it in its tree.
    fn trees(slots: u32) -> impl Strategy<Value = (Vec<[u32; 2]>, Vec<u32>)> {
        let tree = vec((-2.0f32..2.0, 0..slots, any::<u32>()), 1..40).prop_map(move |words| {
            let length = words.len() as u32;
            let node = |(place, (threshold, slot, any)): (u32, (f32, u32, u32))| {
                let most = length - place - 1;
                let distance = if most < 2 { 0 } else { any % most };
                let first = if distance == 0 { any % 100 } else { threshold.to_bits() };
                [first, distance << SLOT_BITS | if distance == 0 { slots } else { slot }]
            };
            (0..).zip(words).map(node).collect::<Vec<_>>()
        });
        vec(tree, 0..20).prop_map(|trees| {
            let starts = trees.iter().scan(0, |start, tree| {
                let root = *start;
                *start += tree.len() as u32;
                Some(root)
            });
            (trees.concat(), starts.collect())
        })
    }

    fn walked(nodes: &[[u32; 2]], root: u32, row: &[f32]) -> u32 {
        let mut at = root as usize;
        while nodes[at][1] >> SLOT_BITS != 0 {
            let [threshold, link] = nodes[at];
            let x = row[link as usize % SLOTS];
            at += (link >> SLOT_BITS) as usize + usize::from(x > f32::from_bits(threshold));
        }
        nodes[at][0]
    }

    fn small_number() -> impl Strategy<Value = f32> {
        prop_oneof![4 => -2.0f32..2.0, 1 => Just(f32::NAN), 1 => Just(0.0)]
    }

    proptest! {
        #[test]
        fn walks_as_one_tree_after_the_other(
            (nodes, roots) in trees(5),
            x in vec(small_number(), 5),
            slots in vec(0u32..10, 5),
        ) {
            let mut row = [f32::NEG_INFINITY; SLOTS];
            place(&slots, &x, &mut row);
            let mut leaves = vec![7];
            walk(&nodes, &roots, &row, &mut leaves);
            let expected: Vec<u32> = roots.iter().map(|&root| walked(&nodes, root, &row)).collect();
            prop_assert_eq!(&leaves[1..], expected);
        }

        #[test]
        fn columns_are_rows_that_lie_the_other_way(
            x in vec(small_number(), 0..24),
            slots in vec(0u32..8, 0..6),
            rows in 1usize..9,
        ) {
            let mut columns = vec![9.0; slots.len() * rows];
            place_columns(&slots, &x, 3, rows, &mut columns);
            for (index, x) in x.chunks_exact(3).take(rows).enumerate() {
                let mut row = vec![0.0; slots.len()];
                place(&slots, x, &mut row);
                let column: Vec<f32> = columns.iter().skip(index).step_by(rows).copied().collect();
                prop_assert_eq!(column, row);
            }
        }

        #[test]
        fn keeps_the_lowest_leaf_that_is_left(
            branches in vec((0usize..3, -2.0f32..2.0, any::<u32>()), 0..20),
            columns in vec(small_number(), 3 * 17),
        ) {
            let branches: Vec<Branch> = branches
                .into_iter()
                .map(|(slot, threshold, keeps)| Branch { slot, threshold, keeps: keeps | 1 << 31 })
                .collect();
            let leaves: Vec<u32> = (100..132).collect();
            let mut found = vec![5; 17];
            keep(&branches, &leaves, &columns, &mut found);
            for (row, found) in found.into_iter().enumerate() {
                let kept = |branch: &Branch| if columns[branch.slot * 17 + row] <= branch.threshold { u32::MAX } else { branch.keeps };
                let left = branches.iter().fold(u32::MAX, |left, branch| left & kept(branch));
                prop_assert_eq!(found, 100 + left.trailing_zeros());
            }
        }

        #[test]
        fn adds_as_one_number_after_the_other(
            stride in prop::sample::select(vec![1usize, 4, 8, 12, 16, 20, 36]),
            rows in 1usize..4,
            picks in vec(0u32..7, 0..60),
            seed in any::<u32>(),
        ) {
            let number = |index: usize| ((index as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32;
            let weights: Vec<f32> = (0..7 * stride).map(number).collect();
            let targets: Vec<u32> = (0..7 * stride as u32).map(|index| index % (stride as u32 + 1)).collect();
            let picks = &picks[..picks.len() / rows * rows];
            let start: Vec<f32> = (0..rows * stride).map(|index| index as f32).collect();
            let (mut all, mut one) = (start.clone(), start.clone());
            add(LeafWeights::All(&weights), picks, rows, stride, &mut all);
            add(LeafWeights::One(&weights, &targets), picks, rows, stride, &mut one);
            let (mut expected_all, mut expected_one) = (start.clone(), start);
            for (index, &pick) in picks.iter().enumerate() {
                let row = index % rows * stride;
                for place in 0..stride {
                    expected_all[row + place] += weights[pick as usize * stride + place];
                }
                if (targets[pick as usize] as usize) < stride {
                    expected_one[row + targets[pick as usize] as usize] += weights[pick as usize];
                }
            }
            prop_assert_eq!((all, one), (expected_all, expected_one));
        }
    }
}
