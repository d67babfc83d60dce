//! The packed operator against ONNX's lists walked node by node, against
//! onnxruntime, and against files that are wrong.

mod classifier;
mod forms;
mod indexed;
mod lists;
mod packed;
mod properties;
mod wrong_lists;

use crate::{Tensor, TensorData};

fn f64s(shape: &[usize], values: &[f64]) -> Tensor {
    Tensor::new(shape, TensorData::Float64(values.to_vec())).unwrap()
}

fn u32s(shape: &[usize], values: &[u32]) -> Tensor {
    Tensor::new(shape, TensorData::UInt32(values.to_vec())).unwrap()
}
