//! Whether what came is what was to come, as onnx's runner has it.

use edgeinfer_core::{Tensor, TensorData, Value};

/// How far a number may be off.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) rtol: f64,
    pub(crate) atol: f64,
}

/// Compares the outputs of one run by place: their names are the model's own.
///
/// # Errors
///
/// Says the first difference.
pub(crate) fn compare(
    came: &[(String, Value)],
    expected: &[(String, Value)],
    tolerance: Tolerance,
) -> Result<(), String> {
    if came.len() != expected.len() {
        return Err(format!("expected {} outputs, got {}", expected.len(), came.len()));
    }
    for ((name, expected), (_, came)) in expected.iter().zip(came) {
        value(came, expected, tolerance).map_err(|difference| format!("output {name:?}: {difference}"))?;
    }
    Ok(())
}

fn value(came: &Value, expected: &Value, tolerance: Tolerance) -> Result<(), String> {
    match (came, expected) {
        (Value::Tensor(came), Value::Tensor(expected)) => tensor(came, expected, tolerance),
        (Value::Sequence(came), Value::Sequence(expected)) => {
            if came.len() != expected.len() {
                return Err(format!("expected {} elements, got {}", expected.len(), came.len()));
            }
            let mut pairs = came.iter().zip(expected).enumerate();
            pairs.try_for_each(|(at, (came, expected))| {
                tensor(came, expected, tolerance).map_err(|difference| format!("[{at}]: {difference}"))
            })
        }
        _ if came == expected => Ok(()),
        _ => Err(format!("expected {}, got {}", kind(expected), kind(came))),
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Tensor(tensor) => {
            format!("a tensor of {} of shape {:?}", tensor.element_type(), tensor.shape())
        }
        Value::Sequence(values) => format!("a sequence of {}", values.len()),
        other => format!("{other:?}").chars().take(40).collect(),
    }
}

fn tensor(came: &Tensor, expected: &Tensor, tolerance: Tolerance) -> Result<(), String> {
    if came.element_type() != expected.element_type() {
        return Err(format!("expected {}, got {}", expected.element_type(), came.element_type()));
    }
    if came.shape() != expected.shape() {
        return Err(format!("expected the shape {:?}, got {:?}", expected.shape(), came.shape()));
    }
    match (floats(came.data()), floats(expected.data())) {
        (Some(came), Some(expected)) => numbers(&came, &expected, tolerance),
        _ => same(came.data(), expected.data()),
    }
}

/// The elements where they are floating-point numbers.
fn floats(data: &TensorData) -> Option<Vec<f64>> {
    match data {
        TensorData::Float32(values) => Some(values.iter().copied().map(f64::from).collect()),
        TensorData::Float64(values) => Some(values.clone()),
        TensorData::Float16(_) | TensorData::BFloat16(_) => {
            data.widened().map(|values| values.into_iter().map(f64::from).collect())
        }
        _ => None,
    }
}

fn numbers(came: &[f64], expected: &[f64], tolerance: Tolerance) -> Result<(), String> {
    let wrong = |(_, (came, expected)): &(usize, (&f64, &f64))| !close(**came, **expected, tolerance);
    let mut wrong = came.iter().zip(expected).enumerate().filter(wrong);
    match wrong.next() {
        None => Ok(()),
        Some((at, (value, right))) => {
            let (more, all) = (wrong.count() + 1, came.len());
            Err(format!("[{at}]: expected {right}, got {value}; {more} of {all} are wrong"))
        }
    }
}

fn close(came: f64, expected: f64, Tolerance { rtol, atol }: Tolerance) -> bool {
    came == expected
        || (came.is_nan() && expected.is_nan())
        || (expected.is_finite() && (came - expected).abs() <= atol + rtol * expected.abs())
}

fn same(came: &TensorData, expected: &TensorData) -> Result<(), String> {
    if came == expected { Ok(()) } else { Err(format!("expected {}, got {}", short(expected), short(came))) }
}

fn short(data: &TensorData) -> String {
    const SHOWN: usize = 200;
    format!("{data:?}").chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: Tolerance = Tolerance { rtol: 1e-3, atol: 1e-7 };

    #[test]
    fn numbers_are_close_relative_to_what_is_expected() {
        assert!(close(1.0009, 1.0, TOLERANCE));
        assert!(!close(1.0011, 1.0, TOLERANCE));
        assert!(close(5e-8, 0.0, TOLERANCE));
        assert!(!close(f64::MAX, f64::INFINITY, TOLERANCE));
        assert!(close(f64::NEG_INFINITY, f64::NEG_INFINITY, TOLERANCE));
        assert!(close(f64::NAN, f64::NAN, TOLERANCE));
        assert!(!close(f64::NAN, 0.0, TOLERANCE));
    }

    #[test]
    fn shapes_types_and_whole_numbers_are_the_same() {
        let ints =
            |values: &[i64]| Tensor::new(vec![values.len()], TensorData::Int64(values.to_vec())).unwrap();
        assert!(tensor(&ints(&[1000]), &ints(&[1000]), TOLERANCE).is_ok());
        assert!(tensor(&ints(&[1001]), &ints(&[1000]), TOLERANCE).is_err());
        let float = Tensor::from_f32(vec![1], vec![1000.0]).unwrap();
        assert_eq!(tensor(&float, &ints(&[1000]), TOLERANCE).unwrap_err(), "expected int64, got float32");
        let column = Tensor::from_f32(vec![1, 1], vec![1000.0]).unwrap();
        assert!(tensor(&float, &column, TOLERANCE).is_err());
    }
}
