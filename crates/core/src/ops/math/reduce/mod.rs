//! `ReduceSum`, `ReduceMean`, `ReduceMax`, `ReduceMin`, `ReduceProd`,
//! `ReduceL1`, `ReduceL2`, `ReduceLogSum`, `ReduceLogSumExp`,
//! `ReduceSumSquare`: one number of all that lie along some axes.
//! <https://onnx.ai/onnx/operators/onnx__ReduceSum.html>, and so on.

mod axes;
mod fold;
mod pass;

pub(super) use fold::Fold;
pub(super) use pass::{largest, sum_of_exps};

use axes::Axes;
use pass::{Kind, Last, log_sum_exp};

use smallvec::SmallVec;

use super::axis::Lanes;
use super::binary::unsupported;
use super::number::Number;
use crate::ops::numbers::{integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, TensorData};

struct Reduce {
    method: Method,
    /// What is done to each result at last.
    last: Last,
    axes: Axes,
}

#[derive(Clone, Copy)]
enum Method {
    Fold(Kind),
    LogSumExp,
}

/// The operator by the node's name.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (method, last) = match node.step().op.as_str() {
        "ReduceSum" => (Method::Fold(Kind::Sum), Last::Nothing),
        "ReduceMean" => (Method::Fold(Kind::Sum), Last::Divide),
        "ReduceMax" => (Method::Fold(Kind::Max), Last::Nothing),
        "ReduceMin" => (Method::Fold(Kind::Min), Last::Nothing),
        "ReduceProd" => (Method::Fold(Kind::Product), Last::Nothing),
        "ReduceL1" => (Method::Fold(Kind::SumOfAbsolutes), Last::Nothing),
        "ReduceL2" => (Method::Fold(Kind::SumOfSquares), Last::Root),
        "ReduceLogSum" => (Method::Fold(Kind::Sum), Last::Log),
        "ReduceLogSumExp" => (Method::LogSumExp, Last::Nothing),
        "ReduceSumSquare" => (Method::Fold(Kind::SumOfSquares), Last::Nothing),
        _ => return Err(node.unsupported("this operator is not supported")),
    };
    Ok(Box::new(Reduce { method, last, axes: Axes::new(node)? }))
}

impl Operator for Reduce {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let reduction = self.axes.of(x.shape, inputs)?;
        one(reduction.shape, self.apply(&x, &reduction.passes, scope)?)
    }
}

impl Reduce {
    fn apply(&self, x: &TensorRef<'_>, passes: &[Lanes], scope: &mut Scope) -> Result<TensorData> {
        match (x.data, self.method) {
            (DataRef::Float32(x), Method::Fold(kind)) => {
                let y = self.folded(kind, x, passes, scope, pass::float32)?;
                Ok(TensorData::Float32(y))
            }
            (DataRef::Float64(x), Method::Fold(kind)) => {
                let y = self.folded(kind, x, passes, scope, pass::other)?;
                Ok(TensorData::Float64(y))
            }
            (_, Method::Fold(kind)) => self.integers(kind, x, passes, scope),
            (DataRef::Float32(x), Method::LogSumExp) => {
                Ok(TensorData::Float32(in_turn(x, passes, scope, log_sum_exp)?))
            }
            (DataRef::Float64(x), Method::LogSumExp) => {
                Ok(TensorData::Float64(in_turn(x, passes, scope, log_sum_exp)?))
            }
            (_, Method::LogSumExp) => Err(unsupported(x)),
        }
    }

    fn folded<T: Number>(
        &self,
        mut kind: Kind,
        x: &[T],
        passes: &[Lanes],
        scope: &mut Scope,
        pass: fn(Kind, &[T], &Lanes, &mut Vec<T>),
    ) -> Result<Vec<T>> {
        let mut y = in_turn(x, passes, scope, |x, lanes, y, _| {
            pass(kind, x, lanes, y);
            kind = kind.of_results();
            Ok(())
        })?;
        let sizes: SmallVec<[usize; 2]> = passes.iter().map(|lanes| lanes.size).collect();
        self.last.apply(&mut y, element_count(&sizes).unwrap_or(0));
        Ok(y)
    }

    fn integers(
        &self,
        kind: Kind,
        x: &TensorRef<'_>,
        passes: &[Lanes],
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let element = x.element_type();
        // Truth values have a largest and a smallest, but no sum.
        let extreme = matches!(kind, Kind::Max | Kind::Min);
        if !(element.is_integer() || element == ElementType::Bool && extreme) {
            return Err(unsupported(x));
        }
        if extreme && x.len() == 0 && element != ElementType::Int64 {
            return Err(failed(format!("no {element} elements have no largest and no smallest")));
        }
        let x = ints(x, scope)?;
        let y = self.folded(kind, &x, passes, scope, pass::other)?;
        scope.keep_cow(x);
        integers(y.into(), element, scope)
    }
}

/// Runs `pass` on `x` and then on its results: axes that do not lie side by
/// side are reduced one after the other.
fn in_turn<T: Number>(
    x: &[T],
    passes: &[Lanes],
    scope: &mut Scope,
    mut pass: impl FnMut(&[T], &Lanes, &mut Vec<T>, &mut Scope) -> Result<()>,
) -> Result<Vec<T>> {
    let mut done: Option<Vec<T>> = None;
    for lanes in passes {
        let mut y = scope.vec(lanes.count())?;
        pass(done.as_deref().unwrap_or(x), lanes, &mut y, scope)?;
        if let Some(before) = done.replace(y) {
            scope.keep(before);
        }
    }
    Ok(done.unwrap_or_default())
}

#[cfg(test)]
mod tests;
