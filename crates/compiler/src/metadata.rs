use edgeinfer_core::{Error, ErrorKind, Metadata, Result};

/// Reads the content of `model_metadata.json`.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] when it is not a JSON object, or a known field
/// has another type than [`Metadata`] gives it.
pub fn parse_metadata(json: &[u8]) -> Result<Metadata> {
    serde_json::from_slice(json)
        .map_err(|error| Error::new(ErrorKind::InvalidRequest, error.to_string()).at("metadata"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_fields_that_it_does_not_know() {
        let metadata = parse_metadata(br#"{"name":"iris","r2":0.5}"#).unwrap();
        assert_eq!(metadata.name.as_deref(), Some("iris"));
        assert_eq!(metadata.more.get("r2"), Some(&serde_json::json!(0.5)));
    }

    #[test]
    fn refuses_a_known_field_of_the_wrong_type() {
        let error = parse_metadata(br#"{"features":"a,b"}"#).unwrap_err();
        assert_eq!(error.place(), Some("metadata"));
        assert!(error.message().contains("expected a sequence"), "{error}");
    }
}
