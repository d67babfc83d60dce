//! Normalisations over layers, instances, groups and axes.

mod channels;
mod embed_layer_normalization;
mod layer_normalization;
mod mean_variance_normalization;
mod rows;
mod skip_layer_normalization;

use crate::ops::{Entry, MICROSOFT, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "LayerNormalization", layer_normalization::build),
    entry(MICROSOFT, "LayerNormalization", layer_normalization::build),
    entry(ONNX, "RMSNormalization", layer_normalization::root_mean_square),
    entry(ONNX, "SimplifiedLayerNormalization", layer_normalization::root_mean_square),
    entry(MICROSOFT, "SimplifiedLayerNormalization", layer_normalization::root_mean_square),
    entry(MICROSOFT, "SkipLayerNormalization", skip_layer_normalization::build),
    entry(MICROSOFT, "SkipSimplifiedLayerNormalization", skip_layer_normalization::root_mean_square),
    entry(MICROSOFT, "EmbedLayerNormalization", embed_layer_normalization::build),
    entry(ONNX, "InstanceNormalization", channels::instance),
    entry(ONNX, "GroupNormalization", channels::group),
    entry(ONNX, "MeanVarianceNormalization", mean_variance_normalization::build),
];
