//! The discrete Fourier transform of any length, in float64.

/// A factor of a length beyond this makes the transform a convolution of a length
/// that has none: a step by a factor takes as many products for each number.
const LARGEST_FACTOR: usize = 31;

/// A transform of one length, ready to be taken any number of times.
///
/// `X[k] = Σ x[n] · e^(-2πi·kn/N)`. Numbers lie with their real and their imaginary
/// parts in a list each. The inverse is the transform with these exchanged, of
/// which each number is divided by `N`.
pub struct Fourier {
    length: usize,
    /// The length that is transformed in steps: `length`, or that of a convolution.
    padded: usize,
    /// The fractions of a turn of `padded` places.
    turns: List,
    /// `e^(-πi·n²/N)` and the transform of its inverse, for a convolution.
    chirp: List,
    inverse: List,
}

/// Real parts, and imaginary parts.
type List = [Vec<f64>; 2];
type View<'a> = [&'a [f64]; 2];
type ViewMut<'a> = [&'a mut [f64]; 2];

impl Fourier {
    /// The transform of `length` numbers.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let padded = padded(length);
        let turns = angles((0..padded).map(|place| std::f64::consts::TAU * place as f64 / padded as f64));
        let mut fourier = Self { length, padded, turns, chirp: List::default(), inverse: List::default() };
        if padded != length {
            fourier.prepare_convolution();
        }
        fourier
    }

    /// How many numbers it transforms.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// How many numbers [`Fourier::new`] keeps for a transform of `length`, and
    /// how many its scratch space holds, at most.
    #[must_use]
    pub fn room(length: usize) -> usize {
        padded(length).saturating_mul(6)
    }

    /// The length of the scratch space that [`Fourier::transform`] takes.
    #[must_use]
    pub fn scratch_length(&self) -> usize {
        if self.padded == self.length { 2 * self.padded } else { 4 * self.padded }
    }

    /// Puts the transform of the numbers in their place. Does nothing where a list
    /// or `scratch` is too short.
    pub fn transform(&self, re: &mut [f64], im: &mut [f64], scratch: &mut [f64]) {
        let (Some(re), Some(im)) = (re.get_mut(..self.length), im.get_mut(..self.length)) else { return };
        if scratch.len() < self.scratch_length() {
            return;
        }
        if self.padded == self.length {
            self.steps([re, im], scratch);
        } else {
            self.convolve([re, im], scratch);
        }
    }

    fn prepare_convolution(&mut self) {
        let (length, padded) = (self.length, self.padded);
        // n² modulo 2N: the angle of a large square would be rounded.
        let square = |n: usize| (n as u128 * n as u128 % (2 * length as u128)) as f64;
        self.chirp = angles((0..length).map(|n| std::f64::consts::PI * square(n) / length as f64));
        let [re, im] = &self.chirp;
        // The inverse on both sides of zero, in a circle of `padded` places.
        let both = |part: &[f64], sign: f64| {
            let mut list = vec![0.0; padded];
            list.iter_mut().zip(part).for_each(|(place, x)| *place = sign * x);
            list.iter_mut().skip(1).rev().zip(part.iter().skip(1)).for_each(|(place, x)| *place = sign * x);
            list
        };
        let mut inverse = [both(re, 1.0), both(im, -1.0)];
        let [re, im] = &mut inverse;
        self.steps([re, im], &mut vec![0.0; 2 * padded]);
        self.inverse = inverse;
    }

    /// The transform as a convolution with a chirp, after Bluestein.
    fn convolve(&self, [re, im]: ViewMut<'_>, scratch: &mut [f64]) {
        let (long, scratch) = scratch.split_at_mut(2 * self.padded);
        let (long_re, long_im) = long.split_at_mut(self.padded);
        for (long, short) in [(&mut *long_re, &*re), (&mut *long_im, &*im)] {
            long.fill(0.0);
            long.iter_mut().zip(short).for_each(|(long, short)| *long = *short);
        }
        multiply([long_re, long_im], view(&self.chirp));
        self.steps([long_re, long_im], scratch);
        multiply([long_re, long_im], view(&self.inverse));
        self.steps([long_im, long_re], scratch);
        multiply([long_re, long_im], view(&self.chirp));
        let scale = 1.0 / self.padded as f64;
        for (short, long) in [(re, long_re), (im, long_im)] {
            short.iter_mut().zip(long).for_each(|(short, long)| *short = *long * scale);
        }
    }

    /// The transform of `padded` numbers, factor by factor, after Stockham.
    fn steps<'a>(&self, mut x: ViewMut<'a>, scratch: &'a mut [f64]) {
        let (re, rest) = scratch.split_at_mut(self.padded);
        let (im, _) = rest.split_at_mut(self.padded);
        let mut y = [re, im];
        let (mut stride, mut swapped) = (1, false);
        for factor in factors(self.padded) {
            let [x_re, x_im] = &x;
            if factor == 2 {
                self.halves(stride, [x_re, x_im], &mut y);
            } else {
                self.parts(factor, stride, [x_re, x_im], &mut y);
            }
            std::mem::swap(&mut x, &mut y);
            (stride, swapped) = (stride * factor, !swapped);
        }
        if swapped {
            y.iter_mut().zip(&x).for_each(|(y, x)| y.copy_from_slice(x));
        }
    }

    /// A step by two: `stride` numbers beside each other are turned alike.
    fn halves(&self, stride: usize, [re, im]: View<'_>, [y_re, y_im]: &mut ViewMut<'_>) {
        let half = self.padded / 2;
        let ((a_re, b_re), (a_im, b_im)) = (re.split_at(half), im.split_at(half));
        let a = a_re.chunks_exact(stride).zip(a_im.chunks_exact(stride));
        let b = b_re.chunks_exact(stride).zip(b_im.chunks_exact(stride));
        let y = y_re.chunks_exact_mut(2 * stride).zip(y_im.chunks_exact_mut(2 * stride));
        for (group, ((y, a), b)) in y.zip(a).zip(b).enumerate() {
            butterfly(self.turn(group * stride), a, b, y, stride);
        }
    }

    /// A step by any factor.
    fn parts(&self, factor: usize, stride: usize, x: View<'_>, [y_re, y_im]: &mut ViewMut<'_>) {
        let groups = self.padded / (factor * stride);
        let places = y_re.chunks_exact_mut(stride).zip(y_im.chunks_exact_mut(stride));
        for (index, (y_re, y_im)) in places.enumerate() {
            let (group, k) = (index / factor, index % factor);
            y_re.fill(0.0);
            y_im.fill(0.0);
            for part in 0..factor {
                let turn = self.turn(part * k % factor * (self.padded / factor) + group * k * stride);
                let start = (part * groups + group) * stride;
                let [x_re, x_im] = x.map(|x| x.get(start..start + stride).unwrap_or_default());
                add_turned(turn, [x_re, x_im], [y_re, y_im]);
            }
        }
    }

    /// `e^(-2πi·place/N)`.
    fn turn(&self, place: usize) -> [f64; 2] {
        let place = place % self.padded.max(1);
        self.turns.each_ref().map(|part| part.get(place).copied().unwrap_or(0.0))
    }
}

fn view(list: &List) -> View<'_> {
    list.each_ref().map(Vec::as_slice)
}

/// `e^(-i·angle)` of every angle.
fn angles(angles: impl Iterator<Item = f64>) -> List {
    let angles: Vec<_> = angles.collect();
    [angles.iter().map(|angle| angle.cos()).collect(), angles.iter().map(|angle| -angle.sin()).collect()]
}

/// `a + b`, and `(a - b) · turn`, one after the other.
#[inline(never)]
fn butterfly(
    [cos, sin]: [f64; 2],
    (a_re, a_im): (&[f64], &[f64]),
    (b_re, b_im): (&[f64], &[f64]),
    (y_re, y_im): (&mut [f64], &mut [f64]),
    stride: usize,
) {
    let ((sum_re, turned_re), (sum_im, turned_im)) = (y_re.split_at_mut(stride), y_im.split_at_mut(stride));
    let x = a_re.iter().zip(a_im).zip(b_re.iter().zip(b_im));
    let y = sum_re.iter_mut().zip(sum_im).zip(turned_re.iter_mut().zip(turned_im));
    for (((a_re, a_im), (b_re, b_im)), ((sum_re, sum_im), (turned_re, turned_im))) in x.zip(y) {
        (*sum_re, *sum_im) = (a_re + b_re, a_im + b_im);
        let (re, im) = (a_re - b_re, a_im - b_im);
        (*turned_re, *turned_im) = (re * cos - im * sin, re * sin + im * cos);
    }
}

/// `y += x · turn`.
#[inline(never)]
fn add_turned([cos, sin]: [f64; 2], [x_re, x_im]: View<'_>, [y_re, y_im]: ViewMut<'_>) {
    for ((y_re, y_im), (x_re, x_im)) in y_re.iter_mut().zip(y_im).zip(x_re.iter().zip(x_im)) {
        *y_re += x_re * cos - x_im * sin;
        *y_im += x_re * sin + x_im * cos;
    }
}

/// `a = a · b`, number by number.
fn multiply([a_re, a_im]: ViewMut<'_>, [b_re, b_im]: View<'_>) {
    for ((a_re, a_im), (b_re, b_im)) in a_re.iter_mut().zip(a_im).zip(b_re.iter().zip(b_im)) {
        (*a_re, *a_im) = (*a_re * b_re - *a_im * b_im, *a_re * b_im + *a_im * b_re);
    }
}

/// The prime factors of `length`, the least first.
fn factors(length: usize) -> impl Iterator<Item = usize> {
    let (mut rest, mut factor) = (length, 2);
    std::iter::from_fn(move || {
        while rest > 1 {
            if rest.is_multiple_of(factor) {
                rest /= factor;
                return Some(factor);
            }
            factor = if factor.saturating_mul(factor) > rest { rest } else { factor + 1 };
        }
        None
    })
}

/// The length that is transformed in steps.
fn padded(length: usize) -> usize {
    if factors(length).all(|factor| factor <= LARGEST_FACTOR) {
        length
    } else {
        length.saturating_mul(2).checked_next_power_of_two().unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(length: usize, seed: usize) -> Vec<f64> {
        (0..length).map(|i| ((i * 7 + seed) * 31 % 17) as f64 / 8.0 - 1.0).collect()
    }

    fn naive(re: &[f64], im: &[f64]) -> [Vec<f64>; 2] {
        let length = re.len();
        let term = |k: usize, n: usize| {
            let angle = -std::f64::consts::TAU * (k * n % length) as f64 / length as f64;
            let (sin, cos) = angle.sin_cos();
            [re[n] * cos - im[n] * sin, re[n] * sin + im[n] * cos]
        };
        let sum = |k: usize, part: usize| (0..length).map(|n| term(k, n)[part]).sum::<f64>();
        [0, 1].map(|part| (0..length).map(|k| sum(k, part)).collect())
    }

    fn is_as_naive(length: usize) {
        let (mut re, mut im) = (numbers(length, 1), numbers(length, 5));
        let [expected_re, expected_im] = naive(&re, &im);
        let fourier = Fourier::new(length);
        let mut scratch = vec![0.5; fourier.scratch_length()];
        assert!(scratch.len() <= Fourier::room(length));
        fourier.transform(&mut re, &mut im, &mut scratch);
        for (got, expected) in re.iter().chain(&im).zip(expected_re.iter().chain(&expected_im)) {
            assert!((got - expected).abs() < 1e-9, "{length}: expected {expected}, got {got}");
        }
    }

    #[test]
    fn is_as_naive_for_short_lengths_and_at_the_edges() {
        (0..=70).for_each(is_as_naive);
        for length in [127, 128, 129, 31 * 31, 31 * 8, 37 * 4, 400, 509, 512, 513] {
            is_as_naive(length);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn is_as_naive_for_any_length(length in 0..700usize) {
            is_as_naive(length);
        }
    }

    #[test]
    fn the_inverse_gives_the_numbers_back() {
        for length in [1, 6, 37, 64] {
            let (mut re, mut im) = (numbers(length, 1), numbers(length, 5));
            let fourier = Fourier::new(length);
            let mut scratch = vec![0.0; fourier.scratch_length()];
            fourier.transform(&mut re, &mut im, &mut scratch);
            fourier.transform(&mut im, &mut re, &mut scratch);
            for (got, expected) in re.iter().zip(numbers(length, 1)) {
                assert!((got / length as f64 - expected).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn lists_that_are_too_short_stay_as_they_are() {
        let mut re = [1.0, 2.0, 3.0];
        Fourier::new(4).transform(&mut re, &mut [0.0; 4], &mut [0.0; 100]);
        Fourier::new(3).transform(&mut re, &mut [0.0; 3], &mut [0.0; 5]);
        assert_eq!(re, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn factors_are_prime() {
        let of = |length| factors(length).collect::<Vec<_>>();
        assert_eq!(of(360), [2, 2, 2, 3, 3, 5]);
        assert_eq!(of(49), [7, 7]);
        assert_eq!(of(74), [2, 37]);
        assert!(of(0).is_empty() && of(1).is_empty());
        assert_eq!(padded(74), 256);
    }
}
