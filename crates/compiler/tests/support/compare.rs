use edgeinfer_core::{Tensor, TensorData, Value};

/// What is wrong with `given`, where `wanted` is right within `tolerance`.
pub(crate) fn compare(given: &Value, wanted: &Value, tolerance: f64) -> Result<(), String> {
    match (given, wanted) {
        (Value::Tensor(given), Value::Tensor(wanted)) => tensors(given, wanted, tolerance),
        (Value::MapSequence(given), Value::MapSequence(wanted)) => {
            if given.keys != wanted.keys {
                return Err(format!("keys {:?} instead of {:?}", given.keys, wanted.keys));
            }
            tensors(&given.values, &wanted.values, tolerance)
        }
        (Value::Sequence(given), Value::Sequence(wanted)) if given.len() == wanted.len() => {
            given.iter().zip(wanted).try_for_each(|(given, wanted)| tensors(given, wanted, tolerance))
        }
        (given, wanted) => Err(format!("{given:?} instead of {wanted:?}")),
    }
}

fn tensors(given: &Tensor, wanted: &Tensor, tolerance: f64) -> Result<(), String> {
    if (given.shape(), given.element_type()) != (wanted.shape(), wanted.element_type()) {
        return Err(format!(
            "{}{:?} instead of {}{:?}",
            given.element_type(),
            given.shape(),
            wanted.element_type(),
            wanted.shape()
        ));
    }
    match (numbers(given.data()), numbers(wanted.data())) {
        (Some(given), Some(wanted)) => close(&given, &wanted, tolerance),
        _ if given.data() == wanted.data() => Ok(()),
        _ => Err(format!("{:?} instead of {:?}", given.data(), wanted.data())),
    }
}

fn numbers(data: &TensorData) -> Option<Vec<f64>> {
    match data {
        TensorData::Float32(v) => Some(v.iter().map(|&v| v.into()).collect()),
        TensorData::Float64(v) => Some(v.clone()),
        _ => None,
    }
}

/// Within `tolerance`, relative for numbers beyond 1.
fn close(given: &[f64], wanted: &[f64], tolerance: f64) -> Result<(), String> {
    let mut wrong = given.iter().zip(wanted).enumerate().filter(|(_, (given, wanted))| {
        let same = given == wanted || (given.is_nan() && wanted.is_nan());
        let error = (*given - *wanted).abs() / wanted.abs().max(1.0);
        !same && (error.is_nan() || error > tolerance)
    });
    match wrong.next() {
        None => Ok(()),
        Some((index, (given, wanted))) => {
            Err(format!("[{index}]: {given} instead of {wanted}, and {} more", wrong.count()))
        }
    }
}
