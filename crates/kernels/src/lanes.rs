//! Four sums of 32 bits side by side, to which products of pairs of 16-bit
//! numbers are added: one instruction of wasm, which LLVM does not find by
//! itself in a loop.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd {
    use std::arch::wasm32::{i16x8, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane, i32x4_splat, v128};

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
pub(crate) use plain::Lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd::Lanes;

#[cfg(test)]
mod tests {
    use super::Lanes;

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
