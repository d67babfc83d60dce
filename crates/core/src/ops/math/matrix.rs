//! Matrices inside of tensors.

use crate::Shape;

/// The dimensions that `a` and `b` are stretched to; `None` where they do not
/// fit each other.
pub(in crate::ops) fn broadcast(a: &[usize], b: &[usize]) -> Option<Shape> {
    let (longer, shorter) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let (first, last) = longer.split_at_checked(longer.len() - shorter.len())?;
    let mut dims = Shape::from_slice(first);
    for (&a, &b) in last.iter().zip(shorter) {
        dims.push(match (a, b) {
            (1, dim) | (dim, 1) => dim,
            (a, b) if a == b => a,
            _ => return None,
        });
    }
    Some(dims)
}

/// Which matrix of a tensor of dimensions `own` is the one at `index`, when
/// `own` is stretched to `all`.
#[inline(never)]
pub(in crate::ops) fn place(index: usize, all: &[usize], own: &[usize]) -> usize {
    let (mut index, mut place, mut stride) = (index, 0, 1);
    for (&all, &own) in all.iter().rev().zip(own.iter().rev()) {
        let all = all.max(1);
        if own > 1 {
            place += index % all * stride;
        }
        index /= all;
        stride *= own;
    }
    place
}

/// Part `index` of `values`, each `length` long.
pub(in crate::ops) fn nth<T>(values: &[T], length: usize, index: usize) -> &[T] {
    values.chunks_exact(length.max(1)).nth(index).unwrap_or_default()
}

/// Appends the columns of `values`, which are `width` wide, as rows.
pub(crate) fn transpose<T: Copy>(values: &[T], width: usize, columns: &mut Vec<T>) {
    for column in 0..width {
        columns.extend(values.iter().skip(column).step_by(width));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_of_one_is_stretched() {
        assert_eq!(broadcast(&[5, 1], &[4]).unwrap().as_slice(), [5, 4]);
        assert_eq!(broadcast(&[], &[1, 0]).unwrap().as_slice(), [1, 0]);
        assert!(broadcast(&[2], &[3]).is_none());
    }

    #[test]
    fn finds_the_matrix_that_is_stretched() {
        let places = |own: &[usize]| (0..6).map(|i| place(i, &[2, 3], own)).collect::<Vec<_>>();
        assert_eq!(places(&[2, 3]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(places(&[3]), [0, 1, 2, 0, 1, 2]);
        assert_eq!(places(&[2, 1]), [0, 0, 0, 1, 1, 1]);
        assert_eq!(places(&[]), [0; 6]);
    }

    #[test]
    fn transposes() {
        let mut columns = Vec::new();
        transpose(&[1, 2, 3, 4, 5, 6], 3, &mut columns);
        assert_eq!(columns, [1, 4, 2, 5, 3, 6]);
    }
}
