use edgeinfer_core::{Error, ErrorKind, Metadata, Result};
use serde_json::{Map, Value};

/// Reads the content of `model_metadata.json`.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] when it is not a JSON object, or a known field
/// has another type than [`Metadata`] gives it; the message names the field.
pub fn parse_metadata(json: &[u8]) -> Result<Metadata> {
    serde_json::from_slice(json).map_err(|error| {
        let message = fault(json).unwrap_or_else(|| error.to_string());
        Error::new(ErrorKind::InvalidRequest, message).at("metadata")
    })
}

/// What is wrong with metadata that does not parse: it is no JSON object, or
/// one of its fields has the wrong type.
fn fault(json: &[u8]) -> Option<String> {
    let fields: Map<String, Value> = match serde_json::from_slice(json) {
        Ok(fields) => fields,
        Err(error) => return Some(format!("expected a JSON object: {error}")),
    };
    fields.into_iter().find_map(|(name, value)| {
        let alone = Value::from(Map::from_iter([(name.clone(), value)]));
        serde_json::from_value::<Metadata>(alone).err().map(|error| format!("the field `{name}`: {error}"))
    })
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
        assert!(error.message().starts_with("the field `features`: "), "{error}");
        assert!(error.message().contains("expected a sequence"), "{error}");
    }
}
