//! Made-up inputs for a model: what to try it on where nobody gives any.

use std::collections::BTreeMap;

use edgeinfer_core::{
    Dim, ElementType, Error, ErrorKind, Result, Schema, Tensor, TensorData, Value, ValueSpec, ValueType,
};

/// The size of a first dimension that is free, where none is given.
const ROWS: usize = 3;
/// The size of any other free dimension.
const LENGTH: usize = 8;
/// Longer inputs are not made up.
const LONGEST: usize = 1 << 28;

/// Random inputs for a model of `schema`: floating-point numbers from -2 to 2, whole
/// ones 0 and 1 (which are right as indices and as masks), truth values, one-letter
/// strings. A free dimension is of the size that `sizes` has for its name, otherwise
/// 3 where it is the first and 8 elsewhere. The same `seed` gives the same inputs.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`] with the input for which none can be made up;
/// [`ErrorKind::InvalidRequest`] where `sizes` has a name that no input has.
pub fn synthetic(
    schema: &Schema,
    sizes: &BTreeMap<String, usize>,
    seed: u64,
) -> Result<Vec<(String, Value)>> {
    let dims = schema.inputs.iter().flat_map(dims);
    let symbols: Vec<_> =
        dims.filter_map(|dim| if let Dim::Symbol(name) = dim { Some(name.as_str()) } else { None }).collect();
    if let Some(unknown) = sizes.keys().find(|name| !symbols.contains(&name.as_str())) {
        let message = format!("no input has a dimension {unknown:?}; the free ones are {symbols:?}");
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    let mut random = Random(seed);
    let input = |input: &ValueSpec| {
        let tensor = made_up(input, sizes, &mut random).map_err(|error| error.at(input.name.clone()))?;
        Ok((input.name.clone(), Value::Tensor(tensor)))
    };
    schema.inputs.iter().map(input).collect()
}

fn dims(input: &ValueSpec) -> &[Dim] {
    if let ValueType::Tensor { shape, .. } = &input.value { shape } else { &[] }
}

fn made_up(input: &ValueSpec, sizes: &BTreeMap<String, usize>, random: &mut Random) -> Result<Tensor> {
    let unsupported = |what: String| Error::new(ErrorKind::UnsupportedModel, what);
    let ValueType::Tensor { element, shape } = &input.value else {
        return Err(unsupported("no input can be made up that is not a tensor".to_owned()));
    };
    let size = |(index, dim): (usize, &Dim)| match dim {
        Dim::Fixed(size) => *size,
        Dim::Symbol(name) => sizes.get(name).copied().unwrap_or(if index == 0 { ROWS } else { LENGTH }),
    };
    let shape: Vec<_> = shape.iter().enumerate().map(size).collect();
    let length = shape.iter().try_fold(1usize, |length, &size| length.checked_mul(size));
    let length = length.filter(|&length| length <= LONGEST);
    let length = length.ok_or_else(|| unsupported(format!("an input of shape {shape:?} is too long")))?;
    let data = data(*element, length, random);
    Tensor::new(shape, data.ok_or_else(|| unsupported(format!("no {element} can be made up")))?)
}

fn data(element: ElementType, length: usize, random: &mut Random) -> Option<TensorData> {
    /// 1, 0, -1 and a half, in 16 bits.
    const HALVES: [u16; 4] = [0x3c00, 0, 0xbc00, 0x3800];
    const BRAIN_HALVES: [u16; 4] = [0x3f80, 0, 0xbf80, 0x3f00];
    const LETTERS: [&str; 4] = ["a", "b", "c", "d"];
    fn several<T>(length: usize, one: impl FnMut(usize) -> T) -> Vec<T> {
        (0..length).map(one).collect()
    }
    let mut bit = |_| random.below(2) == 1;
    Some(match element {
        ElementType::Float32 => TensorData::Float32(several(length, |_| random.number() as f32)),
        ElementType::Float64 => TensorData::Float64(several(length, |_| random.number())),
        ElementType::Int8 => TensorData::Int8(several(length, bit).into_iter().map(i8::from).collect()),
        ElementType::Int16 => TensorData::Int16(several(length, bit).into_iter().map(i16::from).collect()),
        ElementType::Int32 => TensorData::Int32(several(length, bit).into_iter().map(i32::from).collect()),
        ElementType::Int64 => TensorData::Int64(several(length, bit).into_iter().map(i64::from).collect()),
        ElementType::UInt8 => TensorData::UInt8(several(length, bit).into_iter().map(u8::from).collect()),
        ElementType::UInt16 => TensorData::UInt16(several(length, bit).into_iter().map(u16::from).collect()),
        ElementType::UInt32 => TensorData::UInt32(several(length, bit).into_iter().map(u32::from).collect()),
        ElementType::UInt64 => TensorData::UInt64(several(length, bit).into_iter().map(u64::from).collect()),
        ElementType::Bool => TensorData::Bool(several(length, &mut bit)),
        ElementType::Float16 => TensorData::Float16(several(length, |_| random.one_of(HALVES))),
        ElementType::BFloat16 => TensorData::BFloat16(several(length, |_| random.one_of(BRAIN_HALVES))),
        ElementType::String => TensorData::String(several(length, |_| random.one_of(LETTERS).to_owned())),
        _ => return None,
    })
}

/// SplitMix64: <https://doi.org/10.1145/2714064.2660195>.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From -2 to 2.
    pub(crate) fn number(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 51) as f64 - 2.0
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<T: Copy>(&mut self, [a, b, c, d]: [T; 4]) -> T {
        match self.below(4) {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        }
    }
}

#[cfg(test)]
mod tests {
    use edgeinfer_core::Task;

    use super::*;

    fn schema() -> Schema {
        let input = |name: &str, element, shape: Vec<Dim>| ValueSpec {
            name: name.to_owned(),
            value: ValueType::Tensor { element, shape },
        };
        let inputs = vec![
            input("X", ElementType::Float32, vec![Dim::symbol("N"), Dim::Fixed(2), Dim::symbol("length")]),
            input("ids", ElementType::Int64, vec![Dim::symbol("N")]),
        ];
        Schema { inputs, outputs: Vec::new(), features: Vec::new(), task: Task::Tensors }
    }

    fn shapes(sizes: &[(&str, usize)]) -> Vec<Vec<usize>> {
        let sizes = sizes.iter().map(|&(name, size)| (name.to_owned(), size)).collect();
        let inputs = synthetic(&schema(), &sizes, 1).unwrap();
        inputs.iter().map(|(_, value)| value.as_tensor().unwrap().shape().to_vec()).collect()
    }

    #[test]
    fn free_dimensions_are_of_the_sizes_given_or_of_small_ones() {
        assert_eq!(shapes(&[]), [vec![3, 2, 8], vec![3]]);
        assert_eq!(shapes(&[("N", 1), ("length", 5)]), [vec![1, 2, 5], vec![1]]);
    }

    #[test]
    fn a_seed_gives_the_same_again_and_another_something_else() {
        let of = |seed| synthetic(&schema(), &BTreeMap::new(), seed).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn numbers_are_around_0_and_whole_ones_are_0_and_1() {
        let sizes = [("N".to_owned(), 100)].into();
        let inputs = synthetic(&schema(), &sizes, 3).unwrap();
        let x = inputs[0].1.as_tensor().unwrap().as_f32().unwrap();
        assert!(x.iter().all(|x| (-2.0..2.0).contains(x)) && x.iter().any(|x| *x < -1.0));
        let TensorData::Int64(ids) = inputs[1].1.as_tensor().unwrap().data() else { panic!("not int64") };
        assert!(ids.iter().all(|id| [0, 1].contains(id)) && ids.contains(&0) && ids.contains(&1));
    }

    #[test]
    fn a_name_that_no_dimension_has_is_refused_with_those_that_there_are() {
        let error = synthetic(&schema(), &[("M".to_owned(), 2)].into(), 1).unwrap_err();
        assert_eq!(
            error.message(),
            r#"no input has a dimension "M"; the free ones are ["N", "length", "N"]"#
        );
    }
}
