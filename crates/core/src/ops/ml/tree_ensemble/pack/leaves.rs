//! The table of what leaves add, each different leaf once.

use std::collections::{BTreeSet, HashMap};

use super::super::leaves::{Aggregate, stride};
use super::Writer;
use super::trees::LeafEntries;
use crate::ops::Node;
use crate::{Result, TensorData};

/// A leaf's targets and weights.
type Leaf<'a> = &'a [(u32, f64)];

pub(super) struct Table {
    /// For each leaf of the trees its number in the table.
    pub(super) numbers: Vec<u32>,
    double: bool,
    /// The one target that leaves have of several.
    only: Option<u32>,
    weights: Vec<f64>,
    targets: Option<Vec<u32>>,
    ends: Option<Vec<u32>>,
}

/// The table of `leaves`, which are of `targets` scores.
pub(super) fn table(
    leaves: &LeafEntries,
    targets: usize,
    aggregate: Aggregate,
    node: &Node<'_>,
) -> Result<Table> {
    let only = leaves.entries.first().map(|&(target, _)| target);
    let only = only.filter(|&only| targets > 1 && leaves.entries.iter().all(|&(target, _)| target == only));
    let stride = stride(only.map_or(targets, |_| 1)).filter(|&stride| stride > 0);
    let stride =
        stride.ok_or_else(|| node.invalid(format_args!("expected scores, got {targets} of them")))?;
    let (numbers, leaves_once) = different(leaves);
    let (weights, targets, ends) = match rows(&leaves_once, stride, only) {
        Some(weights) if aggregate == Aggregate::Sum => (weights, None, None),
        _ => lists(&leaves_once, aggregate, only),
    };
    Ok(Table { numbers, double: leaves.double, only, weights, targets, ends })
}

/// For each leaf the number of the first one that is the same, and these.
fn different(leaves: &LeafEntries) -> (Vec<u32>, Vec<Leaf<'_>>) {
    let mut known: HashMap<Vec<(u32, u64)>, u32> = HashMap::new();
    let mut numbers = Vec::with_capacity(leaves.ends.len());
    let mut different = Vec::new();
    for leaf in leaves.iter() {
        let bits = leaf.iter().map(|&(target, weight)| (target, weight.to_bits())).collect();
        let next = u32::try_from(different.len()).unwrap_or(u32::MAX);
        let number = *known.entry(bits).or_insert(next);
        if number == next {
            different.push(leaf);
        }
        numbers.push(number);
    }
    (numbers, different)
}

/// A row of weights for each leaf; `None` where rows would be mostly empty, or
/// cannot hold what a leaf has. They are the fastest to add, and so allowed to
/// be twice as long as lists.
fn rows(leaves: &[Leaf<'_>], stride: usize, only: Option<u32>) -> Option<Vec<f64>> {
    let entries: usize = leaves.iter().map(|leaf| leaf.len()).sum();
    let length = leaves.len().checked_mul(stride).filter(|&length| length <= 4 * entries + 64)?;
    let mut weights = vec![-0.0; length];
    for (row, leaf) in weights.chunks_exact_mut(stride).zip(leaves) {
        let targets: BTreeSet<_> = leaf.iter().map(|&(target, _)| target).collect();
        if targets.len() < leaf.len() {
            return None;
        }
        for &(target, weight) in *leaf {
            *row.get_mut(target.checked_sub(only.unwrap_or(0))? as usize)? = weight;
        }
    }
    Some(weights)
}

/// The weights and targets of all leaves, and where each leaf ends unless all
/// have one; leaves that are not summed have ends always.
fn lists(
    leaves: &[Leaf<'_>],
    aggregate: Aggregate,
    only: Option<u32>,
) -> (Vec<f64>, Option<Vec<u32>>, Option<Vec<u32>>) {
    let entries = leaves.iter().flat_map(|leaf| leaf.iter());
    let weights = entries.clone().map(|&(_, weight)| weight).collect();
    let targets = entries.map(|&(target, _)| target.saturating_sub(only.unwrap_or(0))).collect();
    if aggregate == Aggregate::Sum && leaves.iter().all(|leaf| leaf.len() == 1) {
        return (weights, Some(targets), None);
    }
    let mut end = 0u32;
    let ends = leaves.iter().map(|leaf| {
        end = end.saturating_add(u32::try_from(leaf.len()).unwrap_or(u32::MAX));
        end
    });
    (weights, Some(targets), Some(ends.collect()))
}

impl Table {
    pub(super) fn write(self, writer: &mut Writer) -> Result<()> {
        let weights = if self.double {
            TensorData::Float64(self.weights)
        } else {
            TensorData::Float32(self.weights.iter().map(|&weight| weight as f32).collect())
        };
        writer.list("leaf_weights", weights)?;
        if let Some(only) = self.only {
            writer.int("only_target", only as usize);
        }
        if let Some(targets) = self.targets {
            writer.list("leaf_targets", TensorData::UInt32(targets))?;
        }
        if let Some(ends) = self.ends {
            writer.list("leaf_ends", TensorData::UInt32(ends))?;
        }
        Ok(())
    }
}
