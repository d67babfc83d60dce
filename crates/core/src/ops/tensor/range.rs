//! `Range`: numbers from a start to a limit, which is not among them.
//! <https://onnx.ai/onnx/operators/onnx__Range.html>

use super::runs::scalar;
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct Range;

pub(super) fn build(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Range))
}

/// The numbers of `$type`, each `$add`ed to the one before: as in onnxruntime,
/// which sums up, and does not multiply.
macro_rules! numbers {
    ($type:ty, $add:expr, $inputs:expr, $scope:expr) => {{
        let start: $type = scalar(&$inputs.tensor(0)?, "start")?;
        let limit: $type = scalar(&$inputs.tensor(1)?, "limit")?;
        let delta: $type = scalar(&$inputs.tensor(2)?, "delta")?;
        series(start, count(start as f64, limit as f64, delta as f64)?, |value| $add(value, delta), $scope)
    }};
}

impl Operator for Range {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let numbers = match inputs.tensor(0)?.data {
            DataRef::Float32(_) => numbers!(f32, std::ops::Add::add, inputs, scope),
            DataRef::Float64(_) => numbers!(f64, std::ops::Add::add, inputs, scope),
            DataRef::Int16(_) => numbers!(i16, i16::wrapping_add, inputs, scope),
            DataRef::Int32(_) => numbers!(i32, i32::wrapping_add, inputs, scope),
            DataRef::Int64(_) => numbers!(i64, i64::wrapping_add, inputs, scope),
            data => Err(failed(format!("a range of {} elements is not supported", data.element_type()))),
        }?;
        one([numbers.len()].as_slice(), numbers)
    }
}

fn count(start: f64, limit: f64, delta: f64) -> Result<usize> {
    let count = ((limit - start) / delta).ceil();
    if delta == 0.0 || !count.is_finite() {
        return Err(failed(format!("there is no range from {start} to {limit} in steps of {delta}")));
    }
    Ok(count as usize)
}

fn series<T: Native + Copy>(
    start: T,
    count: usize,
    next: impl Fn(T) -> T,
    scope: &mut Scope,
) -> Result<TensorData> {
    let mut numbers = scope.filled(count, start)?;
    let mut value = start;
    for number in &mut numbers {
        *number = value;
        value = next(value);
    }
    Ok(T::wrap(numbers))
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s};

    fn range(start: Tensor, limit: Tensor, delta: Tensor) -> crate::Result<Vec<Tensor>> {
        Case::new("", "Range", 11).run(&[start, limit, delta])
    }

    fn whole(start: i64, limit: i64, delta: i64) -> crate::Result<Vec<Tensor>> {
        range(i64s(&[], &[start]), i64s(&[], &[limit]), i64s(&[], &[delta]))
    }

    #[test]
    fn counts_up_and_down() {
        assert_eq!(whole(10, 0, -3).unwrap(), [i64s(&[4], &[10, 7, 4, 1])]);
        assert_eq!(whole(0, -1, 1).unwrap(), [i64s(&[0], &[])]);
        let limits = whole(i64::MIN, i64::MAX, 1 << 62).unwrap();
        assert_eq!(limits, [i64s(&[4], &[i64::MIN, -1 << 62, 0, 1 << 62])]);
    }

    #[test]
    fn sums_up_fractions() {
        let (start, limit, delta) = (f32s(&[], &[0.1]), f32s(&[], &[1.0]), f32s(&[], &[0.1]));
        let y = range(start, limit, delta).unwrap();
        let sum = (0..8).fold(0.1f32, |sum, _| sum + 0.1);
        assert_eq!(y[0].as_f32().unwrap()[8], sum);
    }

    #[test]
    fn refuses_ranges_without_end() {
        assert!(whole(0, 1, 0).is_err());
        assert!(whole(0, i64::MAX, 1).is_err());
        assert!(range(f32s(&[], &[0.0]), f32s(&[], &[f32::NAN]), f32s(&[], &[1.0])).is_err());
        assert!(range(f32s(&[], &[0.0]), i64s(&[], &[1]), f32s(&[], &[1.0])).is_err());
    }
}
