//! `STFT`: the spectra of frames of a signal.
//! <https://onnx.ai/onnx/operators/onnx__STFT.html>

use std::borrow::Cow;

use super::dft::optional;
use super::transform::{Transform, frequencies, parts};
use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::tensor::axis::{count, dim};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape};

struct Stft {
    onesided: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Stft { onesided: node.flag("onesided", true)? }))
}

/// What a signal is cut into.
struct Frames {
    /// The numbers of a signal.
    length: usize,
    /// The numbers of a frame.
    frame: usize,
    step: usize,
    count: usize,
}

impl Frames {
    fn of(inputs: &Inputs<'_>, length: usize, window: Option<usize>, scope: &mut Scope) -> Result<Self> {
        let step = optional(Some(inputs.tensor(1)?), "frame_step", scope)?.map(dim).transpose()?.unwrap_or(0);
        if step == 0 {
            return Err(failed("frame_step: expected a number above 0, got 0"));
        }
        let frame = optional(inputs.optional(3)?, "frame_length", scope)?.map(dim).transpose()?;
        let frame = frame.or(window).unwrap_or(length);
        let count = length.checked_sub(frame).ok_or_else(|| {
            failed(format!("a frame of {frame} numbers is longer than the signal of {length}"))
        })?;
        Ok(Self { length, frame, step, count: count / step + 1 })
    }
}

impl Operator for Stft {
    /// In float64. Frames are `[batch, frames, frequencies, 2]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (&[batch, length, _], parts) = (x.shape, parts(x.shape)?) else {
            return Err(failed(format!("expected a signal of three dimensions, got shape {:?}", x.shape)));
        };
        let window = inputs.optional(2)?;
        let frames = Frames::of(inputs, length, window.map(|window| window.len()), scope)?;
        let bins = frequencies(frames.frame, self.onesided);
        let shape = Shape::from_slice(&[batch, frames.count, bins, 2]);
        let numbers = doubles(&x, scope)?;
        let window = window.map(|window| doubles(&window, scope)).transpose()?;
        let mut y = scope.vec(count(&shape)?)?;
        if batch > 0 && length > 0 {
            frames.spectra(&numbers, parts, window.as_deref(), bins, &mut y, scope)?;
        }
        scope.keep_cow(numbers);
        scope.keep_cow(window.unwrap_or(Cow::Borrowed(&[])));
        let length = count(&shape)?;
        y.resize(length, 0.0);
        one(shape, in_type(y, x.element_type(), scope)?)
    }
}

impl Frames {
    /// Appends the spectra of all frames of all signals.
    fn spectra(
        &self,
        signals: &[f64],
        parts: usize,
        window: Option<&[f64]>,
        bins: usize,
        y: &mut Vec<f64>,
        scope: &mut Scope,
    ) -> Result<()> {
        let mut transform = Transform::new(self.frame, scope)?;
        for signal in signals.chunks_exact(self.length * parts) {
            for frame in 0..self.count {
                let numbers = signal.get(frame * self.step * parts..).unwrap_or_default();
                transform.load(numbers.chunks_exact(parts));
                if let Some(window) = window {
                    weigh(&mut transform.re, window);
                    weigh(&mut transform.im, window);
                }
                transform.forward();
                let values = transform.re.iter().zip(&transform.im).take(bins);
                values.for_each(|(re, im)| y.extend([*re, *im]));
            }
        }
        transform.recycle(scope);
        Ok(())
    }
}

/// Multiplies the numbers by the window's, and by zero beyond it.
fn weigh(numbers: &mut [f64], window: &[f64]) {
    numbers.iter_mut().zip(window).for_each(|(number, weight)| *number *= weight);
    numbers.iter_mut().skip(window.len()).for_each(|number| *number = 0.0);
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};
    use crate::{Result, Tensor, Value};

    fn stft(inputs: [Option<Tensor>; 4], case: &Case) -> Result<Tensor> {
        let outputs = case.run_values(&inputs.map(|tensor| tensor.map(Value::Tensor)))?;
        Ok(outputs[0].as_tensor().unwrap().clone())
    }

    fn case() -> Case {
        Case::new("", "STFT", 17)
    }

    fn signal() -> Tensor {
        f32s(&[1, 6, 1], &[1.0, 2.0, 3.0, 5.0, 7.0, 9.0])
    }

    #[test]
    fn has_a_spectrum_for_each_frame() {
        let inputs = [Some(signal()), Some(i64s(&[], &[2])), None, Some(i64s(&[], &[4]))];
        let y = stft(inputs.clone(), &case()).unwrap();
        assert_eq!(y.shape(), [1, 2, 3, 2]);
        let expected = [11.0, 0.0, -2.0, 3.0, -3.0, 0.0, 24.0, 0.0, -4.0, 4.0, -4.0, 0.0];
        assert_close(y.as_f32().unwrap(), &expected);
        let y = stft(inputs, &case().int("onesided", 0)).unwrap();
        assert_eq!(y.shape(), [1, 2, 4, 2]);
        assert_close(&y.as_f32().unwrap()[6..8], &[-2.0, -3.0]);
    }

    #[test]
    fn a_window_weighs_the_numbers_of_a_frame() {
        let window = Some(f32s(&[2], &[0.5, 2.0]));
        let y = stft([Some(signal()), Some(i64s(&[], &[3])), window, None], &case()).unwrap();
        assert_eq!(y.shape(), [1, 2, 2, 2]);
        assert_close(y.as_f32().unwrap(), &[4.5, 0.0, -3.5, 0.0, 16.5, 0.0, -11.5, 0.0]);
    }

    #[test]
    fn a_signal_may_be_of_complex_numbers_or_of_none() {
        let x = f32s(&[1, 2, 2], &[1.0, 1.0, 0.0, 2.0]);
        let y = stft([Some(x), Some(i64s(&[], &[1])), None, None], &case().int("onesided", 0)).unwrap();
        assert_close(y.as_f32().unwrap(), &[1.0, 3.0, 1.0, -1.0]);
        let y = stft([Some(f32s(&[0, 2, 1], &[])), Some(i64s(&[], &[1])), None, None], &case()).unwrap();
        assert_eq!(y, f32s(&[0, 1, 2, 2], &[]));
    }

    #[test]
    fn refuses_frames_that_do_not_fit() {
        let refused = |step: i64, length: i64| {
            let inputs = [Some(signal()), Some(i64s(&[], &[step])), None, Some(i64s(&[], &[length]))];
            stft(inputs, &case()).unwrap_err().message().to_owned()
        };
        assert_eq!(refused(0, 4), "frame_step: expected a number above 0, got 0");
        assert_eq!(refused(1, 7), "a frame of 7 numbers is longer than the signal of 6");
        assert!(stft([Some(f32s(&[6, 1], &[0.0; 6])), Some(i64s(&[], &[1])), None, None], &case()).is_err());
    }
}
