//! Normalisations over layers, instances, groups and axes.

mod channels;
mod embed_layer_normalization;
mod layer_normalization;
mod mean_variance_normalization;
mod rows;
mod skip_layer_normalization;

use crate::ops::{Entry, MICROSOFT, ONNX, entry};

// Means and deviations are float32, whatever the input is.
pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "LayerNormalization", layer_normalization::build).narrowing(1),
    entry(MICROSOFT, "LayerNormalization", layer_normalization::build).narrowing(1),
    entry(ONNX, "RMSNormalization", layer_normalization::root_mean_square),
    entry(ONNX, "SimplifiedLayerNormalization", layer_normalization::root_mean_square).narrowing(1),
    entry(MICROSOFT, "SimplifiedLayerNormalization", layer_normalization::root_mean_square).narrowing(1),
    entry(MICROSOFT, "SkipLayerNormalization", skip_layer_normalization::build).narrowing(0b1001),
    entry(MICROSOFT, "SkipSimplifiedLayerNormalization", skip_layer_normalization::root_mean_square)
        .narrowing(0b1001),
    entry(MICROSOFT, "EmbedLayerNormalization", embed_layer_normalization::build),
    entry(ONNX, "InstanceNormalization", channels::instance),
    entry(ONNX, "GroupNormalization", channels::group),
    entry(ONNX, "MeanVarianceNormalization", mean_variance_normalization::build),
];
