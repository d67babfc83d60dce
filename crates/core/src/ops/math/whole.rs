//! Float64 results as elements of another type.

use crate::ops::Scope;
use crate::ops::numbers::{from_floats, integers};
use crate::small::Rounding;
use crate::{ElementType, Result, TensorData};

/// `values` as elements of `element`, a type of numbers or bool: rounded to
/// fewer bits, or as [`whole`] numbers.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where they
/// do not fit into memory, or for texts.
pub(crate) fn in_type(values: Vec<f64>, element: ElementType, scope: &mut Scope) -> Result<TensorData> {
    let data = match element {
        ElementType::Float64 => return Ok(TensorData::Float64(values)),
        _ if element.is_float() => {
            let mut data = scope.vec(values.len())?;
            data.extend(values.iter().map(|&x| x as f32));
            from_floats(data, element, Rounding::default(), scope)?
        }
        _ => {
            let mut data = scope.vec(values.len())?;
            data.extend(values.iter().map(|&x| whole(x, element)));
            integers(data.into(), element, scope)?
        }
    };
    scope.keep(values);
    Ok(data)
}

/// `x` without its fraction, as `element`, an integer type, has it in its low
/// bits. The result for what the type does not hold is not defined in ONNX:
/// here it is what the machine instructions that onnxruntime is compiled to
/// give.
fn whole(x: f64, element: ElementType) -> i64 {
    /// 2^63.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let wide = if (-END..END).contains(&x) { x as i64 } else { i64::MIN };
    match element {
        ElementType::Int64 | ElementType::UInt32 => wide,
        ElementType::UInt64 if x >= END => (x as u64).wrapping_mul(u64::from(x < 2.0 * END)).cast_signed(),
        ElementType::UInt64 => wide,
        ElementType::Bool => i64::from(x != 0.0),
        // Narrower types are cut from an int32.
        _ => i64::from(i32::try_from(wide).unwrap_or(i32::MIN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_the_fraction() {
        for element in [ElementType::Int8, ElementType::Int32, ElementType::Int64, ElementType::UInt64] {
            assert_eq!([1.7, -1.7, 0.5, -0.5].map(|x| whole(x, element)), [1, -1, 0, 0]);
        }
    }

    #[test]
    fn what_does_not_fit_is_as_in_onnxruntime() {
        let cases = [1e10, 1e19, 2e19, f64::NAN, f64::INFINITY];
        let int64 = [10_000_000_000, i64::MIN, i64::MIN, i64::MIN, i64::MIN];
        assert_eq!(cases.map(|x| whole(x, ElementType::Int64)), int64);
        assert_eq!(cases.map(|x| whole(x, ElementType::Int32)), [i64::from(i32::MIN); 5]);
        assert_eq!(cases.map(|x| whole(x, ElementType::UInt8) as u8), [0; 5]);
        assert_eq!(cases.map(|x| whole(x, ElementType::UInt32) as u32), [1_410_065_408, 0, 0, 0, 0]);
        let unsigned = cases.map(|x| whole(x, ElementType::UInt64) as u64);
        assert_eq!(unsigned, [10_000_000_000, 10_000_000_000_000_000_000, 0, 1 << 63, 0]);
    }

    #[test]
    fn everything_but_0_is_true() {
        assert_eq!([0.0, -0.0, 0.5, f64::NAN].map(|x| whole(x, ElementType::Bool)), [0, 0, 1, 1]);
    }
}
