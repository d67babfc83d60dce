//! Blocks along some axes of a tensor, in any order, again and again or left out.

use edgeinfer_kernels::Element;

use super::axis::{Around, around, count, replaced};
use super::bits::{Bits, Places, copied, moving, places as zeros};
use super::runs::{NOWHERE, Runs, gathered, text_grows};
use crate::ops::{Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Tensor, TensorData, Value};

/// Where the places along an axis come from.
pub(crate) struct Along {
    pub(crate) axis: usize,
    /// The place in the source for each of the result; [`NOWHERE`] where it has
    /// none.
    pub(crate) places: Vec<u32>,
}

/// The elements of `source` along `axes`, no axis twice. What comes from nowhere
/// is `fill`, one element; without, it is zero, false or empty.
pub(crate) fn along(
    source: TensorRef<'_>,
    mut axes: Vec<Along>,
    fill: Option<DataRef<'_>>,
    scope: &mut Scope,
) -> Result<Tensor> {
    // What makes less comes first, what makes more goes from the innermost axis
    // outwards, so that as little as can be is moved in between.
    let grows = |along: &Along| source.shape.get(along.axis).is_some_and(|&own| along.places.len() > own);
    axes.sort_by_key(|along| if grows(along) { usize::MAX - along.axis } else { along.axis });
    let mut made: Option<Tensor> = None;
    for Along { axis, places } in axes {
        let from = made.as_ref().map_or(source, TensorRef::from);
        let next = taken(from, axis, &places, fill, scope)?;
        scope.keep(places);
        if let Some(made) = made.replace(next) {
            scope.recycle(Value::Tensor(made));
        }
    }
    made.map_or_else(|| Tensor::new(source.shape, copied(source.data, scope)?), Ok)
}

fn taken(
    source: TensorRef<'_>,
    axis: usize,
    places: &[u32],
    fill: Option<DataRef<'_>>,
    scope: &mut Scope,
) -> Result<Tensor> {
    if source.len() >= NOWHERE as usize {
        return Err(failed("a tensor of more than four billion elements"));
    }
    let Around { length, inner, .. } = around(source.shape, axis);
    let shape = replaced(source.shape, axis, &[places.len()]);
    text_fits(source.data, length, inner, places)?;
    let mut out = match fill.filter(|_| places.contains(&NOWHERE)) {
        Some(fill) => filled(fill, count(&shape)?, scope)?,
        None => zeros(source.data, count(&shape)?, scope)?,
    };
    moving!(source.data, &mut out, |source, out| Element::take(source, length, inner, places, out));
    Tensor::new(shape, out)
}

/// `length` times the element that `value` is.
fn filled(value: DataRef<'_>, length: usize, scope: &mut Scope) -> Result<TensorData> {
    let starts = scope.zeros(1)?;
    gathered(value, Runs { starts, length, step: 0 }, scope)
}

fn text_fits(source: DataRef<'_>, length: usize, inner: usize, places: &[u32]) -> Result<()> {
    let DataRef::String(texts) = source else { return Ok(()) };
    let mut total = 0;
    for row in texts.chunks_exact(length.saturating_mul(inner).max(1)) {
        for &place in places {
            let block = row.chunks_exact(inner.max(1)).nth(place as usize).unwrap_or_default();
            for text in block {
                total = text_grows(total, text.len())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{i64s, texts};

    fn of(source: &Tensor, axes: &[(usize, &[u32])]) -> Result<Tensor> {
        let axes = axes.iter().map(|&(axis, places)| Along { axis, places: places.to_vec() }).collect();
        along(source.into(), axes, None, &mut Scope::default())
    }

    #[test]
    fn takes_places_along_several_axes() {
        let x = i64s(&[2, 3], &[0, 1, 2, 3, 4, 5]);
        assert_eq!(of(&x, &[]).unwrap(), x);
        let y = of(&x, &[(0, &[1, NOWHERE, 0]), (1, &[2, 2])]).unwrap();
        assert_eq!(y, i64s(&[3, 2], &[5, 5, 0, 0, 2, 2]));
        assert_eq!(of(&x, &[(1, &[])]).unwrap(), i64s(&[2, 0], &[]));
        assert_eq!(of(&i64s(&[0], &[]), &[(0, &[NOWHERE])]).unwrap(), i64s(&[1], &[0]));
    }

    #[test]
    fn refuses_more_text_than_fits() {
        let long = "x".repeat(1 << 20);
        let error = of(&texts(&[1], &[&long]), &[(0, &[0; 1 << 11])]).unwrap_err();
        assert_eq!(error.message(), "a tensor of strings does not fit into memory");
    }
}
