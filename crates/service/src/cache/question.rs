use std::fmt::Write as _;

use edgeinfer_core::{FeatureValue, Features, Result, Tensor};
use sha2::{Digest as _, Sha256};

use crate::options::PredictOptions;
use crate::service::Target;
use crate::tensors::{datatype, to_bytes};

/// What a request asks of a model, in one form however it was written: two requests
/// that are the same here have the same answer.
pub(crate) struct Question(Sha256);

impl Question {
    /// One of the form `form`.
    pub(crate) fn new(form: &str) -> Self {
        Self(Sha256::new()).with(form)
    }

    /// With a further part. Each is told with its length, so that no two lists of parts
    /// are the same bytes.
    pub(crate) fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
        self
    }

    pub(crate) fn with_options(self, options: &PredictOptions) -> Self {
        let PredictOptions { threshold, top_k, partial } = options;
        self.with(format!("{:?} {top_k:?} {partial}", threshold.map(f64::to_bits)))
    }

    /// With a row. Features by name may come in any order.
    pub(crate) fn with_row(self, row: &Features) -> Self {
        match row {
            Features::Positional(values) => values.iter().fold(self.with(count("row", values.len())), value),
            Features::Named(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                // A name that comes twice is an error, which is not kept.
                fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                let named = self.with(count("named row", fields.len()));
                fields.into_iter().fold(named, |question, (name, field)| value(question.with(name), field))
            }
        }
    }

    /// With a tensor.
    ///
    /// # Errors
    ///
    /// It has no form as bytes.
    pub(crate) fn with_tensor(self, name: &str, tensor: &Tensor) -> Result<Self> {
        let mut bytes = Vec::new();
        to_bytes(tensor.data(), &mut bytes)?;
        let kind = format!("{:?} {:?}", datatype(tensor.element_type()), tensor.shape());
        Ok(self.with(name).with(kind).with(bytes))
    }

    /// The key of its answer by `target`.
    pub(super) fn key(self, target: &Target) -> String {
        let entry = &target.entry;
        let asked = self.with(entry.name()).with(entry.version()).with(target.model.identity());
        asked.0.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

fn count(what: &str, count: usize) -> String {
    format!("{what} of {count}")
}

fn value(question: Question, value: &FeatureValue) -> Question {
    match value {
        FeatureValue::String(text) => question.with("text").with(text),
        FeatureValue::Number(number) => question.with("number").with(number.to_bits().to_le_bytes()),
        FeatureValue::Integer(number) => question.with("integer").with(number.to_le_bytes()),
        FeatureValue::Bool(is) => question.with(if *is { "true" } else { "false" }),
        FeatureValue::Null => question.with("null"),
        // No feature takes anything else.
        _ => question.with("other"),
    }
}
