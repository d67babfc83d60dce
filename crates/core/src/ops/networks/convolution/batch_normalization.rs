//! `BatchNormalization`: each channel to mean 0 and variance 1, then scaled and
//! shifted.
//! <https://onnx.ai/onnx/operators/onnx__BatchNormalization.html>

use super::fraction::Fraction;
use super::planes::length;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, Tensor};

struct BatchNormalization {
    epsilon: f32,
    momentum: f32,
    /// Whether mean and variance are those of X.
    training: bool,
    /// Whether a channel is all of its numbers, and not each a channel of its own
    /// (before version 9).
    spatial: bool,
    outputs: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let training = node.version() >= 14 && node.flag("training_mode", false)?;
    Ok(Box::new(BatchNormalization {
        epsilon: node.float_or("epsilon", 1e-5)?,
        momentum: node.float_or("momentum", 0.9)?,
        training,
        spatial: node.flag("spatial", true)?,
        outputs: if training { 3 } else { node.step().outputs.len() },
    }))
}

impl Operator for BatchNormalization {
    /// X `[N, C, D1, …]`, float32 or float64; a number for each channel of scale,
    /// B, mean and variance. What training would give besides is what was given.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match inputs.tensor(0)?.data {
            DataRef::Float64(_) => self.normalised::<f64>(inputs, scope),
            _ => self.normalised::<f32>(inputs, scope),
        }
    }
}

impl BatchNormalization {
    fn normalised<T: Fraction>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<T>(0)?);
        let (channels, size) = self.channels(shape)?;
        let [scale, bias, mean, variance] = channel_inputs(inputs, channels)?;
        let mut outputs = Outputs::new();
        if self.training {
            let [new_mean, new_variance] = moments(x, channels, size, scope)?;
            let y = self.apply(x, size, [scale, bias, &new_mean, &new_variance], scope)?;
            outputs.push(Tensor::new(shape, T::wrap(y))?.into());
            let momentum = T::from(self.momentum);
            for (running, mut new) in [(mean, new_mean), (variance, new_variance)] {
                for (new, running) in new.iter_mut().zip(running) {
                    *new = *running * momentum + *new * (T::from(1.0) - momentum);
                }
                outputs.push(Tensor::new(Shape::from_slice(&[channels]), T::wrap(new))?.into());
            }
            return Ok(outputs);
        }
        let y = self.apply(x, size, [scale, bias, mean, variance], scope)?;
        outputs.push(Tensor::new(shape, T::wrap(y))?.into());
        for given in [mean, variance].into_iter().cycle().take(self.outputs.saturating_sub(1)) {
            let given = T::wrap(scope.copy(given)?);
            outputs.push(Tensor::new(Shape::from_slice(&[channels]), given)?.into());
        }
        Ok(outputs)
    }

    /// How many channels there are, and the numbers of a plane.
    fn channels(&self, shape: &[usize]) -> Result<(usize, usize)> {
        match shape {
            [_, rest @ ..] if !self.spatial => Ok((length(rest)?, 1)),
            [_, channels, spatial @ ..] => Ok((*channels, length(spatial)?)),
            [_] => Ok((1, 1)),
            [] => Err(failed("expected [N, C, D1, …], got a scalar")),
        }
    }

    fn apply<T: Fraction>(
        &self,
        x: &[T],
        size: usize,
        per_channel: [&[T]; 4],
        scope: &mut Scope,
    ) -> Result<Vec<T>> {
        let epsilon = T::from(self.epsilon);
        let [scale, bias, mean, variance] = per_channel;
        let channels = || scale.iter().zip(bias).zip(mean.iter().zip(variance)).cycle();
        let mut y = scope.vec(x.len())?;
        for (x, ((scale, bias), (mean, variance))) in x.chunks_exact(size.max(1)).zip(channels()) {
            let factor = *scale / (*variance + epsilon).sqrt();
            let shift = *bias - *mean * factor;
            y.extend(x.iter().map(|x| *x * factor + shift));
        }
        Ok(y)
    }
}

fn channel_inputs<'a, T: Fraction>(inputs: &Inputs<'a>, channels: usize) -> Result<[&'a [T]; 4]> {
    let mut found = [&[][..]; 4];
    for ((index, name), found) in ["scale", "B", "mean", "variance"].into_iter().enumerate().zip(&mut found) {
        *found = inputs.read::<T>(index + 1)?;
        if found.len() != channels {
            let got = found.len();
            return Err(failed(format!("{name}: expected {channels} numbers, one a channel, got {got}")));
        }
    }
    Ok(found)
}

/// Mean and variance of each channel.
fn moments<T: Fraction>(x: &[T], channels: usize, size: usize, scope: &mut Scope) -> Result<[Vec<T>; 2]> {
    let (mut means, mut variances) = (scope.vec(channels)?, scope.vec(channels)?);
    for channel in 0..channels {
        let planes = || x.chunks_exact(size.max(1)).skip(channel).step_by(channels);
        let count = T::of_count(planes().len() * size);
        let mean = planes().map(T::total).sum::<T>() / count;
        let squares = |plane: &[T]| plane.iter().map(|x| (*x - mean) * (*x - mean)).sum::<T>();
        means.push(mean);
        variances.push(planes().map(squares).sum::<T>() / count);
    }
    Ok([means, variances])
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s};

    fn inputs() -> [Tensor; 5] {
        let x = f32s(&[1, 2, 1, 3], &[-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
        let of = |values: &[f32]| f32s(&[2], values);
        [x, of(&[1.0, 1.5]), of(&[0.0, 1.0]), of(&[0.0, 3.0]), of(&[1.0, 1.5])]
    }

    #[test]
    fn normalises_each_channel() {
        let expected = [-0.999995, 0.0, 0.999995, -0.22474074, 1.0, 2.2247407];
        for version in [1, 6, 7, 9, 14, 15] {
            let y = Case::new("", "BatchNormalization", version).outputs(1).run(&inputs()).unwrap();
            assert_eq!(y.len(), 1);
            assert_close(y[0].as_f32().unwrap(), &expected);
        }
        let y = Case::new("", "BatchNormalization", 15).float("epsilon", 1e-2).run(&inputs()).unwrap();
        assert_close(&y[0].as_f32().unwrap()[..2], &[-0.995_037_2, 0.0]);
    }

    #[test]
    fn training_takes_the_mean_of_what_comes() {
        let case = Case::new("", "BatchNormalization", 15).int("training_mode", 1).outputs(3);
        let y = case.run(&inputs()).unwrap();
        assert_close(&y[0].as_f32().unwrap()[..3], &[-1.2247357, 0.0, 1.2247357]);
        assert_close(y[1].as_f32().unwrap(), &[0.0, 3.0]);
        assert_close(y[2].as_f32().unwrap(), &[0.9 + 0.1 * 2.0 / 3.0, 1.35 + 0.1 * 2.0 / 3.0]);
    }

    #[test]
    fn old_versions_may_have_a_channel_for_each_number() {
        let of = |value: f32| f32s(&[2], &[value, 2.0 * value]);
        let x = f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let case = Case::new("", "BatchNormalization", 7).int("spatial", 0).float("epsilon", 0.0);
        let y = case.run(&[x, of(1.0), of(1.0), of(0.0), f32s(&[2], &[1.0, 1.0])]).unwrap();
        assert_eq!(y[0], f32s(&[2, 2], &[2.0, 6.0, 4.0, 10.0]));
    }

    #[test]
    fn refuses_another_number_of_channels() {
        let [x, scale, bias, mean, _] = inputs();
        let case = Case::new("", "BatchNormalization", 15);
        let error = case.run(&[x, scale, bias, mean, f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "variance: expected 2 numbers, one a channel, got 1");
    }
}
