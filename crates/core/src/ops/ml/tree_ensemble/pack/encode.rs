//! Nodes in their order as the words that the runtime walks.

use std::collections::BTreeSet;

use edgeinfer_kernels::trees::SLOT_BITS;

use super::super::general::{DISTANCE_SHIFT, MISSING_BIT, Mode};
use super::super::plain::MOST_SLOTS;
use super::Writer;
use super::order::{Cell, Order};
use super::steps::{Positive, Step};
use super::trees::Trees;
use crate::ops::Node;
use crate::{Result, Tensor, TensorData};

/// Writes the nodes: as a plain forest where they are one.
pub(super) fn write(
    trees: &Trees,
    order: &Order,
    leaves: &[u32],
    writer: &mut Writer,
    node: &Node<'_>,
) -> Result<()> {
    if order.roots.is_empty() {
        return Err(node.invalid("expected trees, got none"));
    }
    let steps = order.cells.iter().filter_map(step);
    writer.int("features", steps.map(|step| step.feature as usize + 1).max().unwrap_or(0));
    let roots = order.roots.iter().map(|&root| root as u32).collect();
    writer.list("trees", TensorData::UInt32(roots))?;
    match plain(trees, order, leaves) {
        Some(plain) => plain.write(writer),
        None => general(order, leaves, node)?.write(writer),
    }
}

fn step(cell: &Cell) -> Option<&Step> {
    if let Cell::Branch(step, _) = cell { Some(step) } else { None }
}

/// Two words a node.
fn pairs(words: Vec<u32>) -> Result<Tensor> {
    Tensor::new(vec![words.len() / 2, 2], TensorData::UInt32(words))
}

struct Plain {
    words: Vec<u32>,
    slots: Vec<u32>,
    strict: bool,
}

impl Plain {
    fn write(self, writer: &mut Writer) -> Result<()> {
        writer.tensor("nodes", pairs(self.words)?);
        writer.list("slots", TensorData::UInt32(self.slots))?;
        writer.int("strict", usize::from(self.strict));
        Ok(())
    }
}

/// `None` where the forest is not plain.
fn plain(trees: &Trees, order: &Order, leaves: &[u32]) -> Option<Plain> {
    if !order.tree || trees.double {
        return None;
    }
    let mut steps = order.cells.iter().filter_map(step);
    let strict = steps.clone().any(|step| matches!(step.test, Positive::Less(_)));
    if steps.any(|step| threshold(step, strict).is_none()) {
        return None;
    }
    let slot = |step: &Step| step.feature.checked_mul(2).map(|slot| slot | u32::from(step.missing));
    let slots: BTreeSet<_> = order.cells.iter().filter_map(step).map(slot).collect::<Option<_>>()?;
    let slots: Vec<_> = slots.into_iter().collect();
    if slots.len() > MOST_SLOTS {
        return None;
    }
    let mut words = Vec::with_capacity(order.cells.len() * 2);
    for (place, cell) in order.cells.iter().enumerate() {
        match cell {
            Cell::Branch(step, first) => {
                let number = slots.binary_search(&slot(step)?).ok()? as u32;
                let distance =
                    u32::try_from(first - place).ok().filter(|far| far >> (32 - SLOT_BITS) == 0)?;
                words.extend([threshold(step, strict)?.to_bits(), distance << SLOT_BITS | number]);
            }
            Cell::Leaf(leaf) => words.extend([*leaves.get(*leaf)?, slots.len() as u32]),
            Cell::Way(_) => return None,
        }
    }
    Some(Plain { words, slots, strict })
}

/// What a number is greater than that takes the second child; `None` where
/// there is no such number, or where an infinity in the place of a missing
/// number would take the wrong way.
fn threshold(step: &Step, strict: bool) -> Option<f32> {
    match step.test {
        Positive::LessOrEqual(value) if !strict => {
            Some(value as f32).filter(|&value| step.missing || value < f32::INFINITY)
        }
        Positive::Less(value) if strict => {
            Some(value as f32).filter(|&value| value > f32::NEG_INFINITY).map(f32::next_down)
        }
        _ => None,
    }
}

#[derive(Default)]
struct General {
    thresholds: Vec<f64>,
    links: Vec<u32>,
    sets: Vec<f64>,
    set_ends: Vec<u32>,
}

impl General {
    fn write(self, writer: &mut Writer) -> Result<()> {
        writer.list("thresholds", TensorData::Float64(self.thresholds))?;
        writer.tensor("links", pairs(self.links)?);
        writer.list("sets", TensorData::Float64(self.sets))?;
        writer.list("set_ends", TensorData::UInt32(self.set_ends))
    }

    /// The mode and the threshold of a test.
    fn test(&mut self, test: &Positive) -> (Mode, f64) {
        match test {
            Positive::LessOrEqual(value) => (Mode::LessOrEqual, *value),
            Positive::Less(value) => (Mode::Less, *value),
            Positive::Equal(value) => (Mode::Equal, *value),
            Positive::Member { set, whole } => {
                let start = self.sets.len();
                // Zero has one sign in sets.
                self.sets.extend(set.iter().map(|value| value + 0.0));
                self.sets.get_mut(start..).unwrap_or_default().sort_by(f64::total_cmp);
                self.set_ends.push(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
                let mode = if *whole { Mode::WholeMember } else { Mode::Member };
                (mode, (self.set_ends.len() - 1) as f64)
            }
        }
    }
}

fn general(order: &Order, leaves: &[u32], node: &Node<'_>) -> Result<General> {
    let mut general = General::default();
    for (place, cell) in order.cells.iter().enumerate() {
        let distance = |to: usize| {
            let far = u32::try_from(to - place).ok().filter(|far| far >> (32 - DISTANCE_SHIFT) == 0);
            far.map(|far| far << DISTANCE_SHIFT).ok_or_else(|| node.unsupported("a tree has too many nodes"))
        };
        let (threshold, first, link) = match cell {
            Cell::Leaf(leaf) => (0.0, leaves.get(*leaf).copied().unwrap_or(u32::MAX), Mode::Leaf as u32),
            Cell::Way(to) => (0.0, 0, Mode::Always as u32 | distance(*to)?),
            Cell::Branch(step, first) => {
                let (mode, threshold) = general.test(&step.test);
                let missing = if step.missing { MISSING_BIT } else { 0 };
                (threshold, step.feature, mode as u32 | missing | distance(*first)?)
            }
        };
        general.thresholds.push(threshold);
        general.links.extend([first, link]);
    }
    Ok(general)
}
