use super::{Number, Product};

/// `y += x · w`, as one would write it down.
#[inline(never)]
pub(super) fn multiply<T: Number>(product: Product<'_, T>, y: &mut [T]) {
    let Product { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(n)) {
        for (x, w) in x.iter().zip(w.chunks_exact(n)) {
            y.iter_mut().zip(w).for_each(|(y, w)| *y = y.plus(x.times(*w)));
        }
    }
}

/// `y += x · wᵀ`, as one would write it down.
#[inline(never)]
pub(super) fn multiply_transposed<T: Number>(product: Product<'_, T>, y: &mut [T]) {
    let Product { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(n)) {
        for (y, w) in y.iter_mut().zip(w.chunks_exact(k)) {
            *y = x.iter().zip(w).fold(*y, |sum, (x, w)| sum.plus(x.times(*w)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_rows_by_columns() {
        let mut y = [10, 0, 0, 0];
        multiply(Product { x: &[1, 2, 3, 4, 5, 6], w: &[1, 0, 0, 1, 1, 1], k: 3, n: 2 }, &mut y);
        assert_eq!(y, [14, 5, 10, 11]);
    }

    #[test]
    fn multiplies_rows_by_rows() {
        let mut y = [10, 0, 0, 0];
        multiply_transposed(Product { x: &[1, 2, 3, 4, 5, 6], w: &[1, 0, 1, 0, 1, 1], k: 3, n: 2 }, &mut y);
        assert_eq!(y, [14, 5, 10, 11]);
    }

    #[test]
    fn whole_numbers_wrap_around() {
        let mut y = [0];
        multiply(Product { x: &[i32::MAX, 2], w: &[2, 3], k: 2, n: 1 }, &mut y);
        assert_eq!(y, [4]);
    }
}
