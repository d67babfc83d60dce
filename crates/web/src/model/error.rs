use edgeinfer_core::{Error, ErrorKind};
use serde::Serialize;
use wasm_bindgen::JsValue;

#[derive(Serialize)]
struct Thrown<'a> {
    code: &'static str,
    message: &'a str,
    field: Option<&'a str>,
}

/// The value that the bindings throw for `error`.
pub(crate) fn thrown(error: &Error) -> JsValue {
    let thrown = Thrown { code: error.kind().code(), message: error.message(), field: error.place() };
    to_js(&thrown).unwrap_or_else(|error| error)
}

/// `value` as plain objects and arrays; what has no value is `null`.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

/// A value from JavaScript that is not of the form that was asked for.
pub(crate) fn invalid(message: impl ToString) -> Error {
    Error::new(ErrorKind::InvalidRequest, message.to_string())
}
