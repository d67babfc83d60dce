use super::Real;
use super::dot::dot;

/// `y += x · w`, where `w` is row-major, as wide as `y` is long and as high as
/// `x` is long. Each sum but a single one runs in the order of `x`.
pub(crate) fn gemv<T: Real>(x: &[T], w: &[T], y: &mut [T]) {
    match y {
        [] => {}
        [y] => *y = *y + dot(x, w),
        y => add_rows(x, w, y),
    }
}

/// Takes four rows of `w` at a time, so that `y` is read and written for every
/// fourth only.
#[inline(never)]
fn add_rows<T: Real>(x: &[T], w: &[T], y: &mut [T]) {
    let n = y.len();
    let (fours, last) = x.as_chunks::<4>();
    let mut rows = w.chunks_exact(4 * n);
    for (x, rows) in fours.iter().zip(&mut rows) {
        let (upper, lower) = rows.split_at(2 * n);
        let ((a, b), (c, d)) = (upper.split_at(n), lower.split_at(n));
        T::add_rows(*x, [a, b, c, d], y);
    }
    for (x, row) in last.iter().zip(rows.remainder().chunks_exact(n)) {
        T::add_row(*x, row, y);
    }
}
