//! Losses, and the steps of optimisers.

mod adagrad;
mod adam;
mod loss;
mod momentum;
mod optimizer;

use super::{Entry, ONNX, entry};

/// The domain of optimisers.
const TRAINING: &str = "ai.onnx.preview.training";

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "NegativeLogLikelihoodLoss", loss::negative_log_likelihood),
    entry(ONNX, "SoftmaxCrossEntropyLoss", loss::softmax_cross_entropy),
    entry(TRAINING, "Adagrad", adagrad::build),
    entry(TRAINING, "Adam", adam::build),
    entry(TRAINING, "Momentum", momentum::build),
];
