//! Convolutions in float64, which few models have: sum by sum, without more code
//! than that takes.

use super::conv::Channels;
use super::spots::{Spot, Spots};

/// Adds to `y` the sums of a convolution of `x`, a plane after the other.
pub(super) fn convolve(channels: Channels, spots: &Spots, [x, w]: [&[f64]; 2], y: &mut [f64]) {
    let Channels { group, inputs, outputs } = channels;
    let (each, own) = (inputs / group, outputs / group);
    for (index, y) in y.chunks_exact_mut(spots.output.max(1)).enumerate() {
        let (image, channel) = (index / outputs.max(1), index % outputs.max(1));
        for input in 0..each {
            let x = plane(x, spots.input, image * inputs + channel / own.max(1) * each + input);
            let w = plane(w, spots.kernel, channel * each + input);
            for (Spot { output, count, input, .. }, w) in weighed(spots, w) {
                let y = y.get_mut(output..).unwrap_or_default().iter_mut().take(count);
                let x = x.get(input..).unwrap_or_default().iter().step_by(spots.stride);
                y.zip(x).for_each(|(y, x)| *y += w * x);
            }
        }
    }
}

/// Adds to `y` what would be the input of a convolution that gives `x`: the window
/// goes over `y`, and `channels` are those of `x` and `y`.
pub(super) fn spread(channels: Channels, spots: &Spots, [x, w]: [&[f64]; 2], y: &mut [f64]) {
    let Channels { group, inputs, outputs } = channels;
    let (each, own) = (inputs / group, outputs / group);
    for (index, y) in y.chunks_exact_mut(spots.input.max(1)).enumerate() {
        let (image, channel) = (index / outputs.max(1), index % outputs.max(1));
        for input in channel / own.max(1) * each..(channel / own.max(1) + 1) * each {
            let x = plane(x, spots.output, image * inputs + input);
            let w = plane(w, spots.kernel, input * own + channel % own.max(1));
            for (Spot { output, count, input, .. }, w) in weighed(spots, w) {
                let y = y.get_mut(input..).unwrap_or_default().iter_mut().step_by(spots.stride);
                let x = x.get(output..).unwrap_or_default().iter().take(count);
                y.zip(x).for_each(|(y, x)| *y += w * x);
            }
        }
    }
}

/// The spots and the weights of their taps.
fn weighed<'a>(spots: &'a Spots, w: &'a [f64]) -> impl Iterator<Item = (Spot, f64)> {
    spots.iter().filter_map(|spot| Some((spot, *w.get(spot.tap)?)))
}

fn plane(values: &[f64], size: usize, index: usize) -> &[f64] {
    values.chunks_exact(size.max(1)).nth(index).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::ops::testing::{Case, f32s, f64s};
    use crate::{Tensor, TensorData};

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers(shape: &[usize], seed: usize) -> Tensor {
        let number = |i: usize| ((i + seed) * 31 % 17) as f32 - 8.0;
        f32s(shape, &(0..shape.iter().product()).map(number).collect::<Vec<_>>())
    }

    fn doubles(x: &Tensor) -> Tensor {
        f64s(x.shape(), &x.as_f32().unwrap().iter().map(|x| f64::from(*x)).collect::<Vec<_>>())
    }

    /// What `case` gives of numbers of either type.
    fn both(case: &Case, inputs: &[Tensor]) -> [Vec<Tensor>; 2] {
        let single = case.run(inputs).unwrap();
        let double: Vec<_> = inputs.iter().map(doubles).collect();
        let widened = single.iter().map(|y| if y.as_f32().is_some() { doubles(y) } else { y.clone() });
        [widened.collect(), case.run(&double).unwrap()]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn convolutions_are_those_of_float32(
            (group, each, own) in (1..3usize, 1..3usize, 1..3usize),
            (images, size, kernel) in (0..3usize, 3..7usize, 1..3usize),
            (stride, pad) in (1..3i64, 0..2i64),
        ) {
            let set = |op: &str| {
                let case = Case::new("", op, 11).int("group", group as i64).ints("strides", &[stride, 1]);
                case.ints("pads", &[pad, 0, 0, pad])
            };
            let x = numbers(&[images, group * each, size, size + 1], 1);
            let bias = numbers(&[group * own], 3);
            let w = numbers(&[group * own, each, kernel, 2], 2);
            let [single, double] = both(&set("Conv"), &[x.clone(), w, bias.clone()]);
            prop_assert_eq!(single, double);
            let w = numbers(&[group * each, own, kernel, 2], 2);
            let [single, double] = both(&set("ConvTranspose"), &[x, w, bias]);
            prop_assert_eq!(single, double);
        }
    }

    #[test]
    fn pools_are_those_of_float32() {
        let x = [numbers(&[2, 3, 5, 4], 1)];
        let set = |op: &str, version| {
            let case = Case::new("", op, version).ints("kernel_shape", &[2, 2]).outputs(2);
            case.ints("strides", &[2, 1]).ints("pads", &[1, 0, 0, 1])
        };
        let cases = [set("AveragePool", 19), set("LpPool", 18), set("MaxPool", 12)];
        let global = ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"].map(|op| Case::new("", op, 2));
        for case in cases.iter().chain(&global) {
            let [single, double] = both(case, &x);
            for (single, double) in single.iter().zip(&double) {
                match (single.data(), double.data()) {
                    (TensorData::Float64(single), TensorData::Float64(double)) => {
                        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6;
                        assert!(single.iter().zip(double).all(near), "{single:?} and {double:?}");
                    }
                    (single, double) => assert_eq!(single, double),
                }
            }
        }
    }

    /// Numbers that float32 does not have.
    #[test]
    fn digits_beyond_those_of_float32_stay() {
        let x = 1.0 + 1e-12;
        let y = Case::new("", "Conv", 11).run(&[f64s(&[1, 1, 1], &[x]), f64s(&[1, 1, 1], &[1.0])]).unwrap();
        assert_eq!(y, [f64s(&[1, 1, 1], &[x])]);
        let pool = Case::new("", "MaxPool", 12).ints("kernel_shape", &[1]);
        assert_eq!(pool.run(&[f64s(&[1, 1, 1], &[x])]).unwrap()[0], f64s(&[1, 1, 1], &[x]));
        let one = |value: f64| f64s(&[1], &[value]);
        let normal = Case::new("", "BatchNormalization", 15).float("epsilon", 0.0).outputs(1);
        let y = normal.run(&[f64s(&[1, 1, 1], &[x]), one(1.0), one(0.0), one(0.0), one(1.0)]).unwrap();
        assert_eq!(y, [f64s(&[1, 1, 1], &[x])]);
        let lrn = Case::new("", "LRN", 13).int("size", 1).float("alpha", 0.0).float("beta", 1.0);
        assert_eq!(lrn.run(&[f64s(&[1, 1, 1], &[x])]).unwrap(), [f64s(&[1, 1, 1], &[x])]);
    }

    #[test]
    fn refuses_numbers_of_two_types() {
        let error = Case::new("", "Conv", 11).run(&[f64s(&[1, 1, 1], &[1.0]), f32s(&[1, 1, 1], &[1.0])]);
        assert_eq!(error.unwrap_err().message(), "input 1: expected float64 elements, got float32");
    }
}
