//! Convolutions and pools, and what goes with them.

mod average_pool;
mod batch_normalization;
mod col2im;
mod conv;
mod conv_transpose;
mod deform_conv;
mod doubles;
mod epilogue;
mod fraction;
mod global_pool;
mod lp_pool;
mod lrn;
mod max_pool;
mod max_unpool;
mod padded;
mod planes;
mod product;
mod spots;
mod window;

pub(super) use padded::Padded;
pub(super) use window::{Axes, Axis, Window};

use crate::ops::{EDGEINFER, Entry, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "AveragePool", average_pool::build),
    entry(ONNX, "BatchNormalization", batch_normalization::build),
    entry(ONNX, "Col2Im", col2im::build),
    entry(ONNX, "Conv", conv::build),
    entry(EDGEINFER, "Conv", conv::build_fused),
    entry(ONNX, "ConvTranspose", conv_transpose::build),
    entry(EDGEINFER, "ConvTranspose", conv_transpose::build_fused),
    entry(ONNX, "DeformConv", deform_conv::build),
    entry(ONNX, "GlobalAveragePool", global_pool::average),
    entry(ONNX, "GlobalLpPool", global_pool::norm),
    entry(ONNX, "GlobalMaxPool", global_pool::largest),
    entry(ONNX, "LRN", lrn::build),
    entry(ONNX, "LpPool", lp_pool::build),
    entry(ONNX, "MaxPool", max_pool::build),
    entry(ONNX, "MaxUnpool", max_unpool::build),
];
