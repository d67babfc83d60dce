use edgeinfer_core::{Dim, Result, Tensor, Value, ValueSpec, ValueType};

use super::{datatype, invalid};

/// What a model takes or gives, as the Open Inference Protocol says it.
pub(crate) struct Spec<'a> {
    pub(crate) name: &'a str,
    pub(crate) datatype: &'static str,
    /// The size of each dimension; -1 where it is free.
    pub(crate) shape: Vec<i64>,
}

impl<'a> Spec<'a> {
    /// Maps of classes to probabilities are the table that they make. What has no
    /// form in the protocol has the datatype `UNSUPPORTED`.
    pub(crate) fn of(spec: &'a ValueSpec) -> Self {
        let (element, shape) = match &spec.value {
            ValueType::Tensor { element, shape } => (datatype(*element), shape.iter().map(size).collect()),
            ValueType::MapSequence { keys } => {
                (Some("FP32"), vec![-1, i64::try_from(keys.len()).unwrap_or(-1)])
            }
            _ => (None, vec![-1]),
        };
        Self { name: &spec.name, datatype: element.unwrap_or("UNSUPPORTED"), shape }
    }
}

fn size(dim: &Dim) -> i64 {
    match dim {
        Dim::Fixed(size) => i64::try_from(*size).unwrap_or(i64::MAX),
        Dim::Symbol(_) => -1,
    }
}

/// The tensor that stands for an output.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`](edgeinfer_core::ErrorKind::InvalidTensor) for one
/// that no tensor can stand for.
pub(crate) fn tensor(value: Value) -> Result<Tensor> {
    match value {
        Value::Tensor(tensor) => Ok(tensor),
        Value::MapSequence(maps) => Ok(maps.values),
        _ => Err(invalid("the output is no tensor, and no table")),
    }
}
