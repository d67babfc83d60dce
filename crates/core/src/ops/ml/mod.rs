//! Operators of `ai.onnx.ml`: classic machine learning.

mod array_feature_extractor;
mod binarizer;
mod cast_map;
mod category_mapper;
mod classes;
mod dict_vectorizer;
mod feature_vectorizer;
mod imputer;
mod label_encoder;
mod linear;
mod linear_classifier;
mod linear_regressor;
mod normalizer;
mod one_hot_encoder;
mod post_transform;
mod rows;
mod scaler;
mod svm;
mod tree_ensemble;
mod whole;
mod zip_map;

pub(crate) use tree_ensemble::pack;

use super::{EDGEINFER, Entry, ML, native};

pub(super) const OPERATORS: &[Entry] = &[
    native(ML, "ArrayFeatureExtractor", array_feature_extractor::build),
    native(ML, "Binarizer", binarizer::build),
    native(ML, "CastMap", cast_map::build),
    native(ML, "CategoryMapper", category_mapper::build),
    native(ML, "DictVectorizer", dict_vectorizer::build),
    native(ML, "FeatureVectorizer", feature_vectorizer::build),
    native(ML, "Imputer", imputer::build),
    native(ML, "LabelEncoder", label_encoder::build),
    native(ML, "LinearClassifier", linear_classifier::build),
    native(ML, "LinearRegressor", linear_regressor::build),
    native(ML, "Normalizer", normalizer::build),
    native(ML, "OneHotEncoder", one_hot_encoder::build),
    native(ML, "SVMClassifier", svm::build_classifier),
    native(ML, "SVMRegressor", svm::build_regressor),
    native(ML, "Scaler", scaler::build),
    native(ML, "ZipMap", zip_map::build),
    native(EDGEINFER, tree_ensemble::NAME, tree_ensemble::build),
];
