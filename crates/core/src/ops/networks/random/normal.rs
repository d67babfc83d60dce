//! `RandomNormal`, `RandomNormalLike`: numbers of the normal distribution.
//! <https://onnx.ai/onnx/operators/onnx__RandomNormal.html>,
//! <https://onnx.ai/onnx/operators/onnx__RandomNormalLike.html>

use super::draw::{Draw, Size};
use crate::Result;
use crate::ops::twister::Twister;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Normal {
    draw: Draw,
    size: Size,
    mean: f64,
    scale: f64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    normal(node, Size::given(node)?, Some(1))
}

pub(super) fn like(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    normal(node, Size::Like, None)
}

fn normal(node: &Node<'_>, size: Size, element: Option<i64>) -> Result<Box<dyn Operator>> {
    let number = |name, default| node.float_or(name, default).map(f64::from);
    let draw = Draw::new(node, element)?;
    Ok(Box::new(Normal { draw, size, mean: number("mean", 0.0)?, scale: number("scale", 1.0)? }))
}

impl Operator for Normal {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (mut random, mut kept) = (self.draw.random(), None);
        let draw = || next(&mut random, &mut kept) * self.scale + self.mean;
        self.draw.tensor(inputs, &self.size, draw, scope)
    }
}

/// A number of mean 0 and deviation 1, after Marsaglia: a point within the unit
/// circle gives two, the second of which is kept for the next time.
fn next(random: &mut Twister, kept: &mut Option<f64>) -> f64 {
    if let Some(number) = kept.take() {
        return number;
    }
    loop {
        let (x, y) = (2.0 * random.uniform() - 1.0, 2.0 * random.uniform() - 1.0);
        let square = x * x + y * y;
        if square < 1.0 && square > 0.0 {
            let factor = (-2.0 * square.ln() / square).sqrt();
            *kept = Some(factor * x);
            return factor * y;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f64s};

    #[test]
    fn a_seed_gives_the_numbers_of_onnx() {
        let case = Case::new("", "RandomNormal", 22).ints("shape", &[5]).float("seed", 3.0);
        let y = case.float("mean", 1.0).float("scale", 2.0).run(&[]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[4.577257, 1.8730197, 1.192995, -2.7269855, 0.4452236]);
    }

    #[test]
    fn takes_shape_and_type_from_another_tensor() {
        let case = Case::new("", "RandomNormalLike", 22).float("mean", 2.0).float("scale", 0.0);
        let y = case.run(&[f64s(&[3, 1], &[0.0; 3])]).unwrap();
        assert_eq!(y, [f64s(&[3, 1], &[2.0; 3])]);
    }

    #[test]
    fn nodes_of_other_names_draw_other_numbers() {
        let draw = |seed: f32| {
            let case = Case::new("", "RandomNormal", 22).ints("shape", &[10_000]).float("seed", seed);
            case.run(&[]).unwrap().remove(0).as_f32().unwrap().to_vec()
        };
        let numbers = draw(5.0);
        let mean = numbers.iter().sum::<f32>() / 1e4;
        let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 1e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        assert_ne!(numbers, draw(6.0));
    }
}
