//! The tensors of a run, through memory.

use std::{mem, slice};

use edgeinfer_core::{
    Error, ErrorKind, Model, Result, Schema, Shape, Tensor, TensorData, Value, ValueSpec, ValueType, Values,
};

use super::room::{with_numbers, with_strings};

/// What is added to the element type of an output that is a sequence of maps:
/// with the keys that the schema says, or with others.
const MAPS: usize = 32;
const MAPS_OF_OTHER_KEYS: usize = 64;
/// A sequence of tensors, which come after it.
const SEQUENCE: usize = 96;
/// A value that is not there.
const ABSENT: usize = 128;

/// The inputs that the package writes into, and the outputs that it reads; they
/// stay where they are until the next run.
pub(crate) struct Calls {
    inputs: Vec<Value>,
    outputs: Values,
    described: Vec<usize>,
}

impl Calls {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self { inputs: vec![NOTHING; schema.inputs.len()], outputs: Values::new(), described: Vec::new() }
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
        Some(address)
    }

    /// Gives input `index`, which is placed, the strings that the package wrote,
    /// of which the numbers are the ends.
    pub(crate) fn fill(&mut self, index: usize) -> Option<()> {
        let place = self.inputs.get_mut(index)?;
        let Value::Tensor(tensor) = mem::replace(place, NOTHING) else { return None };
        let shape = Shape::from_slice(tensor.shape());
        let TensorData::String(mut strings) = tensor.into_data() else { return None };
        with_numbers(strings.len(), |ends| {
            with_strings(ends, |index, text| {
                if let Some(string) = strings.get_mut(index) {
                    string.clear();
                    string.push_str(text);
                }
            })
        })?;
        *place = Value::Tensor(Tensor::new(shape, TensorData::String(strings)).ok()?);
        Some(())
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
            describe(spec, value, &mut self.described)?;
        }
        Ok(self.described.as_ptr() as usize)
    }

    pub(crate) fn output(&self, index: usize) -> Option<&Value> {
        self.outputs.get(index)
    }

    /// The strings of tensor `index` of those that are described.
    pub(crate) fn strings(&self, index: usize) -> Option<Vec<String>> {
        let tensors = self.outputs.iter().flat_map(tensors);
        match tensors.into_iter().nth(index)?.data() {
            TensorData::String(strings) => Some(strings.clone()),
            _ => None,
        }
    }

    fn forget(&mut self, model: &Model) {
        model.recycle(mem::take(&mut self.outputs));
    }
}

/// What is where nothing was placed.
const NOTHING: Value = Value::Absent;

/// The tensors in `value`, in the order in which they are described.
fn tensors(value: &Value) -> &[Tensor] {
    match value {
        Value::Tensor(tensor) => slice::from_ref(tensor),
        Value::MapSequence(maps) => slice::from_ref(&maps.values),
        Value::Map(map) => slice::from_ref(&map.values),
        Value::Sequence(tensors) => tensors,
        Value::Absent => &[],
    }
}

fn describe(spec: &ValueSpec, value: &Value, described: &mut Vec<usize>) -> Result<()> {
    let form = match (value, &spec.value) {
        (Value::Tensor(_), _) => 0,
        (Value::MapSequence(maps), ValueType::MapSequence { keys }) if *keys == *maps.keys => MAPS,
        (Value::MapSequence(_), _) => MAPS_OF_OTHER_KEYS,
        (Value::Sequence(tensors), _) => {
            described.extend([SEQUENCE, 0, tensors.len(), 0]);
            0
        }
        (Value::Absent, _) => {
            described.extend([ABSENT, 0, 0, 0]);
            0
        }
        (Value::Map(_), _) => {
            let message = format!("the output {:?} is a map, which this build does not give", spec.name);
            return Err(Error::new(ErrorKind::UnsupportedModel, message));
        }
    };
    for tensor in tensors(value) {
        let data = tensor.data();
        let kind = form + data.element_type() as usize;
        described.extend([kind, address(data), data.len(), tensor.shape().len()]);
        described.extend_from_slice(tensor.shape());
    }
    Ok(())
}

/// Where the elements are.
fn address(data: &TensorData) -> usize {
    match data {
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
        TensorData::String(v) => v.as_ptr() as usize,
        TensorData::Float16(v) | TensorData::BFloat16(v) => v.as_ptr() as usize,
        TensorData::Small(_, v) => v.as_ptr() as usize,
    }
}
