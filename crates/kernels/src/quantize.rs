//! Between numbers and their quantised form, `round(x / scale) + zero point`.

/// A scale and a zero point, and the range of the quantised type.
#[derive(Clone, Copy, Debug)]
pub struct Quantization {
    /// What one step stands for.
    pub scale: f32,
    /// The quantised number that stands for 0.
    pub zero: f32,
    /// The smallest number of the quantised type.
    pub low: f32,
    /// The largest number of the quantised type.
    pub high: f32,
}

/// A quantised number of up to 16 bits. The loops are those of [`quantize`] and its
/// like: here for each type, so that they are built with this crate, for speed.
pub trait Quantum: Copy {
    /// The number whose bits are the lowest of `bits`.
    fn of(bits: u32) -> Self;

    #[doc(hidden)]
    fn quantize(x: &[f32], by: Quantization, y: &mut [Self]);

    #[doc(hidden)]
    fn requantize(sums: &[i32], by: Quantization, y: &mut [Self]);

    #[doc(hidden)]
    fn requantize_each(sums: &[i32], scales: &[f32], by: Quantization, y: &mut [Self]);
}

macro_rules! quantum {
    ($($type:ty),+) => {
        $(impl Quantum for $type {
            #[inline(always)]
            fn of(bits: u32) -> Self {
                bits as $type
            }

            #[inline(never)]
            fn quantize(x: &[f32], by: Quantization, y: &mut [Self]) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = by.quantum(*x / by.scale));
            }

            #[inline(never)]
            fn requantize(sums: &[i32], by: Quantization, y: &mut [Self]) {
                y.iter_mut().zip(sums).for_each(|(y, sum)| *y = by.quantum(*sum as f32 * by.scale));
            }

            #[inline(never)]
            fn requantize_each(sums: &[i32], scales: &[f32], by: Quantization, y: &mut [Self]) {
                for ((y, sum), scale) in y.iter_mut().zip(sums).zip(scales) {
                    *y = by.quantum(*sum as f32 * *scale);
                }
            }
        })+
    };
}

quantum!(i8, u8, i16, u16);

/// Added to a number of less than 22 bits, it leaves no room for a fraction: what
/// is left is rounded, halves to the even number, and has its bits at the lower
/// end. A call for each number of the standard library's functions is 20 times
/// slower.
const ROUND: f32 = 12_582_912.0;

impl Quantization {
    /// `value` rounded, from the zero point on.
    #[inline(always)]
    fn quantum<Q: Quantum>(self, value: f32) -> Q {
        let (low, high) = (self.low - self.zero, self.high - self.zero);
        // Comparisons that wasm has instructions for.
        let value = if value > low { value } else { low };
        let value = if value < high { value } else { high };
        Q::of((value + ROUND).to_bits().wrapping_add((self.zero as i32).cast_unsigned()))
    }
}

/// Quantises `x` into `y`, all by the same scale.
pub fn quantize<Q: Quantum>(x: &[f32], by: Quantization, y: &mut [Q]) {
    Q::quantize(x, by, y);
}

/// Quantises `x` into `y`, each number by its own scale and zero point; of `by`,
/// the range counts.
#[inline(never)]
pub fn quantize_each<Q: Quantum>(x: &[f32], scales: &[f32], zeros: &[f32], by: Quantization, y: &mut [Q]) {
    for (((y, x), scale), zero) in y.iter_mut().zip(x).zip(scales).zip(zeros) {
        *y = Quantization { zero: *zero, ..by }.quantum(*x / *scale);
    }
}

/// `(x - zero) · scale` into `y`.
#[inline(never)]
pub fn dequantize<Q: Copy + Into<f32>>(x: &[Q], scale: f32, zero: f32, y: &mut [f32]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y = ((*x).into() - zero) * scale);
}

/// `(x - zero) · scale` into `y`, each number by its own scale and zero point.
#[inline(never)]
pub fn dequantize_each<Q: Copy + Into<f32>>(x: &[Q], scales: &[f32], zeros: &[f32], y: &mut [f32]) {
    for (((y, x), scale), zero) in y.iter_mut().zip(x).zip(scales).zip(zeros) {
        *y = ((*x).into() - *zero) * *scale;
    }
}

/// As [`dequantize`], of numbers of four bits, two in each byte, the first in its
/// lower half.
#[inline(never)]
pub fn dequantize_halves(bytes: &[u8], scale: f32, zero: f32, y: &mut [f32]) {
    let number = |half: u8| (f32::from(half) - zero) * scale;
    let (pairs, last) = y.as_chunks_mut::<2>();
    for (y, byte) in pairs.iter_mut().zip(bytes) {
        *y = [number(byte & 15), number(byte >> 4)];
    }
    if let ([y], Some(byte)) = (last, bytes.get(pairs.len())) {
        *y = number(byte & 15);
    }
}

/// What of `sums`, which are whole numbers, fits into 32 bits, and `more`.
#[inline(never)]
pub fn whole_sums(sums: &[f32], more: i32, y: &mut [i32]) {
    y.iter_mut().zip(sums).for_each(|(y, sum)| *y = (*sum as i32).wrapping_add(more));
}

/// `more` for each of `sums`, which wrap around.
#[inline(never)]
pub fn add_to_sums(sums: &mut [i32], more: i32) {
    sums.iter_mut().for_each(|sum| *sum = sum.wrapping_add(more));
}

/// Sums of products as quantised numbers: `round(sum · scale) + zero point`.
pub fn requantize<Q: Quantum>(sums: &[i32], by: Quantization, y: &mut [Q]) {
    Q::requantize(sums, by, y);
}

/// As [`requantize`], each sum by its own scale; of `by`, the rest counts.
pub fn requantize_each<Q: Quantum>(sums: &[i32], scales: &[f32], by: Quantization, y: &mut [Q]) {
    Q::requantize_each(sums, scales, by, y);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BYTE: Quantization = Quantization { scale: 2.0, zero: 128.0, low: 0.0, high: 255.0 };

    fn naive(x: f64, by: Quantization) -> f64 {
        let (whole, half) = ((x / f64::from(by.scale)).floor(), (x / f64::from(by.scale)).fract().abs());
        let up =
            if half == 0.5 { whole.rem_euclid(2.0) == 1.0 } else { (x / f64::from(by.scale)) - whole > 0.5 };
        let rounded = if up { whole + 1.0 } else { whole };
        (rounded + f64::from(by.zero)).clamp(by.low.into(), by.high.into())
    }

    #[test]
    fn rounds_halves_to_even_and_saturates() {
        let mut y = [0u8; 8];
        quantize(&[0.0, 1.0, 3.0, -1.0, -3.0, 1000.0, -1000.0, f32::INFINITY], BYTE, &mut y);
        assert_eq!(y, [128, 128, 130, 128, 126, 255, 0, 255]);
        let mut y = [0i16; 3];
        quantize(
            &[1e9, -1e9, 70.0],
            Quantization { zero: 0.0, low: -32768.0, high: 32767.0, ..BYTE },
            &mut y,
        );
        assert_eq!(y, [i16::MAX, i16::MIN, 35]);
        let mut y = [7u8];
        quantize(&[f32::NAN], BYTE, &mut y);
        assert_eq!(y, [0]);
    }

    proptest! {
        #[test]
        fn is_as_naive(halves in prop::collection::vec(-1200i32..1200, 0..40)) {
            // Quarters of a step, so that halves are among them.
            let x: Vec<f32> = halves.iter().map(|&x| x as f32 / 2.0).collect();
            let expected: Vec<u8> = x.iter().map(|&x| naive(x.into(), BYTE) as u8).collect();
            let (mut y, mut each) = (vec![0u8; x.len()], vec![0u8; x.len()]);
            quantize(&x, BYTE, &mut y);
            quantize_each(&x, &vec![2.0; x.len()], &vec![128.0; x.len()], BYTE, &mut each);
            prop_assert_eq!(&y, &expected);
            prop_assert_eq!(&each, &expected);
            let (mut sums, mut sums_each) = (vec![0u8; x.len()], vec![0u8; x.len()]);
            let by = Quantization { scale: 0.25, ..BYTE };
            requantize(&halves, by, &mut sums);
            requantize_each(&halves, &vec![0.25; x.len()], by, &mut sums_each);
            prop_assert_eq!(&sums, &expected);
            prop_assert_eq!(&sums_each, &expected);
        }

        #[test]
        fn sums_are_whole_numbers_and_more(sums in prop::collection::vec(-(1 << 24)..=1 << 24, 0..40), more: i32) {
            let mut expected = sums.clone();
            expected.iter_mut().for_each(|sum: &mut i32| *sum = sum.wrapping_add(more));
            let floats: Vec<f32> = sums.iter().map(|sum| *sum as f32).collect();
            let (mut y, mut added) = (vec![0; sums.len()], sums);
            whole_sums(&floats, more, &mut y);
            add_to_sums(&mut added, more);
            prop_assert_eq!(&y, &expected);
            prop_assert_eq!(&added, &expected);
        }

        #[test]
        fn dequantizes_halves_as_naive(bytes in prop::collection::vec(any::<u8>(), 0..40), odd: bool) {
            let halves = bytes.iter().flat_map(|byte| [byte % 16, byte / 16]);
            let mut expected: Vec<f32> = halves.map(|half| (f32::from(half) - 8.0) * 0.25).collect();
            expected.truncate(expected.len().saturating_sub(usize::from(odd)));
            let mut y = vec![0.0; expected.len()];
            dequantize_halves(&bytes, 0.25, 8.0, &mut y);
            prop_assert_eq!(&y, &expected);
        }

        #[test]
        fn dequantizes_as_naive(x in prop::collection::vec(any::<i8>(), 0..40)) {
            let expected: Vec<f32> = x.iter().map(|&x| (f32::from(x) - 3.0) * 0.5).collect();
            let (mut y, mut each) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            dequantize(&x, 0.5, 3.0, &mut y);
            dequantize_each(&x, &vec![0.5; x.len()], &vec![3.0; x.len()], &mut each);
            prop_assert_eq!(&y, &expected);
            prop_assert_eq!(&each, &expected);
        }
    }
}
