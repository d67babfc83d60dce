//! Constants that take less room in the file than in memory: elements of fewer
//! bits than a byte side by side, and weights in float16 or int8.

use borsh::{BorshDeserialize, BorshSerialize};
use bytemuck::{cast_slice, try_cast_slice, try_cast_slice_mut};
use edgeinfer_kernels::{Half, dequantize};

use crate::bytes::Weights;
use crate::tensor::element_count;
use crate::{ModelBytes, Tensor};

/// How a constant of float32 lies in the file, where it is widened as the model
/// is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Storage {
    /// As float16.
    Float16,
    /// As int8, each element times the scale of its place along `axis`. The
    /// scales come first, as float32.
    Int8 {
        /// The axis that has a scale for each place.
        axis: usize,
    },
}

impl Storage {
    /// Whether the elements of `tensor` are the same once they are read again.
    #[must_use]
    pub fn is_exact(self, tensor: &Tensor) -> bool {
        let Some(values) = tensor.as_f32() else { return false };
        let bytes = self.write(tensor.shape(), values);
        let read = bytes.and_then(|bytes| self.read(tensor.shape(), &ModelBytes::from(bytes.as_slice())));
        read.is_some_and(|read| read.iter().map(|x| x.to_bits()).eq(values.iter().map(|x| x.to_bits())))
    }

    /// `values` of `shape` as the file has them; `None` where they do not fit:
    /// there is no such axis, or a number is too large or none.
    pub(super) fn write(self, shape: &[usize], values: &[f32]) -> Option<Vec<u8>> {
        match self {
            Self::Float16 => {
                let mut bits = Vec::with_capacity(values.len());
                Half::Float16.narrow_into(values, &mut bits);
                let finite = bits.iter().all(|&bits| Half::Float16.widen(bits).is_finite());
                finite.then(|| cast_slice(&bits).to_vec())
            }
            Self::Int8 { axis } => {
                let lanes = Lanes::of(shape, axis)?;
                let scales = lanes.scales(values)?;
                let mut bytes = cast_slice(&scales).to_vec();
                lanes.each(|place, start| {
                    let scale = scales.get(place).copied().unwrap_or_default();
                    let lane = values.get(start..).and_then(|rest| rest.get(..lanes.inner));
                    let quantum = |value: &f32| ((value / scale).round_ties_even() as i8).cast_unsigned();
                    bytes.extend(lane.unwrap_or_default().iter().map(quantum));
                });
                Some(bytes)
            }
        }
    }

    /// The elements of `shape` that `bytes` are; `None` where they do not fit.
    pub(super) fn read(self, shape: &[usize], bytes: &[u8]) -> Option<Weights<f32>> {
        let count = element_count(shape)?;
        match self {
            Self::Float16 => {
                let bits = try_cast_slice::<u8, u16>(bytes).ok().filter(|bits| bits.len() == count)?;
                widened(count, |values| {
                    values.iter_mut().zip(bits).for_each(|(value, bits)| *value = Half::Float16.widen(*bits));
                })
            }
            Self::Int8 { axis } => {
                let lanes = Lanes::of(shape, axis)?;
                let (scales, quanta) = bytes.split_at_checked(lanes.length.checked_mul(size_of::<f32>())?)?;
                let scales = try_cast_slice::<u8, f32>(scales).ok()?;
                let quanta: &[i8] =
                    try_cast_slice(quanta).ok().filter(|quanta: &&[i8]| quanta.len() == count)?;
                widened(count, |values| {
                    lanes.each(|place, start| {
                        let scale = scales.get(place).copied().unwrap_or_default();
                        let from = quanta.get(start..).and_then(|rest| rest.get(..lanes.inner));
                        let to = values.get_mut(start..).unwrap_or_default();
                        dequantize(from.unwrap_or_default(), scale, 0.0, to);
                    });
                })
            }
        }
    }
}

fn widened(count: usize, fill: impl FnOnce(&mut [f32])) -> Option<Weights<f32>> {
    let bytes = ModelBytes::filled_by(count.checked_mul(size_of::<f32>())?, |bytes| {
        if let Ok(values) = try_cast_slice_mut(bytes) {
            fill(values);
        }
    });
    Weights::new(bytes)
}

/// A tensor as `[outer, length, inner]` around an axis.
struct Lanes {
    outer: usize,
    length: usize,
    inner: usize,
}

impl Lanes {
    fn of(shape: &[usize], axis: usize) -> Option<Self> {
        let (outer, rest) = shape.split_at_checked(axis)?;
        let (length, inner) = rest.split_first()?;
        Some(Self { outer: element_count(outer)?, length: *length, inner: element_count(inner)? })
    }

    /// Gives each lane's place along the axis and its first element.
    fn each(&self, mut f: impl FnMut(usize, usize)) {
        if self.inner == 0 {
            return;
        }
        for index in 0..self.outer.saturating_mul(self.length) {
            f(index % self.length, index * self.inner);
        }
    }

    /// The scale of each place: its largest number becomes 127.
    fn scales(&self, values: &[f32]) -> Option<Vec<f32>> {
        let mut most = vec![0f32; self.length];
        self.each(|place, start| {
            let lane = values.get(start..).and_then(|rest| rest.get(..self.inner)).unwrap_or_default();
            if let Some(most) = most.get_mut(place) {
                *most = lane.iter().fold(*most, |most, value| most.max(value.abs()));
            }
        });
        let finite = values.iter().all(|value| value.is_finite());
        finite.then(|| most.into_iter().map(|most| if most > 0.0 { most / 127.0 } else { 1.0 }).collect())
    }
}

/// `elements`, one to a byte, with `bits` of each side by side, the first in the
/// lowest.
pub(super) fn pack(elements: &[u8], bits: u32) -> impl Iterator<Item = u8> {
    let mask = u8::MAX >> (8 - bits);
    elements.chunks(8 / bits as usize).map(move |elements| {
        elements.iter().rev().fold(0, |byte: u8, element| byte.wrapping_shl(bits) | element & mask)
    })
}

/// The `count` elements of `bits` that [`pack`] made, `element` of each; `None`
/// where there are more or fewer.
pub(super) fn unpack(
    bytes: &[u8],
    bits: u32,
    count: usize,
    element: impl Fn(u8) -> u8,
) -> Option<ModelBytes> {
    let each = 8 / bits as usize;
    (bytes.len() == count.div_ceil(each)).then(|| {
        ModelBytes::filled_by(count, |elements| {
            for (elements, byte) in elements.chunks_mut(each).zip(bytes) {
                let shifted = (0..).map(|index: u32| element(byte >> (index * bits)));
                elements.iter_mut().zip(shifted).for_each(|(place, element)| *place = element);
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(storage: Storage, shape: &[usize], values: &[f32]) -> (usize, Vec<f32>) {
        let bytes = storage.write(shape, values).unwrap();
        // Where a constant lies, it is aligned.
        let aligned = ModelBytes::from(bytes.as_slice());
        (bytes.len(), storage.read(shape, &aligned).unwrap().to_vec())
    }

    #[test]
    fn float16_takes_half() {
        let values = [1.0, -0.5, 65504.0, 0.1];
        let (length, back) = there_and_back(Storage::Float16, &[2, 2], &values);
        assert_eq!((length, &back[..3]), (8, &values[..3]));
        assert!((back[3] - 0.1).abs() < 1e-4);
        assert!(Storage::Float16.write(&[1], &[70000.0]).is_none());
    }

    #[test]
    fn int8_has_a_scale_for_each_place() {
        let values = [127.0, -1.27, 64.0, 0.3, 0.0, 0.0];
        let storage = Storage::Int8 { axis: 1 };
        let (length, back) = there_and_back(storage, &[3, 2], &values);
        assert_eq!(length, 2 * 4 + 6);
        for (back, (value, step)) in back.iter().zip(values.iter().zip([1.0, 0.01].into_iter().cycle())) {
            assert!((back - value).abs() <= step / 2.0, "{back} instead of {value}");
        }
        let (_, back) = there_and_back(Storage::Int8 { axis: 0 }, &[2, 3], &[3.0, 2.0, 1.0, 0.0, 0.0, 0.0]);
        assert!((back[1] - 2.0).abs() < 0.013 && back[3..] == [0.0; 3]);
        assert!(storage.write(&[2], &[1.0, 2.0]).is_none());
        assert!(storage.write(&[1, 1], &[f32::NAN]).is_none());
    }

    #[test]
    fn nothing_has_no_elements() {
        assert_eq!(there_and_back(Storage::Float16, &[0], &[]), (0, vec![]));
        assert_eq!(there_and_back(Storage::Int8 { axis: 0 }, &[2, 0], &[]), (8, vec![]));
        assert_eq!(there_and_back(Storage::Int8 { axis: 1 }, &[2, 0], &[]), (0, vec![]));
    }

    #[test]
    fn refuses_bytes_that_do_not_fit() {
        let bytes = ModelBytes::from([0; 9].as_slice());
        assert!(Storage::Float16.read(&[4], &bytes).is_none());
        assert!(Storage::Float16.read(&[usize::MAX, 2], &bytes).is_none());
        assert!(Storage::Int8 { axis: 0 }.read(&[1, 4], &bytes).is_none());
        assert!(Storage::Int8 { axis: 0 }.read(&[usize::MAX, 1], &bytes).is_none());
        assert!(Storage::Int8 { axis: 2 }.read(&[1, 5], &bytes).is_none());
        assert!(Storage::Int8 { axis: 0 }.read(&[1, 5], &bytes).is_some());
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            shape in prop::collection::vec(prop_oneof![0..5usize, Just(usize::MAX)], 0..4),
            axis in 0..5usize,
            bits in prop_oneof![Just(2u32), Just(4)],
        ) {
            let bytes = ModelBytes::from(bytes.as_slice());
            for storage in [Storage::Float16, Storage::Int8 { axis }] {
                let count = element_count(&shape);
                if let Some(values) = storage.read(&shape, &bytes) {
                    prop_assert_eq!(Some(values.len()), count);
                }
            }
            let count = shape.first().copied().unwrap_or_default();
            if let Some(elements) = unpack(&bytes, bits, count, |byte| byte) {
                prop_assert_eq!(elements.len(), count);
            }
        }
    }

    #[test]
    fn small_elements_are_side_by_side() {
        for (bits, count) in [(4, 5), (4, 4), (2, 9), (2, 0), (4, 1)] {
            let elements: Vec<u8> = (0..count).map(|i| (i * 7 % (1 << bits)) as u8).collect();
            let packed: Vec<u8> = pack(&elements, bits).collect();
            assert_eq!(packed.len(), (count as usize * bits as usize).div_ceil(8));
            let mask = u8::MAX >> (8 - bits);
            let back = unpack(&packed, bits, elements.len(), |byte| byte & mask).unwrap();
            assert_eq!(&*back, elements);
            assert!(unpack(&packed, bits, elements.len() + 8, |byte| byte).is_none());
        }
        assert_eq!(pack(&[1, 2, 0xff], 4).collect::<Vec<_>>(), [0x21, 0x0f]);
    }
}
