//! `MelWeightMatrix`: what brings a spectrum to the mel scale when it is multiplied
//! by it.
//! <https://onnx.ai/onnx/operators/onnx__MelWeightMatrix.html>

use super::dft::optional;
use super::windows::element;
use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::tensor::axis::{count, dim};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{ElementType, Result};

struct MelWeightMatrix {
    element: ElementType,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(MelWeightMatrix { element: element(node)? }))
}

/// A place on the mel scale.
fn mel(hertz: f64) -> f64 {
    2595.0 * (1.0 + hertz / 700.0).log10()
}

fn hertz(mel: f64) -> f64 {
    700.0 * (10f64.powf(mel / 2595.0) - 1.0)
}

impl Operator for MelWeightMatrix {
    /// A triangle over the frequencies for each place, `[frequencies, places]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let mut integer = |index, name| optional(Some(inputs.tensor(index)?), name, scope);
        let places = dim(integer(0, "num_mel_bins")?.unwrap_or(0))?;
        let length = dim(integer(1, "dft_length")?.unwrap_or(0))?;
        let rate = integer(2, "sample_rate")?.unwrap_or(0);
        let [low, high] = [hertz_of(inputs, 3, scope)?, hertz_of(inputs, 4, scope)?].map(mel);
        let shape = [length / 2 + 1, places];
        let mut matrix = scope.zeros(count(&shape)?)?;
        let step = (high - low) / (places as f64 + 2.0);
        // Which frequency of the spectrum a place falls on.
        let at = |place: usize| {
            let frequency = hertz(low + step * place as f64);
            ((length as f64 + 1.0) * frequency / rate as f64).floor()
        };
        for place in 0..places {
            let triangle = [at(place), at(place + 1), at(place + 2)];
            if !triangle.iter().all(|at| (0.0..shape[0] as f64).contains(at)) {
                let [_, _, top] = triangle;
                return Err(failed(format!(
                    "the spectrum has {} frequencies, but a place on the mel scale is at {top}",
                    shape[0]
                )));
            }
            let column = matrix.iter_mut().skip(place).step_by(places);
            column.enumerate().for_each(|(frequency, weight)| *weight = height(triangle, frequency as f64));
        }
        one(shape.as_slice(), in_type(matrix, self.element, scope)?)
    }
}

/// The height of a triangle, whose peak is 1.
fn height([left, peak, right]: [f64; 3], at: f64) -> f64 {
    if at == peak {
        1.0
    } else if at >= left && at < peak {
        (at - left) / (peak - left)
    } else if at > peak && at < right {
        (right - at) / (right - peak)
    } else {
        0.0
    }
}

fn hertz_of(inputs: &Inputs<'_>, index: usize, scope: &mut Scope) -> Result<f64> {
    let numbers = doubles(&inputs.tensor(index)?, scope)?;
    let number = match *numbers {
        [number] => Ok(number),
        ref numbers => Err(failed(format!("input {index}: expected one number, got {}", numbers.len()))),
    };
    scope.keep_cow(numbers);
    number
}

#[cfg(test)]
mod tests {
    use super::height;
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s};

    fn inputs(bins: i64, high: f32) -> [Tensor; 5] {
        let integer = |number| i64s(&[], &[number]);
        [integer(bins), integer(16), integer(8192), f32s(&[], &[0.0]), f32s(&[], &[high])]
    }

    #[test]
    fn is_that_of_onnx() {
        let y = Case::new("", "MelWeightMatrix", 17).run(&inputs(8, 4096.0)).unwrap();
        let mut expected = [0.0; 72];
        for (frequency, place) in [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7)] {
            expected[frequency * 8 + place] = 1.0;
        }
        assert_eq!(y, [f32s(&[9, 8], &expected)]);
    }

    #[test]
    fn triangles_rise_and_fall() {
        let triangle = [2.0, 4.0, 8.0];
        let heights = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0].map(|at| height(triangle, at));
        assert_eq!(heights, [0.0, 0.0, 0.5, 1.0, 0.75, 0.25, 0.0]);
    }

    #[test]
    fn refuses_frequencies_that_the_spectrum_does_not_have() {
        let error = Case::new("", "MelWeightMatrix", 17).run(&inputs(8, 100_000.0)).unwrap_err();
        assert!(error.message().starts_with("the spectrum has 9 frequencies"), "{error}");
        let y = Case::new("", "MelWeightMatrix", 17).run(&inputs(0, 4096.0)).unwrap();
        assert_eq!(y, [f32s(&[9, 0], &[])]);
    }
}
