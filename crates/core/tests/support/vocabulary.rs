use edgeinfer_core::{Classes, Engine, Map, Result, Schema, Tensor, TensorData, Value, Values};

/// Gives the values of the keys that its payload lists in a map to float32, 0
/// for those that are not there: a row, as `ai.onnx.ml.DictVectorizer` gives it.
pub(crate) fn vocabulary(payload: &[u8], _: &Schema) -> Result<Box<dyn Engine>> {
    Ok(Box::new(Vocabulary(serde_json::from_slice::<Vec<String>>(payload).unwrap())))
}

struct Vocabulary(Vec<String>);

impl Engine for Vocabulary {
    fn name(&self) -> &str {
        "vocabulary"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let [Value::Map(Map { keys, values })] = inputs else { panic!("expected one map, got {inputs:?}") };
        let TensorData::Float32(values) = values.data() else { panic!("expected numbers, got {values:?}") };
        let (known, given) = (&self.0, keys.names());
        let value = |name| given.iter().position(|key| key == name).map_or(0.0, |at| values[at]);
        let row: Vec<_> = known.iter().map(value).collect();
        Ok(Values::from_iter([Tensor::from_f32(vec![1, row.len()], row)?.into()]))
    }
}
