//! `Multinomial`: classes, drawn by the logarithms of how likely they are.
//! <https://onnx.ai/onnx/operators/onnx__Multinomial.html>

use super::draw::Draw;
use crate::ops::numbers::doubles;
use crate::ops::tensor::axis::count;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::{Result, Shape};

struct Multinomial {
    draw: Draw,
    /// How many are drawn of each row.
    size: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let size = node.int_or("sample_size", 1)?;
    let size = usize::try_from(size).map_err(|_| node.invalid("sample_size: expected no negative number"))?;
    Ok(Box::new(Multinomial { draw: Draw::new(node, Some(6))?, size }))
}

impl Operator for Multinomial {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let &[rows, classes] = x.shape else {
            return Err(failed(format!("expected two dimensions, got shape {:?}", x.shape)));
        };
        if classes == 0 {
            return Err(failed("there are no classes to draw"));
        }
        let shape = Shape::from_slice(&[rows, self.size]);
        let (mut drawn, mut sums) = (scope.vec(count(&shape)?)?, scope.vec(classes)?);
        let logs = doubles(&x, scope)?;
        let mut random = self.draw.random();
        for logs in logs.chunks_exact(classes) {
            let total = add_up(logs, &mut sums);
            for _ in 0..self.size {
                let place = random.uniform() * total;
                let class = sums.partition_point(|sum| *sum <= place).min(classes - 1);
                drawn.push(class as f64);
            }
        }
        scope.keep_cow(logs);
        scope.keep(sums);
        self.draw.give(inputs, shape, drawn, scope)
    }
}

/// The sums of the probabilities up to each class, the largest of which is 1 before
/// they are added up; gives the sum of all.
fn add_up(logs: &[f64], sums: &mut Vec<f64>) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    sums.clear();
    sums.extend(logs.iter().map(|log| {
        total += (log - most).exp();
        total
    }));
    total
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn likely_classes_are_drawn_more_often() {
        let logs = [0.2f32.ln(), 0.8f32.ln(), f32::NEG_INFINITY];
        let case = Case::new("", "Multinomial", 22).int("sample_size", 10_000).int("dtype", 7);
        let y = case.float("seed", 1.0).run(&[f32s(&[1, 3], &logs)]).unwrap().remove(0);
        assert_eq!(y.shape(), [1, 10_000]);
        let crate::TensorData::Int64(classes) = y.into_data() else { panic!() };
        let count = |class: i64| classes.iter().filter(|drawn| **drawn == class).count();
        assert!((1_800..2_200).contains(&count(0)), "{}", count(0));
        assert_eq!((count(0) + count(1), count(2)), (10_000, 0));
    }

    #[test]
    fn each_row_has_its_own_classes() {
        let logs = [0.0, -1e9, -1e9, 0.0];
        let case = || Case::new("", "Multinomial", 22).int("dtype", 7);
        let y = case().int("sample_size", 2).run(&[f32s(&[2, 2], &logs)]).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[0, 0, 1, 1])]);
        assert_eq!(case().run(&[f32s(&[0, 2], &[])]).unwrap(), [i64s(&[0, 1], &[])]);
    }

    #[test]
    fn refuses_what_has_no_classes() {
        let error = Case::new("", "Multinomial", 22).run(&[f32s(&[2, 0], &[])]).unwrap_err();
        assert_eq!(error.message(), "there are no classes to draw");
        assert!(Case::new("", "Multinomial", 22).run(&[f32s(&[2], &[0.0; 2])]).is_err());
        assert!(Case::new("", "Multinomial", 22).int("sample_size", -1).run(&[]).is_err());
    }
}
