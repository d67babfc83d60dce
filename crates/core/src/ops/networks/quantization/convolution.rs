//! Convolutions of 8-bit tensors, as all operators that have them share them.

use std::ops::Range;

use edgeinfer_kernels::{Byte, ByteProduct, byte_panel_length, multiply_bytes};

use super::product::Bytes;
use crate::native::Native;
use crate::ops::math::matrix;
use crate::ops::networks::convolution::{Axes, Axis, Window};
use crate::ops::{Node, Scope, failed};
use crate::tensor::element_count;
use crate::tensor_ref::DataRef;
use crate::{Error, Result, Shape};

/// The places whose windows are gathered at a time, about: a row of them all would
/// be too far from the next one.
const TILE: usize = 512;

/// The attributes of a convolution.
pub(super) struct Convolution {
    window: Window,
    groups: usize,
}

/// The sizes of a convolution; `k` is the numbers of one sum, `places` the sums
/// of one output channel.
struct Sizes {
    axes: Axes,
    batches: usize,
    groups: usize,
    /// The output channels of one group.
    m: usize,
    k: usize,
    /// The numbers of one group of one batch.
    input: usize,
    places: usize,
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
    /// for each of M; plus `bias`, one for each of M, where it is not empty. The
    /// shape `[N, M, …]` and the sums.
    pub(super) fn sums(
        &self,
        x: &Bytes<'_>,
        w: &Bytes<'_>,
        bias: &[i32],
        scope: &mut Scope,
    ) -> Result<(Shape, Vec<i32>)> {
        let sizes = self.sizes(x.tensor.shape, w.tensor.shape)?;
        let channels = sizes.groups * sizes.m;
        if !bias.is_empty() && bias.len() != channels {
            return Err(failed(format!("expected a bias of {channels} numbers, got {}", bias.len())));
        }
        if x.zeros.len() > 1 {
            return Err(failed(format!("expected one zero point of X, got {}", x.zeros.len())));
        }
        let length = element_count(&sizes.shape).ok_or_else(|| failed("the result has too many elements"))?;
        let (weights, mut y) = (w.centred(scope)?, scope.zeros(length)?);
        match x.tensor.data {
            _ if length == 0 => {}
            DataRef::Int8(data) => sizes.fill(data, &weights, &mut y, zero(x) as i8, scope)?,
            DataRef::UInt8(data) => sizes.fill(data, &weights, &mut y, zero(x) as u8, scope)?,
            _ => return Err(x.no_bytes()),
        }
        sizes.finish(&weights, zero(x), bias, &mut y);
        scope.keep(weights);
        Ok((sizes.shape, y))
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
        let mut shape = Shape::from_slice(&[batches, all]);
        let spatial = x.len() - 2;
        shape.extend(axes.iter().skip(axes.len() - spatial).map(|axis| axis.output));
        Ok(Sizes { axes, batches, groups, m: all / groups, k, input, places, shape })
    }
}

fn zero(x: &Bytes<'_>) -> i16 {
    x.zeros.first().copied().unwrap_or_default()
}

#[cold]
fn no_fit(x: &[usize], w: &[usize], groups: usize) -> Error {
    failed(format!("X of shape {x:?} does not fit W of shape {w:?} in {groups} groups"))
}

impl Sizes {
    /// `y`, which is zero, with the sums of X with its zero point.
    fn fill<B: Byte + Native>(
        &self,
        x: &[B],
        w: &[i16],
        y: &mut [i32],
        zero: B,
        scope: &mut Scope,
    ) -> Result<()> {
        let &Self { m, k, places, .. } = self;
        if k == 0 {
            return Ok(());
        }
        let [depth, height, width] = &self.axes;
        let (lines, tile) = (depth.output * height.output, (TILE / width.output.max(1)).max(1));
        // A kernel of one number that goes over every place takes X as it lies.
        let plain = tile >= lines && self.axes.iter().all(Axis::is_plain);
        let most = tile.min(lines) * width.output;
        let columns = if plain { Some(0) } else { k.checked_mul(most) };
        let columns = columns.ok_or_else(|| failed("the windows have too many numbers"))?;
        let mut columns = scope.filled(columns, zero)?;
        let mut sums = scope.zeros(if tile < lines { m * most } else { 0 })?;
        let mut panel = scope.zeros(byte_panel_length(m, k))?;
        for (index, y) in y.chunks_exact_mut(m * places).enumerate().take(self.batches * self.groups) {
            let (x, left) = (matrix::nth(x, self.input, index), matrix::nth(w, m * k, index % self.groups));
            if plain {
                multiply_bytes(ByteProduct { x: left, w: x, k, n: places }, y, &mut panel);
                continue;
            }
            for first in (0..lines).step_by(tile) {
                let count = tile.min(lines - first);
                let n = count * width.output;
                let columns = columns.get_mut(..k * n).unwrap_or_default();
                gather(x, &self.axes, first..first + count, zero, columns);
                let product = ByteProduct { x: left, w: columns, k, n };
                if n == places {
                    multiply_bytes(product, y, &mut panel);
                    continue;
                }
                let sums = sums.get_mut(..m * n).unwrap_or_default();
                sums.fill(0);
                multiply_bytes(product, sums, &mut panel);
                for (y, sums) in y.chunks_exact_mut(places).zip(sums.chunks_exact(n)) {
                    let y = y.get_mut(first * width.output..).and_then(|y| y.get_mut(..n));
                    y.unwrap_or_default().copy_from_slice(sums);
                }
            }
        }
        scope.keep(columns);
        scope.keep(sums);
        scope.keep(panel);
        Ok(())
    }

    /// Takes X's zero point off: times the sum of a channel's weights. Adds the
    /// bias.
    fn finish(&self, w: &[i16], zero: i16, bias: &[i32], y: &mut [i32]) {
        if self.places == 0 || zero == 0 && bias.is_empty() {
            return;
        }
        let channels = self.groups * self.m;
        for (index, y) in y.chunks_exact_mut(self.places).enumerate() {
            let channel = index % channels.max(1);
            let weights = matrix::nth(w, self.k, channel).iter();
            let sum = weights.fold(0i32, |sum, w| sum.wrapping_add(i32::from(*w)));
            let bias = bias.get(channel).copied().unwrap_or_default();
            let all = bias.wrapping_sub(sum.wrapping_mul(i32::from(zero)));
            y.iter_mut().for_each(|y| *y = y.wrapping_add(all));
        }
    }
}

/// The windows of `x` at the places of some output `lines`, channel after channel,
/// as the columns of a matrix: a row for each channel and tap of the kernel. What
/// is beyond `x` is `zero`.
fn gather<B: Copy>(x: &[B], axes: &Axes, lines: Range<usize>, zero: B, columns: &mut [B]) {
    let [depth, height, width] = axes;
    let taps = |axis: &Axis| 0..axis.kernel;
    let volume = (depth.input * height.input * width.input).max(1);
    let mut rows = columns.chunks_exact_mut((lines.len() * width.output).max(1));
    for channel in x.chunks_exact(volume) {
        let taps =
            taps(depth).flat_map(|d| taps(height).flat_map(move |h| taps(width).map(move |w| (d, h, w))));
        for (d, h, w) in taps {
            let Some(row) = rows.next() else { return };
            let (ws, start) = width.places(w);
            let line = |line: usize| {
                let (d, h) = (depth.at(line / height.output, d)?, height.at(line % height.output, h)?);
                let line = (d * height.input + h) * width.input;
                channel.get(line + start..line + width.input)
            };
            for (to, from) in row.chunks_exact_mut(width.output.max(1)).zip(lines.clone().map(line)) {
                if from.is_none() || ws.len() < to.len() {
                    to.fill(zero);
                }
                copy(from.unwrap_or_default(), width.stride, to.get_mut(ws.clone()).unwrap_or_default());
            }
        }
    }
}

/// Every `stride`th of `from`.
fn copy<B: Copy>(from: &[B], stride: usize, to: &mut [B]) {
    match from.get(..to.len()) {
        Some(from) if stride == 1 => to.copy_from_slice(from),
        _ => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
    }
}
