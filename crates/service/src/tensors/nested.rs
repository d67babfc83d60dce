use edgeinfer_core::{Tensor, TensorData};
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

/// A tensor, or a part of it, as nested JSON arrays.
#[derive(Clone, Copy)]
pub(crate) struct Nested<'a> {
    data: &'a TensorData,
    shape: &'a [usize],
    /// The place of its first element.
    start: usize,
}

impl<'a> Nested<'a> {
    pub(crate) fn of(tensor: &'a Tensor) -> Self {
        Self { data: tensor.data(), shape: tensor.shape(), start: 0 }
    }

    /// The parts along the first dimension; none where there is no dimension.
    pub(crate) fn rows(self) -> impl Iterator<Item = Self> {
        let (&count, shape) = self.shape.split_first().unwrap_or((&0, &[]));
        let length = shape.iter().fold(1, |length: usize, &size| length.saturating_mul(size));
        (0..count).map(move |row| Self {
            data: self.data,
            shape,
            start: self.start.saturating_add(row.saturating_mul(length)),
        })
    }

    fn element<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.start;
        match self.data {
            TensorData::Float32(v) => v.get(place).serialize(serializer),
            TensorData::Float64(v) => v.get(place).serialize(serializer),
            TensorData::Int8(v) => v.get(place).serialize(serializer),
            TensorData::Int16(v) => v.get(place).serialize(serializer),
            TensorData::Int32(v) => v.get(place).serialize(serializer),
            TensorData::Int64(v) => v.get(place).serialize(serializer),
            TensorData::UInt8(v) => v.get(place).serialize(serializer),
            TensorData::UInt16(v) => v.get(place).serialize(serializer),
            TensorData::UInt32(v) => v.get(place).serialize(serializer),
            TensorData::UInt64(v) => v.get(place).serialize(serializer),
            TensorData::Bool(v) => v.get(place).serialize(serializer),
            TensorData::String(v) => v.get(place).serialize(serializer),
            _ => serializer.serialize_none(),
        }
    }
}

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.shape.is_empty() {
            return self.element(serializer);
        }
        let mut array = serializer.serialize_seq(self.shape.first().copied())?;
        for row in self.rows() {
            array.serialize_element(&row)?;
        }
        array.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_nested_as_the_shape_says() {
        let values = TensorData::Int32((1..=6).collect());
        for (shape, json) in [
            (&[2, 3][..], "[[1,2,3],[4,5,6]]"),
            (&[6], "[1,2,3,4,5,6]"),
            (&[1, 6, 1], "[[[1],[2],[3],[4],[5],[6]]]"),
        ] {
            let tensor = Tensor::new(shape, values.clone()).unwrap();
            assert_eq!(serde_json::to_string(&Nested::of(&tensor)).unwrap(), json);
        }
        let scalar = Tensor::from_f32(vec![], vec![0.5]).unwrap();
        assert_eq!(serde_json::to_string(&Nested::of(&scalar)).unwrap(), "0.5");
        let empty = Tensor::from_f32(vec![2, 0], vec![]).unwrap();
        assert_eq!(serde_json::to_string(&Nested::of(&empty)).unwrap(), "[[],[]]");
    }
}
