//! How a window goes over an input: kernel, strides, dilations, padding.

use std::ops::Range;

use crate::ops::{Node, failed};
use crate::{Error, Result};

/// Spatial dimensions. Where there are fewer, the first ones are [`Axis::NONE`].
pub(super) const DIMS: usize = 3;

/// How a window goes along each dimension, outermost first.
pub(in crate::ops::networks) type Axes = [Axis; DIMS];

/// How a window goes along a dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ops::networks) struct Axis {
    /// The numbers that it goes over.
    pub(in crate::ops::networks) input: usize,
    /// The places at which it stops.
    pub(in crate::ops::networks) output: usize,
    pub(in crate::ops::networks) kernel: usize,
    pub(in crate::ops::networks) stride: usize,
    pub(in crate::ops::networks) dilation: usize,
    /// The padding on either side.
    pub(in crate::ops::networks) before: usize,
    pub(in crate::ops::networks) after: usize,
}

impl Axis {
    /// A dimension that is not there.
    pub(super) const NONE: Self =
        Self { input: 1, output: 1, kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

    /// The places at which tap `tap` of the kernel is on the input, and where it
    /// is there at the first of them.
    pub(in crate::ops::networks) fn places(&self, tap: usize) -> (Range<usize>, usize) {
        let shift = tap.saturating_mul(self.dilation);
        let first = self.before.saturating_sub(shift).div_ceil(self.stride);
        let end = self.input.saturating_add(self.before).saturating_sub(shift).div_ceil(self.stride);
        let end = end.min(self.output).max(first);
        (first..end, first.saturating_mul(self.stride).saturating_add(shift).saturating_sub(self.before))
    }

    /// Whether the window is one number, and stops at every one.
    pub(in crate::ops::networks) fn is_plain(&self) -> bool {
        (self.kernel, self.stride, self.before, self.after) == (1, 1, 0, 0)
    }

    /// How far the kernel reaches.
    pub(super) fn span(&self) -> Option<usize> {
        self.kernel.checked_sub(1)?.checked_mul(self.dilation)?.checked_add(1)
    }

    /// The input with its padding.
    pub(super) fn padded(&self) -> Option<usize> {
        self.input.checked_add(self.before)?.checked_add(self.after)
    }
}

/// How padding is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum AutoPad {
    NotSet,
    Valid,
    SameUpper,
    SameLower,
}

impl AutoPad {
    fn of(node: &Node<'_>) -> Result<Self> {
        match node.string_or("auto_pad", "NOTSET")? {
            "NOTSET" | "" => Ok(Self::NotSet),
            "VALID" => Ok(Self::Valid),
            "SAME_UPPER" => Ok(Self::SameUpper),
            "SAME_LOWER" => Ok(Self::SameLower),
            other => Err(node.invalid(format_args!("auto_pad: there is no {other:?}"))),
        }
    }
}

/// The attributes of a window.
pub(in crate::ops::networks) struct Window {
    /// Empty where the weights say it.
    kernel: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    pads: Vec<usize>,
    pub(super) auto_pad: AutoPad,
    /// Whether the last place may be partly beyond the padding.
    ceil: bool,
}

impl Window {
    pub(in crate::ops::networks) fn of(node: &Node<'_>) -> Result<Self> {
        Ok(Self {
            kernel: sizes(node, "kernel_shape", 1)?,
            strides: sizes(node, "strides", 1)?,
            dilations: sizes(node, "dilations", 1)?,
            pads: sizes(node, "pads", 0)?,
            auto_pad: AutoPad::of(node)?,
            ceil: node.flag("ceil_mode", false)?,
        })
    }

    /// Of an operator whose window has to be given.
    pub(super) fn with_kernel(node: &Node<'_>) -> Result<Self> {
        let window = Self::of(node)?;
        if window.kernel.is_empty() {
            return Err(node.invalid("kernel_shape: expected the size of the window"));
        }
        Ok(window)
    }

    /// How it goes over the dimensions of `input` after the first two.
    pub(super) fn over(&self, input: &[usize]) -> Result<Axes> {
        let input = spatial(input)?;
        self.axes(&self.kernel, input, |_, axis, input| self.placed(Axis { input, ..axis }))
    }

    /// How the kernel of `weights` goes over the dimensions of `input` after the
    /// first two.
    pub(in crate::ops::networks) fn over_with(&self, input: &[usize], weights: &[usize]) -> Result<Axes> {
        let (input, kernel) = (spatial(input)?, self.kernel_of(weights)?);
        self.axes(kernel, input, |_, axis, input| self.placed(Axis { input, ..axis }))
    }

    /// How it has gone over an input of which `output` is what was made, without
    /// the first two dimensions: the smallest that there can be.
    pub(super) fn over_outputs(&self, output: &[usize]) -> Result<Axes> {
        self.axes(&self.kernel, output, |_, axis, output| {
            let covered = output.saturating_sub(1).checked_mul(axis.stride)?.checked_add(axis.span()?)?;
            let input = covered.checked_sub(axis.before)?.checked_sub(axis.after)?;
            Some(Axis { input, output, ..axis })
        })
    }

    /// The kernel of `weights`, which has to be the one that the node says.
    pub(super) fn kernel_of<'a>(&self, weights: &'a [usize]) -> Result<&'a [usize]> {
        let kernel = spatial(weights)?;
        if self.kernel.is_empty() || self.kernel == kernel {
            return Ok(kernel);
        }
        Err(failed(format!("kernel_shape is {:?}, but W has a kernel of {kernel:?}", self.kernel)))
    }

    /// An axis for each of `sizes`, with kernel, stride, dilation and padding as
    /// the attributes have them. The rest is up to `finish`, which gets the index
    /// and the size as well.
    pub(super) fn axes(
        &self,
        kernel: &[usize],
        sizes: &[usize],
        finish: impl Fn(usize, Axis, usize) -> Option<Axis>,
    ) -> Result<Axes> {
        let mut axes = [Axis::NONE; DIMS];
        let rank = sizes.len();
        let places = axes.iter_mut().skip(DIMS.saturating_sub(rank));
        for (index, (place, &size)) in places.zip(sizes).enumerate() {
            let axis = Axis {
                kernel: entry(kernel, "kernel_shape", index, rank, 1)?,
                stride: entry(&self.strides, "strides", index, rank, 1)?,
                dilation: entry(&self.dilations, "dilations", index, rank, 1)?,
                before: entry(&self.pads, "pads", index, 2 * rank, 0)?,
                after: entry(&self.pads, "pads", index + rank, 2 * rank, 0)?,
                ..Axis::NONE
            };
            *place = finish(index, axis, size).ok_or_else(|| no_place(kernel, sizes))?;
        }
        Ok(axes)
    }

    /// The places along an axis whose input is known; `None` where there are
    /// none.
    fn placed(&self, axis: Axis) -> Option<Axis> {
        let span = axis.span()?;
        match self.auto_pad {
            AutoPad::NotSet => self.counted(axis, span),
            AutoPad::Valid => {
                let output = axis.input.checked_sub(span)? / axis.stride + 1;
                Some(Axis { output, before: 0, after: 0, ..axis })
            }
            AutoPad::SameUpper | AutoPad::SameLower => {
                let output = axis.input.div_ceil(axis.stride);
                let covered = output.saturating_sub(1).checked_mul(axis.stride)?.checked_add(span)?;
                let padding = covered.saturating_sub(axis.input);
                let (less, more) = (padding / 2, padding.div_ceil(2));
                Some(match self.auto_pad {
                    AutoPad::SameLower => Axis { output, before: more, after: less, ..axis },
                    _ => Axis { output, before: less, after: more, ..axis },
                })
            }
        }
    }

    fn counted(&self, axis: Axis, span: usize) -> Option<Axis> {
        let room = axis.padded()?.checked_sub(span)?;
        if !self.ceil {
            return Some(Axis { output: room / axis.stride + 1, ..axis });
        }
        // The last place does not begin in the padding at the end.
        let last = room.div_ceil(axis.stride);
        let beyond = last.checked_mul(axis.stride)? >= axis.input.checked_add(axis.before)?;
        Some(Axis { output: last + usize::from(!beyond), ..axis })
    }
}

/// The dimensions after batch and channels.
pub(super) fn spatial(shape: &[usize]) -> Result<&[usize]> {
    match shape {
        [_, _, spatial @ ..] if (1..=DIMS).contains(&spatial.len()) => Ok(spatial),
        _ => Err(failed(format!("expected 3 to {} dimensions, got shape {shape:?}", DIMS + 2))),
    }
}

/// An attribute of sizes, none less than `least`.
pub(super) fn sizes(node: &Node<'_>, name: &str, least: usize) -> Result<Vec<usize>> {
    let size = |size: i64| {
        let found = i32::try_from(size).ok().and_then(|size| usize::try_from(size).ok());
        let found = found.filter(|found| *found >= least);
        found.ok_or_else(|| node.invalid(format_args!("{name}: expected {least} or more, got {size}")))
    };
    node.ints(name)?.into_iter().map(size).collect()
}

/// Entry `index` of a list of `count`, or `default` where it was left out.
pub(super) fn entry(
    values: &[usize],
    name: &str,
    index: usize,
    count: usize,
    default: usize,
) -> Result<usize> {
    if values.is_empty() {
        return Ok(default);
    }
    let value = values.get(index).copied().filter(|_| values.len() == count);
    value.ok_or_else(|| failed(format!("{name}: expected {count} sizes, got {}", values.len())))
}

#[cold]
fn no_place(kernel: &[usize], sizes: &[usize]) -> Error {
    failed(format!("a kernel of {kernel:?} does not fit into {sizes:?} and its padding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(kernel: &[usize], strides: &[usize], pads: &[usize], auto_pad: AutoPad, ceil: bool) -> Window {
        Window {
            kernel: kernel.to_vec(),
            strides: strides.to_vec(),
            dilations: Vec::new(),
            pads: pads.to_vec(),
            auto_pad,
            ceil,
        }
    }

    fn last(window: &Window, input: usize) -> Result<(usize, usize, usize)> {
        let [first, second, axis] = window.over(&[1, 1, input])?;
        assert_eq!([first, second], [Axis::NONE; 2]);
        Ok((axis.output, axis.before, axis.after))
    }

    #[test]
    fn counts_whole_places_or_the_last_part_as_well() {
        let floor = window(&[3], &[2], &[0, 0], AutoPad::NotSet, false);
        assert_eq!(last(&floor, 6).unwrap(), (2, 0, 0));
        let ceil = window(&[3], &[2], &[0, 0], AutoPad::NotSet, true);
        assert_eq!(last(&ceil, 6).unwrap(), (3, 0, 0));
        // The third place would begin in the padding.
        let beyond = window(&[1], &[2], &[0, 1], AutoPad::NotSet, true);
        assert_eq!(last(&beyond, 2).unwrap(), (1, 0, 1));
    }

    #[test]
    fn finds_the_padding_itself() {
        let same = |auto_pad| last(&window(&[4], &[2], &[], auto_pad, false), 5).unwrap();
        assert_eq!(same(AutoPad::SameUpper), (3, 1, 2));
        assert_eq!(same(AutoPad::SameLower), (3, 2, 1));
        assert_eq!(same(AutoPad::Valid), (1, 0, 0));
    }

    #[test]
    fn knows_where_a_tap_is_on_the_input() {
        let axis = Axis { input: 5, output: 4, kernel: 3, stride: 2, dilation: 2, before: 3, after: 3 };
        // Inputs of tap 0: -3 -1 1 3; of tap 1: -1 1 3 5; of tap 2: 1 3 5 7.
        assert_eq!(axis.places(0), (2..4, 1));
        assert_eq!(axis.places(1), (1..3, 1));
        assert_eq!(axis.places(2), (0..2, 1));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |window: Window| last(&window, 2).unwrap_err().message().to_owned();
        let too_large = refused(window(&[4], &[], &[], AutoPad::NotSet, false));
        assert_eq!(too_large, "a kernel of [4] does not fit into [2] and its padding");
        let lists = refused(window(&[1, 1], &[], &[], AutoPad::NotSet, false));
        assert_eq!(lists, "kernel_shape: expected 1 sizes, got 2");
        let pads = refused(window(&[1], &[], &[1], AutoPad::NotSet, false));
        assert_eq!(pads, "pads: expected 2 sizes, got 1");
        let valid = window(&[1], &[], &[], AutoPad::NotSet, false);
        assert_eq!(
            valid.over(&[1, 1]).unwrap_err().message(),
            "expected 3 to 5 dimensions, got shape [1, 1]"
        );
    }
}
