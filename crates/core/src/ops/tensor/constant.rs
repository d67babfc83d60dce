//! `Constant`: a tensor from the file.
//! <https://onnx.ai/onnx/operators/onnx__Constant.html>

use super::bits::copied;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::plan;
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData};

enum Constant {
    Shared(plan::Constant),
    Own(Tensor),
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    for name in ["value", "value_floats", "value_ints", "value_strings"] {
        if let Some(constant) = node.tensor(name).ok().flatten() {
            return Ok(Box::new(Constant::Shared(constant.clone())));
        }
    }
    let (shape, data) = if let Some(value) = node.int("value_int")? {
        (None, TensorData::Int64(vec![value]))
    } else if let Some(value) = node.string("value_string")? {
        (None, TensorData::String(vec![value.to_owned()]))
    } else if node.has("value_float") {
        (None, TensorData::Float32(vec![node.float_or("value_float", 0.0)?]))
    } else if node.has("value_ints") {
        let values = node.ints("value_ints")?;
        (Some(values.len()), TensorData::Int64(values))
    } else if node.has("value_strings") {
        let values = node.strings("value_strings")?;
        (Some(values.len()), TensorData::String(values))
    } else if node.has("sparse_value") {
        return Err(node.unsupported("a sparse tensor"));
    } else {
        return Err(node.invalid("expected a value"));
    };
    Ok(Box::new(Constant::Own(Tensor::new(shape.as_slice(), data)?)))
}

impl Operator for Constant {
    fn run(&self, _inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let value: TensorRef<'_> = match self {
            Self::Shared(constant) => constant.view(),
            Self::Own(tensor) => tensor.into(),
        };
        one(value.shape, copied(value.data, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn given(case: &Case) -> Tensor {
        case.run(&[]).unwrap().remove(0)
    }

    #[test]
    fn gives_the_value_of_whichever_attribute() {
        let case = || Case::new("", "Constant", 13);
        assert_eq!(given(&case().int("value_int", 7)), i64s(&[], &[7]));
        assert_eq!(given(&case().ints("value_ints", &[7, 8])), i64s(&[2], &[7, 8]));
        assert_eq!(given(&case().float("value_float", 0.5)), f32s(&[], &[0.5]));
        assert_eq!(given(&case().floats("value_floats", &[0.5, 1.0])), f32s(&[2], &[0.5, 1.0]));
        assert_eq!(given(&case().string("value_string", "a")), texts(&[], &["a"]));
        assert_eq!(given(&case().strings("value_strings", &["a", "b"])), texts(&[2], &["a", "b"]));
        let tensor = i64s(&[1, 2], &[1, 2]);
        assert_eq!(given(&case().tensor("value", &tensor)), tensor);
        assert!(case().run(&[]).is_err());
    }
}
