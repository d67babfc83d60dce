//! Made-up inputs of a model: the same ones every time.

use edgeinfer_core::{Dim, ElementType, Schema, Tensor, TensorData, ValueSpec, ValueType};

/// Numbers without a pattern.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1))
    }

    /// SplitMix64's next number.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// From 0 up to 1.
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About normal, with a mean of 0 and a deviation of 1.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn below(&mut self, limit: u64) -> i64 {
        i64::try_from(self.next() % limit.max(1)).unwrap_or_default()
    }
}

/// How large made-up inputs are: the batch, the other free dimensions, and what
/// whole numbers are below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    batch: usize,
    others: usize,
    below: u64,
}

/// Sizes to try, one after the other: some models take few of a thing, or only
/// long ones.
pub(super) const SIZES: [Sizes; 5] = [
    Sizes { batch: 4, others: 16, below: 100 },
    Sizes { batch: 1, others: 16, below: 100 },
    Sizes { batch: 1, others: 16, below: 2 },
    Sizes { batch: 1, others: 1024, below: 2 },
    Sizes { batch: 1, others: 1, below: 2 },
];

/// A tensor for each input of `schema`; `None` where one is no tensor of numbers.
pub(super) fn inputs(schema: &Schema, sizes: Sizes, random: &mut Random) -> Option<Vec<(String, Tensor)>> {
    let first = schema.inputs.iter().find_map(|input| dims(input)?.first());
    let size = |dim: &Dim| match dim {
        Dim::Fixed(size) => *size,
        dim if Some(dim) == first => sizes.batch,
        // What came before is nothing.
        Dim::Symbol(symbol) if symbol.contains("past") => 0,
        Dim::Symbol(_) => sizes.others,
    };
    let input = |input: &ValueSpec| {
        let shape: Vec<usize> = dims(input)?.iter().map(size).collect();
        Some((input.name.clone(), input_of(input, shape, sizes, random)?))
    };
    schema.inputs.iter().map(input).collect()
}

fn dims(input: &ValueSpec) -> Option<&[Dim]> {
    if let ValueType::Tensor { shape, .. } = &input.value { Some(shape) } else { None }
}

fn input_of(input: &ValueSpec, shape: Vec<usize>, sizes: Sizes, random: &mut Random) -> Option<Tensor> {
    let ValueType::Tensor { element, .. } = &input.value else { return None };
    let length = shape.iter().try_fold(1usize, |length, size| length.checked_mul(*size))?;
    Tensor::new(shape, data(*element, length, &input.name, sizes, random)?).ok()
}

/// A mask lets everything pass.
fn data(
    element: ElementType,
    length: usize,
    name: &str,
    sizes: Sizes,
    random: &mut Random,
) -> Option<TensorData> {
    /// Longer inputs are not made up.
    const LONGEST: usize = 1 << 24;
    if length > LONGEST {
        return None;
    }
    let mask = name.to_lowercase().contains("mask");
    let mut whole = || if mask { 1 } else { random.below(sizes.below) };
    Some(match element {
        ElementType::Int64 => TensorData::Int64((0..length).map(|_| whole()).collect()),
        ElementType::Int32 => TensorData::Int32((0..length).map(|_| whole() as i32).collect()),
        ElementType::UInt8 => TensorData::UInt8((0..length).map(|_| random.below(256) as u8).collect()),
        ElementType::Bool => TensorData::Bool((0..length).map(|_| mask || random.below(2) == 1).collect()),
        ElementType::Float32 => TensorData::Float32((0..length).map(|_| random.normal() as f32).collect()),
        ElementType::Float64 => TensorData::Float64((0..length).map(|_| random.normal()).collect()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_every_time_and_spread() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (0..1000).map(|_| random.normal()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        let mean = numbers(3).iter().sum::<f64>() / 1000.0;
        let variance = numbers(3).iter().map(|x| x * x).sum::<f64>() / 1000.0;
        assert!(mean.abs() < 0.1 && (variance - 1.0).abs() < 0.15, "{mean}, {variance}");
    }
}
