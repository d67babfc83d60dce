//! `ConvInteger`: convolutions of 8-bit tensors.
//! <https://onnx.ai/onnx/operators/onnx__ConvInteger.html>

use super::convolution::Convolution;
use super::laid::length;
use super::product::Bytes;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct ConvInteger(Convolution);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(ConvInteger(Convolution::of(node)?)))
}

impl Operator for ConvInteger {
    /// X and W, then their zero points: one, or for W one for each output
    /// channel.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, w) = (Bytes::read(inputs, 0, 2, scope)?, Bytes::read(inputs, 1, 3, scope)?);
        let shape = self.0.shape(x.tensor.shape, w.tensor.shape)?;
        let places = shape.iter().skip(2).product::<usize>();
        let mut y = scope.any(length(&shape)?)?;
        self.0.each(&x, &w, &[], scope, &mut |plane, first, sums| {
            let y = y.get_mut(plane * places + first..).and_then(|y| y.get_mut(..sums.len()));
            y.unwrap_or_default().copy_from_slice(sums);
        })?;
        one(shape, TensorData::Int32(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i32s, tensor};
    use crate::{Result, Tensor, TensorData};

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    fn run(case: &Case, inputs: &[Tensor]) -> Result<Tensor> {
        Ok(case.run(inputs)?.remove(0))
    }

    fn conv() -> Case {
        Case::new("", "ConvInteger", 10)
    }

    fn x() -> Tensor {
        u8s(&[1, 1, 3, 3], &[2, 3, 4, 5, 6, 7, 8, 9, 10])
    }

    /// ONNX's test_convinteger_without_padding and test_convinteger_with_padding.
    #[test]
    fn pads_with_the_zero_point() {
        let inputs = [x(), u8s(&[1, 1, 2, 2], &[1, 1, 1, 1]), u8s(&[], &[1])];
        assert_eq!(run(&conv(), &inputs).unwrap(), i32s(&[1, 1, 2, 2], &[12, 16, 24, 28]));
        let y = run(&conv().ints("pads", &[1, 1, 1, 1]), &inputs).unwrap();
        let expected = [1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9];
        assert_eq!(y, i32s(&[1, 1, 4, 4], &expected));
    }

    /// The sums one by one.
    fn naive(
        x: &[i32],
        [channels, input]: [usize; 2],
        w: &[i32],
        [m, kernel]: [usize; 2],
        groups: usize,
    ) -> Vec<i32> {
        let (stride, pad, dilation) = (2, 1, 2);
        let output = (input + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
        let each = channels / groups;
        let mut y = Vec::new();
        for (out, at) in (0..m).flat_map(|out| (0..output).map(move |at| (out, at))) {
            let group = out / (m / groups);
            let taps = (0..each).flat_map(|c| (0..kernel).map(move |tap| (c, tap)));
            y.push(taps.fold(0, |sum, (c, tap)| {
                let place = (at * stride + tap * dilation).checked_sub(pad).filter(|place| *place < input);
                let value = place.map_or(0, |place| x[(group * each + c) * input + place] - 3);
                sum + value * (w[(out * each + c) * kernel + tap] - out as i32)
            }));
        }
        y
    }

    #[test]
    fn strides_dilations_and_groups_are_as_one_sum_after_another() {
        for (channels, m, groups) in [(2, 5, 1), (4, 4, 2), (3, 3, 3), (2, 8, 2)] {
            let (input, kernel) = (9, 3);
            let x: Vec<i32> = (0..(channels * input) as i32).map(|i| i * 37 % 256).collect();
            let w: Vec<i32> =
                (0..(m * channels / groups * kernel) as i32).map(|i| i * 91 % 256 - 128).collect();
            let case = conv().ints("strides", &[2]).ints("pads", &[1, 1]).ints("dilations", &[2]);
            let bytes = |w: &[i32]| TensorData::Int8(w.iter().map(|w| *w as i8).collect());
            let zeros: Vec<i32> = (0..m as i32).collect();
            let y = run(
                &case.int("group", groups as i64),
                &[
                    u8s(&[1, channels, input], &x.iter().map(|x| *x as u8).collect::<Vec<_>>()),
                    tensor(&[m, channels / groups, kernel], bytes(&w)),
                    u8s(&[], &[3]),
                    tensor(&[m], bytes(&zeros)),
                ],
            );
            let expected = naive(&x, [channels, input], &w, [m, kernel], groups);
            assert_eq!(y.unwrap(), i32s(&[1, m, expected.len() / m], &expected), "{channels}, {m}, {groups}");
        }
    }

    /// More places than are gathered at a time, and a last part that is shorter.
    #[test]
    fn large_images_are_as_their_parts() {
        let (height, width) = (45, 40);
        let x: Vec<u8> = (0..2 * height * width).map(|i| (i * 37 % 256) as u8).collect();
        let w: Vec<i8> = (0..5 * 2 * 9).map(|i| (i * 91 % 256) as u8 as i8).collect();
        let case = conv().ints("pads", &[1, 1, 1, 1]);
        let run = |case: &Case, x: &[u8], height: usize| {
            let w = tensor(&[5, 2, 3, 3], TensorData::Int8(w.clone()));
            match run(case, &[u8s(&[1, 2, height, width], x), w, u8s(&[], &[7])]).unwrap().into_data() {
                TensorData::Int32(y) => y,
                other => panic!("{other:?}"),
            }
        };
        let whole = run(&case, &x, height);
        // The first and the last lines by themselves, in parts that are not divided.
        for (from, to) in [(0, 10), (35, 45)] {
            let lines =
                |channel: usize| &x[(channel * height + from) * width..(channel * height + to) * width];
            let part = run(&case, &[lines(0), lines(1)].concat(), to - from);
            for channel in 0..5 {
                // The line at the cut has another neighbour.
                let own = if from == 0 { 0..9 } else { 1..10 };
                let line =
                    |y: &[i32], of: usize, at: usize| y[(channel * of + at) * width..][..width].to_vec();
                for at in own {
                    assert_eq!(line(&whole, height, from + at), line(&part, to - from, at));
                }
            }
        }
    }

    #[test]
    fn batches_and_nothing() {
        let x = u8s(&[2, 1, 2], &[1, 2, 3, 4]);
        let y = run(&conv(), &[x, u8s(&[1, 1, 1], &[5])]).unwrap();
        assert_eq!(y, i32s(&[2, 1, 2], &[5, 10, 15, 20]));
        let y = run(&conv(), &[u8s(&[0, 1, 2], &[]), u8s(&[1, 1, 1], &[5])]).unwrap();
        assert_eq!(y, i32s(&[0, 1, 2], &[]));
        let y = run(&conv(), &[u8s(&[1, 0, 2], &[]), u8s(&[1, 0, 1], &[])]).unwrap();
        assert_eq!(y, i32s(&[1, 1, 2], &[0, 0]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |case: Case, inputs: &[Tensor]| run(&case, inputs).unwrap_err().message().to_owned();
        let w = u8s(&[1, 2, 2, 2], &[1; 8]);
        assert_eq!(
            refused(conv(), &[x(), w]),
            "X of shape [1, 1, 3, 3] does not fit W of shape [1, 2, 2, 2] in 1 groups"
        );
        let w = u8s(&[1, 1, 2, 2], &[1; 4]);
        assert_eq!(
            refused(conv(), &[x(), w.clone(), u8s(&[2], &[1, 2])]),
            "expected one zero point of X, got 2"
        );
        assert_eq!(refused(conv().int("group", 0), &[x(), w]), "group: expected 1 or more, got 0");
    }
}
