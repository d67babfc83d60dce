//! Runs one operator in a test, as a plan with one step would.

use super::{Inputs, Node, Scope, ValueRef, build, pack};
use crate::plan::{Attribute, Constant, Graph, Payload, Step};
use crate::{Result, Tensor, TensorData, Value};

/// A node of one operator, its attributes given one by one.
pub(crate) struct Case {
    step: Step,
    payload: Payload,
    specs: Vec<crate::ConstantSpec>,
}

impl Case {
    pub(crate) fn new(domain: &str, op: &str, version: u32) -> Self {
        let step = Step { domain: domain.to_owned(), op: op.to_owned(), version, ..Step::default() };
        Self { step, payload: Payload::default(), specs: Vec::new() }
    }

    pub(crate) fn attribute(mut self, name: &str, value: Attribute) -> Self {
        self.step.attributes.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn int(self, name: &str, value: i64) -> Self {
        self.attribute(name, Attribute::Int(value))
    }

    pub(crate) fn float(self, name: &str, value: f32) -> Self {
        self.attribute(name, Attribute::Float(value))
    }

    pub(crate) fn string(self, name: &str, value: &str) -> Self {
        self.attribute(name, Attribute::String(value.to_owned()))
    }

    pub(crate) fn ints(self, name: &str, values: &[i64]) -> Self {
        self.attribute(name, Attribute::Ints(values.to_vec()))
    }

    pub(crate) fn strings(self, name: &str, values: &[&str]) -> Self {
        self.attribute(name, Attribute::Strings(values.iter().map(ToString::to_string).collect()))
    }

    pub(crate) fn floats(self, name: &str, values: &[f32]) -> Self {
        let tensor = Tensor::from_f32(vec![values.len()], values.to_vec()).unwrap();
        self.tensor(name, &tensor)
    }

    pub(crate) fn tensor(mut self, name: &str, tensor: &Tensor) -> Self {
        self.specs.push(self.payload.push(tensor));
        let index = self.specs.len() - 1;
        self.attribute(name, Attribute::Tensor(index))
    }

    /// The number of outputs that the node has; without, none.
    pub(crate) fn outputs(mut self, count: usize) -> Self {
        self.step.outputs = vec![true; count];
        self
    }

    /// The number of inputs that the node has, where its operator asks.
    pub(crate) fn inputs(mut self, count: usize) -> Self {
        self.step.inputs = vec![None; count];
        self
    }

    pub(crate) fn graph(self, name: &str, graph: Graph) -> Self {
        self.attribute(name, Attribute::Graph(graph))
    }

    fn constants(&self) -> Vec<Constant> {
        let section = self.payload.to_model_bytes();
        self.specs.iter().map(|spec| Constant::read(spec, &section).unwrap()).collect()
    }

    /// The step that runs in the stead of this one, and its tensors.
    pub(crate) fn packed(&self) -> Result<(Step, Vec<Tensor>)> {
        let packed = pack(&Node::new(&self.step, &self.constants(), 0))?.unwrap();
        Ok((packed.step, packed.tensors))
    }

    /// The operator's outputs for `inputs`; `None` leaves one out.
    pub(crate) fn run_values(&self, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        let constants = self.constants();
        let node = Node::new(&self.step, &constants, 0);
        let operator = pack(&node)?.map_or_else(|| build(&node), |packed| packed.build())?;
        let inputs: Vec<_> = inputs.iter().map(|value| value.as_ref().map(ValueRef::from)).collect();
        Ok(operator.run(&Inputs::new(&inputs), &mut used())?.into_vec())
    }

    /// The operator's outputs, all of them tensors.
    pub(crate) fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let inputs: Vec<_> = inputs.iter().cloned().map(Value::Tensor).map(Some).collect();
        let tensor = |value| match value {
            Value::Tensor(tensor) => tensor,
            other => panic!("expected a tensor, got {other:?}"),
        };
        Ok(self.run_values(&inputs)?.into_iter().map(tensor).collect())
    }
}

/// A body of operators without attributes, save an axis of 0; each takes values
/// by their numbers and gives one.
pub(crate) fn graph(inputs: usize, steps: &[(&str, &[usize])], outputs: &[usize]) -> Graph {
    let step = |(op, inputs): &(&str, &[usize])| Step {
        op: (*op).to_owned(),
        version: 13,
        inputs: inputs.iter().copied().map(Some).collect(),
        outputs: vec![true],
        attributes: [("axis".to_owned(), Attribute::Int(0))].into(),
        ..Step::default()
    };
    Graph { inputs, steps: steps.iter().map(step).collect(), outputs: outputs.to_vec() }
}

pub(crate) fn f32s(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor::from_f32(shape, values.to_vec()).unwrap()
}

pub(crate) fn i64s(shape: &[usize], values: &[i64]) -> Tensor {
    Tensor::new(shape, TensorData::Int64(values.to_vec())).unwrap()
}

pub(crate) fn texts(shape: &[usize], values: &[&str]) -> Tensor {
    Tensor::new(shape, TensorData::String(values.iter().map(ToString::to_string).collect())).unwrap()
}

/// Whether numbers are those of another implementation, which may sum in
/// another order.
pub(crate) fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len(), "{got:?} is not as long as {expected:?}");
    let close = |(got, expected): (&f32, &f32)| {
        got == expected
            || got.is_nan() && expected.is_nan()
            || (got - expected).abs() <= 2e-6 * expected.abs().max(1.0)
    };
    assert!(got.iter().zip(expected).all(close), "{got:?} is not close to {expected:?}");
}

pub(crate) fn i32s(shape: &[usize], values: &[i32]) -> Tensor {
    Tensor::new(shape, TensorData::Int32(values.to_vec())).unwrap()
}

pub(crate) fn bools(shape: &[usize], values: &[bool]) -> Tensor {
    Tensor::new(shape, TensorData::Bool(values.to_vec())).unwrap()
}

pub(crate) fn f64s(shape: &[usize], values: &[f64]) -> Tensor {
    tensor(shape, TensorData::Float64(values.to_vec()))
}

pub(crate) fn tensor(shape: &[usize], data: TensorData) -> Tensor {
    Tensor::new(shape, data).unwrap()
}

/// A scope in which there has been a run: what its buffers hold is of no use.
fn used() -> Scope {
    let mut scope = Scope::default();
    (0..8).for_each(|_| scope.keep(vec![f32::NAN; 1 << 12]));
    scope
}
