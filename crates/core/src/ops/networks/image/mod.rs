//! Operators on images: resizing, sampling, regions, boxes.

mod affine_grid;
mod center_crop_pad;
mod depth_to_space;
mod grid_sample;
#[cfg(test)]
mod hostile;
mod max_roi_pool;
mod non_max_suppression;
mod resize;
mod roi_align;

use super::{Entry, MICROSOFT, ONNX, entry, native};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "AffineGrid", affine_grid::build),
    native(ONNX, "CenterCropPad", center_crop_pad::build),
    native(ONNX, "DepthToSpace", depth_to_space::build),
    entry(ONNX, "GridSample", grid_sample::build),
    entry(MICROSOFT, "GridSample", grid_sample::build),
    entry(ONNX, "MaxRoiPool", max_roi_pool::build),
    entry(ONNX, "NonMaxSuppression", non_max_suppression::build),
    entry(ONNX, "Resize", resize::build),
    entry(ONNX, "RoiAlign", roi_align::build),
    native(ONNX, "SpaceToDepth", depth_to_space::build_reverse),
    entry(ONNX, "Upsample", resize::build_upsample),
];
