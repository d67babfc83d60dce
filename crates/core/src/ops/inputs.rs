use std::ops::Range;

use smallvec::SmallVec;

use crate::native::Native;
use crate::ops::tensor::bits::copied;
use crate::ops::{Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::value::Map;
use crate::{MapSequence, Result, Tensor, Value};

/// A value that a step takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ValueRef<'a> {
    Tensor(TensorRef<'a>),
    MapSequence(&'a MapSequence),
    Map(&'a Map),
    Sequence(&'a [Tensor]),
    Absent,
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Tensor(tensor) => Self::Tensor(tensor.into()),
            Value::MapSequence(maps) => Self::MapSequence(maps),
            Value::Map(map) => Self::Map(map),
            Value::Sequence(tensors) => Self::Sequence(tensors),
            Value::Absent => Self::Absent,
        }
    }
}

impl ValueRef<'_> {
    /// A copy, in buffers of `scope` where it is a tensor.
    pub(crate) fn to_value(self, scope: &mut Scope) -> Result<Value> {
        Ok(match self {
            Self::Tensor(tensor) => Value::Tensor(Tensor::new(tensor.shape, copied(tensor.data, scope)?)?),
            Self::MapSequence(maps) => Value::MapSequence(maps.clone()),
            Self::Map(map) => Value::Map(map.clone()),
            Self::Sequence(tensors) => Value::Sequence(tensors.to_vec()),
            Self::Absent => Value::Absent,
        })
    }
}

/// The values that a step takes, in the operator's order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a>(&'a [Option<ValueRef<'a>>]);

impl<'a> Inputs<'a> {
    pub(crate) fn new(values: &'a [Option<ValueRef<'a>>]) -> Self {
        Self(values)
    }

    /// The number of inputs, those that are left out included.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// All inputs; `None` where one is left out.
    #[cfg(feature = "networks")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<ValueRef<'a>>> {
        self.0.iter().copied()
    }

    /// Input `index`, whatever it is; `None` where it is left out.
    pub(crate) fn value(&self, index: usize) -> Option<ValueRef<'a>> {
        self.0.get(index).copied().flatten()
    }

    /// Input `index`, a tensor.
    pub(crate) fn tensor(&self, index: usize) -> Result<TensorRef<'a>> {
        self.optional(index)?.ok_or_else(|| failed(format!("input {index} is missing")))
    }

    /// The inputs at `range`, all of them tensors.
    pub(crate) fn tensors(&self, range: Range<usize>) -> Result<SmallVec<[TensorRef<'a>; 8]>> {
        let mut tensors = SmallVec::new();
        for index in range {
            tensors.push(self.tensor(index)?);
        }
        Ok(tensors)
    }

    /// Input `index`, a tensor where it is not left out.
    pub(crate) fn optional(&self, index: usize) -> Result<Option<TensorRef<'a>>> {
        match self.value(index) {
            Some(ValueRef::Tensor(tensor)) => Ok(Some(tensor)),
            Some(_) => Err(failed(format!("input {index}: expected a tensor"))),
            None => Ok(None),
        }
    }

    /// The elements of input `index`, which has to be of type `T`.
    pub(crate) fn read<T: Native>(&self, index: usize) -> Result<&'a [T]> {
        let tensor = self.tensor(index)?;
        tensor.read().ok_or_else(|| {
            failed(format!("input {index}: expected {} elements, got {}", T::TYPE, tensor.element_type()))
        })
    }
}
