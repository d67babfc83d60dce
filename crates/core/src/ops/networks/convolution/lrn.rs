//! `LRN`: each number by the squares of those at its place in the channels
//! around it.
//! <https://onnx.ai/onnx/operators/onnx__LRN.html>

use super::fraction::Fraction;
use super::planes::length;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;

struct Lrn {
    /// `alpha / size`.
    factor: f32,
    beta: f32,
    bias: f32,
    /// The channels before, and those after.
    before: usize,
    after: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let size = node.int("size")?.and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0);
    let size = size.ok_or_else(|| node.invalid("size: expected a number of channels"))?;
    Ok(Box::new(Lrn {
        factor: node.float_or("alpha", 1e-4)? / size as f32,
        beta: node.float_or("beta", 0.75)?,
        bias: node.float_or("bias", 1.0)?,
        before: (size - 1) as usize / 2,
        after: (size - 1).div_ceil(2) as usize,
    }))
}

impl Operator for Lrn {
    /// X `[N, C, D1, …]`, float32 or float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match inputs.tensor(0)?.data {
            DataRef::Float64(_) => self.apply::<f64>(inputs, scope),
            _ => self.apply::<f32>(inputs, scope),
        }
    }
}

impl Lrn {
    fn apply<T: Fraction>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<T>(0)?);
        let [_, channels, spatial @ ..] = shape else {
            return Err(failed(format!("expected [N, C, D1, …], got shape {shape:?}")));
        };
        let size = length(spatial)?.max(1);
        let (bias, factor) = (T::from(self.bias), T::from(self.factor));
        let mut y = scope.zeros::<T>(x.len())?;
        let image = channels.saturating_mul(size).max(1);
        for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(image)) {
            for (channel, sums) in y.chunks_exact_mut(size).enumerate() {
                let first = channel.saturating_sub(self.before);
                let around = x.chunks_exact(size).skip(first);
                for plane in around.take(channel - first + self.after + 1) {
                    sums.iter_mut().zip(plane).for_each(|(sum, x)| *sum += *x * *x);
                }
            }
            y.iter_mut().zip(x).for_each(|(y, x)| *y = *x / self.power(bias + factor * *y));
        }
        one(shape, T::wrap(y))
    }

    /// `x` to the power of `beta`, which mostly is 0.75.
    fn power<T: Fraction>(&self, x: T) -> T {
        if self.beta == 0.75 { x.sqrt() * x.sqrt().sqrt() } else { x.powf(self.beta.into()) }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s};

    #[test]
    fn divides_by_the_channels_around() {
        let x = [f32s(&[1, 3, 1, 1], &[1.0, 2.0, 3.0])];
        let case = Case::new("", "LRN", 13).int("size", 3).float("alpha", 3.0).float("bias", 0.0);
        let y = case.float("beta", 1.0).run(&x).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[0.2, 2.0 / 14.0, 3.0 / 13.0]);
        let case = Case::new("", "LRN", 1).int("size", 2).float("alpha", 2.0);
        let y = case.run(&x).unwrap();
        // With an even size, there is one more after than before.
        let expected = [6.0f32.powf(-0.75), 2.0 * 14.0f32.powf(-0.75), 3.0 * 10.0f32.powf(-0.75)];
        assert_close(y[0].as_f32().unwrap(), &expected);
    }

    #[test]
    fn refuses_no_size_and_no_channels() {
        let x = [f32s(&[1], &[1.0])];
        let error = Case::new("", "LRN", 13).run(&x).unwrap_err();
        assert_eq!(error.message(), "size: expected a number of channels");
        let error = Case::new("", "LRN", 13).int("size", 1).run(&x).unwrap_err();
        assert_eq!(error.message(), "expected [N, C, D1, …], got shape [1]");
    }
}
