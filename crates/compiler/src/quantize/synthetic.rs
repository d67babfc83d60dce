//! Made-up inputs of a model whose loss is measured: the same ones every time, and
//! of the first sizes that it takes.

use edgeinfer_core::{Dim, ElementType, Schema, Tensor, TensorData, ValueSpec, ValueType};

use crate::synthetic::Random;

/// About normal, with a mean of 0 and a deviation of 1: as a network's inputs are
/// scaled, and as rows of a table often are.
pub(super) fn normal(random: &mut Random) -> f64 {
    // The variance of a number from -2 to 2 is four thirds.
    (0..3).map(|_| random.number()).sum::<f64>() / 2.0
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
    let mut whole = || if mask { 1 } else { random.below(sizes.below) as i64 };
    Some(match element {
        ElementType::Int64 => TensorData::Int64((0..length).map(|_| whole()).collect()),
        ElementType::Int32 => TensorData::Int32((0..length).map(|_| whole() as i32).collect()),
        ElementType::UInt8 => TensorData::UInt8((0..length).map(|_| random.below(256) as u8).collect()),
        ElementType::Bool => TensorData::Bool((0..length).map(|_| mask || random.below(2) == 1).collect()),
        ElementType::Float32 => TensorData::Float32((0..length).map(|_| normal(random) as f32).collect()),
        ElementType::Float64 => TensorData::Float64((0..length).map(|_| normal(random)).collect()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_every_time_and_spread() {
        let numbers = |seed| {
            let mut random = Random(seed);
            (0..1000).map(|_| normal(&mut random)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        let mean = numbers(3).iter().sum::<f64>() / 1000.0;
        let variance = numbers(3).iter().map(|x| x * x).sum::<f64>() / 1000.0;
        assert!(mean.abs() < 0.1 && (variance - 1.0).abs() < 0.15, "{mean}, {variance}");
    }
}
