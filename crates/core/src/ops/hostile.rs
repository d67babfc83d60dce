//! Every operator on whatever comes: types, shapes and attributes that have nothing
//! to do with each other. What comes of it does not matter; that an answer or an
//! error comes does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::testing::Case;
use super::{CLASSIC, Entry, FAMILIES, NETWORKS};
use crate::{Tensor, TensorData, Value};

const ROUNDS: usize = 30_000;

/// Attributes of whole numbers, of lists of them, and of words.
const NUMBERS: &[&str] = &[
    "alpha",
    "axis",
    "batch_axis",
    "batch_dims",
    "bits",
    "block_size",
    "blocksize",
    "broadcast",
    "ceil_mode",
    "center_point_box",
    "count_include_pad",
    "do_rotary",
    "dtype",
    "end",
    "exclusive",
    "fmod",
    "group",
    "ignore_index",
    "interleaved",
    "inverse",
    "is_causal",
    "k",
    "K",
    "keepdims",
    "kv_num_heads",
    "largest",
    "layout",
    "linear_before_reset",
    "maxsplit",
    "N",
    "new_axis",
    "num_groups",
    "num_heads",
    "num_outputs",
    "onesided",
    "p",
    "periodic",
    "q_num_heads",
    "reverse",
    "sample_size",
    "size",
    "start",
    "storage_order",
    "time_axis",
    "to",
    "transA",
    "transB",
    "unidirectional",
    "upper",
];
const LISTS: &[&str] = &[
    "axes",
    "dilations",
    "ends",
    "kernel_shape",
    "output_padding",
    "output_shape",
    "pads",
    "perm",
    "pooled_shape",
    "shape",
    "split",
    "starts",
    "steps",
    "strides",
];
const WORDS: &[(&str, &[&str])] = &[
    ("auto_pad", &["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]),
    ("coordinate_transformation_mode", &["half_pixel", "asymmetric", "align_corners", "tf_crop_and_resize"]),
    ("delimiter", &["", ","]),
    ("direction", &["LEFT", "RIGHT", "forward", "reverse", "bidirectional"]),
    ("equation", &["ij,jk->ik", "...i->...", "ii", "i,j", "a...b,b...->a..."]),
    ("mode", &["constant", "reflect", "edge", "wrap", "linear", "nearest", "cubic", "DCR", "avg", "TF"]),
    ("padding_mode", &["zeros", "border", "reflection"]),
    ("pattern", &["a+", " *a,b"]),
    ("reduction", &["none", "add", "mul", "max", "mean", "sum"]),
];

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    /// A small number as a rule, sometimes one that overflows.
    fn number(&mut self) -> i64 {
        match self.roll(14) {
            0 => i64::MAX,
            1 => i64::MIN,
            2 => 1 << 40,
            3 => -1,
            _ => self.roll(12) as i64,
        }
    }

    /// Few small dimensions, sometimes without elements for all its rows.
    fn shape(&mut self) -> Vec<usize> {
        let mut shape: Vec<_> = (0..self.roll(5)).map(|_| self.roll(4)).collect();
        if shape.len() > 1 && self.one_in(12) {
            let empty = self.roll(shape.len());
            shape.fill_with(|| 1 << 40);
            shape[empty] = 0;
            shape.truncate(empty.max(1) + 1);
        }
        shape
    }

    fn tensor(&mut self, kind: usize) -> Tensor {
        let shape = self.shape();
        let count = if shape.contains(&0) { 0 } else { shape.iter().product() };
        let numbers: Vec<_> = (0..count).map(|_| self.number()).collect();
        let data = match kind {
            0 => TensorData::Float32(numbers.iter().map(|x| *x as f32 * 0.5).collect()),
            1 => TensorData::Float64(numbers.iter().map(|x| *x as f64).collect()),
            2 => TensorData::Int64(numbers),
            3 => TensorData::Int32(numbers.iter().map(|x| *x as i32).collect()),
            4 => TensorData::Bool(numbers.iter().map(|x| *x > 1).collect()),
            _ => TensorData::String(numbers.iter().map(|x| format!(" a,{x}")).collect()),
        };
        Tensor::new(shape, data).unwrap_or_else(|_| Tensor::from_f32(vec![0], Vec::new()).unwrap())
    }

    fn inputs(&mut self) -> Vec<Option<Value>> {
        let (kind, alike) = (self.roll(6), self.one_in(2));
        let first = self.tensor(kind);
        let input = |dice: &mut Self| match dice.roll(20) {
            0 => None,
            1 => Some(Value::Sequence(vec![first.clone()])),
            2..6 if alike => Some(first.clone().into()),
            6..13 => Some(dice.tensor(kind).into()),
            13..16 => {
                let list: Vec<_> = (0..dice.roll(5)).map(|_| dice.number()).collect();
                Some(Tensor::new(vec![list.len()], TensorData::Int64(list)).unwrap().into())
            }
            _ => {
                let kind = dice.roll(6);
                Some(dice.tensor(kind).into())
            }
        };
        let mut inputs = vec![Some(Value::Tensor(first.clone()))];
        inputs.extend((0..self.roll(6)).map(|_| input(self)));
        inputs
    }

    fn case(&mut self, entry: &Entry, inputs: usize) -> Case {
        let mut case = Case::new(entry.domain, entry.op, 1 + self.roll(26) as u32);
        for name in NUMBERS {
            if self.one_in(6) {
                case = case.int(name, self.number());
            }
        }
        for name in LISTS {
            if self.one_in(4) {
                let list: Vec<_> = (0..self.roll(5)).map(|_| self.number()).collect();
                case = case.ints(name, &list);
            }
        }
        for (name, words) in WORDS {
            if self.one_in(2) {
                case = case.string(name, words[self.roll(words.len())]);
            }
        }
        case.inputs(inputs).outputs(1 + self.roll(3))
    }
}

#[test]
fn no_operator_panics_or_goes_on_for_ever() {
    let tables = CLASSIC.iter().chain(NETWORKS).chain(FAMILIES);
    let entries: Vec<_> = tables.copied().flatten().collect();
    let mut dice = Dice(1);
    for _ in 0..ROUNDS {
        let entry = entries[dice.roll(entries.len())];
        let inputs = dice.inputs();
        let case = dice.case(entry, inputs.len());
        let run = catch_unwind(AssertUnwindSafe(|| case.run_values(&inputs).is_ok()));
        assert!(run.is_ok(), "{} {:?} of {inputs:?}", entry.domain, entry.op);
    }
}
