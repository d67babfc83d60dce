//! `LpPool`: the p-norm of the numbers under each place of a window.
//! <https://onnx.ai/onnx/operators/onnx__LpPool.html>

use super::fraction::Fraction;
use super::planes::{length, pool, pooled_shape};
use super::spots::Spots;
use super::window::Window;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::DataRef;

struct LpPool {
    window: Window,
    norm: Norm,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(LpPool { window: Window::with_kernel(node)?, norm: Norm::of(node)? }))
}

/// Which norm: `(Σ |x|^p)^(1 / p)`.
#[derive(Clone, Copy)]
pub(super) struct Norm(f32);

impl Norm {
    /// Of version 1, `p` is a fraction.
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        let p = if node.version() < 2 { node.float_or("p", 2.0)? } else { node.int_or("p", 2)? as f32 };
        if p > 0.0 {
            Ok(Self(p))
        } else {
            Err(node.invalid(format_args!("p: expected more than 0, got {p}")))
        }
    }

    pub(super) fn power<T: Fraction>(self, x: T) -> T {
        match self.0 {
            1.0 => x.abs(),
            2.0 => x * x,
            p => x.abs().powf(p.into()),
        }
    }

    pub(super) fn root<T: Fraction>(self, sum: T) -> T {
        match self.0 {
            1.0 => sum,
            2.0 => sum.sqrt(),
            p => sum.powf(T::from(1.0) / p.into()),
        }
    }
}

impl Operator for LpPool {
    /// X `[N, C, D1, …]`, float32 or float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match inputs.tensor(0)?.data {
            DataRef::Float64(_) => self.apply::<f64>(inputs, scope),
            _ => self.apply::<f32>(inputs, scope),
        }
    }
}

impl LpPool {
    fn apply<T: Fraction>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<T>(0)?);
        let axes = self.window.over(shape)?;
        let shape = pooled_shape(shape, &axes);
        let spots = Spots::of(&axes, scope)?;
        let mut powers = scope.vec(x.len())?;
        powers.extend(x.iter().map(|&x| self.norm.power(x)));
        let mut y = pool(&powers, &spots, T::default(), length(&shape)?, T::take_sum, scope)?;
        y.iter_mut().for_each(|y| *y = self.norm.root(*y));
        scope.keep(powers);
        spots.recycle(scope);
        one(shape, T::wrap(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s};

    fn pool(case: Case) -> Vec<f32> {
        let x = f32s(&[1, 1, 4], &[3.0, -4.0, 0.0, 1.0]);
        case.ints("kernel_shape", &[2]).run(&[x]).unwrap()[0].as_f32().unwrap().to_vec()
    }

    #[test]
    fn takes_the_norm_of_what_is_under_the_window() {
        assert_close(&pool(Case::new("", "LpPool", 22)), &[5.0, 4.0, 1.0]);
        assert_close(&pool(Case::new("", "LpPool", 22).int("p", 1)), &[7.0, 4.0, 1.0]);
        assert_close(&pool(Case::new("", "LpPool", 18).int("p", 3)), &[4.497_941, 4.0, 1.0]);
        assert_close(&pool(Case::new("", "LpPool", 1).float("p", 2.0)), &[5.0, 4.0, 1.0]);
    }

    #[test]
    fn refuses_a_norm_that_is_none() {
        let case = Case::new("", "LpPool", 22).int("p", 0).ints("kernel_shape", &[1]);
        let error = case.run(&[f32s(&[1, 1, 1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "p: expected more than 0, got 0");
    }
}
