//! Four sums of 32 bits side by side, to which products of pairs of 16-bit
//! numbers are added: one instruction of wasm, which LLVM does not find by
//! itself in a loop.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use std::arch::wasm32::{
        i8x16_shuffle, i16x8, i16x8_extend_high_i8x16, i16x8_extend_high_u8x16, i16x8_extend_low_i8x16,
        i16x8_extend_low_u8x16, i16x8_extract_lane, i16x8_shuffle, i32x4_add, i32x4_dot_i16x8,
        i32x4_extract_lane, i32x4_splat, i64x2, v128,
    };

    /// Pairs of the bytes of `upper` and of `lower`, which are signed or not.
    #[inline(always)]
    pub(crate) fn pairs(upper: [u8; 8], lower: [u8; 8], signed: bool) -> [[i16; 8]; 2] {
        let both = i64x2(i64::from_le_bytes(upper), i64::from_le_bytes(lower));
        let pairs = i8x16_shuffle::<0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15>(both, both);
        if signed {
            [i16x8_extend_low_i8x16(pairs), i16x8_extend_high_i8x16(pairs)].map(numbers)
        } else {
            [i16x8_extend_low_u8x16(pairs), i16x8_extend_high_u8x16(pairs)].map(numbers)
        }
    }

    /// As [`pairs`], of numbers of 16 bits.
    #[inline(always)]
    pub(crate) fn interleaved(upper: &[i16; 8], lower: &[i16; 8]) -> [[i16; 8]; 2] {
        let (upper, lower) = (lanes(upper), lanes(lower));
        let first = i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(upper, lower);
        let second = i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(upper, lower);
        [first, second].map(numbers)
    }

    #[inline(always)]
    fn lanes([a, b, c, d, e, f, g, h]: &[i16; 8]) -> v128 {
        i16x8(*a, *b, *c, *d, *e, *f, *g, *h)
    }

    #[inline(always)]
    fn numbers(lanes: v128) -> [i16; 8] {
        [
            i16x8_extract_lane::<0>(lanes),
            i16x8_extract_lane::<1>(lanes),
            i16x8_extract_lane::<2>(lanes),
            i16x8_extract_lane::<3>(lanes),
            i16x8_extract_lane::<4>(lanes),
            i16x8_extract_lane::<5>(lanes),
            i16x8_extract_lane::<6>(lanes),
            i16x8_extract_lane::<7>(lanes),
        ]
    }

    #[derive(Clone, Copy)]
    pub(crate) struct Lanes(v128);

    impl Lanes {
        #[inline(always)]
        pub(crate) fn zero() -> Self {
            Self(i32x4_splat(0))
        }

        #[inline(always)]
        pub(crate) fn plus(self, [p, q]: [i16; 2], [a, b, c, d, e, f, g, h]: [i16; 8]) -> Self {
            let pair = i32::from(p.cast_unsigned()) | i32::from(q) << 16;
            let products = i32x4_dot_i16x8(i32x4_splat(pair), i16x8(a, b, c, d, e, f, g, h));
            Self(i32x4_add(self.0, products))
        }

        #[inline(always)]
        pub(crate) fn sums(self) -> [i32; 4] {
            let Self(sums) = self;
            [
                i32x4_extract_lane::<0>(sums),
                i32x4_extract_lane::<1>(sums),
                i32x4_extract_lane::<2>(sums),
                i32x4_extract_lane::<3>(sums),
            ]
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod plain {
    /// Pairs of the bytes of `upper` and of `lower`, which are signed or not.
    #[inline(always)]
    pub(crate) fn pairs(upper: [u8; 8], lower: [u8; 8], signed: bool) -> [[i16; 8]; 2] {
        let wide = |byte: u8| if signed { i16::from(byte.cast_signed()) } else { i16::from(byte) };
        let mut pairs = [[0; 8]; 2];
        let places = pairs.as_flattened_mut().as_chunks_mut::<2>().0;
        for ((place, upper), lower) in places.iter_mut().zip(upper).zip(lower) {
            *place = [wide(upper), wide(lower)];
        }
        pairs
    }

    /// As [`pairs`], of numbers of 16 bits.
    #[inline(always)]
    pub(crate) fn interleaved(upper: &[i16; 8], lower: &[i16; 8]) -> [[i16; 8]; 2] {
        let mut pairs = [[0; 8]; 2];
        let places = pairs.as_flattened_mut().as_chunks_mut::<2>().0;
        for ((place, upper), lower) in places.iter_mut().zip(upper).zip(lower) {
            *place = [*upper, *lower];
        }
        pairs
    }

    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([i32; 4]);

    impl Lanes {
        #[inline(always)]
        pub(crate) fn zero() -> Self {
            Self([0; 4])
        }

        /// Written so that LLVM makes vector instructions of it: all products
        /// first, then the sums of neighbours.
        #[inline(always)]
        pub(crate) fn plus(self, [p, q]: [i16; 2], w: [i16; 8]) -> Self {
            let (mut products, mut sums) = ([0; 8], self.0);
            for ((product, x), w) in products.iter_mut().zip([p, q, p, q, p, q, p, q]).zip(w) {
                *product = i32::from(x) * i32::from(w);
            }
            for (sum, [a, b]) in sums.iter_mut().zip(products.as_chunks::<2>().0) {
                *sum = sum.wrapping_add(a.wrapping_add(*b));
            }
            Self(sums)
        }

        #[inline(always)]
        pub(crate) fn sums(self) -> [i32; 4] {
            self.0
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use plain::{Lanes, interleaved, pairs};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd::{Lanes, interleaved, pairs};

#[cfg(test)]
mod tests {
    use super::{Lanes, interleaved, pairs};

    #[test]
    fn bytes_make_pairs_by_their_sign() {
        let (upper, lower) = ([0, 1, 2, 3, 4, 5, 127, 255], [10, 11, 12, 13, 14, 15, 16, 128]);
        let [left, right] = pairs(upper, lower, false);
        assert_eq!((left, right[4..].to_vec()), ([0, 10, 1, 11, 2, 12, 3, 13], vec![127, 16, 255, 128]));
        assert_eq!(pairs(upper, lower, true)[1][4..], [127, 16, -1, -128]);
    }

    #[test]
    fn numbers_make_pairs() {
        let (upper, lower) = ([0, 1, 2, 3, 4, 5, 6, -7], [10, 11, 12, 13, 14, 15, 16, -300]);
        let [left, right] = interleaved(&upper, &lower);
        assert_eq!((left, right), ([0, 10, 1, 11, 2, 12, 3, 13], [4, 14, 5, 15, 6, 16, -7, -300]));
    }

    #[test]
    fn adds_the_products_of_pairs() {
        let w = [1, 2, 3, 4, -5, 6, i16::MIN, i16::MIN];
        let lanes = Lanes::zero().plus([1, 10], w).plus([0, 1], w);
        assert_eq!(lanes.sums(), [21 + 2, 43 + 4, 55 + 6, 11 * -32768 - 32768]);
    }

    #[test]
    fn sums_wrap_around() {
        let lanes = Lanes::zero().plus([i16::MIN; 2], [i16::MIN; 8]);
        assert_eq!(lanes.sums(), [i32::MIN; 4]);
    }
}
