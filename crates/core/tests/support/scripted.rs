use std::collections::{HashMap, HashSet};

use edgeinfer_core::{
    Classes, Dim, ElementType, Engine, Error, ErrorKind, Map, MapSequence, Result, Schema, Tensor,
    TensorData, Value, ValueType, Values,
};
use serde::Deserialize;

/// Gives the outputs that its payload lists, whatever comes in:
///
/// ```json
/// [{"shape": [1], "int64": [0]}, {"keys": [0, 1], "shape": [1, 2], "float32": [0.5, 0.5]}]
/// ```
///
/// `keys` make a sequence of maps of a table, `map` one map; `{"sequence": […]}`
/// is a sequence of tensors.
///
/// It holds the product to its side of [`Engine::run`]'s contract: inputs that
/// are not what the schema says end the test.
pub(crate) fn scripted(payload: &[u8], schema: &Schema) -> Result<Box<dyn Engine>> {
    let outputs: Vec<Output> = serde_json::from_slice(payload)
        .map_err(|error| Error::new(ErrorKind::UnsupportedModel, error.to_string()))?;
    let outputs = outputs.into_iter().map(Output::value).collect::<Result<_>>()?;
    Ok(Box::new(Scripted { outputs, schema: schema.clone() }))
}

struct Scripted {
    outputs: Values,
    schema: Schema,
}

impl Engine for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        assert_eq!(inputs.len(), self.schema.inputs.len(), "inputs, against the schema");
        let mut symbols = HashMap::new();
        for (spec, input) in self.schema.inputs.iter().zip(inputs) {
            let (element, shape, tensor) = match (&spec.value, input) {
                (ValueType::Tensor { element, shape }, Value::Tensor(tensor)) => (element, shape, tensor),
                (ValueType::Map { key, value }, Value::Map(map)) => {
                    check_map(*key, *value, map);
                    continue;
                }
                _ => panic!("{spec:?} got {input:?}"),
            };
            assert_eq!((tensor.element_type(), tensor.shape().len()), (*element, shape.len()), "{spec:?}");
            for (dim, &size) in shape.iter().zip(tensor.shape()) {
                let expected = match dim {
                    Dim::Fixed(fixed) => *fixed,
                    Dim::Symbol(symbol) => *symbols.entry(symbol).or_insert(size),
                };
                assert_eq!(size, expected, "{spec:?} got {:?}", tensor.shape());
            }
        }
        Ok(self.outputs.clone())
    }
}

fn check_map(key: ElementType, value: ElementType, map: &Map) {
    let is_key = match &map.keys {
        Classes::Integers(_) => key == ElementType::Int64,
        Classes::Strings(_) => key == ElementType::String,
    };
    assert!(is_key, "{map:?}");
    assert_eq!((map.values.element_type(), map.values.shape()), (value, [map.keys.len()].as_slice()));
    assert_eq!(map.keys.names().into_iter().collect::<HashSet<_>>().len(), map.keys.len(), "{map:?}");
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Output {
    Sequence { sequence: Vec<Table> },
    Table(Table),
}

#[derive(Deserialize)]
struct Table {
    shape: Vec<usize>,
    #[serde(flatten)]
    data: Data,
    keys: Option<Keys>,
    map: Option<Keys>,
}

/// The classes that keys are, in JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Keys {
    Integers(Vec<i64>),
    Strings(Vec<String>),
}

impl From<Keys> for Classes {
    fn from(keys: Keys) -> Self {
        match keys {
            Keys::Integers(keys) => Self::Integers(keys),
            Keys::Strings(keys) => Self::Strings(keys),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Data {
    Float32(Vec<Option<f32>>),
    Float64(Vec<f64>),
    Int64(Vec<i64>),
    UInt64(Vec<u64>),
    Bool(Vec<bool>),
    String(Vec<String>),
}

impl Output {
    fn value(self) -> Result<Value> {
        Ok(match self {
            Self::Sequence { sequence } => {
                Value::Sequence(sequence.into_iter().map(Table::tensor).collect::<Result<_>>()?)
            }
            Self::Table(mut table) => match (table.keys.take(), table.map.take()) {
                (Some(keys), _) => Value::MapSequence(MapSequence {
                    keys: Classes::from(keys).into(),
                    values: table.tensor()?,
                }),
                (None, Some(keys)) => Value::Map(Map { keys: keys.into(), values: table.tensor()? }),
                (None, None) => Value::Tensor(table.tensor()?),
            },
        })
    }
}

impl Table {
    fn tensor(self) -> Result<Tensor> {
        let data = match self.data {
            // JSON has no NaN; null stands for it.
            Data::Float32(values) => {
                TensorData::Float32(values.into_iter().map(|value| value.unwrap_or(f32::NAN)).collect())
            }
            Data::Float64(values) => TensorData::Float64(values),
            Data::Int64(values) => TensorData::Int64(values),
            Data::UInt64(values) => TensorData::UInt64(values),
            Data::Bool(values) => TensorData::Bool(values),
            Data::String(values) => TensorData::String(values),
        };
        Tensor::new(self.shape, data)
    }
}
