//! Broadcasting: which elements of tensors of different shapes belong together.
//! <https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md>

use smallvec::SmallVec;

use super::failed;
use super::walk::{Dim, Places, TENSORS, Walk};
use crate::tensor::element_count;
use crate::{Error, Result, Shape};

/// How up to three tensors are gone through to make one of the broadcast shape:
/// in runs, in which the elements of a tensor lie one after the other (step 1)
/// or are one and the same (step 0).
pub(crate) struct Broadcast {
    /// The shape of the result.
    pub(crate) shape: Shape,
    /// The number of elements in a run.
    pub(crate) run: usize,
    /// For each tensor 0 or 1.
    pub(crate) steps: Places,
    runs: Walk,
}

impl Broadcast {
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) for
    /// shapes that do not go together.
    pub(crate) fn new(shapes: &[&[usize]]) -> Result<Self> {
        let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
        let mut shape = Shape::from_elem(1, rank);
        let mut inner = Dim { size: 1, strides: [1; TENSORS] };
        let mut outer = SmallVec::<[Dim; 4]>::new();
        let mut strides = [1; TENSORS];
        for (axis, out) in shape.iter_mut().rev().enumerate() {
            let dim = dim(shapes, axis, &mut strides).ok_or_else(|| mismatch(shapes))?;
            *out = dim.size;
            match outer.last_mut() {
                _ if dim.size == 1 => {}
                _ if inner.size == 1 => inner = dim,
                None if dim.continues(&inner) => inner.size = inner.size.saturating_mul(dim.size),
                Some(last) if dim.continues(last) => last.size = last.size.saturating_mul(dim.size),
                _ => outer.push(dim),
            }
        }
        if element_count(&shape).ok_or_else(|| mismatch(shapes))? == 0 {
            // Without elements there may be more runs than can be gone through.
            outer.clear();
            inner.size = 0;
        }
        let runs = Walk::new(outer).ok_or_else(|| mismatch(shapes))?;
        Ok(Self { shape, run: inner.size, steps: inner.strides, runs })
    }

    /// The number of elements of the result.
    pub(crate) fn len(&self) -> usize {
        self.run * self.runs.count()
    }

    /// For each run, where it begins in each tensor.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Places> {
        self.runs.places()
    }

    /// Appends to `y` what `f` gives for each pair of elements of the first two
    /// tensors: three plain loops for each `f`.
    pub(crate) fn zip<A, B, Y>(&self, a: &[A], b: &[B], y: &mut Vec<Y>, f: impl Fn(&A, &B) -> Y) {
        let [a_step, b_step, _] = self.steps;
        for [i, j, _] in self.runs() {
            let (a, b) = (part(a, i, a_step, self.run), part(b, j, b_step, self.run));
            match (a_step, a, b_step, b) {
                (0, [a], _, b) => y.extend(b.iter().map(|b| f(a, b))),
                (_, a, 0, [b]) => y.extend(a.iter().map(|a| f(a, b))),
                (_, a, _, b) => y.extend(a.iter().zip(b).map(|(a, b)| f(a, b))),
            }
        }
    }
}

/// The shape of `b` as one that broadcasts to `a`, as in the operator sets
/// before 7: its first dimension is dimension `axis` of `a`.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where it
/// reaches beyond the last dimension of `a`.
pub(crate) fn aligned(a: &[usize], b: &[usize], axis: i64) -> Result<Shape> {
    let start = if axis < 0 { axis.saturating_add_unsigned(a.len() as u64) } else { axis };
    let end = usize::try_from(start).ok().and_then(|start| start.checked_add(b.len()));
    let after = end.and_then(|end| a.len().checked_sub(end)).ok_or_else(|| {
        failed(format!("a tensor of shape {b:?} does not broadcast to {a:?} from dimension {axis} on"))
    })?;
    Ok(b.iter().copied().chain(std::iter::repeat_n(1, after)).collect())
}

/// Dimension `axis`, counted from the last one; `strides` are what a step in it
/// is for tensors that have more than one element there, before and after.
fn dim(shapes: &[&[usize]], axis: usize, strides: &mut Places) -> Option<Dim> {
    let mut dim = Dim { size: 1, strides: [0; TENSORS] };
    for ((shape, next), stride) in shapes.iter().zip(strides).zip(&mut dim.strides) {
        let size = shape.iter().rev().nth(axis).copied().unwrap_or(1);
        if size == 1 {
            continue;
        }
        if dim.size != 1 && dim.size != size {
            return None;
        }
        (dim.size, *stride) = (size, *next);
        *next = next.checked_mul(size)?;
    }
    Some(dim)
}

/// The elements of a run: one where it is for all.
fn part<T>(elements: &[T], at: usize, step: usize, run: usize) -> &[T] {
    let length = if step == 0 { 1 } else { run };
    elements.get(at..).and_then(|rest| rest.get(..length)).unwrap_or_default()
}

fn mismatch(shapes: &[&[usize]]) -> Error {
    failed(format!("tensors of shapes {shapes:?} do not broadcast to one shape"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subtracted(a: &[usize], b: &[usize]) -> (Shape, Vec<i64>) {
        let broadcast = Broadcast::new(&[a, b]).unwrap();
        let numbers = |shape: &[usize]| (0..element_count(shape).unwrap() as i64).collect::<Vec<_>>();
        let mut y = Vec::new();
        broadcast.zip(&numbers(a), &numbers(b), &mut y, |a, b| 100 * a - b);
        assert_eq!(y.len(), broadcast.len());
        (broadcast.shape, y)
    }

    #[test]
    fn equal_shapes_are_one_run() {
        let broadcast = Broadcast::new(&[&[2, 3, 4], &[2, 3, 4]]).unwrap();
        assert_eq!((broadcast.run, broadcast.steps), (24, [1, 1, 0]));
    }

    #[test]
    fn without_elements_there_is_nothing_to_go_through() {
        let broadcast = Broadcast::new(&[&[2, 1], &[1 << 40, 1, 0]]).unwrap();
        assert_eq!(broadcast.shape.as_slice(), [1 << 40, 2, 0]);
        assert!(broadcast.runs().count() <= 1);
        assert_eq!(broadcast.len(), 0);
    }

    #[test]
    fn a_scalar_and_a_row_are_repeated() {
        assert_eq!(subtracted(&[3], &[]), (Shape::from_slice(&[3]), vec![0, 100, 200]));
        assert_eq!(subtracted(&[1, 1], &[3]), (Shape::from_slice(&[1, 3]), vec![0, -1, -2]));
        assert_eq!(subtracted(&[2, 2], &[2]).1, [0, 99, 200, 299]);
    }

    #[test]
    fn a_column_and_a_row_make_a_table() {
        let table = (Shape::from_slice(&[2, 3]), vec![0, -1, -2, 100, 99, 98]);
        assert_eq!(subtracted(&[2, 1], &[3]), table);
    }

    #[test]
    fn dimensions_of_both_kinds_alternate() {
        let (shape, y) = subtracted(&[2, 1, 2, 1], &[3, 1, 2]);
        assert_eq!(shape.as_slice(), [2, 3, 2, 2]);
        assert_eq!(y.get(..8).unwrap(), [0, -1, 100, 99, -2, -3, 98, 97]);
        assert_eq!(y.get(20..).unwrap(), [196, 195, 296, 295]);
    }

    #[test]
    fn nothing_broadcasts_to_nothing() {
        assert_eq!(subtracted(&[3, 1], &[1, 0]), (Shape::from_slice(&[3, 0]), vec![]));
        assert!(Broadcast::new(&[&[3, 2], &[3, 0]]).is_err());
    }

    #[test]
    fn refuses_shapes_that_do_not_go_together() {
        let error = Broadcast::new(&[&[2, 3], &[2]]).err().unwrap();
        assert_eq!(error.message(), "tensors of shapes [[2, 3], [2]] do not broadcast to one shape");
    }

    #[test]
    fn old_operator_sets_say_where_the_second_shape_begins() {
        assert_eq!(aligned(&[2, 3, 4], &[3], 1).unwrap().as_slice(), [3, 1]);
        assert_eq!(aligned(&[2, 3, 4], &[3, 4], -2).unwrap().as_slice(), [3, 4]);
        assert!(aligned(&[2, 3], &[3, 4], 1).is_err());
        assert!(aligned(&[2, 3], &[3], -3).is_err());
    }
}
