//! `ReverseSequence`: the first steps of every sequence of a batch backwards.
//! <https://onnx.ai/onnx/operators/onnx__ReverseSequence.html>

use crate::Result;
use crate::ops::tensor::runs::{Runs, gathered};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};

struct ReverseSequence {
    /// Whether the first axis is the batch and the second the time; otherwise the
    /// other way round.
    batch_first: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    match (node.int_or("batch_axis", 1)?, node.int_or("time_axis", 0)?) {
        (1, 0) => Ok(Box::new(ReverseSequence { batch_first: false })),
        (0, 1) => Ok(Box::new(ReverseSequence { batch_first: true })),
        (batch, time) => Err(node.invalid(format_args!(
            "batch_axis and time_axis: expected 1 and 0 or 0 and 1, got {batch} and {time}"
        ))),
    }
}

impl Operator for ReverseSequence {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, lengths) = (inputs.tensor(0)?, inputs.read::<i64>(1)?);
        let &[first, second, ..] = x.shape else {
            return Err(failed(format!("expected at least two dimensions, got shape {:?}", x.shape)));
        };
        let (batch, steps) = if self.batch_first { (first, second) } else { (second, first) };
        if lengths.len() != batch {
            let got = lengths.len();
            return Err(failed(format!("sequence_lens: expected {batch} numbers, got {got}")));
        }
        if let Some(length) = lengths.iter().find(|length| !fits(**length, steps)) {
            return Err(failed(format!("sequence_lens: there are {steps} steps, not {length}")));
        }
        let count = if x.len() == 0 { 0 } else { batch * steps };
        let length = x.len().checked_div(count).unwrap_or(0);
        let mut starts = scope.vec(count)?;
        for index in 0..count {
            let (step, sequence) = if self.batch_first {
                (index % second, index / second)
            } else {
                (index / second, index % second)
            };
            let reversed = usize::try_from(lengths.get(sequence).copied().unwrap_or(0)).unwrap_or(0);
            let step = if step < reversed { reversed - 1 - step } else { step };
            let place = if self.batch_first { sequence * second + step } else { step * second + sequence };
            starts.push(u32::try_from(place * length).unwrap_or(u32::MAX));
        }
        one(x.shape, gathered(x.data, Runs { starts, length, step: 1 }, scope)?)
    }
}

fn fits(length: i64, steps: usize) -> bool {
    usize::try_from(length).is_ok_and(|length| length <= steps)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn counted() -> Vec<f32> {
        (0..16).map(|i| i as f32).collect()
    }

    #[test]
    fn the_first_steps_go_backwards() {
        let x = f32s(&[4, 4], &counted());
        let case = Case::new("", "ReverseSequence", 10).int("batch_axis", 0).int("time_axis", 1);
        let y = case.run(&[x.clone(), i64s(&[4], &[1, 2, 3, 4])]).unwrap();
        let expected =
            [[0.0, 1.0, 2.0, 3.0], [5.0, 4.0, 6.0, 7.0], [10.0, 9.0, 8.0, 11.0], [15.0, 14.0, 13.0, 12.0]];
        assert_eq!(y, [f32s(&[4, 4], expected.as_flattened())]);
        let y = Case::new("", "ReverseSequence", 10).run(&[x, i64s(&[4], &[4, 3, 2, 1])]).unwrap();
        let expected =
            [[12.0, 9.0, 6.0, 3.0], [8.0, 5.0, 2.0, 7.0], [4.0, 1.0, 10.0, 11.0], [0.0, 13.0, 14.0, 15.0]];
        assert_eq!(y, [f32s(&[4, 4], expected.as_flattened())]);
    }

    #[test]
    fn a_step_may_be_of_many_elements_of_any_type() {
        let x = texts(&[2, 1, 2], &["a", "b", "c", "d"]);
        let y = Case::new("", "ReverseSequence", 10).run(&[x, i64s(&[1], &[2])]).unwrap();
        assert_eq!(y, [texts(&[2, 1, 2], &["c", "d", "a", "b"])]);
        let nothing = f32s(&[2, 3, 0], &[]);
        let y = Case::new("", "ReverseSequence", 10).run(&[nothing.clone(), i64s(&[3], &[0, 1, 2])]);
        assert_eq!(y.unwrap(), [nothing]);
    }

    #[test]
    fn refuses_lengths_that_do_not_fit() {
        let message = |shape: &[usize], lengths: &[i64]| {
            let x = f32s(shape, &vec![0.0; shape.iter().product()]);
            let case = Case::new("", "ReverseSequence", 10);
            case.run(&[x, i64s(&[lengths.len()], lengths)]).unwrap_err().message().to_owned()
        };
        assert_eq!(message(&[2, 1], &[3]), "sequence_lens: there are 2 steps, not 3");
        assert_eq!(message(&[2, 1], &[-1]), "sequence_lens: there are 2 steps, not -1");
        assert_eq!(message(&[2, 1], &[1, 1]), "sequence_lens: expected 1 numbers, got 2");
        assert_eq!(message(&[2], &[1]), "expected at least two dimensions, got shape [2]");
        let case = Case::new("", "ReverseSequence", 10).int("batch_axis", 1).int("time_axis", 1);
        assert!(case.run(&[]).is_err());
    }
}
