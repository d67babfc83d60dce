//! Sums over the differences between rows.

use std::ops::{Add, Mul, Sub};

/// The number of rows that are compared with one at once: the rows of a tile.
pub const LANES: usize = 16;

/// Rows of features, each `width` long.
#[derive(Clone, Copy, Debug)]
pub enum Rows<'a, T> {
    /// One after the other.
    Plain(&'a [T]),
    /// In tiles, as [`Distance::tile`] makes them.
    Tiled(&'a [T]),
}

/// Rows of features to be compared with each other: those of `a` and `others`
/// rows, all of them `width` long. The sums are those of onnxruntime, to the last
/// bit. `scratch` is as long as a tile.
pub trait Distance: Sized {
    /// Puts `rows` into tiles: of each feature, a tile has the numbers of all its
    /// rows after one another. `tiles` is as long as it takes; what is beyond the
    /// last row keeps what is there.
    fn tile(rows: &[Self], width: usize, tiles: &mut [Self]);

    /// The sums of the squares of their differences.
    fn squares(a: &[Self], rows: Rows<'_, Self>, size: Size, scratch: &mut [Self], out: &mut [Self]);

    /// The sums of their differences without signs.
    fn absolutes(a: &[Self], rows: Rows<'_, Self>, size: Size, scratch: &mut [Self], out: &mut [Self]);

    /// Each number becomes its square root.
    fn square_roots(numbers: &mut [Self]);
}

/// How many rows there are, and how long they are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The length of a row.
    pub width: usize,
    /// The number of rows that those of `a` are compared with.
    pub others: usize,
}

trait Number: Copy + Default + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// How many of them onnxruntime adds at once.
    const PACKET: usize;

    fn absolute(self) -> Self;
}

macro_rules! distance {
    ($($type:ty => $packet:literal),+) => {
        $(impl Number for $type {
            const PACKET: usize = $packet;

            fn absolute(self) -> Self {
                self.abs()
            }
        }

        impl Distance for $type {
            fn tile(rows: &[Self], width: usize, tiles: &mut [Self]) {
                tile(rows, width, tiles);
            }

            fn squares(a: &[Self], rows: Rows<'_, Self>, size: Size, scratch: &mut [Self], out: &mut [Self]) {
                let totals = Totals { one: squares, two: squares };
                sums(a, rows, size, scratch, out, &totals);
            }

            fn absolutes(a: &[Self], rows: Rows<'_, Self>, size: Size, scratch: &mut [Self], out: &mut [Self]) {
                let two = |rows: [&[Self]; 2], tile: &[_]| rows.map(|row| absolutes([row], tile)[0]);
                sums(a, rows, size, scratch, out, &Totals { one: absolutes, two });
            }

            fn square_roots(numbers: &mut [Self]) {
                numbers.iter_mut().for_each(|number| *number = number.sqrt());
            }
        })+
    };
}

distance!(f32 => 4, f64 => 2);

fn tile<T: Number>(rows: &[T], width: usize, tiles: &mut [T]) {
    let size = LANES.saturating_mul(width).max(1);
    for (rows, tile) in rows.chunks(size).zip(tiles.chunks_exact_mut(size)) {
        for (lane, row) in rows.chunks_exact(width.max(1)).enumerate() {
            let places = tile.iter_mut().skip(lane).step_by(LANES);
            places.zip(row).for_each(|(place, value)| *place = *value);
        }
    }
}

/// What becomes of some rows and the rows of a tile.
type Total<T, const N: usize> = fn([&[T]; N], &[[T; LANES]]) -> [[T; LANES]; N];

/// The same of one row, and of two at once, for which a tile is read once.
struct Totals<T> {
    one: Total<T, 1>,
    two: Total<T, 2>,
}

fn sums<T: Number>(
    a: &[T],
    rows: Rows<'_, T>,
    size: Size,
    scratch: &mut [T],
    out: &mut [T],
    totals: &Totals<T>,
) {
    let length = LANES.saturating_mul(size.width);
    if length == 0 || size.others == 0 {
        return;
    }
    let mut compare = |group: usize, tile: &[T]| {
        let tile = tile.as_chunks().0;
        let put = |distances: &mut [T], sums: &[[T; LANES]]| {
            for (distances, sums) in distances.chunks_exact_mut(size.others).zip(sums) {
                let places = distances.get_mut(group * LANES..).unwrap_or_default();
                places.iter_mut().zip(sums).for_each(|(place, sum)| *place = *sum);
            }
        };
        let mut distances = out.chunks_mut(size.others.saturating_mul(2));
        for (rows, distances) in a.chunks(size.width.saturating_mul(2)).zip(&mut distances) {
            match rows.split_at_checked(size.width) {
                Some((first, second)) if second.len() == size.width => {
                    put(distances, &(totals.two)([first, second], tile));
                }
                Some((row, _)) => put(distances, &(totals.one)([row], tile)),
                None => {}
            }
        }
    };
    match rows {
        Rows::Tiled(tiles) => {
            tiles.chunks_exact(length).enumerate().for_each(|(group, tile)| compare(group, tile));
        }
        Rows::Plain(rows) => {
            for (group, rows) in rows.chunks(length).enumerate() {
                tile(rows, size.width, scratch);
                compare(group, scratch);
            }
        }
    }
}

/// The sums of the squares, from the first to the last: the order in which
/// onnxruntime's `ReduceSumSquare` sums.
fn squares<T: Number, const N: usize>(rows: [&[T]; N], tile: &[[T; LANES]]) -> [[T; LANES]; N] {
    let mut sums = [[T::default(); LANES]; N];
    for (feature, others) in tile.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(rows) {
            let Some(&value) = row.get(feature) else { continue };
            for (sum, &other) in sums.iter_mut().zip(others) {
                let difference = value - other;
                *sum = *sum + difference * difference;
            }
        }
    }
    sums
}

/// The sums of what is without signs, in two packets of [`Number::PACKET`] sums,
/// then what is left in one, then the rest: the order in which onnxruntime's
/// `ReduceSum` sums a row.
fn absolutes<T: Number>([row]: [&[T]; 1], tile: &[[T; LANES]]) -> [[T; LANES]; 1] {
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
    [sums]
}

/// To each of the sums, the difference between a value and the others.
#[inline(never)]
fn add<T: Number>(sums: &mut [[T; LANES]], row: &[T], tile: &[[T; LANES]]) {
    for ((sums, &value), others) in sums.iter_mut().zip(row).zip(tile) {
        for (sum, &other) in sums.iter_mut().zip(others) {
            *sum = *sum + (value - other).absolute();
        }
    }
}

/// Adds the `half` sums from `half` on to those before.
fn fold<T: Number>(sums: &mut [[T; LANES]], half: usize) {
    let (low, high) = sums.split_at_mut(half);
    for (low, high) in low.iter_mut().zip(high) {
        low.iter_mut().zip(high).for_each(|(low, high)| *low = *low + *high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<f64> {
        (0..count).map(|index| (index * 7919 % 997) as f64 / 31.0).collect()
    }

    #[test]
    fn sums_from_the_first_feature_to_the_last() {
        let (a, b) = (numbers(5 * 7), numbers(37 * 7));
        let size = Size { width: 7, others: 37 };
        let (mut tiles, mut tile, mut out) = (vec![0.0; 48 * 7], vec![0.0; 16 * 7], vec![0.0; 5 * 37]);
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
        let expected: Vec<f64> = a.chunks(7).flat_map(|a| b.chunks(7).map(move |b| sum(a, b))).collect();
        f64::squares(&a, Rows::Plain(&b), size, &mut tile, &mut out);
        assert_eq!(out, expected);
        out.fill(0.0);
        f64::tile(&b, 7, &mut tiles);
        f64::squares(&a, Rows::Tiled(&tiles), size, &mut [], &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn sums_what_has_no_sign_as_onnxruntime_does() {
        let terms: [f32; 15] =
            [67.1, 80.5, 2.3, 80.8, 46.9, 51.5, 63.0, 28.6, 97.9, 5.4, 27.8, 38.3, 57.1, 40.9, 13.1];
        let sum = |terms: &[f32]| {
            let (mut out, size) = ([0.0], Size { width: terms.len(), others: 1 });
            let zeros = vec![0.0; terms.len() * LANES];
            f32::absolutes(terms, Rows::Tiled(&zeros), size, &mut [], &mut out);
            out[0]
        };
        // From the first to the last, they are 590.10004 and 701.2.
        assert_eq!([sum(&terms[..12]), sum(&terms)], [590.1, 701.199_95]);
        assert_eq!(sum(&terms[..5]), 277.6);
    }

    #[test]
    fn takes_rows_without_features_and_no_rows() {
        let mut out = [7.0f32; 2];
        f32::squares(&[], Rows::Plain(&[]), Size { width: 0, others: 2 }, &mut [], &mut out);
        f32::squares(&[1.0], Rows::Plain(&[]), Size { width: 1, others: 0 }, &mut [], &mut out);
        f32::squares(&[1.0], Rows::Plain(&[1.0]), Size { width: 1, others: 1 }, &mut [], &mut out);
        f32::tile(&[], 0, &mut []);
        assert_eq!(out, [0.0, 7.0]);
    }
}
