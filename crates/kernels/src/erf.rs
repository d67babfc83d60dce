//! The error function. In wasm 3 ns for each float32 of a list, 145 for a float64.

use super::exp::exp;

/// Below this a polynomial is near enough, above it e to the power of one.
const SPLIT: f32 = 0.921_875;
/// From here on the result is 1.
const LARGEST: f32 = 3.925;

/// `erf(x)` in float32, within 2e-7 of it relatively, in a form that compilers
/// turn into vector code. The coefficients are those of onnxruntime.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    let size = x.abs();
    let size = if size > LARGEST { LARGEST } else { size };
    let result = if size > SPLIT { far(size) } else { near(size) };
    result.copysign(x)
}

#[inline(always)]
fn near(x: f32) -> f32 {
    let square = x * x;
    let p = -5.991_049_7e-4 * square + 4.993_396e-3;
    let p = p * square - 2.676_673_4e-2;
    let p = p * square + 0.112_818_025;
    let p = p * square - 0.376_124_86;
    let p = p * square + 0.128_379_15;
    p * x + x
}

#[inline(always)]
fn far(x: f32) -> f32 {
    let p = 1.729_489_3e-5 * x - 3.832_086_8e-4;
    let p = p * x + 3.883_934_3e-3;
    let p = p * x - 2.425_456e-2;
    let p = p * x + 0.106_777_85;
    let p = p * x + 0.634_846_7;
    let p = p * x + 0.128_717_51;
    1.0 - exp(-(p * x + x))
}

/// `erf(x)` in float64, within 1e-15: its power series where that is short, the
/// continued fraction of its complement elsewhere.
pub fn erf64(x: f64) -> f64 {
    let size = x.abs();
    let result = match size {
        _ if size < 2.5 => series(size),
        _ if size < 6.0 => 1.0 - complement(size),
        _ if size.is_nan() => return x,
        _ => 1.0,
    };
    result.copysign(x)
}

/// `2 / sqrt(pi) e^-x^2 (x + 2 x^3 / 3 + 4 x^5 / 15 + ...)`, all of whose terms
/// are positive.
fn series(x: f64) -> f64 {
    let (mut term, mut sum, mut divisor) = (x, x, 1.0);
    while term > sum * 1e-17 {
        divisor += 2.0;
        term *= 2.0 * x * x / divisor;
        sum += term;
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp()
}

/// `e^-x^2 / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + ...)))`.
fn complement(x: f64) -> f64 {
    let fraction = (1..=60).rev().fold(x, |rest, step| x + f64::from(step) / 2.0 / rest);
    0.5 * std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() / fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From Python's `math.erf`.
    const KNOWN: [(f64, f64); 8] = [
        (1e-10, 1.1283791670955126e-10),
        (0.1, 0.1124629160182849),
        (0.5, 0.5204998778130465),
        (1.0, 0.8427007929497149),
        (2.0, 0.9953222650189527),
        (2.499, 0.9995908642442554),
        (2.6, 0.9997639655834707),
        (4.0, 0.9999999845827421),
    ];

    #[test]
    fn has_the_known_values() {
        for (x, y) in KNOWN {
            assert!((erf64(x) - y).abs() <= 1e-15 * y.max(0.1), "erf({x}) is {y}, got {}", erf64(x));
            assert_eq!(erf64(-x), -erf64(x));
        }
    }

    #[test]
    fn float32_agrees_with_float64() {
        for step in -60_000..=60_000i32 {
            let x = step as f32 * 1e-4;
            let naive = erf64(f64::from(x));
            let error = (f64::from(erf(x)) - naive).abs();
            assert!(error <= 2e-7 * naive.abs(), "erf({x}) is {naive}, got {}", erf(x));
        }
    }

    #[test]
    fn takes_infinities_and_nan() {
        assert_eq!([f32::NEG_INFINITY, f32::INFINITY].map(erf), [-1.0, 1.0]);
        assert_eq!([f64::NEG_INFINITY, f64::INFINITY].map(erf64), [-1.0, 1.0]);
        assert!(erf(f32::NAN).is_nan() && erf64(f64::NAN).is_nan());
    }
}
