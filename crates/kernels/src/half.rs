//! Floating-point numbers of 16 bits: IEEE 754's half precision and bfloat16, as
//! their bits.
//!
//! The loops have no branches, so that LLVM makes vector instructions of them on
//! targets that have none for half precision.

/// A format of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// IEEE 754 half precision.
    Float16,
    /// The upper half of single precision.
    BFloat16,
}

impl Half {
    /// The number that `bits` is.
    #[must_use]
    pub fn widen(self, bits: u16) -> f32 {
        match self {
            Self::Float16 => from_float16(bits),
            Self::BFloat16 => from_bfloat16(bits),
        }
    }

    /// The bits of the number next to `x`: of two, the even one; infinity beyond
    /// the largest.
    #[must_use]
    pub fn narrow(self, x: f32) -> u16 {
        match self {
            Self::Float16 => to_float16(x),
            Self::BFloat16 => to_bfloat16(x),
        }
    }

    /// Appends to `out` what each of `bits` is.
    pub fn widen_into(self, bits: &[u16], out: &mut Vec<f32>) {
        match self {
            Self::Float16 => out.extend(bits.iter().map(|&bits| from_float16(bits))),
            Self::BFloat16 => out.extend(bits.iter().map(|&bits| from_bfloat16(bits))),
        }
    }

    /// Appends to `out` the bits of each of `values`.
    pub fn narrow_into(self, values: &[f32], out: &mut Vec<u16>) {
        match self {
            Self::Float16 => out.extend(values.iter().map(|&x| to_float16(x))),
            Self::BFloat16 => out.extend(values.iter().map(|&x| to_bfloat16(x))),
        }
    }
}

/// The bits that half precision has fewer of in its fraction.
const CUT: u32 = 13;
/// What the exponents differ by, where float32 has its exponent.
const BIAS: u32 = (127 - 15) << 23;
/// float32's exponent of all ones.
const INFINITE: u32 = 255 << 23;
/// The exponent of half precision's smallest normal number, as float32's bits.
const SMALLEST: u32 = BIAS + (1 << 23);

#[inline(always)]
fn from_float16(bits: u16) -> f32 {
    let bits = u32::from(bits);
    let sign = (bits & 0x8000) << 16;
    let rest = (bits & 0x7fff) << CUT;
    let normal = rest + BIAS;
    // A subnormal number is what the fraction adds to the smallest normal one.
    let subnormal = (f32::from_bits(rest + SMALLEST) - f32::from_bits(SMALLEST)).to_bits();
    let special = rest | INFINITE;
    let value = if rest < 1 << 23 { subnormal } else { normal };
    let value = if rest >= 31 << 23 { special } else { value };
    f32::from_bits(value | sign)
}

#[inline(always)]
fn to_float16(x: f32) -> u16 {
    /// 0.5, whose last bit is half precision's smallest number.
    const ROUNDING: u32 = 126 << 23;
    let bits = x.to_bits();
    let sign = (bits >> 16) & 0x8000;
    let rest = bits & 0x7fff_ffff;
    let even = (rest >> CUT) & 1;
    let normal = rest.wrapping_sub(BIAS).wrapping_add((1 << (CUT - 1)) - 1 + even) >> CUT;
    let subnormal = (f32::from_bits(rest) + f32::from_bits(ROUNDING)).to_bits().wrapping_sub(ROUNDING);
    let value = if rest < SMALLEST { subnormal } else { normal };
    let value = if rest >= (127 + 16) << 23 { 0x7c00 } else { value };
    let value = if rest > INFINITE { 0x7e00 } else { value };
    (value | sign) as u16
}

#[inline(always)]
fn from_bfloat16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[inline(always)]
fn to_bfloat16(x: f32) -> u16 {
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16;
    let quiet = (bits >> 16) | 0x40;
    (if x.is_nan() { quiet } else { rounded }) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOTH: [Half; 2] = [Half::Float16, Half::BFloat16];

    /// What the definition says, in float64, which is exact.
    fn naive(half: Half, bits: u16) -> f64 {
        let (fraction, bias) = match half {
            Half::Float16 => (10, 15),
            Half::BFloat16 => (7, 127),
        };
        let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
        let exponent = i32::from((bits & 0x7fff) >> fraction);
        let digits = f64::from(bits & ((1 << fraction) - 1)) / f64::from(1 << fraction);
        let value = if exponent == 2 * bias + 1 {
            if digits == 0.0 { f64::INFINITY } else { f64::NAN }
        } else if exponent == 0 {
            digits * 2f64.powi(1 - bias)
        } else {
            (1.0 + digits) * 2f64.powi(exponent - bias)
        };
        sign * value
    }

    #[test]
    fn every_number_is_what_its_bits_say_and_comes_back() {
        for half in BOTH {
            for bits in 0..=u16::MAX {
                let (got, expected) = (half.widen(bits), naive(half, bits));
                if expected.is_nan() {
                    assert!(got.is_nan() && half.widen(half.narrow(got)).is_nan(), "{half:?} {bits:#x}");
                } else {
                    assert_eq!((f64::from(got), got.is_sign_negative()), (expected, bits >> 15 == 1));
                    assert_eq!(half.narrow(got), bits, "{half:?} {got}");
                }
            }
        }
    }

    #[test]
    fn halfway_between_two_the_even_one_is_next() {
        for half in BOTH {
            for bits in (0..0x7bff).chain(0x8000..0xfbff) {
                let (low, high) = (f64::from(half.widen(bits)), f64::from(half.widen(bits + 1)));
                let middle = (low + high) / 2.0;
                let step = (high - low) / 64.0;
                assert_eq!(half.narrow(middle as f32), bits + (bits & 1), "{half:?} {bits:#x}");
                assert_eq!(half.narrow((middle - step) as f32), bits);
                assert_eq!(half.narrow((middle + step) as f32), bits + 1);
            }
        }
    }

    #[test]
    fn what_is_beyond_the_largest_is_infinite() {
        let narrow = |x| Half::Float16.narrow(x);
        assert_eq!(
            [65519.9, 65520.0, 1e9, f32::MAX, f32::INFINITY].map(narrow),
            [0x7bff, 0x7c00, 0x7c00, 0x7c00, 0x7c00]
        );
        assert_eq!([-65519.9, -65520.0, f32::NEG_INFINITY].map(narrow), [0xfbff, 0xfc00, 0xfc00]);
        assert_eq!([1e-9, -1e-9, f32::MIN_POSITIVE / 2.0].map(narrow), [0, 0x8000, 0]);
        assert_eq!(Half::BFloat16.narrow(f32::MAX), 0x7f80);
        assert!(Half::BFloat16.widen(Half::BFloat16.narrow(f32::from_bits(0x7f80_0001))).is_nan());
    }

    proptest! {
        #[test]
        fn many_are_as_each_by_itself(values in prop::collection::vec(any::<f32>(), 0..40)) {
            for half in BOTH {
                let (mut bits, mut back) = (Vec::new(), Vec::new());
                half.narrow_into(&values, &mut bits);
                half.widen_into(&bits, &mut back);
                prop_assert!(values.iter().zip(&bits).all(|(&x, &bits)| half.narrow(x) == bits));
                let same = |(x, &bits): (&f32, &u16)| x.to_bits() == half.widen(bits).to_bits();
                prop_assert!(back.iter().zip(&bits).all(same));
                prop_assert_eq!(back.len(), values.len());
            }
        }
    }
}
