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

use super::{EDGEINFER, Entry, ML, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ML, "ArrayFeatureExtractor", array_feature_extractor::build),
    entry(ML, "Binarizer", binarizer::build),
    entry(ML, "CastMap", cast_map::build),
    entry(ML, "CategoryMapper", category_mapper::build),
    entry(ML, "DictVectorizer", dict_vectorizer::build),
    entry(ML, "FeatureVectorizer", feature_vectorizer::build),
    entry(ML, "Imputer", imputer::build),
    entry(ML, "LabelEncoder", label_encoder::build),
    entry(ML, "LinearClassifier", linear_classifier::build),
    entry(ML, "LinearRegressor", linear_regressor::build),
    entry(ML, "Normalizer", normalizer::build),
    entry(ML, "OneHotEncoder", one_hot_encoder::build),
    entry(ML, "SVMClassifier", svm::build_classifier),
    entry(ML, "SVMRegressor", svm::build_regressor),
    entry(ML, "Scaler", scaler::build),
    entry(ML, "ZipMap", zip_map::build),
    entry(EDGEINFER, tree_ensemble::NAME, tree_ensemble::build),
];
