//! From ONNX's form of the three operators to the packed one. The compiler does
//! it; nothing of this is in a runtime that only loads compiled models.

mod encode;
mod ids;
mod indexed;
mod leaves;
mod listed;
mod order;
mod read;
mod steps;
mod trees;

use std::collections::BTreeMap;

use self::trees::Trees;
use super::NAME;
use super::leaves::Aggregate;
use crate::ops::{EDGEINFER, ML, Node, Operator, build};
use crate::plan::{Attribute, Constant, Payload, Step};
use crate::{Result, Tensor, TensorData};

/// A packed step; its attributes' tensors are numbered as they are in the list.
pub(crate) struct Packed {
    pub(crate) step: Step,
    pub(crate) tensors: Vec<Tensor>,
}

impl Packed {
    /// The operator of the packed step.
    pub(crate) fn build(&self) -> Result<Box<dyn Operator>> {
        let mut payload = Payload::default();
        let specs: Vec<_> = self.tensors.iter().map(|tensor| payload.push(tensor)).collect();
        let section = payload.to_model_bytes();
        let constants =
            specs.iter().map(|spec| Constant::read(spec, &section)).collect::<Result<Vec<_>>>()?;
        build(&Node::new(&self.step, &constants, 0))
    }
}

/// The packed form of a tree ensemble of ONNX; `None` for any other node.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where its
/// attributes contradict each other or its trees are none.
pub(crate) fn pack(node: &Node<'_>) -> Result<Option<Packed>> {
    let step = node.step();
    let ensemble = match (step.domain.as_str(), step.op.as_str()) {
        (ML, "TreeEnsembleClassifier") => listed::classifier(node)?,
        (ML, "TreeEnsembleRegressor") => listed::regressor(node)?,
        (ML, "TreeEnsemble") => indexed::ensemble(node)?,
        _ => return Ok(None),
    };
    ensemble.packed(node).map(Some)
}

/// An ensemble, read from ONNX's form.
struct Ensemble {
    trees: Trees,
    targets: usize,
    aggregate: &'static str,
    transform: &'static str,
    base_values: Option<Tensor>,
    /// What else the packed form has, as it is.
    more: BTreeMap<String, Attribute>,
    labels: Option<(&'static str, Tensor)>,
}

impl Ensemble {
    fn packed(mut self, node: &Node<'_>) -> Result<Packed> {
        self.trees.join_equals();
        let aggregate = match self.aggregate {
            "MIN" => Aggregate::Min,
            "MAX" => Aggregate::Max,
            _ => Aggregate::Sum,
        };
        let order = order::of(&self.trees, node)?;
        let leaves = leaves::table(&self.trees.leaves, self.targets, aggregate, node)?;
        let mut writer = Writer { attributes: self.more, tensors: Vec::new() };
        writer.int("targets", self.targets);
        writer.text("aggregate_function", self.aggregate);
        writer.text("post_transform", self.transform);
        encode::write(&self.trees, &order, &leaves.numbers, &mut writer, node)?;
        leaves.write(&mut writer)?;
        if let Some(base) = self.base_values {
            writer.tensor("base_values", base);
        }
        if let Some((name, labels)) = self.labels {
            writer.tensor(name, labels);
        }
        let step = Step {
            domain: EDGEINFER.to_owned(),
            op: NAME.to_owned(),
            version: 1,
            attributes: writer.attributes,
            ..node.step().clone()
        };
        Ok(Packed { step, tensors: writer.tensors })
    }
}

/// Collects attributes and their tensors.
struct Writer {
    attributes: BTreeMap<String, Attribute>,
    tensors: Vec<Tensor>,
}

impl Writer {
    fn attribute(&mut self, name: &str, value: Attribute) {
        self.attributes.insert(name.to_owned(), value);
    }

    fn int(&mut self, name: &str, value: usize) {
        self.attribute(name, Attribute::Int(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn text(&mut self, name: &str, value: &str) {
        self.attribute(name, Attribute::String(value.to_owned()));
    }

    fn tensor(&mut self, name: &str, tensor: Tensor) {
        self.attribute(name, Attribute::Tensor(self.tensors.len()));
        self.tensors.push(tensor);
    }

    fn list(&mut self, name: &str, data: TensorData) -> Result<()> {
        let tensor = Tensor::new(vec![data.len()], data)?;
        self.tensor(name, tensor);
        Ok(())
    }
}
