//! `AveragePool`: the mean of the numbers under each place of a window.
//! <https://onnx.ai/onnx/operators/onnx__AveragePool.html>

use super::fraction::Fraction;
use super::planes::{length, pool, pooled_shape};
use super::spots::Spots;
use super::window::{Axes, Axis, Window};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;

struct AveragePool {
    window: Window,
    /// Whether what is in the padding counts, as 0.
    count_include_pad: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let count_include_pad = node.flag("count_include_pad", false)?;
    Ok(Box::new(AveragePool { window: Window::with_kernel(node)?, count_include_pad }))
}

impl Operator for AveragePool {
    /// X `[N, C, D1, …]`, float32 or float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match inputs.tensor(0)?.data {
            DataRef::Float64(_) => self.apply::<f64>(inputs, scope),
            _ => self.apply::<f32>(inputs, scope),
        }
    }
}

impl AveragePool {
    fn apply<T: Fraction>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<T>(0)?);
        let axes = self.window.over(shape)?;
        let shape = pooled_shape(shape, &axes);
        let spots = Spots::of(&axes, scope)?;
        let mut y = pool(x, &spots, T::default(), length(&shape)?, T::take_sum, scope)?;
        let counts = self.counts(&axes, &spots, scope)?;
        for y in y.chunks_exact_mut(spots.output.max(1)) {
            y.iter_mut().zip(&counts).for_each(|(y, count)| *y = *y / T::from(*count));
        }
        scope.keep(counts);
        spots.recycle(scope);
        one(shape, T::wrap(y))
    }

    /// How many numbers there are under each place.
    fn counts(&self, axes: &Axes, spots: &Spots, scope: &mut Scope) -> Result<Vec<f32>> {
        let mut counts = scope.vec(spots.output)?;
        let [depth, height, width] = axes.map(|axis| if self.count_include_pad { bare(axis) } else { axis });
        for z in 0..depth.output {
            for y in 0..height.output {
                let rows = on_input(&depth, z).saturating_mul(on_input(&height, y));
                counts.extend((0..width.output).map(|x| rows.saturating_mul(on_input(&width, x)) as f32));
            }
        }
        if counts.len() != spots.output {
            return Err(failed("the window has no places"));
        }
        Ok(counts)
    }
}

/// The axis with its padding as part of the input.
fn bare(axis: Axis) -> Axis {
    Axis { input: axis.padded().unwrap_or(usize::MAX), before: 0, after: 0, ..axis }
}

/// How many taps are on the input at a place.
fn on_input(axis: &Axis, place: usize) -> usize {
    let start = place.saturating_mul(axis.stride);
    let first = axis.before.saturating_sub(start).div_ceil(axis.dilation);
    let end = axis.input.saturating_add(axis.before).saturating_sub(start).div_ceil(axis.dilation);
    end.min(axis.kernel).saturating_sub(first)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};
    use crate::{Result, Tensor};

    fn pool(case: Case, shape: &[usize]) -> Result<Tensor> {
        let x: Vec<_> = (1..=shape.iter().product::<usize>()).map(|x| x as f32).collect();
        Ok(case.run(&[f32s(shape, &x)])?.remove(0))
    }

    fn case(kernel: &[i64]) -> Case {
        Case::new("", "AveragePool", 22).ints("kernel_shape", kernel)
    }

    #[test]
    fn averages_what_is_under_the_window() {
        let y = pool(case(&[2, 2]).ints("strides", &[2, 2]), &[1, 2, 2, 4]).unwrap();
        assert_eq!(y, f32s(&[1, 2, 1, 2], &[3.5, 5.5, 11.5, 13.5]));
        let y = pool(case(&[2]).ints("dilations", &[2]), &[1, 1, 4]).unwrap();
        assert_eq!(y, f32s(&[1, 1, 2], &[2.0, 3.0]));
        let y = pool(case(&[1, 1, 2]), &[1, 1, 1, 1, 3]).unwrap();
        assert_eq!(y, f32s(&[1, 1, 1, 1, 2], &[1.5, 2.5]));
    }

    #[test]
    fn padding_counts_where_it_is_asked_to() {
        let padded = || case(&[3]).ints("pads", &[1, 1]);
        let y = pool(padded(), &[1, 1, 3]).unwrap();
        assert_close(y.as_f32().unwrap(), &[1.5, 2.0, 2.5]);
        let y = pool(padded().int("count_include_pad", 1), &[1, 1, 3]).unwrap();
        assert_close(y.as_f32().unwrap(), &[1.0, 2.0, 5.0 / 3.0]);
    }

    #[test]
    fn beyond_the_padding_nothing_counts() {
        // Places 0, 2, 4; the last one has 5 and the padding, nothing after it.
        let case = case(&[3]).ints("pads", &[0, 1]).ints("strides", &[2]).int("ceil_mode", 1);
        let y = pool(case.int("count_include_pad", 1), &[1, 1, 5]).unwrap();
        assert_close(y.as_f32().unwrap(), &[2.0, 4.0, 2.5]);
    }

    #[test]
    fn refuses_other_types_and_no_window() {
        let error = case(&[1]).run(&[i64s(&[1, 1, 1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "input 0: expected float32 elements, got int64");
        let error = Case::new("", "AveragePool", 22).run(&[f32s(&[1, 1, 1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "kernel_shape: expected the size of the window");
        let error = case(&[0]).run(&[f32s(&[1, 1, 1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "kernel_shape: expected 1 or more, got 0");
        assert_eq!(pool(case(&[1]), &[0, 3, 2]).unwrap(), f32s(&[0, 3, 2], &[]));
    }
}
