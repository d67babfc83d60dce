//! Operators on two tensors of numbers, element by element.

use std::borrow::Cow;

use crate::ops::broadcast::{Broadcast, aligned};
use crate::ops::numbers::{integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

/// What an operator does to a pair of numbers. All but float32 goes through
/// pointers to functions, which is a tenth of the code.
#[derive(Clone, Copy, Default)]
pub(super) struct Pairwise {
    /// A loop of its own for float32; without, it goes through float64.
    pub(super) float32: Option<Loop>,
    pub(super) float64: Option<fn(f64, f64) -> f64>,
    /// Of every integer type.
    pub(super) int: Option<fn(i64, i64) -> i64>,
    /// Whether the second number may not be an integer 0.
    pub(super) divides: bool,
}

pub(super) type Loop = fn(&Broadcast, &[f32], &[f32], &mut Vec<f32>);

impl Pairwise {
    /// The elements of the result.
    pub(super) fn apply(
        &self,
        broadcast: &Broadcast,
        a: &TensorRef<'_>,
        b: &TensorRef<'_>,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        match (a.data, b.data) {
            (DataRef::Float32(a), DataRef::Float32(b)) if let Some(zip) = self.float32 => {
                let mut y = scope.vec(broadcast.len())?;
                zip(broadcast, a, b, &mut y);
                Ok(TensorData::Float32(y))
            }
            (DataRef::Float32(a), DataRef::Float32(b)) if let Some(f) = self.float64 => {
                let mut y = scope.vec(broadcast.len())?;
                broadcast.zip(a, b, &mut y, |a, b| f(f64::from(*a), f64::from(*b)) as f32);
                Ok(TensorData::Float32(y))
            }
            (DataRef::Float64(a), DataRef::Float64(b)) if let Some(f) = self.float64 => {
                let mut y = scope.vec(broadcast.len())?;
                broadcast.zip(a, b, &mut y, |a, b| f(*a, *b));
                Ok(TensorData::Float64(y))
            }
            _ => self.integers(broadcast, a, b, scope),
        }
    }

    fn integers(
        &self,
        broadcast: &Broadcast,
        a: &TensorRef<'_>,
        b: &TensorRef<'_>,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let element = a.element_type();
        let f = self.int.filter(|_| element.is_integer()).ok_or_else(|| unsupported(a))?;
        let (a, b) = (ints(a, scope)?, ints(b, scope)?);
        if self.divides && b.contains(&0) {
            return Err(failed("an integer is divided by 0"));
        }
        let mut y = scope.vec(broadcast.len())?;
        broadcast.zip(&a, &b, &mut y, |a, b| f(*a, *b));
        scope.keep_cow(a);
        scope.keep_cow(b);
        integers(Cow::Owned(y), element, scope)
    }
}

/// An operator of two inputs.
struct Binary {
    pairwise: Pairwise,
    axis: Option<i64>,
}

pub(super) fn build(node: &Node<'_>, pairwise: Pairwise) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Binary { pairwise, axis: axis(node)? }))
}

impl Operator for Binary {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = operands(inputs)?;
        let broadcast = pair(&a, &b, self.axis)?;
        let y = self.pairwise.apply(&broadcast, &a, &b, scope)?;
        one(broadcast.shape, y)
    }
}

/// Before operator set 7, where the second tensor begins in the first; where
/// the attribute is left out, both end together, as today.
pub(super) fn axis(node: &Node<'_>) -> Result<Option<i64>> {
    if node.version() < 7 && node.flag("broadcast", false)? { node.int("axis") } else { Ok(None) }
}

/// The two inputs, of the same type.
pub(super) fn operands<'a>(inputs: &Inputs<'a>) -> Result<(TensorRef<'a>, TensorRef<'a>)> {
    let (a, b) = (inputs.tensor(0)?, inputs.tensor(1)?);
    same_type(&a, &b)?;
    Ok((a, b))
}

/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) for tensors
/// of different element types.
pub(super) fn same_type(a: &TensorRef<'_>, b: &TensorRef<'_>) -> Result<()> {
    let (a, b) = (a.element_type(), b.element_type());
    if a == b { Ok(()) } else { Err(failed(format!("expected elements of one type, got {a} and {b}"))) }
}

pub(super) fn pair(a: &TensorRef<'_>, b: &TensorRef<'_>, axis: Option<i64>) -> Result<Broadcast> {
    let b = match axis {
        Some(axis) => Cow::Owned(aligned(a.shape, b.shape, axis)?.into_vec()),
        None => Cow::Borrowed(b.shape),
    };
    Broadcast::new(&[a.shape, &b])
}

/// An element type that an operator does not calculate with.
pub(super) fn unsupported(tensor: &TensorRef<'_>) -> crate::Error {
    failed(format!("elements of type {} are not supported", tensor.element_type()))
}
