//! Support vector machines: SVMClassifier and SVMRegressor.

mod classifier;
mod coupling;
mod kernel;
mod linear;
mod pairs;
mod regressor;

pub(super) use classifier::build as build_classifier;
pub(super) use regressor::build as build_regressor;
