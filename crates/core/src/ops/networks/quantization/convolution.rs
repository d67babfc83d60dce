//! Convolutions of 8-bit tensors, as all operators that have them share them.

use super::laid::{Finish, Laid};
use super::product::Bytes;
use crate::ops::networks::convolution::{Axes, Axis, Padded, Window};
use crate::ops::{Node, Scope, failed};
use crate::tensor::element_count;
use crate::tensor_ref::DataRef;
use crate::{Error, Result, Shape};

/// The attributes of a convolution.
pub(super) struct Convolution {
    window: Window,
    groups: usize,
}

/// The sizes of a convolution.
pub(super) struct Sizes {
    pub(super) axes: Axes,
    pub(super) batches: usize,
    pub(super) groups: usize,
    /// The channels of X and of the result in one group.
    pub(super) each: usize,
    pub(super) m: usize,
    /// The numbers of one sum.
    pub(super) k: usize,
    /// The numbers of one group of one batch of X.
    pub(super) input: usize,
    /// The sums of one channel of the result.
    pub(super) places: usize,
    shape: Shape,
}

impl Convolution {
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        let groups = node.int_or("group", 1)?;
        let count = usize::try_from(groups).ok().filter(|count| *count > 0);
        let groups =
            count.ok_or_else(|| node.invalid(format_args!("group: expected 1 or more, got {groups}")))?;
        if node.flag("channels_last", false)? {
            return Err(node.unsupported("channels_last is not supported"));
        }
        Ok(Self { window: Window::of(node)?, groups })
    }

    /// X `[N, C, …]` by W `[M, C / group, …]`, of which W may have a zero point
    /// for each of M; plus `bias`, one for each of M, where it is not empty. `finish`
    /// gets the sums of a plane of the result, some at a time.
    pub(super) fn each(
        &self,
        x: &Bytes<'_>,
        w: &Bytes<'_>,
        bias: &[i32],
        scope: &mut Scope,
        finish: Finish<'_>,
    ) -> Result<()> {
        let sizes = self.sizes(x.tensor.shape, w.tensor.shape)?;
        let channels = sizes.groups * sizes.m;
        if !bias.is_empty() && bias.len() != channels {
            return Err(failed(format!("expected a bias of {channels} numbers, got {}", bias.len())));
        }
        if x.zeros.len() > 1 {
            return Err(failed(format!("expected one zero point of X, got {}", x.zeros.len())));
        }
        if sizes.batches == 0 || channels == 0 || sizes.places == 0 {
            return Ok(());
        }
        let weights = w.centred(scope)?;
        let (zero, padded) = (zero(x), Padded::of(&sizes.axes, sizes.each)?);
        let laid = Laid { sizes: &sizes, padded, w: &weights, bias };
        match x.tensor.data {
            DataRef::Int8(data) => laid.fill(data, zero, scope, finish)?,
            DataRef::UInt8(data) => laid.fill(data, zero, scope, finish)?,
            _ => return Err(x.no_bytes()),
        }
        scope.keep(weights);
        Ok(())
    }

    /// The shape `[N, M, …]` of the result for X and W of these shapes.
    pub(super) fn shape(&self, x: &[usize], w: &[usize]) -> Result<Shape> {
        self.sizes(x, w).map(|sizes| sizes.shape)
    }

    fn sizes(&self, x: &[usize], w: &[usize]) -> Result<Sizes> {
        let groups = self.groups;
        let misfit = || no_fit(x, w, groups);
        let axes = self.window.over_with(x, w)?;
        let (&[batches, channels, ..], &[all, each, ..]) = (x, w) else { return Err(misfit()) };
        if each.checked_mul(groups) != Some(channels) || all % groups != 0 {
            return Err(misfit());
        }
        let product = |size: fn(&Axis) -> usize| {
            element_count(&[size(&axes[0]), size(&axes[1]), size(&axes[2])]).ok_or_else(misfit)
        };
        let (places, input) = (product(|axis| axis.output)?, product(|axis| axis.input)?);
        let k = product(|axis| axis.kernel)?.checked_mul(each).ok_or_else(misfit)?;
        let input = input.checked_mul(each).ok_or_else(misfit)?;
        all.checked_mul(places).ok_or_else(misfit)?;
        let mut shape = Shape::from_slice(&[batches, all]);
        let spatial = x.len() - 2;
        shape.extend(axes.iter().skip(axes.len() - spatial).map(|axis| axis.output));
        Ok(Sizes { axes, batches, groups, each, m: all / groups, k, input, places, shape })
    }
}

fn zero(x: &Bytes<'_>) -> i16 {
    x.zeros.first().copied().unwrap_or_default()
}

#[cold]
fn no_fit(x: &[usize], w: &[usize], groups: usize) -> Error {
    failed(format!("X of shape {x:?} does not fit W of shape {w:?} in {groups} groups"))
}
