//! `Conv`: weights laid on every place of an input.
//! <https://onnx.ai/onnx/operators/onnx__Conv.html>
//!
//! `edgeinfer.Conv` is what the compiler makes of one and of what follows it. It
//! has an input more, which is added to the result, broadcast as in `Add`, and the
//! attribute `activation`: `Relu`, `LeakyRelu` (`alpha`), `Clip` (from `alpha` to
//! `beta`), `Sigmoid`, `HardSigmoid` (`alpha`, `beta`), `HardSwish`, `Swish`
//! (`alpha`) or `Tanh`.

use std::borrow::Cow;

use edgeinfer_kernels::{Activation, Gathered, Start, Sweep, depthwise, pool};

use super::doubles::convolve;
use super::epilogue;
use super::padded::Padded;
use super::planes::{length, pooled_shape, with_channels};
use super::product::{added, biased, product};
use super::spots::{Spots, plane};
use super::window::{Axes, Window};
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Error, Result, Shape, Tensor, TensorData, Value};

struct Conv {
    window: Window,
    group: usize,
    activation: Option<Activation>,
    /// Adds what is not of the result's shape; `None` where nothing is added.
    add: Option<Box<dyn Operator>>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Conv { window: Window::of(node)?, group: group(node)?, activation: None, add: None }))
}

pub(super) fn build_fused(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (window, group, activation) = (Window::of(node)?, group(node)?, epilogue::activation(node)?);
    Ok(Box::new(Conv { window, group, activation, add: Some(epilogue::add(node)?) }))
}

/// The attribute `group`.
pub(super) fn group(node: &Node<'_>) -> Result<usize> {
    let group = node.int_or("group", 1)?;
    let found = usize::try_from(group).ok().filter(|group| *group > 0);
    found.ok_or_else(|| node.invalid(format_args!("group: expected 1 or more, got {group}")))
}

impl Operator for Conv {
    /// X `[N, C, D1, …]`, W `[M, C / group, k1, …]` and B `[M]`, float32; without
    /// what is fused, float64 as well.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, w) = (inputs.tensor(0)?.shape, inputs.tensor(1)?.shape);
        let axes = self.window.over_with(x, w)?;
        let sizes = Channels::of(x, w, self.group)?;
        let shape = with_channels(pooled_shape(x, &axes), sizes.outputs);
        if let (DataRef::Float64(x), None) = (inputs.tensor(0)?.data, &self.add) {
            let spots = Spots::of(&axes, scope)?;
            let mut y = biased(&shape, bias(inputs, 2, sizes.outputs)?, scope)?;
            convolve(sizes, &spots, [x, inputs.read(1)?], &mut y);
            spots.recycle(scope);
            return one(shape, TensorData::Float64(y));
        }
        let bias = bias(inputs, 2, sizes.outputs)?;
        let addend = self.add.as_ref().and_then(|add| Some((add, inputs.value(3)?)));
        let same = inputs
            .optional(3)?
            .filter(|addend| addend.shape == shape.as_slice() && addend.read::<f32>().is_some());
        let x: &[f32] = inputs.read(0)?;
        let rows = Start::Rows(bias.unwrap_or_default());
        let (mut y, start, later) = match (same.and_then(|same| same.read()), addend) {
            (Some(addend), Some(_)) => (added(addend, &shape, bias, scope)?, Start::Sums, None),
            // Nothing is added, and so nothing is finished.
            (_, addend) if x.is_empty() => (biased(&shape, bias, scope)?, Start::Sums, addend),
            (_, addend) => (scope.any(length(&shape)?)?, rows, addend),
        };
        let activation = self.activation.filter(|_| later.is_none());
        let convolution = Convolution { sizes, axes, x, w: inputs.read(1)?, start, activation };
        match activation.filter(|_| x.is_empty()) {
            Some(activation) => activation.apply(&mut y),
            None => convolution.fill(&mut y, scope)?,
        }
        match later {
            None => one(shape, TensorData::Float32(y)),
            Some((add, addend)) => {
                let y = Tensor::from_f32(shape, y)?;
                self.activated(epilogue::broadcast(add.as_ref(), y, addend, scope)?)
            }
        }
    }
}

impl Conv {
    fn activated(&self, outputs: Outputs) -> Result<Outputs> {
        let apply = |value| match (value, self.activation) {
            (Value::Tensor(tensor), Some(activation)) => {
                let shape = Shape::from_slice(tensor.shape());
                let mut data = tensor.into_data();
                if let TensorData::Float32(y) = &mut data {
                    activation.apply(y);
                }
                Ok(Value::Tensor(Tensor::new(shape, data)?))
            }
            (value, _) => Ok(value),
        };
        outputs.into_iter().map(apply).collect()
    }
}

/// The channels of a convolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channels {
    pub(super) group: usize,
    /// Those of X, and those of Y.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

impl Channels {
    fn of(x: &[usize], w: &[usize], group: usize) -> Result<Self> {
        match (x, w) {
            (&[_, inputs, ..], &[outputs, each, ..])
                if each.checked_mul(group) == Some(inputs) && outputs % group == 0 && x.len() == w.len() =>
            {
                Ok(Self { group, inputs, outputs })
            }
            _ => Err(misfit(x, w, group)),
        }
    }
}

#[cold]
pub(super) fn misfit(x: &[usize], w: &[usize], group: usize) -> Error {
    failed(format!("W of shape {w:?} in {group} groups does not go with X of shape {x:?}"))
}

/// The bias, where there is one.
pub(super) fn bias<'a, T: Native>(
    inputs: &Inputs<'a>,
    index: usize,
    channels: usize,
) -> Result<Option<&'a [T]>> {
    if inputs.value(index).is_none() {
        return Ok(None);
    }
    let bias = inputs.read::<T>(index)?;
    if bias.len() == channels {
        return Ok(Some(bias));
    }
    Err(failed(format!("B: expected {channels} numbers, one a channel, got {}", bias.len())))
}

struct Convolution<'a> {
    sizes: Channels,
    axes: Axes,
    x: &'a [f32],
    w: &'a [f32],
    start: Start<'a>,
    activation: Option<Activation>,
}

impl Convolution<'_> {
    /// `y` is the sums, from their start on.
    fn fill(&self, y: &mut [f32], scope: &mut Scope) -> Result<()> {
        let Channels { group, inputs, outputs } = self.sizes;
        let each = inputs / group;
        let padded = Padded::of(&self.axes, inputs)?;
        let (plane, places) = (plane(&self.axes, |axis| axis.input)?, plane(&self.axes, |axis| axis.output)?);
        let images = self.x.chunks_exact(inputs.saturating_mul(plane).max(1));
        let (taps, starts) = (padded.taps(each, scope)?, self.starts(&padded, scope)?);
        for (x, y) in images.zip(y.chunks_exact_mut(outputs.saturating_mul(places).max(1))) {
            let source = if padded.is_bare() { Cow::Borrowed(x) } else { Cow::Owned(padded.copy(x, scope)?) };
            self.image(&source, &padded, [&taps, &starts], y, scope)?;
            scope.keep_cow(source);
        }
        scope.keep(taps);
        scope.keep(starts);
        Ok(())
    }

    fn finish(&self, sums: &mut [f32]) {
        if let Some(activation) = self.activation {
            activation.apply(sums);
        }
    }

    /// Whether every channel of the output is made of one of the input.
    fn is_depthwise(&self) -> bool {
        self.sizes.inputs == self.sizes.group
    }

    /// The places, or the first one of each row.
    fn starts(&self, padded: &Padded, scope: &mut Scope) -> Result<Vec<u32>> {
        if self.is_depthwise() { padded.rows(scope) } else { padded.places(scope) }
    }

    fn image(
        &self,
        source: &[f32],
        padded: &Padded,
        [taps, starts]: [&[u32]; 2],
        y: &mut [f32],
        scope: &mut Scope,
    ) -> Result<()> {
        let Channels { group, inputs, outputs } = self.sizes;
        let sources = source.chunks_exact((inputs / group).saturating_mul(padded.size).max(1));
        let weights = self.w.chunks_exact((outputs / group).saturating_mul(taps.len()).max(1));
        let results = y.chunks_exact_mut((y.len() / group).max(1));
        for (index, ((source, weights), y)) in sources.zip(weights).zip(results).enumerate() {
            let start = self.start.below(index * (outputs / group));
            if self.is_depthwise() {
                let [_, _, width] = &self.axes;
                let sweep = Sweep { source, rows: starts, width: width.output, stride: width.stride, taps };
                let planes = y.chunks_exact_mut((starts.len() * width.output).max(1));
                for (i, (weights, y)) in weights.chunks_exact(taps.len().max(1)).zip(planes).enumerate() {
                    if let Start::Rows(rows) = start {
                        pool::fill(y, rows.get(i).copied().unwrap_or(0.0));
                    }
                    depthwise(sweep, weights, y);
                    self.finish(y);
                }
            } else {
                let gathered = Gathered { source, rows: taps, columns: starts };
                product(weights, gathered, start, y, &mut |_, _, y| self.finish(y), scope)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ops::testing::{Case, f32s, f64s};
    use crate::{Result, Tensor};

    fn conv(case: &Case, x: Tensor, w: Tensor) -> Result<Tensor> {
        Ok(case.run(&[x, w])?.remove(0))
    }

    fn case() -> Case {
        Case::new("", "Conv", 11)
    }

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers(shape: &[usize]) -> Tensor {
        let numbers: Vec<_> =
            (0..shape.iter().product()).map(|i: usize| (i * 31 % 17) as f32 - 8.0).collect();
        f32s(shape, &numbers)
    }

    #[test]
    fn adds_up_what_is_under_the_kernel() {
        let x: Vec<_> = (0..25u8).map(f32::from).collect();
        let (x, w) = (f32s(&[1, 1, 5, 5], &x), f32s(&[1, 1, 3, 3], &[1.0; 9]));
        let y = conv(&case().ints("kernel_shape", &[3, 3]), x.clone(), w.clone()).unwrap();
        assert_eq!(y, f32s(&[1, 1, 3, 3], &[54.0, 63.0, 72.0, 99.0, 108.0, 117.0, 144.0, 153.0, 162.0]));
        let y = conv(&case().ints("strides", &[2, 2]).ints("pads", &[1; 4]), x, w).unwrap();
        assert_eq!(y, f32s(&[1, 1, 3, 3], &[12.0, 27.0, 24.0, 63.0, 108.0, 81.0, 72.0, 117.0, 84.0]));
    }

    #[test]
    fn adds_a_bias_to_each_channel() {
        let inputs = [f32s(&[2, 1, 1], &[1.0, 2.0]), f32s(&[2, 1, 1], &[1.0, 3.0]), f32s(&[2], &[0.5, 10.0])];
        assert_eq!(case().run(&inputs).unwrap(), [f32s(&[2, 2, 1], &[1.5, 13.0, 2.5, 16.0])]);
    }

    #[test]
    fn without_channels_or_images_there_is_the_bias_or_nothing() {
        let y = conv(&case(), f32s(&[0, 2, 3], &[]), numbers(&[4, 2, 2])).unwrap();
        assert_eq!(y, f32s(&[0, 4, 2], &[]));
        let inputs = [f32s(&[1, 0, 2], &[]), f32s(&[1, 0, 1], &[]), f32s(&[1], &[-3.0])];
        assert_eq!(case().run(&inputs).unwrap(), [f32s(&[1, 1, 2], &[-3.0, -3.0])]);
        let relu = Case::new("edgeinfer", "Conv", 1).string("activation", "Relu");
        assert_eq!(relu.run(&inputs).unwrap(), [f32s(&[1, 1, 2], &[0.0, 0.0])]);
        let inputs = [f32s(&[1, 1, 0], &[]), f32s(&[1, 1, 1], &[2.0]), f32s(&[1], &[3.0])];
        assert_eq!(case().ints("pads", &[1, 1]).run(&inputs).unwrap(), [f32s(&[1, 1, 2], &[3.0, 3.0])]);
        let y = conv(&case(), numbers(&[1, 2, 3]), f32s(&[0, 2, 1], &[])).unwrap();
        assert_eq!(y, f32s(&[1, 0, 3], &[]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |case: Case, x: &[usize], w: &[usize]| {
            conv(&case, numbers(x), numbers(w)).unwrap_err().message().to_owned()
        };
        let channels = refused(case().int("group", 2), &[1, 3, 2], &[2, 1, 1]);
        assert_eq!(channels, "W of shape [2, 1, 1] in 2 groups does not go with X of shape [1, 3, 2]");
        assert!(refused(case(), &[1, 1, 2, 2], &[1, 1, 1]).starts_with("kernel_shape: expected 2 sizes"));
        assert_eq!(refused(case(), &[1, 2], &[1, 2]), "expected 3 to 5 dimensions, got shape [1, 2]");
        let kernel = refused(case().ints("kernel_shape", &[2]), &[1, 1, 2], &[1, 1, 1]);
        assert_eq!(kernel, "kernel_shape is [2], but W has a kernel of [1]");
        assert_eq!(
            refused(case().int("group", 0), &[1, 1, 1], &[1, 1, 1]),
            "group: expected 1 or more, got 0"
        );
        let error = conv(&case(), f64s(&[1, 1, 1], &[1.0]), numbers(&[1, 1, 1])).unwrap_err();
        assert_eq!(error.message(), "input 1: expected float64 elements, got float32");
        let inputs = [numbers(&[1, 1, 1]), numbers(&[2, 1, 1]), numbers(&[1])];
        let error = case().run(&inputs).unwrap_err();
        assert_eq!(error.message(), "B: expected 2 numbers, one a channel, got 1");
    }

    #[test]
    fn the_fused_form_adds_and_activates() {
        let fused = |activation: &str, addend: Tensor| {
            let case = Case::new("edgeinfer", "Conv", 1).string("activation", activation);
            let inputs = [numbers(&[2, 3, 4]), numbers(&[4, 3, 2]), numbers(&[4]), addend];
            case.float("alpha", -3.0).float("beta", 5.0).run(&inputs).unwrap().remove(0)
        };
        for addend in [&[2, 4, 3][..], &[1, 1, 3], &[4, 1], &[5, 2, 4, 3]] {
            let addend = numbers(addend);
            let y = case().run(&[numbers(&[2, 3, 4]), numbers(&[4, 3, 2]), numbers(&[4])]).unwrap().remove(0);
            let sum = Case::new("", "Add", 14).run(&[y, addend.clone()]).unwrap().remove(0);
            assert_eq!(fused("", addend.clone()), sum);
            let relu = Case::new("", "Relu", 14).run(std::slice::from_ref(&sum)).unwrap().remove(0);
            assert_eq!(fused("Relu", addend.clone()), relu);
            let bounds = [f32s(&[], &[-3.0]), f32s(&[], &[5.0])];
            let clip = Case::new("", "Clip", 13).run(&[&[sum][..], &bounds].concat()).unwrap().remove(0);
            assert_eq!(fused("Clip", addend), clip);
        }
    }

    #[test]
    fn the_fused_form_activates_depthwise_results_too() {
        let inputs = [numbers(&[1, 3, 9]), numbers(&[3, 1, 2])];
        let plain = case().int("group", 3).run(&inputs).unwrap();
        let relu = Case::new("", "Relu", 14).run(&plain).unwrap();
        let fused = Case::new("edgeinfer", "Conv", 1).int("group", 3).string("activation", "Relu");
        assert_eq!(fused.run(&inputs).unwrap(), relu);
    }

    #[test]
    fn refuses_an_unknown_activation() {
        let case = Case::new("edgeinfer", "Conv", 1).string("activation", "Cosine");
        let error = case.run(&[numbers(&[1, 1, 1]), numbers(&[1, 1, 1])]).unwrap_err();
        assert_eq!(error.message(), "activation: there is no \"Cosine\"");
    }

    /// A convolution in two dimensions as one would write it down.
    #[derive(Clone, Debug)]
    struct Naive {
        images: usize,
        group: usize,
        /// Channels of the input and of the output, a group.
        inputs: usize,
        outputs: usize,
        size: [usize; 2],
        kernel: [usize; 2],
        strides: [usize; 2],
        dilations: [usize; 2],
        pads: [usize; 4],
    }

    impl Naive {
        fn output(&self, axis: usize) -> Option<usize> {
            let padded = self.size[axis] + self.pads[axis] + self.pads[axis + 2];
            let span = (self.kernel[axis] - 1) * self.dilations[axis] + 1;
            Some(padded.checked_sub(span)? / self.strides[axis] + 1)
        }

        fn x(&self, x: &Tensor, channel: usize, place: [usize; 2], tap: [usize; 2]) -> f32 {
            let at = |axis: usize| {
                let at = place[axis] * self.strides[axis] + tap[axis] * self.dilations[axis];
                at.checked_sub(self.pads[axis]).filter(|at| *at < self.size[axis])
            };
            let (Some(row), Some(column)) = (at(0), at(1)) else { return 0.0 };
            x.as_f32().unwrap()[(channel * self.size[0] + row) * self.size[1] + column]
        }

        fn sum(&self, x: &Tensor, image: usize, output: usize, place: [usize; 2]) -> f32 {
            let group = output / self.outputs;
            let mut sum = 0.0;
            for input in 0..self.inputs {
                for tap in 0..self.kernel[0] * self.kernel[1] {
                    let channel = (image * self.group + group) * self.inputs + input;
                    let x = self.x(x, channel, place, [tap / self.kernel[1], tap % self.kernel[1]]);
                    let w = (output * self.inputs + input) * self.kernel[0] * self.kernel[1] + tap;
                    let w = (w * 31 % 17) as f32 - 8.0;
                    sum += x * w;
                }
            }
            sum
        }

        fn check(&self) {
            let (Some(height), Some(width)) = (self.output(0), self.output(1)) else { return };
            let x = numbers(&[self.images, self.group * self.inputs, self.size[0], self.size[1]]);
            let outputs = self.group * self.outputs;
            let w = numbers(&[outputs, self.inputs, self.kernel[0], self.kernel[1]]);
            let mut expected = Vec::new();
            for (image, output) in (0..self.images).flat_map(|image| (0..outputs).map(move |m| (image, m))) {
                for place in 0..height * width {
                    expected.push(self.sum(&x, image, output, [place / width, place % width]));
                }
            }
            let ints = |values: &[usize]| values.iter().map(|value| *value as i64).collect::<Vec<_>>();
            let case = case()
                .int("group", self.group as i64)
                .ints("strides", &ints(&self.strides))
                .ints("dilations", &ints(&self.dilations))
                .ints("pads", &ints(&self.pads));
            let y = conv(&case, x, w).unwrap();
            assert_eq!(y, f32s(&[self.images, outputs, height, width], &expected));
        }
    }

    fn pair(size: std::ops::Range<usize>) -> impl Strategy<Value = [usize; 2]> {
        [size.clone(), size]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn is_as_naive_for_any_shape(
            (images, group, inputs, outputs) in (0..3usize, 1..4usize, 1..4usize, 1..5usize),
            (size, kernel, strides, dilations) in (pair(1..16), pair(1..4), pair(1..4), pair(1..3)),
            pads in [0..3usize, 0..3usize, 0..3usize, 0..3usize],
        ) {
            Naive { images, group, inputs, outputs, size, kernel, strides, dilations, pads }.check();
        }
    }
}
