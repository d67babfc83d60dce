//! Sums of products of quantised numbers as numbers, or as quantised ones again.

use edgeinfer_kernels::{Quantization, Quantum, requantize, requantize_each};
use smallvec::SmallVec;

use super::granularity::Granularity;
use crate::native::Native;
use crate::ops::numbers::floats;
use crate::ops::{Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

/// A tensor of one number.
pub(super) fn single(name: &str, tensor: &TensorRef<'_>, scope: &mut Scope) -> Result<f32> {
    let values = floats(tensor, scope)?;
    let value = match *values {
        [value] => Ok(value),
        _ => Err(failed(format!("{name}: expected one number, got {}", tensor.len()))),
    };
    scope.keep_cow(values);
    value
}

/// `x · w` for each of `w`, the scale or scales of the right side.
pub(super) fn multiplied(x: f32, w: &TensorRef<'_>, scope: &mut Scope) -> Result<SmallVec<[f32; 4]>> {
    let values = floats(w, scope)?;
    let scales = values.iter().map(|w| x * w).collect();
    scope.keep_cow(values);
    Ok(scales)
}

/// The zero point of a result, and the range of its type.
pub(super) fn range(zero: &TensorRef<'_>, scope: &mut Scope) -> Result<Quantization> {
    let (low, high) = match zero.data {
        DataRef::Int8(_) => (-128.0, 127.0),
        DataRef::UInt8(_) => (0.0, 255.0),
        _ => {
            return Err(failed(format!(
                "expected a zero point of int8 or uint8, got {}",
                zero.element_type()
            )));
        }
    };
    Ok(Quantization { scale: 1.0, zero: single("zero point", zero, scope)?, low, high })
}

/// `sums` by `scales`, which `granularity` spreads over them, as elements of the
/// type of `zero`.
pub(super) fn requantized(
    sums: &[i32],
    scales: &[f32],
    granularity: &Granularity,
    zero: &TensorRef<'_>,
    scope: &mut Scope,
) -> Result<TensorData> {
    let by = range(zero, scope)?;
    match zero.data {
        DataRef::Int8(_) => quanta::<i8>(sums, scales, granularity, by, scope),
        _ => quanta::<u8>(sums, scales, granularity, by, scope),
    }
}

fn quanta<Q: Quantum + Native>(
    sums: &[i32],
    scales: &[f32],
    granularity: &Granularity,
    by: Quantization,
    scope: &mut Scope,
) -> Result<TensorData> {
    let mut y = scope.zeros::<Q>(sums.len())?;
    granularity.each(&mut |run| {
        let sums = sums.get(run.start..).and_then(|sums| sums.get(..run.length)).unwrap_or_default();
        let y = y.get_mut(run.start..).unwrap_or_default();
        let scales = scales.get(run.scale..).unwrap_or_default();
        match (run.step, scales) {
            (0, &[scale, ..]) => requantize(sums, Quantization { scale, ..by }, y),
            _ => requantize_each(sums, scales, by, y),
        }
    });
    Ok(Q::wrap(y))
}
