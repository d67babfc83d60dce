//! Moving elements from place to place.

/// Elements by their size: those of one size are moved by the same code.
pub trait Element: Clone {
    /// Copies runs of elements, one after the other, to `out`: each has `length`
    /// elements, `step` places apart, and starts at one of `starts`. What is
    /// outside of `source` leaves its place in `out` as it is.
    fn gather(source: &[Self], starts: &[u32], length: usize, step: isize, out: &mut [Self]);

    /// Copies blocks of `block` elements, one after the other in `values`, to
    /// `out`: the first to `offset`, each next one `width` places further.
    fn spread(values: &[Self], block: usize, out: &mut [Self], offset: usize, width: usize);

    /// Copies blocks of `block` elements: `source` is rows of `length` blocks,
    /// `out` rows of one for each of `places`. One that is outside of its row
    /// leaves its place as it is.
    fn take(source: &[Self], length: usize, block: usize, places: &[u32], out: &mut [Self]);
}

macro_rules! element {
    ($($type:ty),+) => {
        $(impl Element for $type {
            fn gather(source: &[Self], starts: &[u32], length: usize, step: isize, out: &mut [Self]) {
                gather(source, starts, length, step, out);
            }

            fn spread(values: &[Self], block: usize, out: &mut [Self], offset: usize, width: usize) {
                spread(values, block, out, offset, width);
            }

            fn take(source: &[Self], length: usize, block: usize, places: &[u32], out: &mut [Self]) {
                take(source, length, block, places, out);
            }
        })+
    };
}

element!(u8, u16, u32, u64, bool, String);

/// Runs and blocks shorter than this are copied element by element: a call of
/// `memcpy` costs more.
const SHORT: usize = 8;

fn gather<T: Clone>(source: &[T], starts: &[u32], length: usize, step: isize, out: &mut [T]) {
    match (length, step) {
        (0, _) => {}
        (1, _) => {
            for (place, &start) in out.iter_mut().zip(starts) {
                if let Some(value) = source.get(start as usize) {
                    place.clone_from(value);
                }
            }
        }
        (SHORT.., 1) => {
            for (run, &start) in out.chunks_exact_mut(length).zip(starts) {
                let values = source.get(start as usize..).and_then(|values| values.get(..run.len()));
                if let Some(values) = values {
                    run.clone_from_slice(values);
                }
            }
        }
        _ => {
            for (run, &start) in out.chunks_exact_mut(length).zip(starts) {
                let mut at = start as usize;
                for place in run {
                    if let Some(value) = source.get(at) {
                        place.clone_from(value);
                    }
                    at = at.wrapping_add_signed(step);
                }
            }
        }
    }
}

fn spread<T: Clone>(values: &[T], block: usize, out: &mut [T], offset: usize, width: usize) {
    let mut at = offset;
    for values in values.chunks_exact(block.max(1)) {
        if block < SHORT {
            for (place, value) in (at..).zip(values) {
                if let Some(place) = out.get_mut(place) {
                    place.clone_from(value);
                }
            }
        } else if let Some(places) = out.get_mut(at..).and_then(|row| row.get_mut(..block)) {
            places.clone_from_slice(values);
        }
        at = at.wrapping_add(width);
    }
}

fn take<T: Clone>(source: &[T], length: usize, block: usize, places: &[u32], out: &mut [T]) {
    let (from, to) = (length.saturating_mul(block), places.len().saturating_mul(block));
    if from == 0 || to == 0 {
        return;
    }
    for (row, out) in source.chunks_exact(from).zip(out.chunks_exact_mut(to)) {
        if block == 1 {
            gather(row, places, 1, 1, out);
            continue;
        }
        for (out, &place) in out.chunks_exact_mut(block).zip(places) {
            if let Some(values) = row.chunks_exact(block).nth(place as usize) {
                out.clone_from_slice(values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(starts: &[u32], length: usize, step: isize) -> Vec<u64> {
        let source: Vec<u64> = (0..30).collect();
        let mut out = vec![99; starts.len() * length];
        u64::gather(&source, starts, length, step, &mut out);
        out
    }

    #[test]
    fn runs_go_forwards_backwards_and_stand_still() {
        assert_eq!(gathered(&[3, 20], 2, -1), [3, 2, 20, 19]);
        assert_eq!(gathered(&[29], 9, -3), [29, 26, 23, 20, 17, 14, 11, 8, 5]);
        assert_eq!(gathered(&[1], 9, 2), [1, 3, 5, 7, 9, 11, 13, 15, 17]);
        assert_eq!(gathered(&[7], 8, 0), [7; 8]);
        assert_eq!(gathered(&[2], 8, 1), [2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(gathered(&[7, 5, 6], 1, 1), [7, 5, 6]);
        assert!(gathered(&[], 8, 1).is_empty());
    }

    #[test]
    fn what_is_outside_leaves_its_place() {
        assert_eq!(gathered(&[u32::MAX, 3], 1, 1), [99, 3]);
        assert_eq!(gathered(&[28], 3, 1), [28, 29, 99]);
        assert_eq!(gathered(&[25], 8, 1), [99; 8]);
    }

    #[test]
    fn blocks_go_into_their_columns() {
        let mut out = [0u8; 6];
        u8::spread(&[1, 2, 3, 4], 2, &mut out, 1, 3);
        assert_eq!(out, [0, 1, 2, 0, 3, 4]);
        let mut out = [0u8; 20];
        u8::spread(&(1..17).collect::<Vec<_>>(), 8, &mut out, 2, 10);
        assert_eq!(out, [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 9, 10, 11, 12, 13, 14, 15, 16]);
        u8::spread(&[7], 1, &mut out, 30, 1);
    }

    #[test]
    fn blocks_are_taken_from_their_row() {
        let source: Vec<u16> = (0..12).collect();
        let mut out = [99; 8];
        u16::take(&source, 3, 2, &[2, u32::MAX], &mut out);
        assert_eq!(out, [4, 5, 99, 99, 10, 11, 99, 99]);
        let mut out = [99; 6];
        u16::take(&source, 4, 1, &[3, 4], &mut out);
        assert_eq!(out, [3, 99, 7, 99, 11, 99]);
        u16::take(&source, 0, 2, &[0], &mut out);
        u16::take(&source, usize::MAX, 2, &[0], &mut out);
        u16::take(&source, 2, 3, &[], &mut out);
        assert_eq!(out, [3, 99, 7, 99, 11, 99]);
    }
}
