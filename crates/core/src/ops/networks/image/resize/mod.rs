//! `Resize`, `Upsample`: another size, from the nearest elements or from several
//! that are near.
//! <https://onnx.ai/onnx/operators/onnx__Resize.html>,
//! <https://onnx.ai/onnx/operators/onnx__Upsample.html>

mod axis;
mod sizes;
#[cfg(test)]
mod tests;
mod windows;

use std::borrow::Cow;

use axis::{Axis, Transform};
use edgeinfer_kernels::samples::{self, Sample};
use sizes::Sizes;
use windows::{Filter, Windows};

use crate::native::Native;
use crate::ops::numbers::{floats, integers};
use crate::ops::tensor::along::{Along, along};
use crate::ops::tensor::axis::{Around, around, count, replaced};
use crate::ops::tensor::runs::NOWHERE;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one, only};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, Shape, TensorData};

struct Resize {
    sizes: Sizes,
    transform: Transform,
    mode: Mode,
    /// What is outside, where the transform has an outside.
    extrapolation: f32,
}

#[derive(Clone, Copy)]
enum Mode {
    Nearest(Nearest),
    Weighted(Filter),
}

/// Which element is the nearest one.
#[derive(Clone, Copy)]
enum Nearest {
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil,
    /// Before operator set 11, as in onnxruntime: the one before where the axis
    /// gets longer, the one after where it gets shorter.
    Simple,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let old = node.version() < 11;
    let transform = if old { Transform::Asymmetric } else { Transform::read(node)? };
    let (sizes, mode) = (Sizes::read(node)?, mode(node)?);
    let extrapolation = node.float_or("extrapolation_value", 0.0)?;
    Ok(Box::new(Resize { sizes, transform, mode, extrapolation }))
}

pub(super) fn build_upsample(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (sizes, mode) = (Sizes::of_upsample(node)?, mode(node)?);
    Ok(Box::new(Resize { sizes, transform: Transform::Asymmetric, mode, extrapolation: 0.0 }))
}

fn mode(node: &Node<'_>) -> Result<Mode> {
    let cubic = match node.string_or("mode", "nearest")? {
        "nearest" => return Ok(Mode::Nearest(nearest(node)?)),
        "linear" | "bilinear" => None,
        "cubic" => Some(node.float_or("cubic_coeff_a", -0.75)?),
        other => return Err(node.invalid(format_args!("mode: there is no {other:?}"))),
    };
    let (antialias, exclude_outside) = (node.flag("antialias", false)?, node.flag("exclude_outside", false)?);
    Ok(Mode::Weighted(Filter { cubic, antialias, exclude_outside }))
}

fn nearest(node: &Node<'_>) -> Result<Nearest> {
    if node.version() < 11 {
        return Ok(Nearest::Simple);
    }
    Ok(match node.string_or("nearest_mode", "round_prefer_floor")? {
        "round_prefer_floor" => Nearest::RoundPreferFloor,
        "round_prefer_ceil" => Nearest::RoundPreferCeil,
        "floor" => Nearest::Floor,
        "ceil" => Nearest::Ceil,
        other => return Err(node.invalid(format_args!("nearest_mode: there is no {other:?}"))),
    })
}

impl Operator for Resize {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let mut axes =
            self.sizes.axes(x.shape, inputs, self.transform == Transform::TfCropAndResize, scope)?;
        axes.retain(|axis| !axis.is_kept(self.transform));
        axes.iter().try_for_each(Axis::check)?;
        match self.mode {
            Mode::Nearest(nearest) => self.nearest(x, &axes, nearest, scope),
            Mode::Weighted(filter) => {
                // What makes less comes first, what makes more goes from the
                // innermost axis outwards.
                axes.reverse();
                axes.sort_by_key(|axis| axis.resized > axis.length);
                self.weighted(x, &axes, filter, scope)
            }
        }
    }
}

impl Resize {
    fn nearest(
        &self,
        x: TensorRef<'_>,
        axes: &[Axis],
        nearest: Nearest,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let mut places = Vec::new();
        for axis in axes {
            let mut from = scope.vec(axis.resized)?;
            let last = axis.length.saturating_sub(1) as u32;
            from.extend((0..axis.resized).map(|place| match axis.original(self.transform, place) {
                Some(x) => (nearest.of(x, axis.scale) as u32).min(last),
                None => NOWHERE,
            }));
            places.push(Along { axis: axis.axis, places: from });
        }
        if self.extrapolation == 0.0 {
            return Ok(only(along(x, places, None, scope)?));
        }
        let fill = in_type(Cow::Borrowed(&[self.extrapolation]), x.element_type(), true, scope)?;
        Ok(only(along(x, places, Some(DataRef::from(&fill)), scope)?))
    }

    fn weighted(
        &self,
        x: TensorRef<'_>,
        axes: &[Axis],
        filter: Filter,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        if let DataRef::Float64(values) = x.data {
            let (shape, y) = self.sums(x.shape, values, axes, filter, scope)?;
            return one(shape, TensorData::Float64(y));
        }
        let values = floats(&x, scope)?;
        let (shape, y) = self.sums(x.shape, &values, axes, filter, scope)?;
        scope.keep_cow(values);
        // As in onnxruntime, linear interpolation of whole numbers drops the
        // fraction.
        let rounds = filter.antialias || filter.cubic.is_some();
        one(shape, in_type(Cow::Owned(y), x.element_type(), rounds, scope)?)
    }

    fn sums<T: Native + Sample>(
        &self,
        shape: &[usize],
        x: &[T],
        axes: &[Axis],
        filter: Filter,
        scope: &mut Scope,
    ) -> Result<(Shape, Vec<T>)> {
        let (mut shape, mut made) = (Shape::from_slice(shape), None::<Vec<T>>);
        for axis in axes {
            let Around { length, inner, .. } = around(&shape, axis.axis);
            shape = replaced(&shape, axis.axis, &[axis.resized]);
            let windows = Windows::new(axis, self.transform, filter, scope)?;
            let mut y = scope.filled(count(&shape)?, T::from(self.extrapolation))?;
            samples::along(made.as_deref().unwrap_or(x), length, inner, windows.view(), &mut y);
            windows.keep(scope);
            if let Some(made) = made.replace(y) {
                scope.keep(made);
            }
        }
        Ok((shape, made.map_or_else(|| scope.copy(x), Ok)?))
    }
}

impl Nearest {
    fn of(self, x: f32, scale: f32) -> f32 {
        match self {
            Self::RoundPreferFloor => (half_way(x) - 0.5).ceil(),
            Self::RoundPreferCeil => (half_way(x) + 0.5).floor(),
            Self::Ceil => x.ceil(),
            Self::Simple if scale < 1.0 => x.ceil(),
            Self::Floor | Self::Simple => x.floor(),
        }
    }
}

/// `x`, or what is half-way between two elements where it is that but for the
/// rounding of float32.
fn half_way(x: f32) -> f32 {
    let half = x.floor() + 0.5;
    if (x - half).abs() <= 1e-6 * half.abs().max(1.0) { half } else { x }
}

/// `values` as elements of `element`: of whole numbers, the nearest ones, or
/// those without the fraction, and no others than the type has.
fn in_type(
    values: Cow<'_, [f32]>,
    element: ElementType,
    rounds: bool,
    scope: &mut Scope,
) -> Result<TensorData> {
    let (least, most) = match element {
        ElementType::Float32 => return Ok(TensorData::Float32(scope.own(values)?)),
        ElementType::Float64 => {
            let mut wide = scope.vec(values.len())?;
            wide.extend(values.iter().map(|&x| f64::from(x)));
            scope.keep_cow(values);
            return Ok(TensorData::Float64(wide));
        }
        ElementType::Int8 => (-128.0, 127.0),
        ElementType::UInt8 => (0.0, 255.0),
        _ => (f32::MIN, f32::MAX),
    };
    let mut whole = scope.vec(values.len())?;
    whole.extend(values.iter().map(|&x| {
        let x = if rounds { x.round_ties_even() } else { x };
        x.clamp(least, most) as i64
    }));
    scope.keep_cow(values);
    integers(Cow::Owned(whole), element, scope)
}
