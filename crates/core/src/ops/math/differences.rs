//! Sums over the differences between rows.

use std::ops::{Add, AddAssign, Mul, Sub};

use crate::native::Native;

/// The number of rows that are compared with one at once.
pub(super) const LANES: usize = 16;

/// A floating-point number.
pub(super) trait Real:
    Native + Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + AddAssign
{
    /// How many of them onnxruntime adds at once.
    const PACKET: usize;

    fn abs(self) -> Self;
    fn sqrt(self) -> Self;
}

macro_rules! real {
    ($($type:ty => $packet:literal),+) => {
        $(impl Real for $type {
            const PACKET: usize = $packet;

            fn abs(self) -> Self {
                Self::abs(self)
            }

            fn sqrt(self) -> Self {
                Self::sqrt(self)
            }
        })+
    };
}

real!(f32 => 4, f64 => 2);

/// Rows of `width` as tiles of `LANES` rows: of each feature, the numbers of all
/// rows of a tile after one another. `tiles` is as long as it takes, and what is
/// beyond the last row keeps what is there.
pub(super) fn tile<T: Real>(rows: &[T], width: usize, tiles: &mut [T]) {
    let size = LANES.saturating_mul(width).max(1);
    for (rows, tile) in rows.chunks(size).zip(tiles.chunks_exact_mut(size)) {
        for (lane, row) in rows.chunks_exact(width.max(1)).enumerate() {
            let places = tile.iter_mut().skip(lane).step_by(LANES);
            places.zip(row).for_each(|(place, value)| *place = *value);
        }
    }
}

/// What becomes of one row and the rows of a tile.
type Total<T> = fn(&[T], &[[T; LANES]]) -> [T; LANES];

/// For each row of `a`, which is `width` long, and each of the `others` rows in
/// `tiles` the `total` of their differences.
pub(super) fn sums<T: Real>(
    a: &[T],
    tiles: &[T],
    [width, others]: [usize; 2],
    out: &mut [T],
    total: Total<T>,
) {
    if width == 0 || others == 0 {
        return;
    }
    for (group, tile) in tiles.chunks_exact(LANES.saturating_mul(width)).enumerate() {
        let tile = tile.as_chunks().0;
        for (row, distances) in a.chunks_exact(width).zip(out.chunks_exact_mut(others)) {
            let places = distances.get_mut(group * LANES..).unwrap_or_default();
            places.iter_mut().zip(total(row, tile)).for_each(|(place, sum)| *place = sum);
        }
    }
}

/// The sums of the squares, from the first to the last: the order in which
/// onnxruntime's `ReduceSumSquare` sums.
pub(super) fn total<T: Real>(row: &[T], tile: &[[T; LANES]]) -> [T; LANES] {
    let mut sums = [T::default(); LANES];
    for (&value, others) in row.iter().zip(tile) {
        for (sum, &other) in sums.iter_mut().zip(others) {
            let difference = value - other;
            *sum += difference * difference;
        }
    }
    sums
}

/// The sums of what is without signs, in two packets of [`Real::PACKET`] sums,
/// then what is left in one, then the rest: the order in which onnxruntime's
/// `ReduceSum` sums a row.
pub(super) fn total_packed<T: Real>(row: &[T], tile: &[[T; LANES]]) -> [T; LANES] {
    let mut sums = [[T::default(); LANES]; 8];
    let (pairs, packet) = (row.len() / (2 * T::PACKET), T::PACKET);
    let (row, rest) = row.split_at(pairs * 2 * packet);
    let (tile, rest_tile) = tile.split_at(row.len().min(tile.len()));
    for (row, tile) in row.chunks_exact(2 * packet).zip(tile.chunks_exact(2 * packet)) {
        add(&mut sums, row, tile);
    }
    fold(&mut sums, packet);
    let packed = rest.len() / packet * packet;
    let (one, last) = rest.split_at(packed);
    let (one_tile, last_tile) = rest_tile.split_at(packed.min(rest_tile.len()));
    add(&mut sums, one, one_tile);
    let mut half = packet / 2;
    while half > 0 {
        fold(&mut sums, half);
        half /= 2;
    }
    for (value, others) in last.iter().zip(last_tile) {
        add(&mut sums, std::slice::from_ref(value), std::slice::from_ref(others));
    }
    let [sums, ..] = sums;
    sums
}

/// To each of the sums, the difference between a value and the others.
#[inline(never)]
fn add<T: Real>(sums: &mut [[T; LANES]], row: &[T], tile: &[[T; LANES]]) {
    for ((sums, &value), others) in sums.iter_mut().zip(row).zip(tile) {
        for (sum, &other) in sums.iter_mut().zip(others) {
            *sum += (value - other).abs();
        }
    }
}

/// Adds the `half` sums from `half` on to those before.
fn fold<T: Real>(sums: &mut [[T; LANES]], half: usize) {
    let (low, high) = sums.split_at_mut(half);
    for (low, high) in low.iter_mut().zip(high) {
        low.iter_mut().zip(high).for_each(|(low, high)| *low += *high);
    }
}
