use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is: the product's one list of error codes.
///
/// [`ErrorKind::code`] gives the stable name that HTTP clients and JavaScript
/// callers see. The HTTP status of each is in `edgeinfer-service`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is not what its media type says, for example broken JSON.
    MalformedRequest,
    /// There is nothing at this path.
    NotFound,
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// The request body is longer than the limit.
    PayloadTooLarge,
    /// The request body's media type is not one that the path takes.
    UnsupportedMediaType,
    /// The client takes no form in which the path can answer.
    NotAcceptable,
    /// The path asks for a key, and none was given.
    Unauthorized,
    /// The key is not one that the path takes, or the path is closed.
    Forbidden,
    /// The client has used up what it may ask for, for now.
    RateLimited,
    /// The request is well-formed, but a field of it is absent, unknown or of
    /// the wrong type.
    InvalidRequest,
    /// A feature of the model was not given.
    MissingFeature,
    /// A feature was given that the model does not have, or twice.
    UnknownFeature,
    /// A row has too many or too few values.
    FeatureCount,
    /// A value has a type that its feature does not take, or is a number that
    /// the feature's integer type does not hold.
    FeatureType,
    /// A value is NaN, infinite, or beyond the feature's floating-point type.
    NotFinite,
    /// A batch without rows.
    EmptyBatch,
    /// A tensor's name, element type, shape or length is not the model's, or a
    /// map's name, keys or values.
    InvalidTensor,
    /// The bytes are not a compiled model, or a damaged one.
    InvalidModel,
    /// The file is of a format version that this runtime does not read.
    UnsupportedVersion,
    /// The model is right, but uses something that is not supported.
    UnsupportedModel,
    /// No model is there to answer: none was loaded, or it was disposed of.
    ModelUnavailable,
    /// The engine failed on this input.
    InferenceFailed,
    /// The host stopped the request: it took longer than the limit.
    Timeout,
    /// A defect in edgeinfer.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 24] = [
        Self::MalformedRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::NotAcceptable,
        Self::Unauthorized,
        Self::Forbidden,
        Self::RateLimited,
        Self::InvalidRequest,
        Self::MissingFeature,
        Self::UnknownFeature,
        Self::FeatureCount,
        Self::FeatureType,
        Self::NotFinite,
        Self::EmptyBatch,
        Self::InvalidTensor,
        Self::InvalidModel,
        Self::UnsupportedVersion,
        Self::UnsupportedModel,
        Self::ModelUnavailable,
        Self::InferenceFailed,
        Self::Timeout,
        Self::Internal,
    ];

    /// The stable name of the kind, as clients see it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformed_request",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::NotAcceptable => "not_acceptable",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate_limited",
            Self::InvalidRequest => "invalid_request",
            Self::MissingFeature => "missing_feature",
            Self::UnknownFeature => "unknown_feature",
            Self::FeatureCount => "feature_count",
            Self::FeatureType => "feature_type",
            Self::NotFinite => "not_finite",
            Self::EmptyBatch => "empty_batch",
            Self::InvalidTensor => "invalid_tensor",
            Self::InvalidModel => "invalid_model",
            Self::UnsupportedVersion => "unsupported_version",
            Self::UnsupportedModel => "unsupported_model",
            Self::ModelUnavailable => "model_unavailable",
            Self::InferenceFailed => "inference_failed",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }
}

/// A failure: its kind, what happened, and the field, tensor or node at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

/// Kept apart, so that a [`Result`] is not much larger than what it gives where
/// all goes well.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    kind: ErrorKind,
    message: String,
    at: Option<String>,
}

impl Error {
    /// A failure of `kind`. `message` says what was expected and what came, and
    /// how to mend it.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Details { kind, message: message.into(), at: None }))
    }

    /// Names the place at fault, for example `features[2]`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.0.at = Some(place.into());
        self
    }

    /// The same failure in other words, made from those so far.
    pub(crate) fn reword(mut self, words: impl FnOnce(&str) -> String) -> Self {
        self.0.message = words(&self.0.message);
        self
    }

    /// Puts `outer` before the place at fault: `features[2]` within
    /// `instances[7]` becomes `instances[7].features[2]`.
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        self.0.at = Some(match self.0.at.take() {
            Some(inner) if inner.starts_with('[') => format!("{outer}{inner}"),
            Some(inner) => format!("{outer}.{inner}"),
            None => outer.to_string(),
        });
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The field, tensor or node at fault, where there is one.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.0.at.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.at {
            Some(at) => write!(f, "{at}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl std::error::Error for Error {}

/// A caller's text as an error quotes it: cut where it is long, so that an error
/// is not as long as the request.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 64;
    let head: String = text.chars().take(SHOWN).collect();
    let more = if head.len() < text.len() { "…" } else { "" };
    format!("{head:?}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_listed_once_with_a_code_of_its_own() {
        let codes: std::collections::BTreeSet<_> = ErrorKind::ALL.iter().map(|k| k.code()).collect();
        assert_eq!(codes.len(), ErrorKind::ALL.len());
        assert_eq!(ErrorKind::ALL.last().copied(), Some(ErrorKind::Internal));
        assert_eq!(ErrorKind::Internal as usize + 1, ErrorKind::ALL.len());
    }

    #[test]
    fn places_nest_from_the_outside_in() {
        let error = Error::new(ErrorKind::NotFinite, "NaN").at("features[2]").within("instances[7]");
        assert_eq!(error.to_string(), "instances[7].features[2]: NaN");
    }
}
