//! An output as its largest values, with their places and what those are called.
//!
//! <https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_classification.md>

use edgeinfer_core::{Error, ErrorKind, Result, Schema, Task, Tensor, TensorData};
use serde_json::Value;

use super::answer::of_strings;

/// For each row of the output `name`, its `count` largest values, the largest
/// first, as `value:index` or `value:index:label`.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] when `count` is not a whole number from 1 on, or
/// the output has no numbers in rows.
pub(super) fn of(schema: &Schema, name: &str, output: &Tensor, count: &Value) -> Result<Tensor> {
    let refused = |message: &str| {
        Error::new(ErrorKind::InvalidRequest, message)
            .at(format!("outputs[{name:?}].parameters.classification"))
    };
    let count = count.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|&count| count > 0);
    let count = count.ok_or_else(|| refused("expected a whole number from 1 on"))?;
    let numbers =
        numbers(output.data()).ok_or_else(|| refused("the output has no floating-point numbers"))?;
    let (&rows, _) = output.shape().split_first().ok_or_else(|| refused("the output has no rows"))?;
    let width = numbers.len().checked_div(rows).unwrap_or_default();
    if width == 0 {
        return of_strings(vec![rows, 0], Vec::new());
    }
    let labels = labels(schema, name);
    let count = count.min(width);
    let mut strings = Vec::with_capacity(rows.saturating_mul(count));
    for row in numbers.chunks_exact(width) {
        let mut places: Vec<(usize, f64)> = row.iter().copied().enumerate().collect();
        places.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        strings.extend(places.into_iter().take(count).map(|(index, value)| match labels.get(index) {
            Some(label) => format!("{value:.6}:{index}:{label}"),
            None => format!("{value:.6}:{index}"),
        }));
    }
    of_strings(vec![rows, count], strings)
}

fn numbers(data: &TensorData) -> Option<Vec<f64>> {
    match data {
        TensorData::Float32(v) => Some(v.iter().copied().map(f64::from).collect()),
        TensorData::Float64(v) => Some(v.clone()),
        _ => None,
    }
}

/// What the columns of the output `name` are called.
fn labels<'a>(schema: &'a Schema, name: &str) -> &'a [String] {
    match &schema.task {
        Task::Classification { probabilities: Some(output), labels, .. }
            if schema.outputs.get(*output).is_some_and(|output| output.name == name) =>
        {
            labels
        }
        _ => &[],
    }
}
