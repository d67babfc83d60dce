//! What operators that draw have in common: seed, type and shape.

use crate::ops::math::whole::in_type;
use crate::ops::tensor::axis::count;
use crate::ops::tensor::indices::shape;
use crate::ops::twister::Twister;
use crate::ops::types::numbered;
use crate::ops::{Inputs, Node, Outputs, Scope, one};
use crate::{ElementType, Result, Shape};

/// A node's seed and the type that it gives.
pub(super) struct Draw {
    seed: u32,
    /// Without, the type of input 0.
    element: Option<ElementType>,
}

/// The shape of what is drawn.
pub(super) enum Size {
    Given(Shape),
    /// That of input 0.
    Like,
}

impl Size {
    /// That of the node's attribute `shape`.
    pub(super) fn given(node: &Node<'_>) -> Result<Self> {
        let dims = node.ints("shape")?;
        shape(&dims)
            .map(Self::Given)
            .map_err(|error| node.invalid(format_args!("shape: {}", error.message())))
    }
}

impl Draw {
    /// `default` is the type's number where the node does not say it; without, it
    /// is the type of input 0.
    pub(super) fn new(node: &Node<'_>, default: Option<i64>) -> Result<Self> {
        let element = node.int("dtype")?.or(default).map(|number| {
            let element = numbered(number).filter(|element| *element != ElementType::String);
            element.ok_or_else(|| node.unsupported(format_args!("dtype {number}")))
        });
        let seed = if node.has("seed") { node.float_or("seed", 0.0)? } else { f32::NAN };
        let seed = if seed.is_nan() { hash(&node.step().name) } else { seed as i64 as u32 };
        Ok(Self { seed, element: element.transpose()? })
    }

    pub(super) fn random(&self) -> Twister {
        Twister::new(self.seed)
    }

    /// A tensor of what `draw` gives, number by number.
    pub(super) fn tensor(
        &self,
        inputs: &Inputs<'_>,
        size: &Size,
        mut draw: impl FnMut() -> f64,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let shape = match size {
            Size::Given(shape) => shape.clone(),
            Size::Like => Shape::from_slice(inputs.tensor(0)?.shape),
        };
        let length = count(&shape)?;
        let mut values = scope.vec(length)?;
        values.extend((0..length).map(|_| draw()));
        self.give(inputs, shape, values, scope)
    }

    /// `values` as a tensor of the type that the node gives.
    pub(super) fn give(
        &self,
        inputs: &Inputs<'_>,
        shape: Shape,
        values: Vec<f64>,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let element = match self.element {
            Some(element) => element,
            None => inputs.tensor(0)?.element_type(),
        };
        one(shape, in_type(values, element, scope)?)
    }
}

/// FNV-1a.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
