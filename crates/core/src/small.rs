//! Elements of eight bits and fewer, other than the integers that every machine
//! has: one to a byte, whatever they take in ONNX.

use crate::ElementType;

/// An element type of eight bits and fewer that no machine calculates with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmallType {
    /// [`ElementType::Float8E4M3Fn`].
    Float8E4M3Fn,
    /// [`ElementType::Float8E4M3FnUz`].
    Float8E4M3FnUz,
    /// [`ElementType::Float8E5M2`].
    Float8E5M2,
    /// [`ElementType::Float8E5M2FnUz`].
    Float8E5M2FnUz,
    /// [`ElementType::Float8E8M0`].
    Float8E8M0,
    /// [`ElementType::Float4E2M1`].
    Float4E2M1,
    /// [`ElementType::Int4`], as the bytes of int8.
    Int4,
    /// [`ElementType::UInt4`].
    UInt4,
    /// [`ElementType::Int2`], as the bytes of int8.
    Int2,
    /// [`ElementType::UInt2`].
    UInt2,
}

/// How a number is brought to a type that does not hold it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounding {
    /// Whether what is beyond the largest number becomes that number.
    pub(crate) saturate: bool,
    /// To which power of two.
    pub(crate) power: Power,
}

/// To which power of two what is between two goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Power {
    Up,
    Down,
    Nearest,
}

impl Default for Rounding {
    fn default() -> Self {
        Self { saturate: true, power: Power::Up }
    }
}

/// A floating-point format with a sign.
struct Format {
    /// The bits of the fraction.
    fraction: u32,
    bias: i32,
    /// The largest number.
    most: u8,
    /// Infinity; where there is none, NaN.
    beyond: u8,
    nan: u8,
    sign: u8,
    /// Whether what would be -0 is NaN.
    unsigned_zero: bool,
}

impl SmallType {
    /// The type, by its other name.
    #[must_use]
    pub const fn of(element: ElementType) -> Option<Self> {
        Some(match element {
            ElementType::Float8E4M3Fn => Self::Float8E4M3Fn,
            ElementType::Float8E4M3FnUz => Self::Float8E4M3FnUz,
            ElementType::Float8E5M2 => Self::Float8E5M2,
            ElementType::Float8E5M2FnUz => Self::Float8E5M2FnUz,
            ElementType::Float8E8M0 => Self::Float8E8M0,
            ElementType::Float4E2M1 => Self::Float4E2M1,
            ElementType::Int4 => Self::Int4,
            ElementType::UInt4 => Self::UInt4,
            ElementType::Int2 => Self::Int2,
            ElementType::UInt2 => Self::UInt2,
            _ => return None,
        })
    }

    /// The type as one of all.
    #[must_use]
    pub const fn element(self) -> ElementType {
        match self {
            Self::Float8E4M3Fn => ElementType::Float8E4M3Fn,
            Self::Float8E4M3FnUz => ElementType::Float8E4M3FnUz,
            Self::Float8E5M2 => ElementType::Float8E5M2,
            Self::Float8E5M2FnUz => ElementType::Float8E5M2FnUz,
            Self::Float8E8M0 => ElementType::Float8E8M0,
            Self::Float4E2M1 => ElementType::Float4E2M1,
            Self::Int4 => ElementType::Int4,
            Self::UInt4 => ElementType::UInt4,
            Self::Int2 => ElementType::Int2,
            Self::UInt2 => ElementType::UInt2,
        }
    }

    /// How many bits of a byte are in use.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Int2 | Self::UInt2 => 2,
            Self::Int4 | Self::UInt4 | Self::Float4E2M1 => 4,
            _ => 8,
        }
    }

    /// The element whose bits are the lowest of `bits`, as it is kept.
    #[must_use]
    pub const fn element_of(self, bits: u8) -> u8 {
        let unused = 8 - self.bits();
        let cut = bits << unused;
        match self {
            Self::Int4 | Self::Int2 => (cut.cast_signed() >> unused).cast_unsigned(),
            _ => cut >> unused,
        }
    }

    /// The number that `element` is.
    pub(crate) fn widen(self, element: u8) -> f32 {
        match (self, self.format()) {
            (Self::Float8E8M0, _) => power(element),
            (_, Some(format)) => format.widen(element),
            (Self::Int4 | Self::Int2, _) => f32::from(element.cast_signed()),
            _ => f32::from(element),
        }
    }

    /// The element for `x`: next to it, of two the even one, or, for an integer,
    /// what is before the point, in its low bits.
    pub(crate) fn narrow(self, x: f32, rounding: Rounding) -> u8 {
        match (self, self.format()) {
            (Self::Float8E8M0, _) => to_power(x, rounding),
            (Self::Float4E2M1, Some(format)) => format.narrow(x, true),
            (_, Some(format)) => format.narrow(x, rounding.saturate),
            _ => self.element_of(x as i64 as u8),
        }
    }

    fn format(self) -> Option<Format> {
        let format = |fraction, bias, [most, beyond, nan, sign]: [u8; 4]| {
            Some(Format { fraction, bias, most, beyond, nan, sign, unsigned_zero: beyond == sign })
        };
        match self {
            Self::Float8E4M3Fn => format(3, 7, [0x7e, 0x7f, 0x7f, 0x80]),
            Self::Float8E4M3FnUz => format(3, 8, [0x7f, 0x80, 0x80, 0x80]),
            Self::Float8E5M2 => format(2, 15, [0x7b, 0x7c, 0x7e, 0x80]),
            Self::Float8E5M2FnUz => format(2, 16, [0x7f, 0x80, 0x80, 0x80]),
            // It has no NaN: what has its bits is -0.
            Self::Float4E2M1 => format(1, 1, [0x7, 0x7, 0x8, 0x8]),
            _ => None,
        }
    }
}

impl Format {
    fn widen(&self, element: u8) -> f32 {
        let magnitude = element & (self.sign - 1);
        let sign = if element & self.sign == 0 { 1.0 } else { -1.0 };
        if magnitude > self.most || (self.unsigned_zero && element == self.sign) {
            return if magnitude == self.beyond && self.beyond != self.nan {
                sign * f32::INFINITY
            } else {
                f32::NAN
            };
        }
        let exponent = i32::from(magnitude >> self.fraction);
        let digits = f32::from(magnitude & ((1 << self.fraction) - 1));
        let digits = if exponent == 0 { digits } else { digits + f32::from(1u8 << self.fraction) };
        sign * digits * two_to(exponent.max(1) - self.bias - self.fraction.cast_signed())
    }

    fn narrow(&self, x: f32, saturate: bool) -> u8 {
        let sign = if x.is_sign_negative() { self.sign } else { 0 };
        let magnitude = if x.is_nan() { self.nan } else { self.magnitude(x.abs(), saturate) };
        match magnitude {
            0 if self.unsigned_zero => 0,
            magnitude => magnitude | sign,
        }
    }

    fn magnitude(&self, x: f32, saturate: bool) -> u8 {
        let beyond = if saturate { self.most } else { self.beyond };
        if x.is_infinite() {
            return beyond;
        }
        // A number's place among those of its format: the numbers of an exponent
        // follow those of the one before.
        let exponent = ((x.to_bits() >> 23).cast_signed() - 127).max(1 - self.bias);
        let digits = (x * two_to(self.fraction.cast_signed() - exponent)).round_ties_even();
        let place = (((exponent + self.bias - 1) << self.fraction) as f32) + digits;
        if place > f32::from(self.most) { beyond } else { place as u8 }
    }
}

/// Two to the `exponent`, of those that a float32 or the inverse of one has.
fn two_to(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127).clamp(1, 254).cast_unsigned()) << 23)
}

/// The power of two that a float8e8m0 is.
fn power(element: u8) -> f32 {
    match element {
        // 2^-127, which is no normal number.
        0 => f32::from_bits(1 << 22),
        0xff => f32::NAN,
        _ => f32::from_bits(u32::from(element) << 23),
    }
}

fn to_power(x: f32, Rounding { saturate, power }: Rounding) -> u8 {
    const NAN: u8 = 0xff;
    const MOST: u8 = 0xfe;
    /// 2^-127.
    const LEAST: u32 = 1 << 22;
    let bits = x.to_bits() & 0x7fff_ffff;
    if x.is_nan() {
        return NAN;
    }
    if bits < LEAST {
        return if saturate { 0 } else { NAN };
    }
    let exponent = (bits >> 23) as u8;
    let above = match (power, exponent) {
        (Power::Down, _) => false,
        // Below the first normal number a power of two is a bit of the fraction.
        (Power::Up, 0) => bits > LEAST,
        (Power::Up, _) => bits & 0x7f_ffff != 0,
        (Power::Nearest, 0) => bits >= LEAST + (LEAST >> 1),
        (Power::Nearest, _) => bits & LEAST != 0,
    };
    match exponent.saturating_add(u8::from(above)) {
        NAN if saturate => MOST,
        element => element,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SATURATE: Rounding = Rounding { saturate: true, power: Power::Up };
    const BEYOND: Rounding = Rounding { saturate: false, power: Power::Nearest };
    const FLOATS: [SmallType; 6] = [
        SmallType::Float8E4M3Fn,
        SmallType::Float8E4M3FnUz,
        SmallType::Float8E5M2,
        SmallType::Float8E5M2FnUz,
        SmallType::Float8E8M0,
        SmallType::Float4E2M1,
    ];

    #[test]
    fn every_number_comes_back() {
        for small in FLOATS {
            for bits in 0..=u8::MAX {
                let element = small.element_of(bits);
                let value = small.widen(element);
                if !value.is_nan() {
                    assert_eq!(small.narrow(value, BEYOND), element, "{small:?} {value}");
                } else {
                    assert!(small.widen(small.narrow(value, SATURATE)).is_nan(), "{small:?}");
                }
            }
        }
    }

    #[test]
    fn between_two_numbers_the_next_one_is_taken_and_halfway_the_even_one() {
        for small in FLOATS.into_iter().filter(|small| *small != SmallType::Float8E8M0) {
            for element in 0..small.format().unwrap().most {
                let (low, high) = (small.widen(element), small.widen(element + 1));
                assert!(low < high, "{small:?} {element}");
                let (middle, part) = (low + (high - low) / 2.0, (high - low) / 8.0);
                assert_eq!(small.narrow(middle, SATURATE), element + (element & 1), "{small:?} {middle}");
                assert_eq!(small.narrow(middle - part, SATURATE), element);
                assert_eq!(small.narrow(middle + part, SATURATE), element + 1);
            }
        }
    }

    #[test]
    fn the_largest_numbers_are_what_the_formats_say() {
        let largest = |small: SmallType| small.widen(small.narrow(f32::MAX, SATURATE));
        assert_eq!(FLOATS.map(largest), [448.0, 240.0, 57344.0, 57344.0, 2f32.powi(127), 6.0]);
        let smallest = FLOATS.map(|small| small.widen(1));
        assert_eq!(smallest[..4], [2f32.powi(-9), 2f32.powi(-10), 2f32.powi(-16), 2f32.powi(-17)]);
        assert_eq!([smallest[4], smallest[5]], [2f32.powi(-126), 0.5]);
    }

    #[test]
    fn what_is_beyond_is_the_largest_or_infinite_or_no_number() {
        for x in [f32::INFINITY, 1e9] {
            let beyond = |small: SmallType| [small.narrow(x, BEYOND), small.narrow(-x, BEYOND)];
            assert_eq!(beyond(SmallType::Float8E4M3Fn), [0x7f, 0xff]);
            assert_eq!(beyond(SmallType::Float8E4M3FnUz), [0x80, 0x80]);
            assert_eq!(beyond(SmallType::Float8E5M2), [0x7c, 0xfc]);
            assert_eq!(beyond(SmallType::Float8E5M2FnUz), [0x80, 0x80]);
            assert_eq!(beyond(SmallType::Float4E2M1), [0x7, 0xf]);
            let most = |small: SmallType| [small.narrow(x, SATURATE), small.narrow(-x, SATURATE)];
            assert_eq!(most(SmallType::Float8E4M3Fn), [0x7e, 0xfe]);
            assert_eq!(most(SmallType::Float8E5M2FnUz), [0x7f, 0xff]);
        }
    }

    #[test]
    fn zero_has_a_sign_where_the_format_has_one() {
        assert_eq!(FLOATS.map(|small| small.narrow(-0.0, SATURATE))[..4], [0x80, 0, 0x80, 0]);
        assert_eq!(SmallType::Float8E4M3FnUz.narrow(-1e-9, SATURATE), 0);
    }

    #[test]
    fn powers_of_two_are_rounded_as_asked() {
        let to = |x, power| to_power(x, Rounding { saturate: true, power });
        assert_eq!([1.0, 1.25, 1.5, 1.75, 2.0].map(|x| to(x, Power::Up)), [127, 128, 128, 128, 128]);
        assert_eq!([1.0, 1.25, 1.5, 1.75].map(|x| to(x, Power::Down)), [127, 127, 127, 127]);
        assert_eq!([1.0, 1.25, 1.5, 1.75].map(|x| to(x, Power::Nearest)), [127, 127, 128, 128]);
        assert_eq!([0.0, f32::INFINITY, f32::MAX].map(|x| to(x, Power::Up)), [0, 0xfe, 0xfe]);
        assert_eq!([0.0, f32::INFINITY, f32::NAN].map(|x| to_power(x, BEYOND)), [0xff; 3]);
    }

    #[test]
    fn integers_are_cut_to_their_bits() {
        assert_eq!([7.9, 8.0, -9.0, 15.0].map(|x| SmallType::Int4.narrow(x, SATURATE)), [7, 0xf8, 7, 0xff]);
        assert_eq!([15.0, 16.0, -1.0].map(|x| SmallType::UInt4.narrow(x, SATURATE)), [15, 0, 15]);
        assert_eq!([1.0, 2.0, -2.0].map(|x| SmallType::Int2.narrow(x, SATURATE)), [1, 0xfe, 0xfe]);
        assert_eq!(SmallType::Int4.widen(0xf8), -8.0);
        assert_eq!(SmallType::UInt2.widen(3), 3.0);
    }
}
