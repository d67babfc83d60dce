//! `GlobalAveragePool`, `GlobalMaxPool`, `GlobalLpPool`: one number for each
//! channel.
//! <https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html>,
//! <https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html>,
//! <https://onnx.ai/onnx/operators/onnx__GlobalLpPool.html>

use super::fraction::Fraction;
use super::lp_pool::Norm;
use super::planes::length;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape};

enum GlobalPool {
    Average,
    Largest,
    Norm(Norm),
}

pub(super) fn average(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(GlobalPool::Average))
}

pub(super) fn largest(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(GlobalPool::Largest))
}

pub(super) fn norm(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(GlobalPool::Norm(Norm::of(node)?)))
}

impl Operator for GlobalPool {
    /// X `[N, C, D1, …]`, float32 or float64, to `[N, C, 1, …]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match inputs.tensor(0)?.data {
            DataRef::Float64(_) => self.apply::<f64>(inputs, scope),
            _ => self.apply::<f32>(inputs, scope),
        }
    }
}

impl GlobalPool {
    fn apply<T: Fraction>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<T>(0)?);
        let Some((first, spatial)) = shape.split_at_checked(2) else {
            return Err(failed(format!("expected [N, C, D1, …], got shape {shape:?}")));
        };
        let (count, size) = (length(first)?, length(spatial)?);
        let mut y = scope.vec(count)?;
        match size {
            0 => y.resize(count, self.of(&[])),
            _ => y.extend(x.chunks_exact(size).map(|plane| self.of(plane))),
        }
        let mut shape = Shape::from_slice(first);
        shape.resize(spatial.len() + 2, 1);
        one(shape, T::wrap(y))
    }

    fn of<T: Fraction>(&self, plane: &[T]) -> T {
        match self {
            Self::Average => T::total(plane) / T::of_count(plane.len()),
            Self::Largest => plane.iter().fold(T::LEAST, |y, x| if *x > y { *x } else { y }),
            Self::Norm(norm) => norm.root(plane.iter().map(|x| norm.power(*x)).sum()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s};

    #[test]
    fn makes_one_number_of_each_channel() {
        let run = |op: &str, shape: &[usize]| {
            let x = f32s(shape, &[3.0, -4.0, -1.0, 0.0]);
            Case::new("", op, 22).run(&[x]).unwrap().remove(0)
        };
        let shape = [1, 2, 1, 2];
        assert_eq!(run("GlobalAveragePool", &shape), f32s(&[1, 2, 1, 1], &[-0.5, -0.5]));
        assert_eq!(run("GlobalMaxPool", &shape), f32s(&[1, 2, 1, 1], &[3.0, 0.0]));
        assert_eq!(run("GlobalLpPool", &shape), f32s(&[1, 2, 1, 1], &[5.0, 1.0]));
        assert_eq!(run("GlobalAveragePool", &[2, 2]), f32s(&[2, 2], &[3.0, -4.0, -1.0, 0.0]));
    }

    #[test]
    fn takes_no_channels_and_refuses_no_dimensions() {
        let run = |shape: &[usize]| Case::new("", "GlobalMaxPool", 1).run(&[f32s(shape, &[])]);
        assert_eq!(run(&[0, 3, 2]).unwrap(), [f32s(&[0, 3, 1], &[])]);
        assert_eq!(run(&[1, 1, 0]).unwrap(), [f32s(&[1, 1, 1], &[f32::NEG_INFINITY])]);
        assert_eq!(run(&[0]).unwrap_err().message(), "expected [N, C, D1, …], got shape [0]");
    }
}
