use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, TensorData};

/// A Rust type that is the element of a tensor.
pub(crate) trait Native: Clone + Default + PartialEq + Send + Sync + 'static {
    /// What ONNX calls it.
    const TYPE: ElementType;

    /// A tensor's elements.
    fn wrap(values: Vec<Self>) -> TensorData;

    /// The elements, where they are of this type.
    fn read(data: DataRef<'_>) -> Option<&[Self]>;

    /// The vectors of this type that wait to be used again.
    fn pool(pools: &mut Pools) -> &mut Vec<Vec<Self>>;

    /// Some defaults, if there are such, to be copied as a whole: that is many times
    /// faster than to write one after the other.
    fn defaults() -> &'static [Self];
}

/// How many [`Native::defaults`] there are.
const DEFAULTS: usize = 1024;

/// Makes `values` as long as `length` with defaults.
pub(crate) fn lengthen<T: Native>(values: &mut Vec<T>, length: usize) {
    while let Some(missing) = length.checked_sub(values.len()).filter(|missing| *missing > 0) {
        match T::defaults().get(..missing.min(DEFAULTS)) {
            Some(defaults) => values.extend_from_slice(defaults),
            None => values.resize(length, T::default()),
        }
    }
}

/// Vectors that wait to be used again, by type.
#[derive(Default)]
pub(crate) struct Pools {
    float32: Vec<Vec<f32>>,
    float64: Vec<Vec<f64>>,
    int8: Vec<Vec<i8>>,
    int16: Vec<Vec<i16>>,
    int32: Vec<Vec<i32>>,
    int64: Vec<Vec<i64>>,
    uint8: Vec<Vec<u8>>,
    uint16: Vec<Vec<u16>>,
    uint32: Vec<Vec<u32>>,
    uint64: Vec<Vec<u64>>,
    bool: Vec<Vec<bool>>,
    string: Vec<Vec<String>>,
}

macro_rules! native {
    ($($type:ty => $variant:ident, $pool:ident $(, $zero:literal)?;)+) => {
        $(impl Native for $type {
            const TYPE: ElementType = ElementType::$variant;

            fn wrap(values: Vec<Self>) -> TensorData {
                TensorData::$variant(values)
            }

            fn read(data: DataRef<'_>) -> Option<&[Self]> {
                if let DataRef::$variant(values) = data { Some(values) } else { None }
            }

            fn pool(pools: &mut Pools) -> &mut Vec<Vec<Self>> {
                &mut pools.$pool
            }

            fn defaults() -> &'static [Self] {
                &[$($zero; DEFAULTS)?]
            }
        })+

        impl Pools {
            /// Keeps the vector in `data` for use by a later step or run.
            pub(crate) fn keep(&mut self, data: TensorData) {
                match data {
                    $(TensorData::$variant(values) => keep(&mut self.$pool, values),)+
                    TensorData::Float16(bits) | TensorData::BFloat16(bits) => keep(&mut self.uint16, bits),
                    TensorData::Small(_, bits) => keep(&mut self.uint8, bits),
                }
            }
        }
    };
}

/// Keeps `values`, unless more wait already than a run needs.
pub(crate) fn keep<T>(pool: &mut Vec<Vec<T>>, values: Vec<T>) {
    const WAITING: usize = 32;
    // One without room would only stand in the way of those that have some.
    if pool.len() < WAITING && values.capacity() > 0 {
        pool.push(values);
    }
}

native! {
    f32 => Float32, float32, 0.0;
    f64 => Float64, float64, 0.0;
    i8 => Int8, int8, 0;
    i16 => Int16, int16, 0;
    i32 => Int32, int32, 0;
    i64 => Int64, int64, 0;
    u8 => UInt8, uint8, 0;
    u16 => UInt16, uint16, 0;
    u32 => UInt32, uint32, 0;
    u64 => UInt64, uint64, 0;
    bool => Bool, bool, false;
    String => String, string;
}

impl<'a> TensorRef<'a> {
    /// The elements, where they are of type `T`.
    pub(crate) fn read<T: Native>(&self) -> Option<&'a [T]> {
        T::read(self.data)
    }
}
