use std::fmt;

use crate::bytes::Weights;
use crate::plan::{Attribute, Constant, Step};
use crate::program::Program;
use crate::tensor_ref::DataRef;
use crate::{Error, ErrorKind, Result};

/// A step as an operator's `build` sees it: its version and its attributes, by
/// ONNX's names.
pub(crate) struct Node<'a> {
    step: &'a Step,
    constants: &'a [Constant],
    /// How many bodies this node is inside of.
    depth: usize,
    /// The number of the first constant, where the node takes constants by
    /// their numbers.
    #[cfg_attr(not(feature = "networks"), expect(dead_code, reason = "networks alone ask for them"))]
    first: Option<usize>,
}

impl<'a> Node<'a> {
    pub(crate) fn new(step: &'a Step, constants: &'a [Constant], depth: usize) -> Self {
        Self { step, constants, depth, first: None }
    }

    /// The node in a graph whose constants are numbered from `first` on.
    pub(crate) fn in_graph(self, first: usize) -> Self {
        Self { first: Some(first), ..self }
    }

    /// Input `index`, where it is the same constant in every run.
    #[cfg(feature = "networks")]
    pub(crate) fn given(&self, index: usize) -> Option<&'a Constant> {
        let number = self.step.inputs.get(index).copied().flatten()?;
        self.constants.get(number.checked_sub(self.first?)?)
    }

    /// The node that is `step`, in the place of this one.
    #[cfg(feature = "networks")]
    pub(crate) fn with<'b>(&self, step: &'b Step) -> Node<'b>
    where
        'a: 'b,
    {
        Node { step, ..*self }
    }

    pub(crate) fn step(&self) -> &'a Step {
        self.step
    }

    /// The version of the operator set that the node is of.
    pub(crate) fn version(&self) -> u32 {
        self.step.version
    }

    /// Whether the node has the attribute.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    #[inline(never)]
    fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.step.attributes.get(name)
    }

    // The getters are not inlined, as every operator uses them.
    #[inline(never)]
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>> {
        match self.attribute(name) {
            Some(Attribute::Int(value)) => Ok(Some(*value)),
            other => self.absent(name, "a whole number", other),
        }
    }

    pub(crate) fn int_or(&self, name: &str, default: i64) -> Result<i64> {
        Ok(self.int(name)?.unwrap_or(default))
    }

    /// A flag: ONNX's 0 or 1.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        Ok(self.int(name)?.map_or(default, |value| value != 0))
    }

    #[inline(never)]
    pub(crate) fn float_or(&self, name: &str, default: f32) -> Result<f32> {
        match self.attribute(name) {
            Some(Attribute::Float(value)) => Ok(*value),
            other => Ok(self.absent(name, "a number", other)?.unwrap_or(default)),
        }
    }

    #[inline(never)]
    pub(crate) fn string(&self, name: &str) -> Result<Option<&'a str>> {
        match self.attribute(name) {
            Some(Attribute::String(value)) => Ok(Some(value)),
            other => self.absent(name, "text", other),
        }
    }

    pub(crate) fn string_or(&self, name: &str, default: &'static str) -> Result<&'a str> {
        Ok(self.string(name)?.unwrap_or(default))
    }

    /// Empty where the attribute is left out.
    #[inline(never)]
    pub(crate) fn ints(&self, name: &str) -> Result<Vec<i64>> {
        match self.attribute(name) {
            Some(Attribute::Ints(values)) => Ok(values.clone()),
            Some(Attribute::Tensor(_)) => Ok(self.weights::<i64>(name)?.to_vec()),
            other => Ok(self.absent(name, "whole numbers", other)?.unwrap_or_default()),
        }
    }

    /// Empty where the attribute is left out.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>> {
        let constant = match self.attribute(name) {
            Some(Attribute::Strings(values)) => return Ok(values.clone()),
            Some(Attribute::Tensor(_)) => self.tensor(name)?,
            other => return Ok(self.absent(name, "texts", other)?.unwrap_or_default()),
        };
        match constant.map(Constant::view).map(|view| view.data) {
            Some(DataRef::String(values)) => Ok(values.to_vec()),
            _ => Err(self.invalid(format_args!("attribute {name}: expected texts"))),
        }
    }

    /// A list of numbers, shared with the file; empty where the attribute is
    /// left out.
    pub(crate) fn weights<T: crate::plan::Stored>(&self, name: &str) -> Result<Weights<T>> {
        let Some(constant) = self.tensor(name)? else {
            return Weights::new(crate::ModelBytes::default())
                .ok_or_else(|| self.invalid(format_args!("attribute {name}: no room")));
        };
        constant.weights().ok_or_else(|| {
            let got = constant.view().element_type();
            self.invalid(format_args!("attribute {name}: unexpected elements of type {got}"))
        })
    }

    /// A list of float32; as [`Node::weights`].
    pub(crate) fn floats(&self, name: &str) -> Result<Weights<f32>> {
        self.weights(name)
    }

    /// A tensor of any type.
    pub(crate) fn tensor(&self, name: &str) -> Result<Option<&'a Constant>> {
        match self.attribute(name) {
            Some(Attribute::Tensor(index)) => match self.constants.get(*index) {
                Some(constant) => Ok(Some(constant)),
                None => Err(self.invalid(format_args!("attribute {name}: no constant {index}"))),
            },
            other => self.absent(name, "a tensor", other),
        }
    }

    /// The body of an operator of control flow.
    pub(crate) fn body(&self, name: &str) -> Result<Program> {
        match self.attribute(name) {
            Some(Attribute::Graph(graph)) => Program::body(graph, self.constants, self.depth + 1),
            _ => Err(self.invalid(format_args!("attribute {name}: expected a graph"))),
        }
    }

    /// `None` for an attribute that is left out, an error for one of another
    /// type than `expected`.
    fn absent<T>(&self, name: &str, expected: &str, attribute: Option<&Attribute>) -> Result<Option<T>> {
        match attribute {
            None => Ok(None),
            Some(_) => Err(self.invalid(format_args!("attribute {name}: expected {expected}"))),
        }
    }

    /// The node contradicts its operator.
    #[cold]
    pub(crate) fn invalid(&self, what: impl fmt::Display) -> Error {
        Error::new(ErrorKind::InvalidModel, what.to_string())
    }

    /// The node asks for something that is right, but not to be had here.
    #[cold]
    pub(crate) fn unsupported(&self, what: impl fmt::Display) -> Error {
        Error::new(ErrorKind::UnsupportedModel, what.to_string())
    }
}
