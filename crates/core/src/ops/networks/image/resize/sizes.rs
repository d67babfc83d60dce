//! How long the axes get.

use smallvec::SmallVec;

use super::axis::Axis;
use crate::ops::numbers::floats;
use crate::ops::tensor::axis::{axes, dim};
use crate::ops::tensor::indices::whole;
use crate::ops::{Inputs, Node, Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Error, Result};

/// Where an operator has its sizes from.
pub(super) struct Sizes {
    axes: Option<Vec<i64>>,
    policy: Policy,
    source: Source,
}

enum Source {
    /// Input 1 is scales.
    Scales,
    /// Inputs 1 to 3 are region, scales, sizes.
    Inputs,
    /// Scales as an attribute.
    Attribute(crate::bytes::Weights<f32>),
}

/// What sizes are in the face of the shape that the axes had.
#[derive(Clone, Copy, PartialEq)]
enum Policy {
    Stretch,
    NotLarger,
    NotSmaller,
}

type Axes = SmallVec<[Axis; 4]>;

impl Sizes {
    pub(super) fn read(node: &Node<'_>) -> Result<Self> {
        let policy = match node.string_or("keep_aspect_ratio_policy", "stretch")? {
            "stretch" => Policy::Stretch,
            "not_larger" => Policy::NotLarger,
            "not_smaller" => Policy::NotSmaller,
            other => {
                return Err(node.invalid(format_args!("keep_aspect_ratio_policy: there is no {other:?}")));
            }
        };
        let source = if node.version() < 11 { Source::Scales } else { Source::Inputs };
        let axes = if node.has("axes") { Some(node.ints("axes")?) } else { None };
        Ok(Self { axes, policy, source })
    }

    pub(super) fn of_upsample(node: &Node<'_>) -> Result<Self> {
        let source =
            if node.version() < 9 { Source::Attribute(node.floats("scales")?) } else { Source::Scales };
        Ok(Self { axes: None, policy: Policy::Stretch, source })
    }

    /// The axes that may be resized, of which only a part is taken where they
    /// are `cropped`.
    pub(super) fn axes(
        &self,
        shape: &[usize],
        inputs: &Inputs<'_>,
        cropped: bool,
        scope: &mut Scope,
    ) -> Result<Axes> {
        let mut resized = self.kept(shape)?;
        let given = |index| Ok::<_, Error>(inputs.optional(index)?.filter(|given| given.len() > 0));
        match &self.source {
            Source::Attribute(scales) => by_scales(&mut resized, scales)?,
            Source::Scales => by_scales(&mut resized, inputs.read(1)?)?,
            Source::Inputs => {
                if let Some(region) = given(1)?.filter(|_| cropped) {
                    narrow(&mut resized, &region, scope)?;
                }
                match (given(2)?, given(3)?) {
                    (Some(_), None) => by_scales(&mut resized, inputs.read(2)?)?,
                    (None, Some(sizes)) => {
                        let sizes = whole(&sizes, scope)?;
                        self.by_sizes(&mut resized, &sizes)?;
                        scope.keep_cow(sizes);
                    }
                    (Some(_), Some(_)) => return Err(failed("expected scales or sizes, got both")),
                    (None, None) => return Err(failed("expected scales or sizes, got neither")),
                }
            }
        }
        Ok(resized)
    }

    /// The axes that are named, as they are.
    fn kept(&self, shape: &[usize]) -> Result<Axes> {
        let named = match &self.axes {
            Some(list) => axes(list, shape.len())?,
            None => (0..shape.len()).collect(),
        };
        let kept = |axis: usize| {
            let length = shape.get(axis).copied().unwrap_or_default();
            Axis { axis, length, resized: length, scale: 1.0, width: length as f32, region: (0.0, 1.0) }
        };
        Ok(named.into_iter().map(kept).collect())
    }

    fn by_sizes(&self, axes: &mut Axes, sizes: &[i64]) -> Result<()> {
        fits("sizes", sizes.len(), axes.len())?;
        for (axis, &size) in axes.iter_mut().zip(sizes) {
            axis.resized = dim(size)?;
            axis.width = axis.resized as f32;
            axis.scale = if axis.resized == axis.length { 1.0 } else { axis.width / axis.length as f32 };
        }
        let scales = axes.iter().map(|axis| axis.scale);
        let scale = match self.policy {
            Policy::Stretch => return Ok(()),
            Policy::NotLarger => scales.fold(f32::INFINITY, f32::min),
            Policy::NotSmaller => scales.fold(0.0, f32::max),
        };
        for axis in axes {
            axis.scale = scale;
            axis.width = scale * axis.length as f32;
            axis.resized = (axis.width + 0.5).floor() as usize;
        }
        Ok(())
    }
}

fn by_scales(axes: &mut Axes, scales: &[f32]) -> Result<()> {
    fits("scales", scales.len(), axes.len())?;
    for (axis, &scale) in axes.iter_mut().zip(scales) {
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(failed(format!("axis {}: {scale} is no scale", axis.axis)));
        }
        axis.scale = scale;
        axis.width = axis.length as f32 * scale;
        axis.resized = axis.width.floor() as usize;
    }
    Ok(())
}

/// `region` has the starts of the axes, then their ends.
fn narrow(axes: &mut Axes, region: &TensorRef<'_>, scope: &mut Scope) -> Result<()> {
    fits("numbers in roi", region.len(), 2 * axes.len())?;
    let region = floats(region, scope)?;
    let (starts, ends) = region.split_at_checked(axes.len()).unwrap_or_default();
    for (axis, (&start, &end)) in axes.iter_mut().zip(starts.iter().zip(ends)) {
        axis.region = (start, end);
    }
    scope.keep_cow(region);
    Ok(())
}

fn fits(what: &str, got: usize, expected: usize) -> Result<()> {
    if got == expected { Ok(()) } else { Err(failed(format!("expected {expected} {what}, got {got}"))) }
}
