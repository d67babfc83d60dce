//! Tensors of one shape that come one after the other, put into one.

use super::axis::axis;
use super::bits::{Bits, Places, moving, places};
use super::layout::Layout;
use super::runs::text_grows;
use crate::ops::{Scope, failed};
use crate::tensor::each;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, Tensor, TensorData};

/// What has come so far, along a new first axis.
#[derive(Default)]
pub(crate) struct Gathering {
    shape: Shape,
    /// Room for what has come and for more of it.
    data: Option<TensorData>,
    count: usize,
    text: usize,
}

impl Gathering {
    /// Adds a tensor; `expected` is how many come at least, as far as is known.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where it
    /// is not like those before, or they do not fit into memory.
    pub(crate) fn push(&mut self, part: TensorRef<'_>, expected: usize, scope: &mut Scope) -> Result<()> {
        let mut data = match self.data.take() {
            Some(data) => self.fitting(data, &part, scope)?,
            None => {
                self.shape = Shape::from_slice(part.shape);
                places(part.data, expected.max(1).saturating_mul(part.len()), scope)?
            }
        };
        if let DataRef::String(texts) = part.data {
            self.text = texts.iter().try_fold(self.text, |text, next| text_grows(text, next.len()))?;
        }
        let at = self.count * part.len();
        moving!(part.data, &mut data, |part, data| put(data, at, part));
        self.data = Some(data);
        self.count += 1;
        Ok(())
    }

    /// `data`, or twice the room with the same elements where `part` does not fit
    /// any more.
    fn fitting(&self, data: TensorData, part: &TensorRef<'_>, scope: &mut Scope) -> Result<TensorData> {
        let (one, other) = (data.element_type(), part.element_type());
        if one != other {
            return Err(failed(format!("expected tensors of one type, got {one} and {other}")));
        }
        if part.shape != self.shape.as_slice() {
            let (one, other) = (&self.shape, part.shape);
            return Err(failed(format!("expected tensors of one shape, got {one:?} and {other:?}")));
        }
        if self.count.saturating_add(1).saturating_mul(part.len()) <= data.len() {
            return Ok(data);
        }
        let mut wider = places(part.data, data.len().saturating_mul(2), scope)?;
        moving!(DataRef::from(&data), &mut wider, |data, wider| put(wider, 0, data));
        scope.recycle_data(data);
        Ok(wider)
    }

    /// All of them along the axis `at`, the last one first where `backwards`; `None` where
    /// none has come.
    pub(crate) fn finish(self, at: i64, backwards: bool, scope: &mut Scope) -> Result<Option<Tensor>> {
        let Some(mut data) = self.data else { return Ok(None) };
        let at = axis(at, self.shape.len() + 1)?;
        let length = self.count * crate::tensor::element_count(&self.shape).unwrap_or(0);
        each!(TensorData, &mut data, values => values.truncate(length));
        let mut shape = self.shape;
        shape.insert(0, self.count);
        let tensor = Tensor::new(shape, data)?;
        if at == 0 && !backwards {
            return Ok(Some(tensor));
        }
        let mut layout = Layout::dense(tensor.shape());
        if backwards {
            layout.narrow(0, self.count - 1, self.count, -1)?;
        }
        layout.move_axis(0, at);
        let arranged = layout.tensor((&tensor).into(), scope)?;
        scope.recycle(tensor.into());
        Ok(Some(arranged))
    }
}

fn put<T: Clone>(places: &mut [T], at: usize, elements: &[T]) {
    let places = places.iter_mut().skip(at);
    places.zip(elements).for_each(|(place, element)| place.clone_from(element));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{f32s, i64s, texts};

    fn gathered(parts: &[Tensor], axis: i64, backwards: bool, expected: usize) -> Result<Option<Tensor>> {
        let (mut gathering, mut scope) = (Gathering::default(), Scope::default());
        for part in parts {
            gathering.push(part.into(), expected, &mut scope)?;
        }
        gathering.finish(axis, backwards, &mut scope)
    }

    #[test]
    fn puts_as_many_as_come_along_any_axis() {
        let parts: Vec<_> = (0..5i64).map(|i| i64s(&[2], &[i, 10 * i])).collect();
        for expected in [0, 1, 4, 5, 9] {
            let got = gathered(&parts, 0, false, expected).unwrap().unwrap();
            assert_eq!(got, i64s(&[5, 2], &[0, 0, 1, 10, 2, 20, 3, 30, 4, 40]));
            let got = gathered(&parts, 1, true, expected).unwrap().unwrap();
            assert_eq!(got, i64s(&[2, 5], &[4, 3, 2, 1, 0, 40, 30, 20, 10, 0]));
        }
        assert!(gathered(&[], 0, false, 0).unwrap().is_none());
    }

    #[test]
    fn takes_texts_and_tensors_without_elements() {
        let parts = [texts(&[], &["a"]), texts(&[], &["b"])];
        assert_eq!(gathered(&parts, 0, false, 0).unwrap(), Some(texts(&[2], &["a", "b"])));
        let parts = [f32s(&[0], &[]), f32s(&[0], &[])];
        assert_eq!(gathered(&parts, 0, true, 0).unwrap(), Some(f32s(&[2, 0], &[])));
    }

    #[test]
    fn refuses_others() {
        let refused = |parts: &[Tensor]| gathered(parts, 0, false, 0).unwrap_err().message().to_owned();
        assert_eq!(
            refused(&[f32s(&[1], &[1.0]), f32s(&[2], &[1.0; 2])]),
            "expected tensors of one shape, got [1] and [2]"
        );
        assert_eq!(
            refused(&[f32s(&[1], &[1.0]), i64s(&[1], &[1])]),
            "expected tensors of one type, got float32 and int64"
        );
    }
}
