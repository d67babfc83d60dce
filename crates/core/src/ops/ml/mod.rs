//! Operators of `ai.onnx.ml`: classic machine learning.

mod classes;
mod linear;
mod linear_classifier;
mod linear_regressor;
mod post_transform;
mod rows;
mod scaler;
mod svm;
mod tree_ensemble;

pub(crate) use tree_ensemble::pack;

use super::{EDGEINFER, Entry, ML, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ML, "LinearClassifier", linear_classifier::build),
    entry(ML, "LinearRegressor", linear_regressor::build),
    entry(ML, "SVMClassifier", svm::build_classifier),
    entry(ML, "SVMRegressor", svm::build_regressor),
    entry(ML, "Scaler", scaler::build),
    entry(EDGEINFER, tree_ensemble::NAME, tree_ensemble::build),
];
