//! Values that may be absent: `Optional`, `OptionalHasElement`,
//! `OptionalGetElement`. One that is there is the value itself.
//! <https://onnx.ai/onnx/operators/onnx__Optional.html>,
//! <https://onnx.ai/onnx/operators/onnx__OptionalHasElement.html>,
//! <https://onnx.ai/onnx/operators/onnx__OptionalGetElement.html>

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed, one, only};
use crate::{Result, TensorData, Value};

enum Optional {
    Make,
    Has,
    Get,
}

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Optional::Make))
}

pub(super) fn has(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Optional::Has))
}

pub(super) fn get(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Optional::Get))
}

impl Operator for Optional {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let value = inputs.value(0).filter(|value| !matches!(value, ValueRef::Absent));
        match (self, value) {
            (Self::Has, value) => one([].as_slice(), TensorData::Bool(scope.filled(1, value.is_some())?)),
            (_, Some(value)) => value.to_value(scope).map(only),
            (Self::Make, None) => Ok(only(Value::Absent)),
            (Self::Get, None) => Err(failed("expected a value, got one that is absent")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, bools, f32s};

    fn run(op: &str, value: Option<Value>) -> Result<Value> {
        Ok(Case::new("", op, 18).run_values(&[value])?.remove(0))
    }

    #[test]
    fn a_value_that_is_there_is_itself() {
        let tensor = Value::from(f32s(&[1], &[2.0]));
        let sequence = Value::Sequence(vec![f32s(&[1], &[2.0])]);
        for value in [tensor, sequence] {
            let optional = run("Optional", Some(value.clone())).unwrap();
            assert_eq!(optional, value);
            assert_eq!(
                run("OptionalHasElement", Some(optional.clone())).unwrap(),
                bools(&[], &[true]).into()
            );
            assert_eq!(run("OptionalGetElement", Some(optional)).unwrap(), value);
        }
    }

    #[test]
    fn a_value_that_is_not_there_is_absent() {
        let absent = run("Optional", None).unwrap();
        assert_eq!(absent, Value::Absent);
        assert_eq!(run("OptionalHasElement", Some(absent.clone())).unwrap(), bools(&[], &[false]).into());
        assert_eq!(run("OptionalHasElement", None).unwrap(), bools(&[], &[false]).into());
        let error = run("OptionalGetElement", Some(absent)).unwrap_err();
        assert_eq!(error.message(), "expected a value, got one that is absent");
    }
}
