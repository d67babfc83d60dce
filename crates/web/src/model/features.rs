use edgeinfer_core::{Error, Features, Result};
use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::{JsCast as _, JsValue};

use super::error::invalid;

/// One row: an array, a typed array, or an object by feature name.
pub(crate) fn row(value: JsValue) -> Result<Features> {
    let value = if ArrayBuffer::is_view(&value) { Array::from(&value).into() } else { value };
    serde_wasm_bindgen::from_value(value).map_err(|error| invalid(message(error)).at("features"))
}

/// What the error says, without the `Error: ` that JavaScript puts before it.
fn message(error: serde_wasm_bindgen::Error) -> String {
    let error = JsValue::from(error);
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| error.message().into())
}

/// Rows: an array of what [`row`] takes.
pub(crate) fn rows(value: JsValue) -> Result<Vec<Features>> {
    let rows = value.dyn_into::<Array>().map_err(|_| invalid("expected an array of rows").at("rows"))?;
    let parse = |(index, value)| row(value).map_err(|error: Error| error.within(format_args!("[{index}]")));
    rows.iter().enumerate().map(parse).collect::<Result<_>>().map_err(in_rows)
}

/// Places an error of a batch within the argument `rows`.
pub(crate) fn in_rows(error: Error) -> Error {
    if error.place().is_some() { error.within("rows") } else { error.at("rows") }
}
