//! Queries, keys and values by their heads, wherever those lie in a tensor.

use crate::native::Native;
use crate::ops::{Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Error, Result};

/// `[batch, heads, length, size]`: rows of `size` numbers, one for each place of
/// a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads<'a, T> {
    pub(super) data: &'a [T],
    pub(super) batch: usize,
    pub(super) heads: usize,
    pub(super) length: usize,
    pub(super) size: usize,
    pub(super) steps: Steps,
}

/// How far apart in `data` the parts of [`Heads`] are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    pub(super) batch: usize,
    pub(super) head: usize,
    pub(super) row: usize,
}

impl Steps {
    /// Of `[batch, heads, length, size]`.
    pub(super) fn by_head(heads: usize, length: usize, size: usize) -> Self {
        let head = length.saturating_mul(size);
        Self { batch: head.saturating_mul(heads), head, row: size }
    }

    /// Of `[batch, length, heads, size]`.
    pub(super) fn by_row(heads: usize, length: usize, size: usize) -> Self {
        let row = heads.saturating_mul(size);
        Self { batch: row.saturating_mul(length), head: size, row }
    }

    fn start(&self, batch: usize, head: usize, row: usize) -> usize {
        let [batch, head, row] = [(batch, self.batch), (head, self.head), (row, self.row)]
            .map(|(index, step)| index.saturating_mul(step));
        batch.saturating_add(head).saturating_add(row)
    }
}

impl<'a, T: Native + Copy> Heads<'a, T> {
    /// The heads of `tensor`, which an error calls `name`: of four dimensions
    /// `[batch, heads, length, size]`, or of three with `heads` heads side by side
    /// in its rows.
    pub(super) fn new(name: &str, tensor: &TensorRef<'a>, heads: Option<usize>) -> Result<Self> {
        let data = tensor.read::<T>().ok_or_else(|| {
            failed(format!("{name}: expected {} elements, got {}", T::TYPE, tensor.element_type()))
        })?;
        match (tensor.shape, heads) {
            (&[batch, heads, length, size], _) => {
                Ok(Self { data, batch, heads, length, size, steps: Steps::by_head(heads, length, size) })
            }
            (&[batch, length, width], Some(heads)) if heads > 0 && width % heads == 0 => {
                let size = width / heads;
                Ok(Self { data, batch, heads, length, size, steps: Steps::by_row(heads, length, size) })
            }
            _ => Err(no_heads(name, tensor.shape, heads)),
        }
    }

    /// Row `row` of a head; empty where there is none.
    pub(super) fn row(&self, batch: usize, head: usize, row: usize) -> &'a [T] {
        let start = self.steps.start(batch, head, row);
        self.data.get(start..).and_then(|rest| rest.get(..self.size)).unwrap_or_default()
    }

    /// The first `length` rows of a head one after the other: as they lie, or
    /// copied to `buffer`.
    pub(super) fn rows<'b>(
        &self,
        (batch, head): (usize, usize),
        length: usize,
        buffer: &'b mut Vec<T>,
    ) -> &'b [T]
    where
        'a: 'b,
    {
        if self.steps.row == self.size {
            let start = self.steps.start(batch, head, 0);
            let rows = self.data.get(start..).and_then(|rest| rest.get(..length.checked_mul(self.size)?));
            return rows.unwrap_or_default();
        }
        buffer.clear();
        for row in 0..length {
            buffer.extend_from_slice(self.row(batch, head, row));
        }
        buffer
    }

    /// All rows after those of `past`, as `[batch, heads, length, size]`.
    pub(super) fn after(&self, past: Option<&Heads<'_, T>>, scope: &mut Scope) -> Result<Vec<T>> {
        let length = past.map_or(0, |past| past.length).saturating_add(self.length);
        let count = element_count([self.batch, self.heads, length, self.size])?;
        let mut all = scope.vec(count)?;
        // Without elements there may be more rows than can be gone through.
        if count == 0 {
            return Ok(all);
        }
        for batch in 0..self.batch {
            for head in 0..self.heads {
                if let Some(past) = past {
                    (0..past.length).for_each(|row| all.extend_from_slice(past.row(batch, head, row)));
                }
                (0..self.length).for_each(|row| all.extend_from_slice(self.row(batch, head, row)));
            }
        }
        Ok(all)
    }

    /// An error where `self`, which it calls `name`, has other sizes than `other`,
    /// those of `"name"`, in batch, heads or size of a row.
    pub(super) fn goes_with(&self, name: &str, other: &Heads<'_, T>, others: &str) -> Result<()> {
        let sizes = |heads: &Heads<'_, T>| [heads.batch, heads.heads, heads.size];
        if sizes(self) == sizes(other) {
            return Ok(());
        }
        let ([batch, heads, size], [other_batch, other_heads, other_size]) = (sizes(self), sizes(other));
        Err(failed(format!(
            "{name} has a batch of {batch} with {heads} heads of size {size}, \
             but {others} one of {other_batch} with {other_heads} of {other_size}"
        )))
    }
}

/// The number of elements of a tensor.
pub(super) fn element_count(shape: [usize; 4]) -> Result<usize> {
    let count = crate::tensor::element_count(&shape);
    count.ok_or_else(|| failed(format!("a tensor of shape {shape:?} does not fit into memory")))
}

#[cold]
fn no_heads(name: &str, shape: &[usize], heads: Option<usize>) -> Error {
    let heads = heads.map_or_else(|| "four dimensions".to_owned(), |heads| format!("rows of {heads} heads"));
    failed(format!("{name}: expected {heads}, got shape {shape:?}"))
}

/// A place for the rows of heads to be written to.
pub(super) struct Target<T> {
    pub(super) data: Vec<T>,
    pub(super) steps: Steps,
}

impl<T: Copy> Target<T> {
    /// The first `length` numbers of a row of a head.
    pub(super) fn row(&mut self, batch: usize, head: usize, row: usize, length: usize) -> &mut [T] {
        let start = self.steps.start(batch, head, row);
        self.data.get_mut(start..).and_then(|rest| rest.get_mut(..length)).unwrap_or_default()
    }

    /// Writes `rows`, each `size` long, to a head from row `first` on.
    pub(super) fn write(&mut self, (batch, head, first): (usize, usize, usize), rows: &[T], size: usize) {
        for (row, numbers) in rows.chunks_exact(size.max(1)).enumerate() {
            let places = self.row(batch, head, first.saturating_add(row), size);
            places.iter_mut().zip(numbers).for_each(|(place, number)| *place = *number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{f32s, i64s};

    #[test]
    fn heads_lie_one_after_the_other_or_side_by_side() {
        let numbers: Vec<f32> = (0..8u8).map(f32::from).collect();
        let apart = f32s(&[1, 2, 2, 2], &numbers);
        let heads = Heads::<f32>::new("Q", &TensorRef::from(&apart), None).unwrap();
        assert_eq!(heads.row(0, 1, 0), [4.0, 5.0]);
        assert_eq!(heads.rows((0, 1), 2, &mut Vec::new()), [4.0, 5.0, 6.0, 7.0]);
        let beside = f32s(&[1, 2, 4], &numbers);
        let heads = Heads::<f32>::new("Q", &TensorRef::from(&beside), Some(2)).unwrap();
        assert_eq!(heads.row(0, 1, 0), [2.0, 3.0]);
        assert_eq!(heads.rows((0, 1), 2, &mut Vec::new()), [2.0, 3.0, 6.0, 7.0]);
        let all = heads.after(Some(&heads), &mut Scope::default()).unwrap();
        assert_eq!(all[..8], [0.0, 1.0, 4.0, 5.0, 0.0, 1.0, 4.0, 5.0]);
        assert!(heads.row(1, 0, 0).is_empty() && heads.row(usize::MAX, 1, 0).is_empty());
    }

    #[test]
    fn refuses_what_has_no_heads() {
        let message = |shape: &[usize], heads| {
            let tensor = f32s(shape, &vec![0.0; shape.iter().product()]);
            Heads::<f32>::new("Q", &TensorRef::from(&tensor), heads).unwrap_err().message().to_owned()
        };
        assert_eq!(message(&[1, 2, 3], None), "Q: expected four dimensions, got shape [1, 2, 3]");
        assert_eq!(message(&[1, 2, 3], Some(2)), "Q: expected rows of 2 heads, got shape [1, 2, 3]");
        assert!(message(&[1, 2, 3], Some(0)).contains("0 heads"));
        let tensor = i64s(&[1, 1, 1, 1], &[0]);
        let error = Heads::<f32>::new("Q", &TensorRef::from(&tensor), None).unwrap_err();
        assert_eq!(error.message(), "Q: expected float32 elements, got int64");
    }
}
