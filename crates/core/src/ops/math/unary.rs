//! Operators on one tensor of numbers, number by number.

use std::borrow::Cow;

use super::binary::unsupported;
use super::whole::in_type;
use super::{activations, functions};
#[cfg(feature = "networks")]
use super::{angles, smooth_activations};
use crate::ops::numbers::{doubles, integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

/// What an operator does to a number.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Up to two attributes and what they are where they are left out.
    pub(super) parameters: &'static [(&'static str, f32)],
    /// A loop of its own for float32; without, it goes through float64.
    pub(super) float32: Option<Loop>,
    pub(super) float64: Option<fn(f64, Parameters) -> f64>,
    /// Of every integer type.
    pub(super) int: Option<fn(i64) -> i64>,
    /// Whether integers go through float64.
    pub(super) cut: bool,
}

pub(super) type Parameters = [f64; 2];

const LISTS: &[&[Function]] = &[
    functions::FUNCTIONS,
    activations::FUNCTIONS,
    #[cfg(feature = "networks")]
    angles::FUNCTIONS,
    #[cfg(feature = "networks")]
    smooth_activations::FUNCTIONS,
];

/// Appends the results of some numbers.
type Loop = fn(&[f32], &mut Vec<f32>);

impl Function {
    /// A function of fractions.
    pub(super) const fn new(name: &'static str, float64: fn(f64, Parameters) -> f64) -> Self {
        Self { name, parameters: &[], float32: None, float64: Some(float64), int: None, cut: false }
    }

    pub(super) const fn with(self, parameters: &'static [(&'static str, f32)]) -> Self {
        Self { parameters, ..self }
    }

    pub(super) const fn float32(self, float32: Loop) -> Self {
        Self { float32: Some(float32), ..self }
    }

    pub(super) const fn int(self, int: fn(i64) -> i64) -> Self {
        Self { int: Some(int), ..self }
    }

    /// The function of integers too: what is after the point is cut off.
    #[cfg(feature = "networks")]
    pub(super) const fn cut(self) -> Self {
        Self { cut: true, ..self }
    }
}

struct Unary {
    function: Function,
    parameters: Parameters,
}

/// The operator by the node's name, one of those in `functions` and
/// `activations`.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let name = functions::name(node)?;
    let mut functions = LISTS.iter().copied().flatten();
    let function = functions.find(|function| function.name == name);
    let function = *function.ok_or_else(|| node.unsupported("this operator is not supported"))?;
    let mut parameters = Parameters::default();
    for (parameter, (name, default)) in parameters.iter_mut().zip(function.parameters) {
        *parameter = f64::from(node.float_or(name, *default)?);
    }
    Ok(Box::new(Unary { function, parameters }))
}

impl Operator for Unary {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        one(x.shape, self.apply(&x, scope)?)
    }
}

impl Unary {
    fn apply(&self, x: &TensorRef<'_>, scope: &mut Scope) -> Result<TensorData> {
        match (x.data, self.function.float32, self.function.float64) {
            (DataRef::Float32(x), Some(f), _) => {
                let mut y = scope.vec(x.len())?;
                f(x, &mut y);
                Ok(TensorData::Float32(y))
            }
            (DataRef::Float32(x), None, Some(f)) => {
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|&x| f(f64::from(x), self.parameters) as f32));
                Ok(TensorData::Float32(y))
            }
            (DataRef::Float64(x), _, Some(f)) => {
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|&x| f(x, self.parameters)));
                Ok(TensorData::Float64(y))
            }
            (_, _, Some(f)) if self.function.cut && x.element_type().is_integer() => {
                let values = doubles(x, scope)?;
                let mut y = scope.vec(x.len())?;
                y.extend(values.iter().map(|&x| f(x, self.parameters)));
                scope.keep_cow(values);
                in_type(y, x.element_type(), scope)
            }
            _ => self.integers(x, scope),
        }
    }

    fn integers(&self, x: &TensorRef<'_>, scope: &mut Scope) -> Result<TensorData> {
        let element = x.element_type();
        let f = self.function.int.filter(|_| element.is_integer()).ok_or_else(|| unsupported(x))?;
        let x = ints(x, scope)?;
        let mut y = scope.vec(x.len())?;
        y.extend(x.iter().map(|&x| f(x)));
        scope.keep_cow(x);
        integers(Cow::Owned(y), element, scope)
    }
}
