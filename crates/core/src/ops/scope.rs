use std::borrow::Cow;

use crate::native::{Native, Pools, keep, lengthen};
use crate::ops::failed;
use crate::{Error, Result, TensorData, Value};

/// No tensor that a step makes is longer, in bytes: what a damaged file asks
/// for is an error, and not the end of the process.
const LARGEST: usize = 1 << 30;

/// No run takes more iterations of loops, those of loops within loops included:
/// a damaged file cannot make it endless.
const MOST_ITERATIONS: u32 = 1 << 22;

/// Where steps get their buffers: those of values that nobody needs any more
/// are used again, so that in the steady state a run allocates nothing.
#[derive(Default)]
pub(crate) struct Scope {
    pools: Pools,
    frames: Vec<Vec<Option<Value>>>,
    iterations: u32,
    /// Transforms that were made, the last one first.
    #[cfg(feature = "networks")]
    fouriers: Vec<std::sync::Arc<edgeinfer_kernels::Fourier>>,
}

impl Scope {
    /// A run of a model begins.
    pub(crate) fn begin(&mut self) {
        self.iterations = 0;
    }

    /// An iteration of a loop begins.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// the run has taken too many.
    pub(crate) fn iterate(&mut self) -> Result<()> {
        if self.iterations >= MOST_ITERATIONS {
            return Err(failed(format!("loops have taken {MOST_ITERATIONS} iterations and are not done")));
        }
        self.iterations += 1;
        Ok(())
    }

    /// An empty vector with room for `capacity` elements.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// it does not fit into memory.
    // Not inlined, as every operator uses it: one for each type is enough to ship.
    #[inline(never)]
    pub(crate) fn vec<T: Native>(&mut self, capacity: usize) -> Result<Vec<T>> {
        if capacity.checked_mul(size_of::<T>()).is_none_or(|bytes| bytes > LARGEST) {
            return Err(too_long(capacity));
        }
        let mut values = T::pool(&mut self.pools).pop().unwrap_or_default();
        values.clear();
        if values.try_reserve(capacity).is_err() {
            return Err(too_long(capacity));
        }
        Ok(values)
    }

    /// `length` times `value`.
    ///
    /// # Errors
    ///
    /// As [`Scope::vec`].
    pub(crate) fn filled<T: Native>(&mut self, length: usize, value: T) -> Result<Vec<T>> {
        let mut values = self.vec(length)?;
        values.resize(length, value);
        Ok(values)
    }

    /// `length` times zero, or what is as empty.
    ///
    /// # Errors
    ///
    /// As [`Scope::vec`].
    #[inline(never)]
    pub(crate) fn zeros<T: Native>(&mut self, length: usize) -> Result<Vec<T>> {
        let mut values = self.vec(length)?;
        lengthen(&mut values, length);
        Ok(values)
    }

    /// `length` elements of any value, for who writes every one of them: filling
    /// them first would take as long as many a step. Those that were as long before
    /// need no filling, so the shortest of them is taken.
    ///
    /// # Errors
    ///
    /// As [`Scope::vec`].
    #[inline(never)]
    pub(crate) fn any<T: Native>(&mut self, length: usize) -> Result<Vec<T>> {
        let pool = T::pool(&mut self.pools);
        let waiting = pool.iter().enumerate().map(|(place, values)| (values.len(), place));
        let mut values = match waiting.filter(|(long, _)| *long >= length).min() {
            Some((_, place)) => pool.swap_remove(place),
            None => self.vec(length)?,
        };
        values.truncate(length);
        lengthen(&mut values, length);
        Ok(values)
    }

    /// A copy of `values`.
    ///
    /// # Errors
    ///
    /// As [`Scope::vec`].
    pub(crate) fn copy<T: Native>(&mut self, values: &[T]) -> Result<Vec<T>> {
        let mut copy = self.vec(values.len())?;
        copy.extend_from_slice(values);
        Ok(copy)
    }

    /// `values` as a vector of its own.
    ///
    /// # Errors
    ///
    /// As [`Scope::vec`].
    pub(crate) fn own<T: Native>(&mut self, values: Cow<'_, [T]>) -> Result<Vec<T>> {
        match values {
            Cow::Borrowed(values) => self.copy(values),
            Cow::Owned(values) => Ok(values),
        }
    }

    /// Takes back a vector that is not needed any more.
    pub(crate) fn keep<T: Native>(&mut self, values: Vec<T>) {
        keep(T::pool(&mut self.pools), values);
    }

    /// Takes back a vector where it was one of this scope's.
    pub(crate) fn keep_cow<T: Native>(&mut self, values: Cow<'_, [T]>) {
        if let Cow::Owned(values) = values {
            self.keep(values);
        }
    }

    /// Takes back the buffers of a value that is not needed any more.
    pub(crate) fn recycle(&mut self, value: Value) {
        match value {
            Value::Tensor(tensor) => self.recycle_data(tensor.into_data()),
            Value::MapSequence(maps) => self.recycle_data(maps.values.into_data()),
            Value::Map(map) => self.recycle_data(map.values.into_data()),
            Value::Sequence(tensors) => {
                tensors.into_iter().for_each(|tensor| self.recycle_data(tensor.into_data()));
            }
            Value::Absent => {}
        }
    }

    /// As [`Scope::recycle`], of a tensor's elements.
    pub(crate) fn recycle_data(&mut self, data: TensorData) {
        self.pools.keep(data);
    }

    /// The Fourier transform of `length` numbers. The last few are kept: for a short
    /// signal, to make one takes longer than to take it.
    #[cfg(feature = "networks")]
    pub(crate) fn fourier(&mut self, length: usize) -> std::sync::Arc<edgeinfer_kernels::Fourier> {
        const KEPT: usize = 4;
        const LONGEST: usize = 1 << 14;
        let place = self.fouriers.iter().position(|kept| kept.length() == length);
        let fourier = match place {
            Some(place) => self.fouriers.remove(place),
            None => std::sync::Arc::new(edgeinfer_kernels::Fourier::new(length)),
        };
        if length <= LONGEST {
            self.fouriers.insert(0, std::sync::Arc::clone(&fourier));
            self.fouriers.truncate(KEPT);
        }
        fourier
    }

    /// A place for each of `length` values of a run.
    pub(crate) fn frame(&mut self, length: usize) -> Vec<Option<Value>> {
        let mut frame = self.frames.pop().unwrap_or_default();
        frame.resize_with(length, || None);
        frame
    }

    /// Takes back the places of a run, and what is still in them.
    pub(crate) fn leave(&mut self, mut frame: Vec<Option<Value>>) {
        frame.drain(..).flatten().for_each(|value| self.recycle(value));
        self.frames.push(frame);
    }
}

#[cold]
fn too_long(capacity: usize) -> Error {
    failed(format!("a tensor of {capacity} elements does not fit into memory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(feature = "networks")]
    fn the_last_few_transforms_are_kept() {
        let mut scope = Scope::default();
        let first = scope.fourier(1);
        for length in [2, 3, 4, 1, 5, 1] {
            assert_eq!(scope.fourier(length).length(), length);
        }
        assert!(std::sync::Arc::ptr_eq(&scope.fourier(1), &first));
        assert_eq!(scope.fouriers.iter().map(|kept| kept.length()).collect::<Vec<_>>(), [1, 5, 4, 3]);
        scope.fourier((1 << 14) + 1);
        assert_eq!(scope.fouriers.len(), 4);
    }

    #[test]
    fn buffers_that_were_long_enough_are_taken_as_they_are() {
        let mut scope = Scope::default();
        let both = [(5000, 1), (7, 2)].map(|(length, value)| (scope.any::<u8>(length).unwrap(), value));
        for (mut values, value) in both {
            assert!(values.iter().all(|value| *value == 0));
            values.fill(value);
            scope.keep(values);
        }
        assert_eq!(scope.any::<u8>(4).unwrap(), [2; 4]);
        assert_eq!(scope.any::<u8>(4).unwrap(), [1; 4]);
        assert_eq!(scope.any::<u8>(9000).unwrap().len(), 9000);
        assert_eq!(scope.any::<String>(2).unwrap(), ["", ""]);
    }

    #[test]
    fn loops_do_not_go_on_for_ever() {
        let mut scope = Scope { iterations: MOST_ITERATIONS - 1, ..Scope::default() };
        assert!(scope.iterate().is_ok());
        let error = scope.iterate().unwrap_err();
        assert_eq!(error.message(), "loops have taken 4194304 iterations and are not done");
        scope.begin();
        assert!(scope.iterate().is_ok());
    }
}
