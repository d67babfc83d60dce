//! `ai.onnx.ml.ZipMap`: class labels as the names of scores.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_ZipMap.html>

use std::sync::Arc;

use super::classes::classes;
use super::rows::Rows;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::value::MapSequence;
use crate::{Classes, Result, Tensor, TensorData, Value};

struct ZipMap {
    keys: Arc<Classes>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let keys = Arc::new(classes(node, "classlabels_int64s")?);
    if keys.is_empty() {
        return Err(node.invalid("expected labels in classlabels_strings or classlabels_int64s"));
    }
    Ok(Box::new(ZipMap { keys }))
}

impl Operator for ZipMap {
    /// X of any numbers, `[classes]` or `[rows, classes]`, to a float32 for each
    /// class of each row.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        if rows.width != self.keys.len() {
            let (expected, got) = (self.keys.len(), rows.width);
            return Err(failed(format!("expected a number for each of {expected} labels, got {got}")));
        }
        let values = floats(&x, scope)?;
        let values = match values {
            std::borrow::Cow::Owned(values) => values,
            std::borrow::Cow::Borrowed(values) => scope.copy(values)?,
        };
        let values = Tensor::new(rows.shape(rows.width), TensorData::Float32(values))?;
        let maps = MapSequence { keys: Arc::clone(&self.keys), values };
        let mut outputs = Outputs::new();
        outputs.push(Value::MapSequence(maps));
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, f32s};

    fn zip(case: &Case, x: Tensor) -> Result<Value> {
        Ok(case.run_values(&[Some(Value::Tensor(x))])?.remove(0))
    }

    fn integers() -> Case {
        Case::new("ai.onnx.ml", "ZipMap", 1).ints("classlabels_int64s", &[3, 4])
    }

    #[test]
    fn names_the_numbers_of_each_row() {
        let x = f32s(&[2, 2], &[0.1, 0.9, 0.8, 0.2]);
        let keys = Arc::new(Classes::Integers(vec![3, 4]));
        let expected = Value::MapSequence(MapSequence { keys, values: x.clone() });
        assert_eq!(zip(&integers(), x).unwrap(), expected);
    }

    #[test]
    fn takes_one_row_and_doubles() {
        let case = Case::new("ai.onnx.ml", "ZipMap", 1).strings("classlabels_strings", &["no", "yes"]);
        let keys = Arc::new(Classes::Strings(vec!["no".to_owned(), "yes".to_owned()]));
        let expected = Value::MapSequence(MapSequence { keys, values: f32s(&[1, 2], &[0.25, 0.75]) });
        assert_eq!(zip(&case, f32s(&[2], &[0.25, 0.75])).unwrap(), expected);
        let doubles = Tensor::new(vec![1, 2], TensorData::Float64(vec![0.25, 0.75])).unwrap();
        assert_eq!(zip(&case, doubles).unwrap(), expected);
    }

    #[test]
    fn refuses_rows_of_another_width_and_labels_that_are_missing() {
        let error = zip(&integers(), f32s(&[1, 3], &[0.0; 3])).unwrap_err();
        assert_eq!(error.message(), "expected a number for each of 2 labels, got 3");
        let error = zip(&Case::new("ai.onnx.ml", "ZipMap", 1), f32s(&[1], &[0.0])).unwrap_err();
        assert_eq!(error.message(), "expected labels in classlabels_strings or classlabels_int64s");
        let both = integers().strings("classlabels_strings", &["a", "b"]);
        let error = zip(&both, f32s(&[2], &[0.0; 2])).unwrap_err();
        assert_eq!(error.message(), "expected class labels of one type, got integers and strings");
    }
}
