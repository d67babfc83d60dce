use std::fmt;
use std::iter::repeat_n;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytemuck::{Pod, cast_slice, cast_slice_mut, try_cast_slice};

/// Bytes that weights are read from where they lie: shared, and aligned to 16
/// bytes, which suits every element type and every vector register.
#[derive(Clone, Default)]
pub struct ModelBytes {
    words: Arc<[u128]>,
    range: Range<usize>,
}

impl ModelBytes {
    /// `length` bytes that `fill` writes: the one copy that a file needs to get
    /// from its host into memory.
    pub fn filled_by(length: usize, fill: impl FnOnce(&mut [u8])) -> Self {
        let count = length.div_ceil(size_of::<u128>());
        // Collected where it stays: a vector would be copied into the `Arc`.
        let mut words: Arc<[u128]> = repeat_n(0, count).collect();
        if let Some(words) = Arc::get_mut(&mut words) {
            fill(cast_slice_mut(words).get_mut(..length).unwrap_or_default());
        }
        Self { words, range: 0..length }
    }

    /// The bytes at `range`, shared; `None` where it is not within these.
    pub(crate) fn part(&self, range: Range<usize>) -> Option<Self> {
        let start = self.range.start.checked_add(range.start)?;
        let end = self.range.start.checked_add(range.end)?;
        let within = start <= end && end <= self.range.end;
        within.then(|| Self { words: Arc::clone(&self.words), range: start..end })
    }
}

impl From<&[u8]> for ModelBytes {
    fn from(bytes: &[u8]) -> Self {
        Self::filled_by(bytes.len(), |copy| copy.copy_from_slice(bytes))
    }
}

impl Deref for ModelBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        cast_slice(&self.words).get(self.range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for ModelBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelBytes({})", self.len())
    }
}

/// Elements borrowed from a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights<T> {
    bytes: ModelBytes,
    element: PhantomData<T>,
}

impl<T: Pod> Weights<T> {
    /// `None` where the bytes are not whole, aligned elements.
    pub(crate) fn new(bytes: ModelBytes) -> Option<Self> {
        try_cast_slice::<u8, T>(&bytes).ok()?;
        Some(Self { bytes, element: PhantomData })
    }
}

impl<T: Pod> Deref for Weights<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        try_cast_slice(&self.bytes).unwrap_or_default()
    }
}

impl<T: Pod> From<&[T]> for Weights<T> {
    fn from(elements: &[T]) -> Self {
        Self { bytes: ModelBytes::from(cast_slice::<T, u8>(elements)), element: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_where_it_lies() {
        let bytes = ModelBytes::from(&[0, 0, 0, 0, 0, 0, 128, 63][..]);
        let weights: Weights<f32> = Weights::new(bytes.part(4..8).unwrap()).unwrap();
        assert_eq!(*weights, [1.0]);
        assert_eq!(weights.as_ptr().cast(), bytes.get(4).unwrap());
    }

    #[test]
    fn refuses_what_is_outside_or_not_aligned() {
        let bytes = ModelBytes::from(&[0; 8][..]);
        assert!(bytes.part(4..9).is_none());
        assert!(bytes.part(4..8).unwrap().part(0..5).is_none());
        assert!(Weights::<f32>::new(bytes.part(1..5).unwrap()).is_none());
        assert!(Weights::<f32>::new(bytes.part(0..6).unwrap()).is_none());
    }
}
