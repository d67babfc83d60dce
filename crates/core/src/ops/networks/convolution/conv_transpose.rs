//! `ConvTranspose`: what would be a convolution's input, made from its output.
//! <https://onnx.ai/onnx/operators/onnx__ConvTranspose.html>
//!
//! `edgeinfer.ConvTranspose` is what the compiler makes of one and of an activation
//! after it, which has the attributes that `edgeinfer.Conv` has.

use edgeinfer_kernels::{Activation, Gathered, Start};

use super::col2im::gather;
use super::conv::{Channels, bias, group, misfit};
use super::doubles::spread;
use super::epilogue;
use super::planes::{unpooled_shape, with_channels};
use super::product::{biased, multiples, product};
use super::spots::Spots;
use super::window::{AutoPad, Axes, Axis, Window, entry, sizes, spatial};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct ConvTranspose {
    window: Window,
    group: usize,
    output_padding: Vec<usize>,
    /// Empty where it follows from the padding.
    output_shape: Vec<usize>,
    activation: Option<Activation>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, None)
}

pub(super) fn build_fused(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, epilogue::activation(node)?)
}

fn of(node: &Node<'_>, activation: Option<Activation>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(ConvTranspose {
        window: Window::of(node)?,
        group: group(node)?,
        output_padding: sizes(node, "output_padding", 0)?,
        output_shape: sizes(node, "output_shape", 0)?,
        activation,
    }))
}

impl Operator for ConvTranspose {
    /// X `[N, C, D1, …]`, W `[C, M / group, k1, …]` and B `[M]`, float32; without
    /// an activation, float64 as well.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, w) = (inputs.tensor(0)?.shape, inputs.tensor(1)?.shape);
        let axes = self.axes(x, w)?;
        let (&[_, channels, ..], &[height, each, ..]) = (x, w) else { return Err(misfit(x, w, self.group)) };
        let outputs =
            each.checked_mul(self.group).filter(|_| channels == height && channels % self.group == 0);
        let outputs = outputs.ok_or_else(|| misfit(x, w, self.group))?;
        let spots = Spots::of(&axes, scope)?;
        let shape = with_channels(unpooled_shape(x, &axes), outputs);
        if let (DataRef::Float64(x), None) = (inputs.tensor(0)?.data, self.activation) {
            let mut y = biased(&shape, bias(inputs, 2, outputs)?, scope)?;
            let sizes = Channels { group: self.group, inputs: channels, outputs };
            spread(sizes, &spots, [x, inputs.read(1)?], &mut y);
            spots.recycle(scope);
            return one(shape, TensorData::Float64(y));
        }
        let mut y = biased(&shape, bias(inputs, 2, outputs)?, scope)?;
        let transposed = Transposed { inputs: channels / self.group, outputs: each, spots };
        transposed.add(inputs.read(0)?, inputs.read(1)?, &mut y, scope)?;
        transposed.spots.recycle(scope);
        if let Some(activation) = self.activation {
            activation.apply(&mut y);
        }
        one(shape, TensorData::Float32(y))
    }
}

impl ConvTranspose {
    /// How the window goes over Y, at whose places X is.
    fn axes(&self, x: &[usize], w: &[usize]) -> Result<Axes> {
        let (sizes, kernel) = (spatial(x)?, self.window.kernel_of(w)?);
        let rank = sizes.len();
        // Some exporters write batch and channels as well.
        let asked = self.output_shape.get(self.output_shape.len().saturating_sub(rank)..).unwrap_or_default();
        for index in 0..rank {
            entry(asked, "output_shape", index, rank, 0)?;
            entry(&self.output_padding, "output_padding", index, rank, 0)?;
        }
        self.window.axes(kernel, sizes, |index, axis, output| {
            let axis = Axis { output, ..axis };
            let more = self.output_padding.get(index).copied().unwrap_or(0);
            let whole = output.saturating_sub(1).checked_mul(axis.stride)?.checked_add(axis.span()?)?;
            self.sized(axis, whole.checked_add(more)?, asked.get(index).copied())
        })
    }

    /// The axis with Y's size, which is `whole` without padding.
    fn sized(&self, axis: Axis, whole: usize, asked: Option<usize>) -> Option<Axis> {
        let auto_pad = self.window.auto_pad;
        let same = matches!(auto_pad, AutoPad::SameUpper | AutoPad::SameLower);
        let input = match asked {
            Some(asked) => asked,
            None if same => axis.output.checked_mul(axis.stride)?,
            None if auto_pad == AutoPad::Valid => {
                return Some(Axis { input: whole, before: 0, after: 0, ..axis });
            }
            None => {
                let input = whole.checked_sub(axis.before)?.checked_sub(axis.after)?;
                return Some(Axis { input, ..axis });
            }
        };
        let padding = whole.saturating_sub(input);
        let (less, more) = (padding / 2, padding.div_ceil(2));
        Some(match auto_pad {
            AutoPad::SameUpper => Axis { input, before: less, after: more, ..axis },
            _ => Axis { input, before: more, after: less, ..axis },
        })
    }
}

struct Transposed {
    /// Channels of a group: those of X, and those of Y.
    inputs: usize,
    outputs: usize,
    spots: Spots,
}

impl Transposed {
    /// Adds the sums to `y`.
    fn add(&self, x: &[f32], w: &[f32], y: &mut [f32], scope: &mut Scope) -> Result<()> {
        let &Self { inputs, outputs, ref spots } = self;
        let rows = outputs.saturating_mul(spots.kernel);
        let turned = self.turned(w, rows, scope)?;
        let (channels, places) =
            (multiples(spots.output, inputs, scope)?, multiples(1, spots.output, scope)?);
        let xs = x.chunks_exact(inputs.saturating_mul(spots.output).max(1));
        let ys = y.chunks_exact_mut(outputs.saturating_mul(spots.input).max(1));
        let weights = turned.chunks_exact(rows.saturating_mul(inputs).max(1));
        for ((source, y), weights) in xs.zip(ys).zip(weights.cycle()) {
            let mut columns = scope.zeros(rows.saturating_mul(spots.output))?;
            let gathered = Gathered { source, rows: &channels, columns: &places };
            product(weights, gathered, Start::Rows(&[]), &mut columns, &mut |_, _, _| {}, scope)?;
            let each = columns.chunks_exact(spots.kernel.saturating_mul(spots.output).max(1));
            each.zip(y.chunks_exact_mut(spots.input.max(1)))
                .for_each(|(columns, y)| gather(columns, spots, y));
            scope.keep(columns);
        }
        scope.keep(turned);
        scope.keep(channels);
        scope.keep(places);
        Ok(())
    }

    /// The weights, `[C, rows]` in each group, as `[rows, C]`.
    fn turned(&self, w: &[f32], rows: usize, scope: &mut Scope) -> Result<Vec<f32>> {
        let mut turned = scope.vec(w.len())?;
        for weights in w.chunks_exact(rows.saturating_mul(self.inputs).max(1)) {
            for row in 0..rows {
                turned.extend(weights.iter().skip(row).step_by(rows));
            }
        }
        Ok(turned)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s};

    fn case() -> Case {
        Case::new("", "ConvTranspose", 11)
    }

    fn transposed(case: &Case) -> Tensor {
        let (x, w) =
            (f32s(&[1, 1, 3], &[1.0, 2.0, 3.0]), f32s(&[1, 2, 3], &[1.0, 1.0, 1.0, 1.0, 10.0, 100.0]));
        case.run(&[x, w]).unwrap().remove(0)
    }

    #[test]
    fn lays_the_kernel_down_at_every_place() {
        let expected = [1.0, 3.0, 6.0, 5.0, 3.0, 1.0, 12.0, 123.0, 230.0, 300.0];
        assert_eq!(transposed(&case()), f32s(&[1, 2, 5], &expected));
        let y = transposed(&case().ints("strides", &[2]).ints("output_padding", &[1]));
        let first = [1.0, 1.0, 3.0, 2.0, 5.0, 3.0, 3.0, 0.0];
        let second = [1.0, 10.0, 102.0, 20.0, 203.0, 30.0, 300.0, 0.0];
        assert_eq!(y, f32s(&[1, 2, 8], &[first, second].concat()));
    }

    #[test]
    fn an_activation_may_follow() {
        let x = [f32s(&[1, 1, 2], &[1.0, -2.0]), f32s(&[1, 1, 2], &[1.0, 2.0])];
        let case = Case::new("edgeinfer", "ConvTranspose", 1).string("activation", "Relu");
        assert_eq!(case.run(&x).unwrap(), [f32s(&[1, 1, 3], &[1.0, 0.0, 0.0])]);
    }

    #[test]
    fn padding_takes_away() {
        let y = transposed(&case().ints("pads", &[1, 2]));
        assert_eq!(y, f32s(&[1, 2, 2], &[3.0, 6.0, 12.0, 123.0]));
        let y = transposed(&case().ints("output_shape", &[4]));
        assert_eq!(y, f32s(&[1, 2, 4], &[3.0, 6.0, 5.0, 3.0, 12.0, 123.0, 230.0, 300.0]));
        let y = transposed(&case().ints("output_shape", &[1, 2, 4]).string("auto_pad", "SAME_UPPER"));
        assert_eq!(y, f32s(&[1, 2, 4], &[1.0, 3.0, 6.0, 5.0, 1.0, 12.0, 123.0, 230.0]));
        let y = transposed(&case().string("auto_pad", "SAME_LOWER"));
        assert_eq!(y, f32s(&[1, 2, 3], &[3.0, 6.0, 5.0, 12.0, 123.0, 230.0]));
        assert_eq!(transposed(&case().string("auto_pad", "VALID")).shape(), [1, 2, 5]);
    }

    #[test]
    fn groups_and_biases_have_their_channels() {
        let x = f32s(&[2, 2, 1], &[1.0, 2.0, 3.0, 4.0]);
        let inputs = [x, f32s(&[2, 1, 1], &[10.0, 100.0]), f32s(&[2], &[0.5, 0.25])];
        let y = case().int("group", 2).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[2, 2, 1], &[10.5, 200.25, 30.5, 400.25])]);
        let y = case().run(&inputs[..2]).unwrap();
        assert_eq!(y, [f32s(&[2, 1, 1], &[210.0, 430.0])]);
    }

    #[test]
    fn refuses_channels_that_do_not_fit() {
        let error = case().run(&[f32s(&[1, 1, 1], &[1.0]), f32s(&[2, 1, 1], &[1.0; 2])]).unwrap_err();
        assert_eq!(error.message(), "W of shape [2, 1, 1] in 1 groups does not go with X of shape [1, 1, 1]");
        let error = case()
            .ints("output_shape", &[1, 2])
            .run(&[f32s(&[1, 1, 1, 1, 1], &[1.0]), f32s(&[1, 1, 1, 1, 1], &[1.0])]);
        assert_eq!(error.unwrap_err().message(), "output_shape: expected 3 sizes, got 2");
    }
}
