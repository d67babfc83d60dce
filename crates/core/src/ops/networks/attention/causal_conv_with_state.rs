//! `CausalConvWithState`: each channel of a sequence convolved with what came
//! before, the last places of which are kept for the next run.
//! <https://onnx.ai/onnx/operators/onnx__CausalConvWithState.html>

use edgeinfer_kernels::Activation;

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor::element_count;
use crate::{Result, Tensor, TensorData};

struct CausalConv {
    /// Whether `x · sigmoid(x)` follows.
    swish: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let swish = match node.string_or("activation", "none")? {
        "none" => false,
        "silu" | "swish" => true,
        other => return Err(node.invalid(format_args!("activation: there is no {other:?}"))),
    };
    Ok(Box::new(CausalConv { swish }))
}

impl Operator for CausalConv {
    /// The input `[batch, channels, length]`, weights `[channels, 1, k]`, a bias
    /// `[channels]` and a state `[batch, channels, k - 1]`, in float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, w) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (&[batch, channels, length], &[own, 1, k]) = (x.shape, w.shape) else {
            return Err(misfit(x.shape, w.shape));
        };
        if channels != own || k == 0 {
            return Err(misfit(x.shape, w.shape));
        }
        let (numbers, weights) = (inputs.read::<f32>(0)?, inputs.read::<f32>(1)?);
        let bias = part(inputs, 2, &[channels])?;
        let state_shape = [batch, channels, k - 1];
        let past = part(inputs, 3, &state_shape)?;
        let padded_length = length.checked_add(k - 1).ok_or_else(|| failed("the kernel is too long"))?;
        let mut y = scope.zeros(numbers.len())?;
        let count = element_count(&state_shape).ok_or_else(|| failed("the state has too many elements"))?;
        let mut state = scope.vec(count)?;
        let mut padded = scope.vec(padded_length)?;
        let rows = if y.is_empty() && count == 0 { 0 } else { batch.saturating_mul(channels) };
        for index in 0..rows {
            padded.clear();
            padded.extend_from_slice(nth(past, k - 1, index));
            padded.resize(k - 1, 0.0);
            padded.extend_from_slice(nth(numbers, length, index));
            state.extend_from_slice(padded.get(length..).unwrap_or_default());
            let channel = index % channels;
            let y = y.chunks_exact_mut(length.max(1)).nth(index).unwrap_or_default();
            y.fill(bias.get(channel).copied().unwrap_or_default());
            for (offset, weight) in nth(weights, k, channel).iter().enumerate() {
                let from = padded.get(offset..).unwrap_or_default();
                y.iter_mut().zip(from).for_each(|(y, x)| *y += weight * x);
            }
        }
        scope.keep(padded);
        if self.swish {
            Activation::Swish(1.0).apply(&mut y);
        }
        let mut outputs = only(Tensor::new(x.shape, TensorData::Float32(y))?);
        outputs.push(Tensor::new(state_shape.as_slice(), TensorData::Float32(state))?.into());
        Ok(outputs)
    }
}

#[cold]
fn misfit(x: &[usize], w: &[usize]) -> crate::Error {
    failed(format!("weights of shape {w:?} are no kernels for the channels of shape {x:?}"))
}

/// An input of `shape`; empty where it is left out.
fn part<'a>(inputs: &Inputs<'a>, index: usize, shape: &[usize]) -> Result<&'a [f32]> {
    match inputs.optional(index)? {
        Some(tensor) if tensor.shape == shape => inputs.read(index),
        Some(tensor) => {
            Err(failed(format!("input {index}: expected shape {shape:?}, got {:?}", tensor.shape)))
        }
        None => Ok(&[]),
    }
}

/// Part `index` of `values`, each `length` long.
fn nth(values: &[f32], length: usize, index: usize) -> &[f32] {
    values.chunks_exact(length.max(1)).nth(index).filter(|_| length > 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s};

    fn case() -> Case {
        Case::new("", "CausalConvWithState", 27)
    }

    fn inputs() -> [Tensor; 4] {
        let (x, w) = (f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]), f32s(&[2, 1, 2], &[1.0, 10.0, 0.0, -1.0]));
        [x, w, f32s(&[2], &[0.0, 0.5]), f32s(&[1, 2, 1], &[7.0, 8.0])]
    }

    #[test]
    fn looks_at_what_came_before_and_keeps_its_end() {
        let [x, w, bias, past] = inputs();
        let y = case().run(&[x.clone(), w.clone()]).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 2], &[10.0, 21.0, -3.0, -4.0]), f32s(&[1, 2, 1], &[2.0, 4.0])]);
        let y = case().run(&[x, w, bias, past]).unwrap();
        assert_eq!(y[0], f32s(&[1, 2, 2], &[17.0, 21.0, -2.5, -3.5]));
    }

    #[test]
    fn may_be_followed_by_swish() {
        let [x, w, ..] = inputs();
        let y = case().string("activation", "silu").run(&[x, w]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[9.999_546, 21.0, -0.142_277_6, -0.071_944_84]);
    }

    #[test]
    fn a_sequence_may_be_shorter_than_the_kernel() {
        let (x, w) = (f32s(&[1, 1, 1], &[2.0]), f32s(&[1, 1, 3], &[1.0, 1.0, 1.0]));
        let y = case().run(&[x, w.clone()]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 1], &[2.0]), f32s(&[1, 1, 2], &[0.0, 2.0])]);
        let y = case().run(&[f32s(&[1, 1, 0], &[]), w]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 0], &[]), f32s(&[1, 1, 2], &[0.0, 0.0])]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let [x, w, ..] = inputs();
        let error = case().run(&[x.clone(), f32s(&[1, 1, 2], &[0.0; 2])]).unwrap_err();
        let expected = "weights of shape [1, 1, 2] are no kernels for the channels of shape [1, 2, 2]";
        assert_eq!(error.message(), expected);
        let error = case().run(&[x.clone(), w, f32s(&[1], &[0.0])]).unwrap_err();
        assert_eq!(error.message(), "input 2: expected shape [2], got [1]");
        assert!(case().run(&[x, f32s(&[2, 1, 0], &[])]).is_err());
        assert!(case().string("activation", "relu").run(&[]).is_err());
    }
}
