//! Operators on text.

mod case;
mod case_table;
mod grams;
mod murmur_hash3;
mod regex;
mod string_normalizer;
mod tfidf_vectorizer;
mod tokenizer;

use super::{Entry, MICROSOFT, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "StringNormalizer", string_normalizer::build),
    entry(ONNX, "TfIdfVectorizer", tfidf_vectorizer::build),
    entry(MICROSOFT, "MurmurHash3", murmur_hash3::build),
    entry(MICROSOFT, "Tokenizer", tokenizer::build),
];
