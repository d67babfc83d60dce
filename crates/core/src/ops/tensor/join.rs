//! Putting tensors side by side.

use edgeinfer_kernels::Element;

use super::axis::{around, count, replaced};
use super::bits::{Bits, Places, moving, places};
use super::runs::text_fits;
use crate::ops::{Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape, Tensor};

/// Tensors after one another along `axis`, which all of them have. Those
/// without elements count only where all of them are without.
pub(crate) fn concatenated(parts: &[TensorRef<'_>], axis: usize, scope: &mut Scope) -> Result<Tensor> {
    let first = parts.iter().find(|part| part.len() > 0).or(parts.first());
    let first = first.ok_or_else(|| failed("expected at least one tensor"))?;
    let empty = first.len() == 0;
    let mut length = 0usize;
    for part in parts.iter().filter(|part| empty || part.len() > 0) {
        let size = part.shape.get(axis).copied().unwrap_or_default();
        if replaced(part.shape, axis, &[]) != replaced(first.shape, axis, &[]) {
            let (one, other) = (first.shape, part.shape);
            return Err(failed(format!(
                "shapes {one:?} and {other:?} do not fit together along axis {axis}"
            )));
        }
        length = length.saturating_add(size);
    }
    join(parts, replaced(first.shape, axis, &[length]), axis, scope)
}

/// Tensors of one shape, along an axis `axis` that is new.
pub(crate) fn stacked(parts: &[TensorRef<'_>], axis: usize, scope: &mut Scope) -> Result<Tensor> {
    let first = parts.first().ok_or_else(|| failed("expected at least one tensor"))?;
    if let Some(other) = parts.iter().find(|part| part.shape != first.shape) {
        return Err(failed(format!(
            "expected tensors of one shape, got {:?} and {:?}",
            first.shape, other.shape
        )));
    }
    let mut shape = Shape::from(first.shape);
    if axis > shape.len() {
        return Err(failed(format!("axis {axis}: the tensors have {} dimensions", shape.len())));
    }
    shape.insert(axis, parts.len());
    join(parts, shape, axis, scope)
}

/// Tensors whose blocks along `axis` make up one of `shape`.
fn join(parts: &[TensorRef<'_>], shape: Shape, axis: usize, scope: &mut Scope) -> Result<Tensor> {
    let Some(first) = parts.first().map(|part| part.data) else { return Err(failed("expected tensors")) };
    if let Some(other) = parts.iter().find(|part| part.element_type() != first.element_type()) {
        let (one, other) = (first.element_type(), other.element_type());
        return Err(failed(format!("expected tensors of one type, got {one} and {other}")));
    }
    text_fits(parts)?;
    let outer = around(&shape, axis).outer;
    let total = count(&shape)?;
    let width = total.checked_div(outer).unwrap_or_default();
    let mut out = places(first, total, scope)?;
    let mut offset = 0;
    for part in parts {
        let block = part.len().checked_div(outer).unwrap_or_default();
        moving!(part.data, &mut out, |values, places| Element::spread(values, block, places, offset, width));
        offset += block;
    }
    Tensor::new(shape, out)
}
