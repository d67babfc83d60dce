//! The tensors of a run, through memory.

use std::mem;

use edgeinfer_core::{
    Error, ErrorKind, Model, Result, Schema, Tensor, TensorData, Value, ValueSpec, ValueType, Values,
};

/// What is added to the element type of an output that is a sequence of maps:
/// with the keys that the schema says, or with others.
const MAPS: usize = 16;
const MAPS_OF_OTHER_KEYS: usize = 32;

/// The inputs that the package writes into, and the outputs that it reads; they
/// stay where they are until the next run.
pub(crate) struct Calls {
    inputs: Vec<Value>,
    outputs: Values,
    described: Vec<usize>,
}

impl Calls {
    pub(crate) fn new(schema: &Schema) -> Self {
        let none = Value::Sequence(Vec::new());
        Self { inputs: vec![none; schema.inputs.len()], outputs: Values::new(), described: Vec::new() }
    }

    /// Makes room for input `index`; gives its address.
    pub(crate) fn place(
        &mut self,
        schema: &Schema,
        index: usize,
        shape: &[usize],
        length: usize,
    ) -> Option<usize> {
        let ValueType::Tensor { element, .. } = schema.inputs.get(index)?.value else { return None };
        let tensor = Tensor::new(shape, TensorData::zeros(element, length).ok()?).ok()?;
        let address = address(tensor.data());
        *self.inputs.get_mut(index)? = Value::Tensor(tensor);
        address
    }

    /// Runs `model` on the inputs that are placed; gives the address of what
    /// describes the outputs.
    pub(crate) fn run(&mut self, model: &Model) -> Result<usize> {
        self.forget(model);
        let outputs = model.run_values(&self.inputs)?;
        self.keep(model, outputs)
    }

    /// Keeps `outputs` where the package reads them. Each is described by the
    /// number of its element type, its address, its length, and its shape after
    /// the number of dimensions.
    pub(crate) fn keep(&mut self, model: &Model, outputs: Values) -> Result<usize> {
        self.forget(model);
        self.outputs = outputs;
        self.described.clear();
        for (spec, value) in model.schema().outputs.iter().zip(&self.outputs) {
            let (tensor, kind) = tensor(spec, value)?;
            let data = tensor.data();
            let place = address(data).unwrap_or_default();
            let kind = kind + data.element_type() as usize;
            self.described.extend([kind, place, data.len(), tensor.shape().len()]);
            self.described.extend_from_slice(tensor.shape());
        }
        Ok(self.described.as_ptr() as usize)
    }

    pub(crate) fn output(&self, index: usize) -> Option<&Value> {
        self.outputs.get(index)
    }

    fn forget(&mut self, model: &Model) {
        model.recycle(mem::take(&mut self.outputs));
    }
}

/// The table that an output is, and what it is beside a tensor.
fn tensor<'a>(spec: &ValueSpec, value: &'a Value) -> Result<(&'a Tensor, usize)> {
    match (value, &spec.value) {
        (Value::Tensor(tensor), _) => Ok((tensor, 0)),
        (Value::MapSequence(maps), ValueType::MapSequence { keys }) if *keys == *maps.keys => {
            Ok((&maps.values, MAPS))
        }
        (Value::MapSequence(maps), _) => Ok((&maps.values, MAPS_OF_OTHER_KEYS)),
        (Value::Map(_) | Value::Sequence(_), _) => {
            let message = format!("the output {:?} is neither a tensor nor a sequence of maps", spec.name);
            Err(Error::new(ErrorKind::UnsupportedModel, message))
        }
    }
}

/// Where the elements are; `None` for those that JavaScript has no array of.
fn address(data: &TensorData) -> Option<usize> {
    Some(match data {
        TensorData::Float32(v) => v.as_ptr() as usize,
        TensorData::Float64(v) => v.as_ptr() as usize,
        TensorData::Int8(v) => v.as_ptr() as usize,
        TensorData::Int16(v) => v.as_ptr() as usize,
        TensorData::Int32(v) => v.as_ptr() as usize,
        TensorData::Int64(v) => v.as_ptr() as usize,
        TensorData::UInt8(v) => v.as_ptr() as usize,
        TensorData::UInt16(v) => v.as_ptr() as usize,
        TensorData::UInt32(v) => v.as_ptr() as usize,
        TensorData::UInt64(v) => v.as_ptr() as usize,
        TensorData::Bool(v) => v.as_ptr() as usize,
        TensorData::String(_) => return None,
    })
}
