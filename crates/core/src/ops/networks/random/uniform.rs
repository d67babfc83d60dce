//! `RandomUniform`, `RandomUniformLike`: numbers between two others, one as likely
//! as another.
//! <https://onnx.ai/onnx/operators/onnx__RandomUniform.html>,
//! <https://onnx.ai/onnx/operators/onnx__RandomUniformLike.html>

use super::draw::{Draw, Size};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Uniform {
    draw: Draw,
    size: Size,
    low: f64,
    high: f64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    uniform(node, Size::given(node)?, Some(1))
}

pub(super) fn like(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    uniform(node, Size::Like, None)
}

fn uniform(node: &Node<'_>, size: Size, element: Option<i64>) -> Result<Box<dyn Operator>> {
    let number = |name, default| node.float_or(name, default).map(f64::from);
    let draw = Draw::new(node, element)?;
    Ok(Box::new(Uniform { draw, size, low: number("low", 0.0)?, high: number("high", 1.0)? }))
}

impl Operator for Uniform {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let mut random = self.draw.random();
        let draw = || random.uniform() * (self.high - self.low) + self.low;
        self.draw.tensor(inputs, &self.size, draw, scope)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i32s};

    fn case() -> Case {
        Case::new("", "RandomUniform", 22).ints("shape", &[2, 2])
    }

    #[test]
    fn a_seed_gives_the_numbers_of_onnx() {
        let y = case().float("seed", 7.0).float("low", -1.0).float("high", 3.0).run(&[]).unwrap();
        assert_eq!(y[0].shape(), [2, 2]);
        assert_close(y[0].as_f32().unwrap(), &[-0.6947668, 2.1196752, 0.7536369, 1.8938607]);
    }

    #[test]
    fn without_a_seed_every_run_draws_the_same() {
        assert_eq!(case().run(&[]).unwrap(), case().run(&[]).unwrap());
        let y = case().run(&[]).unwrap();
        assert!(y[0].as_f32().unwrap().iter().all(|x| (0.0..1.0).contains(x)));
        assert_ne!(y, case().float("seed", 1.0).run(&[]).unwrap());
    }

    #[test]
    fn takes_shape_and_type_from_another_tensor() {
        let like = || Case::new("", "RandomUniformLike", 22).float("low", 5.0).float("high", 5.0);
        let y = like().run(&[f64s(&[1, 2], &[0.0; 2])]).unwrap();
        assert_eq!(y, [f64s(&[1, 2], &[5.0; 2])]);
        let y = like().int("dtype", 6).run(&[f32s(&[0], &[])]).unwrap();
        assert_eq!(y, [i32s(&[0], &[])]);
        let y = like().int("dtype", 10).run(&[f32s(&[1], &[0.0])]).unwrap();
        assert_eq!(y[0].element_type().name(), "float16");
    }

    #[test]
    fn refuses_shapes_and_types_that_are_none() {
        let refused = |case: Case| case.run(&[]).unwrap_err().message().to_owned();
        assert_eq!(refused(case().ints("shape", &[-1])), "shape: -1 is no length of a dimension");
        assert!(refused(case().ints("shape", &[1 << 40])).contains("does not fit into memory"));
        assert_eq!(refused(case().int("dtype", 8)), "dtype 8");
    }
}
