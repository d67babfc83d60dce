//! `ReduceSum`, `ReduceMean`, `ReduceMax`, `ReduceMin`, `ReduceProd`,
//! `ReduceL1`, `ReduceL2`, `ReduceLogSum`, `ReduceLogSumExp`,
//! `ReduceSumSquare`: one number of all that lie along some axes.
//! <https://onnx.ai/onnx/operators/onnx__ReduceSum.html>, and so on.

mod axes;
mod fold;
mod pass;

pub(super) use pass::{Kind, largest};
#[cfg(feature = "networks")]
pub(super) use pass::{sum, total};

use axes::{Axes, Reduction};
use pass::{Last, log_sum_exp};

use super::axis::Lanes;
use super::binary::unsupported;
use super::number::Number;
use super::whole::in_type;
use crate::ops::numbers::{doubles, integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
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

const OPERATORS: &[(&str, Method, Last)] = &[
    ("ReduceSum", Method::Fold(Kind::Sum), Last::Nothing),
    ("ReduceMean", Method::Fold(Kind::Sum), Last::Divide),
    ("ReduceMax", Method::Fold(Kind::Max), Last::Nothing),
    ("ReduceMin", Method::Fold(Kind::Min), Last::Nothing),
    ("ReduceProd", Method::Fold(Kind::Product), Last::Nothing),
    ("ReduceL1", Method::Fold(Kind::SumOfAbsolutes), Last::Nothing),
    ("ReduceL2", Method::Fold(Kind::SumOfSquares), Last::Root),
    ("ReduceLogSum", Method::Fold(Kind::Sum), Last::Log),
    ("ReduceLogSumExp", Method::LogSumExp, Last::Nothing),
    ("ReduceSumSquare", Method::Fold(Kind::SumOfSquares), Last::Nothing),
];

/// The operator by the node's name.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let operator = OPERATORS.iter().find(|operator| operator.0 == node.step().op);
    let (_, method, last) = operator.ok_or_else(|| node.unsupported("this operator is not supported"))?;
    Ok(Box::new(Reduce { method: *method, last: *last, axes: Axes::new(node)? }))
}

impl Operator for Reduce {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let mut reduction = self.axes.of(x.shape, inputs)?;
        let y = self.apply(&x, &mut reduction, scope)?;
        one(reduction.shape, y)
    }
}

impl Reduce {
    fn apply(&self, x: &TensorRef<'_>, reduction: &mut Reduction, scope: &mut Scope) -> Result<TensorData> {
        match (x.data, self.method) {
            (DataRef::Float32(x), Method::LogSumExp) => {
                Ok(TensorData::Float32(in_turn(x, reduction, scope, &mut log_sum_exp)?))
            }
            (_, Method::LogSumExp) => {
                let numbers = doubles(x, scope)?;
                let y = in_turn(&numbers, reduction, scope, &mut log_sum_exp)?;
                scope.keep_cow(numbers);
                in_type(y, x.element_type(), scope)
            }
            (DataRef::Float32(x), Method::Fold(kind)) if pass::float32(kind).is_some() => {
                let pass = |kind, x: &[f32], lanes: &Lanes, y: &mut Vec<f32>| {
                    if let Some(pass) = pass::float32(kind) {
                        pass(x, lanes, y);
                    }
                };
                Ok(TensorData::Float32(self.folded(kind, x, reduction, scope, pass)?))
            }
            (DataRef::Float32(_) | DataRef::Float64(_), Method::Fold(kind)) => {
                let numbers = doubles(x, scope)?;
                let y = self.folded(kind, &numbers, reduction, scope, pass::any)?;
                scope.keep_cow(numbers);
                in_type(y, x.element_type(), scope)
            }
            (_, Method::Fold(kind)) => self.integers(kind, x, reduction, scope),
        }
    }

    fn folded<T: Number>(
        &self,
        mut kind: Kind,
        x: &[T],
        reduction: &mut Reduction,
        scope: &mut Scope,
        pass: impl Fn(Kind, &[T], &Lanes, &mut Vec<T>),
    ) -> Result<Vec<T>> {
        let mut count = 1usize;
        let mut y = in_turn(x, reduction, scope, &mut |x, lanes, y, _| {
            pass(kind, x, lanes, y);
            kind = kind.of_results();
            count = count.saturating_mul(lanes.size);
            Ok(())
        })?;
        self.last.apply(&mut y, count);
        Ok(y)
    }

    fn integers(
        &self,
        kind: Kind,
        x: &TensorRef<'_>,
        reduction: &mut Reduction,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let element = x.element_type();
        // Truth values have a largest and a smallest, but no sum.
        let extreme = matches!(kind, Kind::Max | Kind::Min);
        if !(element.is_integer() || element == ElementType::Bool && extreme) {
            return Err(unsupported(x));
        }
        let x = ints(x, scope)?;
        let mut y = self.folded(kind, &x, reduction, scope, pass::any)?;
        if x.is_empty() {
            y.iter_mut().for_each(|y| *y = within(*y, element));
        }
        scope.keep_cow(x);
        integers(y.into(), element, scope)
    }
}

/// The number of the type that is nearest to `x`.
fn within(x: i64, element: ElementType) -> i64 {
    match element {
        ElementType::Int8 => x.clamp(i8::MIN.into(), i8::MAX.into()),
        ElementType::Int16 => x.clamp(i16::MIN.into(), i16::MAX.into()),
        ElementType::Int32 => x.clamp(i32::MIN.into(), i32::MAX.into()),
        ElementType::UInt8 => x.clamp(0, u8::MAX.into()),
        ElementType::UInt16 => x.clamp(0, u16::MAX.into()),
        ElementType::UInt32 => x.clamp(0, u32::MAX.into()),
        ElementType::UInt64 | ElementType::Bool => x.max(0),
        _ => x,
    }
}

type Pass<'a, T> = &'a mut dyn FnMut(&[T], &Lanes, &mut Vec<T>, &mut Scope) -> Result<()>;

/// Runs `pass` on `x` and then on its results: axes that do not lie side by
/// side are reduced one after the other. Where none is, each number is a lane.
fn in_turn<T: Number>(
    x: &[T],
    reduction: &mut Reduction,
    scope: &mut Scope,
    pass: Pass<'_, T>,
) -> Result<Vec<T>> {
    let each_alone = Lanes { outer: x.len(), size: 1, inner: 1 };
    let mut next = Some(reduction.next_pass()?.unwrap_or(each_alone));
    let mut done: Option<Vec<T>> = None;
    while let Some(lanes) = next {
        let mut y = scope.vec(lanes.count())?;
        pass(done.as_deref().unwrap_or(x), &lanes, &mut y, scope)?;
        if let Some(before) = done.replace(y) {
            scope.keep(before);
        }
        next = reduction.next_pass()?;
    }
    Ok(done.unwrap_or_default())
}

#[cfg(test)]
mod tests;
