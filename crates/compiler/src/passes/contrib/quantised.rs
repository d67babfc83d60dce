//! Operators on quantised weights.

use edgeinfer_core::{ElementType, SmallType, Tensor, TensorData};

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

const DEQUANTIZE: Op = Op("", "DequantizeLinear", 21);
const ADD: Op = Op("", "Add", 14);
const GATHER: Op = Op("", "Gather", 13);
const TRANSPOSE: Op = Op("", "Transpose", 13);

fn int(name: &str, value: i64) -> (&str, Attribute) {
    (name, Attribute::Int(value))
}

/// `DynamicQuantizeLSTM`: an LSTM of the numbers that its weights stand for. What
/// goes in is not rounded to 8 bits, as it is in onnxruntime.
pub(super) fn lstm(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let mut inputs: Vec<_> = (0..8).map(|index| given(node, index)).collect();
    for (place, scale) in [(1, 8), (2, 10)] {
        let [directions, length, _] = *maker.constant(node.input(place))?.shape() else { return None };
        let turn = [("perm", Attribute::Ints(vec![0, 2, 1]))];
        let rows = maker.step(node, TRANSPOSE, vec![given(node, place)], &turn);
        let by_row = match *maker.constant(node.input(scale))?.shape() {
            [_, _] => true,
            // One for each direction, of which there may be one.
            [count] if count == directions => false,
            _ => return None,
        };
        let mut scales = [scale, scale + 1].map(|index| given(node, index));
        let mut along = vec![int("axis", 0)];
        if by_row {
            let axes = maker.list(node, "axes", &[2]);
            let unsqueeze = Op("", "Unsqueeze", 13);
            scales = scales.map(|scale| {
                scale.and_then(|scale| maker.step(node, unsqueeze, vec![Some(scale), axes.clone()], &[]))
            });
            along = vec![int("axis", 2), int("block_size", i64::try_from(length).ok()?)];
        }
        let [scale, zero] = scales;
        let weights = maker.step(node, DEQUANTIZE, vec![rows, scale, zero], &along);
        *inputs.get_mut(place)? = weights;
    }
    maker.renamed(node, Op("", "LSTM", 14), inputs);
    Some(())
}

/// `GatherBlockQuantized`: rows of a quantised table and of its scales, and the
/// numbers that they stand for.
pub(super) fn gather(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let (data, scales) = (maker.constant(node.input(0))?, maker.constant(node.input(2))?);
    let (rank, scales_shape) = (i64::try_from(data.shape().len()).ok()?, scales.shape().to_vec());
    let axis = |name: &str, default: i64| node.int_or(name, default).checked_rem_euclid(rank);
    let (gathered, quantised) = (axis("gather_axis", 0)?, axis("quantize_axis", 1)?);
    let block = node.int_or("block_size", 128);
    if gathered == quantised || block <= 0 {
        return None;
    }
    let (bits, is_packed) = (node.int_or("bits", 4), data.element_type() == ElementType::UInt8);
    let mut table = given(node, 0);
    let mut zeros = given(node, 3);
    if is_packed {
        let kind = packed(bits)?;
        let data = unpacked(data, kind, None)?;
        let zero = match node.input(3) {
            Some(zeros) => unpacked(maker.constant(Some(zeros))?, kind, scales_shape.last().copied())?,
            None => {
                let middle = u8::try_from(1i64.checked_shl(u32::try_from(bits - 1).ok()?)?).ok()?;
                elements(kind, &scales_shape, vec![middle; scales_shape.iter().product()])?
            }
        };
        table = maker.new_constant(node, "table", data);
        zeros = maker.new_constant(node, "zeros", zero);
    }
    let along = [int("axis", gathered)];
    let mut rows = |values: Option<String>| match values {
        Some(values) => maker.step(node, GATHER, vec![Some(values), given(node, 1)], &along),
        None => None,
    };
    let inputs = vec![rows(table), rows(given(node, 2)), rows(zeros)];
    // The indices may have any number of axes.
    let axis = if quantised > gathered { quantised - rank } else { quantised };
    maker.push(
        node,
        DEQUANTIZE,
        inputs,
        node.outputs.clone(),
        &[int("axis", axis), int("block_size", block)],
    );
    Some(())
}

/// The type of elements of so many bits; `None` within for those of 8.
fn packed(bits: i64) -> Option<Option<SmallType>> {
    match bits {
        2 => Some(Some(SmallType::UInt2)),
        4 => Some(Some(SmallType::UInt4)),
        8 => Some(None),
        _ => None,
    }
}

/// The elements that lie in the bytes of `tensor`, side by side along its last
/// axis, of which the first `length` count.
fn unpacked(tensor: &Tensor, kind: Option<SmallType>, length: Option<usize>) -> Option<Tensor> {
    let TensorData::UInt8(bytes) = tensor.data() else { return None };
    let Some(small) = kind else { return Some(tensor.clone()) };
    let (count, mut shape) = (8 / small.bits() as usize, tensor.shape().to_vec());
    let last = shape.last_mut()?;
    let (own, all) = (*last, last.checked_mul(count)?);
    *last = length.unwrap_or(all);
    let wanted = *last;
    let element = |byte: &u8| {
        let byte = *byte;
        (0..8).step_by(small.bits() as usize).map(move |bit| small.element_of(byte >> bit))
    };
    let rows = bytes.chunks_exact(own.max(1));
    let values = rows.flat_map(|row| row.iter().flat_map(element).take(wanted)).collect();
    elements(kind, &shape, values)
}

fn elements(kind: Option<SmallType>, shape: &[usize], values: Vec<u8>) -> Option<Tensor> {
    let data = match kind {
        Some(small) => TensorData::Small(small, values),
        None => TensorData::UInt8(values),
    };
    Tensor::new(shape, data).ok()
}

/// `MatMulInteger16`: a product of whole numbers.
pub(super) fn product(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    const INT32: i64 = 6;
    let wide = [0, 1]
        .map(|index| maker.step(node, Op("", "Cast", 13), vec![given(node, index)], &[int("to", INT32)]));
    maker.push(node, Op("", "MatMul", 13), wide.into(), node.outputs.clone(), &[]);
    Some(())
}

/// The places of `QEmbedLayerNormalization`'s inputs: a tensor, its scale and its
/// zero point.
const WORDS: [usize; 3] = [2, 8, 13];
const POSITIONS: [usize; 3] = [3, 9, 14];
const SEGMENTS: [usize; 3] = [4, 10, 15];
const GAMMA: [usize; 3] = [5, 11, 16];
const BETA: [usize; 3] = [6, 12, 17];

/// `QEmbedLayerNormalization`: rows of quantised tables, their sum, normalised.
pub(super) fn embeddings(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let counts = node.outputs.get(1).cloned().flatten();
    // The table of words is by far the longest: its rows are taken as they are.
    let [words, scale, zero] = WORDS.map(|index| given(node, index));
    let words = maker.step(node, GATHER, vec![words, given(node, 0)], &[]);
    let mut sum = maker.step(node, DEQUANTIZE, vec![words, scale, zero], &[]);
    let mut numbers = |places: [usize; 3]| {
        let inputs = places.map(|index| given(node, index));
        maker.step(node, DEQUANTIZE, inputs.into(), &[])
    };
    let (positions, gamma, beta) = (numbers(POSITIONS), numbers(GAMMA), numbers(BETA));
    let segments = if node.input(1).is_some() { numbers(SEGMENTS) } else { None };
    let length =
        maker.step(node, Op("", "Shape", 15), vec![given(node, 0)], &[int("start", 1), int("end", 2)]);
    let (start, axes) = (maker.list(node, "start", &[0]), maker.list(node, "axes", &[0]));
    let positions = maker.step(node, Op("", "Slice", 13), vec![positions, start, length, axes], &[]);
    sum = maker.step(node, ADD, vec![sum, positions], &[]);
    if let Some(segments) = segments {
        let rows = maker.step(node, GATHER, vec![Some(segments), given(node, 1)], &[]);
        sum = maker.step(node, ADD, vec![sum, rows], &[]);
    }
    if let Some(counts) = counts {
        counted(node, counts, maker)?;
    }
    let output = vec![node.outputs.first().cloned().flatten()];
    let attributes = [("epsilon", Attribute::Float(node.float_or("epsilon", 1e-12))), int("axis", -1)];
    maker.push(node, Op("", "LayerNormalization", 17), vec![sum, gamma, beta], output, &attributes);
    Some(())
}

/// `counts`: how many places of each sequence the mask leaves; none without a mask.
fn counted(node: &Node, counts: String, maker: &mut Maker<'_>) -> Option<()> {
    let int32 = |number: i32| {
        let shape: &[usize] = if number == 0 { &[1] } else { &[] };
        Tensor::new(shape, TensorData::Int32(vec![number])).ok()
    };
    if node.input(7).is_none() {
        let rows = [int("start", 0), int("end", 1)];
        let rows = maker.step(node, Op("", "Shape", 15), vec![given(node, 0)], &rows);
        let zero = [("value", Attribute::Tensor(int32(0)?))];
        maker.push(node, Op("", "ConstantOfShape", 9), vec![rows], vec![Some(counts)], &zero);
        return Some(());
    }
    let one = maker.new_constant(node, "one", int32(1)?);
    let words = maker.step(node, Op("", "Equal", 13), vec![given(node, 7), one], &[]);
    let words = maker.step(node, Op("", "Cast", 13), vec![words], &[int("to", 6)]);
    let axes = maker.list(node, "row", &[1]);
    let keep = [int("keepdims", 0)];
    maker.push(node, Op("", "ReduceSum", 13), vec![words, axes], vec![Some(counts)], &keep);
    Some(())
}
