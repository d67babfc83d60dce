//! Operators on text.

mod case;
mod case_table;
mod grams;
mod murmur_hash3;
mod regex;
mod regex_full_match;
mod string_concat;
mod string_normalizer;
mod string_split;
mod tfidf_vectorizer;
mod tokenizer;

use super::{Entry, MICROSOFT, ONNX, native};

pub(super) const OPERATORS: &[Entry] = &[
    native(ONNX, "RegexFullMatch", regex_full_match::build),
    native(ONNX, "StringConcat", string_concat::build),
    native(ONNX, "StringNormalizer", string_normalizer::build),
    native(ONNX, "StringSplit", string_split::build),
    native(ONNX, "TfIdfVectorizer", tfidf_vectorizer::build),
    native(MICROSOFT, "MurmurHash3", murmur_hash3::build),
    native(MICROSOFT, "Tokenizer", tokenizer::build),
];
