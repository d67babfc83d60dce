use edgeinfer_kernels::Half;
use smallvec::SmallVec;

use crate::{ElementType, Error, ErrorKind, Result, SmallType};

/// The size of each dimension, outermost first; up to four of them are kept
/// without an allocation.
pub type Shape = SmallVec<[usize; 4]>;

/// The elements of a [`Tensor`], row-major.
#[derive(Clone, Debug, PartialEq)]
pub enum TensorData {
    /// [`ElementType::Float32`].
    Float32(Vec<f32>),
    /// [`ElementType::Float64`].
    Float64(Vec<f64>),
    /// [`ElementType::Int8`].
    Int8(Vec<i8>),
    /// [`ElementType::Int16`].
    Int16(Vec<i16>),
    /// [`ElementType::Int32`].
    Int32(Vec<i32>),
    /// [`ElementType::Int64`].
    Int64(Vec<i64>),
    /// [`ElementType::UInt8`].
    UInt8(Vec<u8>),
    /// [`ElementType::UInt16`].
    UInt16(Vec<u16>),
    /// [`ElementType::UInt32`].
    UInt32(Vec<u32>),
    /// [`ElementType::UInt64`].
    UInt64(Vec<u64>),
    /// [`ElementType::Bool`].
    Bool(Vec<bool>),
    /// [`ElementType::String`].
    String(Vec<String>),
    /// [`ElementType::Float16`], as bits.
    Float16(Vec<u16>),
    /// [`ElementType::BFloat16`], as bits.
    BFloat16(Vec<u16>),
    /// A type of eight bits and fewer, one element to a byte: the bits of
    /// floating-point numbers, int4 and int2 as int8.
    Small(SmallType, Vec<u8>),
}

/// Runs `$body` with `$vec` bound to the elements inside, whatever their type:
/// small types and those of 16 bits are their bits;
/// `$enum` is [`TensorData`] or [`DataRef`](crate::tensor_ref::DataRef).
macro_rules! each {
    ($enum:ident, $data:expr, $vec:ident => $body:expr) => {
        match $data {
            $enum::Float32($vec) => $body,
            $enum::Float64($vec) => $body,
            $enum::Int8($vec) => $body,
            $enum::Int16($vec) => $body,
            $enum::Int32($vec) => $body,
            $enum::Int64($vec) => $body,
            $enum::UInt8($vec) => $body,
            $enum::UInt16($vec) => $body,
            $enum::UInt32($vec) => $body,
            $enum::UInt64($vec) => $body,
            $enum::Bool($vec) => $body,
            $enum::String($vec) => $body,
            $enum::Float16($vec) | $enum::BFloat16($vec) => $body,
            $enum::Small(_, $vec) => $body,
        }
    };
}
pub(crate) use each;

impl TensorData {
    /// `length` elements that are zero, false or empty.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PayloadTooLarge`] where they do not fit into memory.
    pub fn zeros(element: ElementType, length: usize) -> Result<Self> {
        // Apart from the match below, so that types of one size share it.
        #[inline(never)]
        fn zeros<T: Clone + Default>(length: usize) -> Result<Vec<T>> {
            let mut values = Vec::new();
            values.try_reserve_exact(length).map_err(|_| {
                let message = format!("{length} elements do not fit into memory");
                Error::new(ErrorKind::PayloadTooLarge, message)
            })?;
            values.resize(length, T::default());
            Ok(values)
        }
        let small = |small| Ok::<_, Error>(Self::Small(small, zeros(length)?));
        Ok(match element {
            ElementType::Float32 => Self::Float32(zeros(length)?),
            ElementType::Float64 => Self::Float64(zeros(length)?),
            ElementType::Int8 => Self::Int8(zeros(length)?),
            ElementType::Int16 => Self::Int16(zeros(length)?),
            ElementType::Int32 => Self::Int32(zeros(length)?),
            ElementType::Int64 => Self::Int64(zeros(length)?),
            ElementType::UInt8 => Self::UInt8(zeros(length)?),
            ElementType::UInt16 => Self::UInt16(zeros(length)?),
            ElementType::UInt32 => Self::UInt32(zeros(length)?),
            ElementType::UInt64 => Self::UInt64(zeros(length)?),
            ElementType::Bool => Self::Bool(zeros(length)?),
            ElementType::String => Self::String(zeros(length)?),
            ElementType::Float16 => Self::Float16(zeros(length)?),
            ElementType::BFloat16 => Self::BFloat16(zeros(length)?),
            ElementType::Float8E4M3Fn => small(SmallType::Float8E4M3Fn)?,
            ElementType::Float8E4M3FnUz => small(SmallType::Float8E4M3FnUz)?,
            ElementType::Float8E5M2 => small(SmallType::Float8E5M2)?,
            ElementType::Float8E5M2FnUz => small(SmallType::Float8E5M2FnUz)?,
            ElementType::Float8E8M0 => small(SmallType::Float8E8M0)?,
            ElementType::Float4E2M1 => small(SmallType::Float4E2M1)?,
            ElementType::Int4 => small(SmallType::Int4)?,
            ElementType::UInt4 => small(SmallType::UInt4)?,
            ElementType::Int2 => small(SmallType::Int2)?,
            ElementType::UInt2 => small(SmallType::UInt2)?,
        })
    }

    /// The elements of numbers of 16 bits, as float32; `None` for other types.
    #[must_use]
    pub fn widened(&self) -> Option<Vec<f32>> {
        let (half, bits) = match self {
            Self::Float16(bits) => (Half::Float16, bits),
            Self::BFloat16(bits) => (Half::BFloat16, bits),
            _ => return None,
        };
        let mut values = Vec::with_capacity(bits.len());
        half.widen_into(bits, &mut values);
        Some(values)
    }

    /// Numbers of 16 bits, each the next to one of `values`; `None` for other types.
    #[must_use]
    pub fn narrowed(element: ElementType, values: &[f32]) -> Option<Self> {
        let narrow = |half: Half| {
            let mut bits = Vec::with_capacity(values.len());
            half.narrow_into(values, &mut bits);
            bits
        };
        match element {
            ElementType::Float16 => Some(Self::Float16(narrow(Half::Float16))),
            ElementType::BFloat16 => Some(Self::BFloat16(narrow(Half::BFloat16))),
            _ => None,
        }
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        each!(TensorData, self, v => v.len())
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of the elements.
    #[must_use]
    pub fn element_type(&self) -> ElementType {
        match self {
            Self::Float32(_) => ElementType::Float32,
            Self::Float64(_) => ElementType::Float64,
            Self::Int8(_) => ElementType::Int8,
            Self::Int16(_) => ElementType::Int16,
            Self::Int32(_) => ElementType::Int32,
            Self::Int64(_) => ElementType::Int64,
            Self::UInt8(_) => ElementType::UInt8,
            Self::UInt16(_) => ElementType::UInt16,
            Self::UInt32(_) => ElementType::UInt32,
            Self::UInt64(_) => ElementType::UInt64,
            Self::Bool(_) => ElementType::Bool,
            Self::String(_) => ElementType::String,
            Self::Float16(_) => ElementType::Float16,
            Self::BFloat16(_) => ElementType::BFloat16,
            Self::Small(small, _) => small.element(),
        }
    }
}

/// A dense, row-major array. Its shape's product is always its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    shape: Shape,
    data: TensorData,
}

impl Tensor {
    /// A tensor of `shape` over `data`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidTensor`] when the shape does not multiply to the
    /// number of elements.
    pub fn new(shape: impl Into<Shape>, data: TensorData) -> Result<Self> {
        let shape = shape.into();
        match element_count(&shape) {
            Some(count) if count == data.len() => Ok(Self { shape, data }),
            count => Err(Error::new(
                ErrorKind::InvalidTensor,
                format!(
                    "shape {shape:?} holds {} elements, but {} were given",
                    count.map_or_else(|| "too many".to_owned(), |n| n.to_string()),
                    data.len()
                ),
            )),
        }
    }

    /// A float32 tensor; otherwise as [`Tensor::new`].
    ///
    /// # Errors
    ///
    /// As [`Tensor::new`].
    pub fn from_f32(shape: impl Into<Shape>, data: Vec<f32>) -> Result<Self> {
        Self::new(shape, TensorData::Float32(data))
    }

    /// The size of each dimension, outermost first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The elements.
    #[must_use]
    pub fn data(&self) -> &TensorData {
        &self.data
    }

    /// The elements, without a copy.
    #[must_use]
    pub fn into_data(self) -> TensorData {
        self.data
    }

    /// The type of the elements.
    #[must_use]
    pub fn element_type(&self) -> ElementType {
        self.data.element_type()
    }

    /// The elements where they are float32.
    #[must_use]
    pub fn as_f32(&self) -> Option<&[f32]> {
        match &self.data {
            TensorData::Float32(v) => Some(v),
            _ => None,
        }
    }
}

/// The product of `shape`; `None` where it does not fit a `usize`.
pub(crate) fn element_count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_shape_that_does_not_fit_the_elements() {
        let error = Tensor::from_f32(vec![2, 3], vec![0.0; 5]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTensor);
        assert_eq!(error.message(), "shape [2, 3] holds 6 elements, but 5 were given");
    }

    #[test]
    fn refuses_a_shape_whose_product_overflows() {
        assert!(Tensor::from_f32(vec![usize::MAX, 2], vec![]).is_err());
    }

    #[test]
    fn a_scalar_has_one_element_and_a_zero_dimension_none() {
        assert!(Tensor::from_f32(vec![], vec![1.0]).is_ok());
        assert!(Tensor::from_f32(vec![0, 7], vec![]).is_ok());
    }
}
