//! `InstanceNormalization`, `GroupNormalization`: the mean and deviation of a
//! channel, or of a group of them, over all places.
//! <https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html>,
//! <https://onnx.ai/onnx/operators/onnx__GroupNormalization.html>

use super::rows::{Real, no_fractions};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct Channels {
    /// Without, every channel is a group.
    groups: Option<usize>,
    epsilon: f32,
    /// Whether scale and bias have a number for each group, not each channel.
    by_group: bool,
}

pub(super) fn instance(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Channels { groups: None, epsilon: node.float_or("epsilon", 1e-5)?, by_group: true }))
}

/// Operator set 18 has a scale for each group, later ones for each channel.
pub(super) fn group(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let groups = node.int_or("num_groups", 0)?;
    let groups = usize::try_from(groups).ok().filter(|groups| *groups > 0);
    let groups = Some(groups.ok_or_else(|| node.invalid("num_groups: expected the number of groups"))?);
    let by_group = node.version() < 21;
    Ok(Box::new(Channels { groups, epsilon: node.float_or("epsilon", 1e-5)?, by_group }))
}

impl Operator for Channels {
    /// X `[N, C, …]` with scale and bias of one dimension.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let sizes = self.sizes(x.shape)?;
        let data = match x.data {
            DataRef::Float32(x) => self.apply(x, &sizes, inputs, scope)?,
            DataRef::Float64(x) => self.apply(x, &sizes, inputs, scope)?,
            _ => return Err(no_fractions(&x)),
        };
        one(x.shape, data)
    }
}

struct Sizes {
    groups: usize,
    /// The channels in a group, and the places in a channel.
    channels: usize,
    places: usize,
}

impl Channels {
    fn sizes(&self, shape: &[usize]) -> Result<Sizes> {
        let &[_, channels, ref places @ ..] = shape else {
            return Err(failed(format!("expected dimensions N and C at least, got shape {shape:?}")));
        };
        let groups = self.groups.unwrap_or(channels);
        if groups != 0 && channels % groups != 0 {
            return Err(failed(format!("{channels} channels are no {groups} groups of equal size")));
        }
        let places = element_count(places).ok_or_else(|| failed("the tensor has too many elements"))?;
        Ok(Sizes { groups, channels: channels.checked_div(groups).unwrap_or_default(), places })
    }

    fn apply<T: Real>(
        &self,
        x: &[T],
        sizes: &Sizes,
        inputs: &Inputs<'_>,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let (scale, bias) = (inputs.read::<T>(1)?, inputs.read::<T>(2)?);
        let parts = if self.by_group { 1 } else { sizes.channels };
        let expected = sizes.groups.saturating_mul(parts);
        if scale.len() != expected || bias.len() != expected {
            let (scale, bias) = (scale.len(), bias.len());
            return Err(failed(format!("expected {expected} scales and biases, got {scale} and {bias}")));
        }
        let mut y = scope.zeros(x.len())?;
        if x.is_empty() {
            return Ok(T::wrap(y));
        }
        let size = sizes.channels.saturating_mul(sizes.places).max(1);
        let part = size.checked_div(parts).unwrap_or(1).max(1);
        let affine = scale.iter().zip(bias);
        let mut affine = affine.cycle();
        for (x, y) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)) {
            let moments = T::moments(x, true, self.epsilon.into());
            for (x, y) in x.chunks_exact(part).zip(y.chunks_exact_mut(part)) {
                if let Some((scale, bias)) = affine.next() {
                    T::by_row(x, moments, *scale, *bias, y);
                }
            }
        }
        Ok(T::wrap(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, f64s};
    use crate::{ErrorKind, Tensor};

    fn x() -> Tensor {
        f32s(&[1, 4, 2], &[1.0, 3.0, 5.0, 7.0, -3.0, 3.0, 1.0, -1.0])
    }

    #[test]
    fn an_instance_is_a_channel() {
        let inputs = [x(), f32s(&[4], &[1.0, 2.0, 3.0, 4.0]), f32s(&[4], &[0.0, 0.0, 1.0, 1.0])];
        for version in [1, 6, 22] {
            let y =
                Case::new("", "InstanceNormalization", version).float("epsilon", 0.5).run(&inputs).unwrap();
            let expected = [
                -0.816_496_55,
                0.816_496_5,
                -1.632_993_1,
                1.632_993_1,
                -1.919_985_3,
                3.919_985_3,
                4.265_986_4,
                -2.265_986_4,
            ];
            assert_close(y[0].as_f32().unwrap(), &expected);
        }
    }

    #[test]
    fn a_group_has_a_scale_for_each_channel_since_operator_set_21() {
        let case =
            |version| Case::new("", "GroupNormalization", version).int("num_groups", 2).float("epsilon", 0.0);
        let (scale, bias) = (f32s(&[4], &[1.0, 2.0, 1.0, 1.0]), f32s(&[4], &[0.0, 1.0, 0.0, 5.0]));
        let y = case(21).run(&[x(), scale, bias]).unwrap();
        let expected = [
            -1.341_640_8,
            -0.447_213_6,
            1.894_427_2,
            3.683_281_6,
            -1.341_640_7,
            1.341_640_7,
            5.447_213_6,
            4.552_786_4,
        ];
        assert_close(y[0].as_f32().unwrap(), &expected);
        let y = case(18).run(&[x(), f32s(&[2], &[1.0, 2.0]), f32s(&[2], &[0.0, 5.0])]).unwrap();
        let expected = [
            -1.341_640_8,
            -0.447_213_6,
            0.447_213_6,
            1.341_640_8,
            2.316_718_6,
            7.683_281_4,
            5.894_427,
            4.105_573,
        ];
        assert_close(y[0].as_f32().unwrap(), &expected);
    }

    #[test]
    fn takes_float64_and_nothing_at_all() {
        let inputs = [f64s(&[1, 1, 2], &[1.0, 3.0]), f64s(&[1], &[2.0]), f64s(&[1], &[1.0])];
        let y = Case::new("", "InstanceNormalization", 6).float("epsilon", 0.0).run(&inputs).unwrap();
        assert_eq!(y, [f64s(&[1, 1, 2], &[-1.0, 3.0])]);
        for shape in [[0, 2, 3], [2, 0, 3], [2, 3, 0]] {
            let per_channel = f32s(&[shape[1]], &vec![1.0; shape[1]]);
            let inputs = [f32s(&shape, &[]), per_channel.clone(), per_channel];
            assert_eq!(Case::new("", "InstanceNormalization", 6).run(&inputs).unwrap()[0].shape(), shape);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let one = || f32s(&[1], &[1.0]);
        let group = |groups| Case::new("", "GroupNormalization", 21).int("num_groups", groups);
        let error = group(3).run(&[x(), one(), one()]).unwrap_err();
        assert_eq!(error.message(), "4 channels are no 3 groups of equal size");
        let error = group(2).run(&[x(), one(), one()]).unwrap_err();
        assert_eq!(error.message(), "expected 4 scales and biases, got 1 and 1");
        assert_eq!(group(0).run(&[]).unwrap_err().kind(), ErrorKind::InvalidModel);
        let error = Case::new("", "InstanceNormalization", 6).run(&[one(), one(), one()]).unwrap_err();
        assert_eq!(error.message(), "expected dimensions N and C at least, got shape [1]");
    }
}
