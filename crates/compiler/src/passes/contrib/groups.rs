//! Products with weights of few bits whose numbers have their scales in any order.

use edgeinfer_core::{Tensor, TensorData};

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

/// `MatMulNBits` of four bits with group indices, as one whose rows are in the order
/// of their groups: the numbers that come are put in that order too. With zero points,
/// or other widths, onnxruntime gives something else.
pub(super) fn in_order(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let TensorData::Int32(groups) = maker.constant(node.input(4))?.data() else { return None };
    if node.int_or("bits", 4) != 4 || node.input(3).is_some() {
        return None;
    }
    let order = order(groups, usize::try_from(node.int_or("block_size", 0)).ok()?)?;
    let packed = maker.constant(node.input(1))?;
    let TensorData::UInt8(bytes) = packed.data() else { return None };
    let own = groups.len() / 2;
    if own == 0 || !groups.len().is_multiple_of(2) || !bytes.len().is_multiple_of(own) {
        return None;
    }
    let columns = bytes.chunks_exact(own).flat_map(|column| reordered(column, &order)).collect();
    let packed = Tensor::new(packed.shape(), TensorData::UInt8(columns)).ok()?;
    let packed = maker.new_constant(node, "packed", packed);
    let places: Vec<i64> = order.iter().map(|place| *place as i64).collect();
    let places = maker.list(node, "order", &places);
    let last = [("axis", Attribute::Int(-1))];
    let x = maker.step(node, Op("", "Gather", 13), vec![given(node, 0), places], &last);
    let inputs = vec![x, packed, given(node, 2), given(node, 3), None, given(node, 5)];
    maker.renamed(node, Op("com.microsoft", "MatMulNBits", 1), inputs);
    Some(())
}

/// The places of the numbers by group; `None` where a group has not as many as a
/// block.
fn order(groups: &[i32], block: usize) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|place| groups.get(*place));
    let blocks = order.chunks(block.max(1)).zip(0..);
    let mut whole = blocks.map(|(places, group)| {
        places.len() == block && places.iter().all(|place| groups.get(*place) == Some(&group))
    });
    whole.all(|whole| whole).then_some(order)
}

/// A column of numbers of four bits in another order.
fn reordered(column: &[u8], order: &[usize]) -> Vec<u8> {
    let number = |place: usize| column.get(place / 2).map_or(0, |byte| byte >> (4 * (place % 2)) & 15);
    let byte = |pair: &[usize; 2]| {
        let [low, high] = pair.map(number);
        low | high << 4
    };
    order.as_chunks().0.iter().map(byte).collect()
}
