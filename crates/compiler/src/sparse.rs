//! ONNX's `SparseTensorProto` as a tensor, which holds its zeros too.

use edgeinfer_core::{Shape, Step, Tensor, TensorData, Value, run_step};
use edgeinfer_onnx::SparseTensorProto;

use crate::tensor::tensor;

/// No sparse tensor has more elements, zeros included: a few bytes may not ask
/// for all of the memory.
const LARGEST: usize = 1 << 28;

/// The tensor in `proto`; otherwise what is in the way.
pub(crate) fn dense(proto: &SparseTensorProto) -> Result<Tensor, String> {
    let values = tensor(proto.values.as_ref().ok_or("a sparse tensor has no values")?)?;
    let indices = tensor(proto.indices.as_ref().ok_or("a sparse tensor has no indices")?)?;
    let size = |&dim: &i64| usize::try_from(dim).map_err(|_| "a sparse tensor has a negative dimension");
    let shape: Shape = proto.dims.iter().map(size).collect::<Result<_, _>>()?;
    let length = shape.iter().try_fold(1usize, |length, &size| length.checked_mul(size));
    let length = length.filter(|&length| length <= LARGEST).ok_or("a sparse tensor is too large")?;
    let places = places(&indices, &shape, values.data().len())?;
    let zeros = TensorData::zeros(values.element_type(), length).map_err(|error| error.to_string())?;
    let flat = |data: TensorData| Tensor::new(vec![data.len()], data).map_err(|error| error.to_string());
    let inputs = [flat(zeros)?, flat(TensorData::Int64(places))?, flat(values.into_data())?];
    let step = Step { op: "ScatterElements".to_owned(), version: 18, ..Step::default() };
    let outputs =
        run_step(&step, &[], &Default::default(), &inputs.map(|tensor| Some(Value::Tensor(tensor))));
    match outputs.map_err(|error| error.to_string())?.pop() {
        Some(Value::Tensor(made)) => Tensor::new(shape, made.into_data()).map_err(|error| error.to_string()),
        _ => Err("a sparse tensor has no elements".to_owned()),
    }
}

/// Where each value is in the flat tensor: `indices` says so itself, `[count]`,
/// or by the place in each dimension, `[count, rank]`.
fn places(indices: &Tensor, shape: &[usize], count: usize) -> Result<Vec<i64>, String> {
    let TensorData::Int64(list) = indices.data() else {
        return Err(format!("the indices of a sparse tensor are of type {}", indices.element_type()));
    };
    let outside = "an index of a sparse tensor is outside of it";
    let places: Vec<i64> = match indices.shape() {
        [_] => list.clone(),
        &[_, rank] if rank == shape.len() && rank > 0 => {
            let place = |indices: &[i64]| {
                indices.iter().zip(shape).try_fold(0i64, |place, (&index, &size)| {
                    let size = i64::try_from(size).ok().filter(|size| (0..*size).contains(&index))?;
                    place.checked_mul(size)?.checked_add(index)
                })
            };
            list.chunks_exact(rank).map(place).collect::<Option<_>>().ok_or(outside)?
        }
        other => return Err(format!("the indices of a sparse tensor are of shape {other:?}")),
    };
    match places.len() == count {
        true if places.iter().all(|place| !place.is_negative()) => Ok(places),
        true => Err(outside.to_owned()),
        false => Err(format!("a sparse tensor has {count} values, but {} indices", places.len())),
    }
}
