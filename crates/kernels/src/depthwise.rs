use super::vector::{LANES, Vector};

/// The outputs that are calculated together.
const WIDTH: usize = 8;

/// A plane of the input with its padding, and how a kernel goes over it.
#[derive(Clone, Copy, Debug)]
pub struct Sweep<'a> {
    /// The plane. What is outside is 0.
    pub source: &'a [f32],
    /// For each row of outputs, where the first of them begins.
    pub rows: &'a [u32],
    /// How many outputs a row has.
    pub width: usize,
    /// The distance from an output to the next one.
    pub stride: usize,
    /// For each weight, the distance of its place from an output's.
    pub taps: &'a [u32],
}

impl Sweep<'_> {
    /// Whether rows of `width` taps lie side by side.
    fn is_of(&self, width: usize) -> bool {
        let pairs =
            |row: &[u32]| row.windows(2).all(|pair| matches!(pair, [a, b] if a.checked_add(1) == Some(*b)));
        self.taps.len().is_multiple_of(width) && self.taps.chunks_exact(width).all(pairs)
    }
}

/// `y += weights · plane`, rows of outputs one after the other.
pub fn depthwise(sweep: Sweep<'_>, weights: &[f32], y: &mut [f32]) {
    let row = match (sweep.stride, sweep.is_of(5), sweep.is_of(3)) {
        (1, true, _) => row::<5, 12>,
        (2, true, _) => row::<5, 19>,
        (1, _, true) => row::<3, 10>,
        (2, _, true) => row::<3, 17>,
        (1, ..) => row::<1, 8>,
        (2, ..) => row::<1, 15>,
        _ => row::<1, 0>,
    };
    let rows = sweep.rows.iter().zip(y.chunks_exact_mut(sweep.width.max(1)));
    rows.for_each(|(start, y)| row(sweep, *start, weights, y));
}

/// A row of outputs of a kernel as wide as `KERNEL`, for which `SPAN` numbers are
/// read in each of its rows.
fn row<const KERNEL: usize, const SPAN: usize>(sweep: Sweep<'_>, start: u32, weights: &[f32], y: &mut [f32]) {
    let (whole, last) = y.as_chunks_mut::<WIDTH>();
    let mut start = start as usize;
    for y in whole {
        *y = tile::<KERNEL, SPAN>(sweep, start, weights, *y);
        start += WIDTH * sweep.stride;
    }
    if !last.is_empty() {
        let mut sums = [0.0; WIDTH];
        sums.iter_mut().zip(last.iter()).for_each(|(sum, y)| *sum = *y);
        let sums = tile::<KERNEL, SPAN>(sweep, start, weights, sums);
        last.iter_mut().zip(sums).for_each(|(y, sum)| *y = sum);
    }
}

/// Near the end of the plane, where the last numbers that are read need not be
/// there, one by one.
#[inline(always)]
fn tile<const KERNEL: usize, const SPAN: usize>(
    sweep: Sweep<'_>,
    start: usize,
    weights: &[f32],
    y: [f32; WIDTH],
) -> [f32; WIDTH] {
    let step = SPAN.saturating_sub(KERNEL) / (WIDTH - 1);
    let mut sums: [Vector; WIDTH / LANES] = vectors(&y);
    let rows = weights.as_chunks::<KERNEL>().0.iter().zip(sweep.taps.chunks_exact(KERNEL));
    for (row, taps) in rows {
        let place = taps.first().map(|tap| start.saturating_add(*tap as usize));
        let span = place.and_then(|place| sweep.source.get(place..)?.first_chunk::<SPAN>());
        let Some(span) = span.filter(|_| SPAN >= WIDTH) else {
            return one_by_one(sweep, start, weights, y);
        };
        for (i, weight) in row.iter().enumerate() {
            let weight = Vector::splat(*weight);
            let numbers: [Vector; WIDTH / LANES] = vectors(&every::<SPAN>(span, i, step));
            for (sum, numbers) in sums.iter_mut().zip(numbers) {
                *sum = sum.plus_product(weight, numbers);
            }
        }
    }
    let mut y = [0.0; WIDTH];
    y.as_chunks_mut().0.iter_mut().zip(sums).for_each(|(y, sum)| *y = sum.to_array());
    y
}

/// Every `step`-th number from `first` on.
#[inline(always)]
fn every<const SPAN: usize>(span: &[f32; SPAN], first: usize, step: usize) -> [f32; WIDTH] {
    let mut numbers = [0.0; WIDTH];
    numbers.iter_mut().zip(span.iter().skip(first).step_by(step)).for_each(|(number, x)| *number = *x);
    numbers
}

#[inline(always)]
fn vectors(numbers: &[f32; WIDTH]) -> [Vector; WIDTH / LANES] {
    let mut vectors = [Vector::splat(0.0); WIDTH / LANES];
    vectors.iter_mut().zip(numbers.as_chunks().0).for_each(|(vector, four)| *vector = Vector::new(*four));
    vectors
}

fn one_by_one(sweep: Sweep<'_>, start: usize, weights: &[f32], mut y: [f32; WIDTH]) -> [f32; WIDTH] {
    for (i, y) in y.iter_mut().enumerate() {
        for (weight, tap) in weights.iter().zip(sweep.taps) {
            let place = start + i * sweep.stride + *tap as usize;
            *y += weight * sweep.source.get(place).copied().unwrap_or_default();
        }
    }
    y
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_as_naive(width: usize, height: usize, stride: usize, taps: &[u32], cut: usize) {
        let pitch = width * stride + 3;
        let source: Vec<f32> =
            (0..(pitch * height).saturating_sub(cut)).map(|i| (i * 31 % 17) as f32).collect();
        let rows: Vec<u32> = (0..height).map(|i| (i * pitch) as u32).collect();
        let weights: Vec<f32> = (0..taps.len()).map(|i| (i % 5) as f32 - 2.0).collect();
        let mut y: Vec<f32> = (0..width * height).map(|i| (i % 7) as f32).collect();
        let mut expected = y.clone();
        for (i, y) in expected.iter_mut().enumerate() {
            for (weight, tap) in weights.iter().zip(taps) {
                let place = rows[i / width] as usize + i % width * stride + *tap as usize;
                *y += weight * source.get(place).unwrap_or(&0.0);
            }
        }
        depthwise(Sweep { source: &source, rows: &rows, width, stride, taps }, &weights, &mut y);
        assert_eq!(y, expected, "{width} wide, {height} high, stride {stride}");
    }

    proptest! {
        #[test]
        fn is_as_naive_for_any_shape(
            (width, height, stride) in (0..35usize, 0..5usize, 1..5usize),
            taps in prop::collection::vec(0..20u32, 0..10),
            cut in 0..30usize,
        ) {
            is_as_naive(width, height, stride, &taps, cut);
        }

        #[test]
        fn kernels_of_the_usual_widths_are_as_naive(
            (width, height, stride) in (0..35usize, 1..5usize, 1..4usize),
            (kernel, pitch) in (1..7u32, 7..20u32),
            cut in 0..30usize,
        ) {
            let taps: Vec<_> = (0..3).flat_map(|row| (0..kernel).map(move |tap| row * pitch + tap)).collect();
            is_as_naive(width, height, stride, &taps, cut);
        }
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        let sweep = Sweep { source: &[1.0; 9], rows: &[u32::MAX, 5], width: 3, stride: 1, taps: &[u32::MAX] };
        depthwise(sweep, &[1.0; 4], &mut [0.0; 5]);
        depthwise(Sweep { width: usize::MAX, ..sweep }, &[1.0], &mut [0.0; 5]);
        depthwise(Sweep { width: 0, stride: 0, ..sweep }, &[1.0], &mut [0.0; 5]);
    }
}
