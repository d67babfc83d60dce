//! The exponential function without branches, which compilers turn into vector
//! instructions in a loop. Within two units in the last place of float32.

/// 1.5 * 2^23: adding it rounds to a whole number.
const ROUND: f32 = 12_582_912.0;
/// ln 2, in two parts: the first one times a small whole number is exact.
const LN2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
/// exp(x) = 1 + x + x^2 * p(x) for x in -ln(2)/2 ..= ln(2)/2; Cephes' p.
const P: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5];

/// e to the power of `x`: 0 below -88, infinite above 88.72.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let inside = x.clamp(-88.0, 88.72);
    let rounded = inside * std::f32::consts::LOG2_E + ROUND;
    let whole = rounded - ROUND;
    let rest = inside - whole * LN2.0 - whole * LN2.1;
    let polynomial = P.iter().fold(0.0, |sum, p| sum * rest + p);
    let power = polynomial * rest * rest + rest + 1.0;
    // In two steps, as 2^128 is not a float32.
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let half = exponent >> 1;
    let two_to = |exponent: i32| f32::from_bits((exponent.wrapping_add(127) as u32) << 23);
    let result = power * two_to(half) * two_to(exponent.wrapping_sub(half));
    let result = if x < -88.0 { 0.0 } else { result };
    if x > 88.72 { f32::INFINITY } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_precise_as_float32_allows() {
        for step in -8800..=8872 {
            let x = step as f32 / 100.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) - expected).abs() / expected;
            assert!(error < 2.0e-7, "exp({x}) is off by {error}");
        }
    }

    #[test]
    fn has_the_limits_of_the_exponential_function() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!((exp(-1e9), exp(f32::NEG_INFINITY)), (0.0, 0.0));
        assert_eq!((exp(1e9), exp(f32::INFINITY)), (f32::INFINITY, f32::INFINITY));
        assert!(exp(f32::NAN).is_nan());
    }
}
