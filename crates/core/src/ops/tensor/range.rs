//! `Range`: numbers from a start to a limit, which is not among them.
//! <https://onnx.ai/onnx/operators/onnx__Range.html>,
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Range>

use super::runs::scalar;
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct Range;

pub(super) fn build(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Range))
}

impl Operator for Range {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let numbers = match inputs.tensor(0)?.data {
            DataRef::Float32(_) => series::<f32>(inputs, 1.0, |x| x.into(), |x, delta| x + delta, scope),
            DataRef::Float64(_) => series::<f64>(inputs, 1.0, |x| x, |x, delta| x + delta, scope),
            DataRef::Int16(_) => series::<i16>(inputs, 1, |x| x.into(), i16::wrapping_add, scope),
            DataRef::Int32(_) => series::<i32>(inputs, 1, |x| x.into(), i32::wrapping_add, scope),
            DataRef::Int64(_) => series::<i64>(inputs, 1, |x| x as f64, i64::wrapping_add, scope),
            data => Err(failed(format!("a range of {} elements is not supported", data.element_type()))),
        }?;
        one([numbers.len()].as_slice(), numbers)
    }
}

/// Each number is the one before and the step, `one` where it is left out, as it
/// may be in onnxruntime's domain: as onnxruntime, which sums up, and does not
/// multiply.
fn series<T: Native + Copy>(
    inputs: &Inputs<'_>,
    one: T,
    number: fn(T) -> f64,
    add: fn(T, T) -> T,
    scope: &mut Scope,
) -> Result<TensorData> {
    let start: T = scalar(&inputs.tensor(0)?, "start")?;
    let limit: T = scalar(&inputs.tensor(1)?, "limit")?;
    let delta: T = match inputs.optional(2)? {
        Some(delta) => scalar(&delta, "delta")?,
        None => one,
    };
    let mut numbers = scope.filled(count(number(start), number(limit), number(delta))?, start)?;
    let mut value = start;
    for number in &mut numbers {
        *number = value;
        value = add(value, delta);
    }
    Ok(T::wrap(numbers))
}

fn count(start: f64, limit: f64, delta: f64) -> Result<usize> {
    let count = ((limit - start) / delta).ceil();
    if delta == 0.0 || !count.is_finite() {
        return Err(failed("the range has no end"));
    }
    Ok(count as usize)
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

    #[cfg(feature = "networks")]
    #[test]
    fn the_step_may_be_left_out() {
        let ends = [i64s(&[1], &[3]), i64s(&[], &[7])];
        let y = Case::new("com.microsoft", "Range", 1).run(&ends).unwrap();
        assert_eq!(y, [i64s(&[4], &[3, 4, 5, 6])]);
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
