//! `ai.onnx.ml.LabelEncoder`: a value for each key.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_LabelEncoder.html>

mod keys;
mod values;

use keys::Keys;
use values::Values;

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

/// Keys of one type to values of one type, or, before version 2, strings to
/// their places and places to strings.
enum LabelEncoder {
    Pairs { keys: Keys, values: Values },
    Places { strings: Keys, integers: Values, places: Keys, names: Values },
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(if node.version() < 2 { places(node)? } else { pairs(node)? }))
}

fn pairs(node: &Node<'_>) -> Result<LabelEncoder> {
    let (keys, values) = (Keys::of(node)?, Values::of(node)?);
    let (left, right) = (keys.len(), values.len());
    if left != right {
        return Err(node.invalid(format_args!("{left} keys do not go with {right} values")));
    }
    Ok(LabelEncoder::Pairs { keys, values })
}

fn places(node: &Node<'_>) -> Result<LabelEncoder> {
    let names = node.strings("classes_strings")?;
    let numbers: Vec<_> = (0i64..).take(names.len()).collect();
    Ok(LabelEncoder::Places {
        strings: Keys::last_of(names.clone()),
        places: Keys::integers(numbers.clone()),
        integers: Values::new(TensorData::Int64(numbers), node)?,
        names: Values::new(TensorData::String(names), node)?,
    })
}

impl Operator for LabelEncoder {
    /// X of any shape and of the keys' type, to the values' type.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (keys, values) = match (self, x.data) {
            (Self::Pairs { keys, values }, _) => (keys, values),
            (Self::Places { strings, integers, .. }, DataRef::String(_)) => (strings, integers),
            (Self::Places { places, names, .. }, _) => (places, names),
        };
        let mut found = scope.vec::<i64>(x.len())?;
        if !keys.find(x.data, &mut found) {
            let (expected, got) = (keys.element_type(), x.element_type());
            return Err(failed(format!("expected {expected} elements, as the keys are, got {got}")));
        }
        let data = values.at(&found, scope)?;
        scope.keep(found);
        one(x.shape, data)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s, texts};
    use crate::{ErrorKind, Tensor, TensorData};

    fn encoder(version: u32) -> Case {
        Case::new("ai.onnx.ml", "LabelEncoder", version)
    }

    fn tensor(data: TensorData) -> Tensor {
        Tensor::new(vec![data.len()], data).unwrap()
    }

    fn doubles(values: &[f64]) -> Tensor {
        tensor(TensorData::Float64(values.to_vec()))
    }

    fn i16s(values: &[i16]) -> Tensor {
        tensor(TensorData::Int16(values.to_vec()))
    }

    fn abc() -> Case {
        encoder(4).strings("keys_strings", &["a", "b", "c"])
    }

    fn letters() -> Tensor {
        texts(&[5], &["a", "b", "d", "c", "g"])
    }

    #[test]
    fn test_ai_onnx_ml_label_encoder_string_int() {
        let case = abc().ints("values_int64s", &[0, 1, 2]).int("default_int64", 42);
        assert_eq!(case.run(&[letters()]).unwrap(), [i64s(&[5], &[0, 1, 42, 2, 42])]);
    }

    #[test]
    fn test_ai_onnx_ml_label_encoder_string_int_no_default() {
        let case = abc().ints("values_int64s", &[0, 1, 2]);
        assert_eq!(case.run(&[letters()]).unwrap(), [i64s(&[5], &[0, 1, -1, 2, -1])]);
    }

    #[test]
    fn test_ai_onnx_ml_label_encoder_tensor_mapping() {
        let case = encoder(4)
            .tensor("keys_tensor", &texts(&[3], &["a", "b", "c"]))
            .tensor("values_tensor", &i16s(&[0, 1, 2]))
            .tensor("default_tensor", &i16s(&[42]));
        assert_eq!(case.run(&[letters()]).unwrap(), [i16s(&[0, 1, 42, 2, 42])]);
    }

    #[test]
    fn test_ai_onnx_ml_label_encoder_tensor_value_only_mapping() {
        let case = abc().tensor("values_tensor", &i16s(&[0, 1, 2])).tensor("default_tensor", &i16s(&[42]));
        assert_eq!(case.run(&[letters()]).unwrap(), [i16s(&[0, 1, 42, 2, 42])]);
    }

    #[test]
    fn version_1_maps_strings_to_places_and_back() {
        let case = encoder(1).strings("classes_strings", &["a", "b", "a"]);
        let y = case.run(&[texts(&[3, 1], &["a", "b", "z"])]).unwrap();
        assert_eq!(y, [i64s(&[3, 1], &[2, 1, -1])]);
        let y = case.run(&[i64s(&[4], &[0, 2, 3, -1])]).unwrap();
        assert_eq!(y, [texts(&[4], &["a", "a", "_Unused", "_Unused"])]);
        let case = case.string("default_string", "?").int("default_int64", 9);
        assert_eq!(case.run(&[texts(&[1], &["z"])]).unwrap(), [i64s(&[1], &[9])]);
        assert_eq!(case.run(&[i64s(&[1], &[5])]).unwrap(), [texts(&[1], &["?"])]);
    }

    #[test]
    fn of_equal_keys_the_first_counts() {
        let case = encoder(2).strings("keys_strings", &["a", "b", "a"]).ints("values_int64s", &[1, 2, 3]);
        assert_eq!(case.run(&[texts(&[2], &["a", "b"])]).unwrap(), [i64s(&[2], &[1, 2])]);
    }

    #[test]
    fn values_of_every_type_have_a_default() {
        let case = || encoder(2).ints("keys_int64s", &[1, 2]);
        let x = || i64s(&[2], &[2, 3]);
        let y = case().strings("values_strings", &["x", "y"]).run(&[x()]).unwrap();
        assert_eq!(y, [texts(&[2], &["y", "_Unused"])]);
        let floats = case().floats("values_floats", &[1.5, 2.5]);
        assert_eq!(floats.run(&[x()]).unwrap(), [f32s(&[2], &[2.5, -0.0])]);
        assert_eq!(floats.float("default_float", 9.0).run(&[x()]).unwrap(), [f32s(&[2], &[2.5, 9.0])]);
        let y = encoder(4)
            .ints("keys_int64s", &[1, 2])
            .tensor("values_tensor", &doubles(&[0.1, 0.2]))
            .run(&[x()])
            .unwrap();
        assert_eq!(y, [doubles(&[0.2, -0.0])]);
    }

    #[test]
    fn nan_finds_itself_since_version_4() {
        let x = || f32s(&[5], &[1.0, 2.0, f32::NAN, -0.0, 0.0]);
        let case = |version| {
            encoder(version)
                .floats("keys_floats", &[1.0, f32::NAN, 0.0])
                .floats("values_floats", &[10.0, 20.0, 30.0])
                .float("default_float", -1.0)
        };
        let y = case(4).run(&[x()]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[10.0, -1.0, 20.0, 30.0, 30.0]);
        let y = case(2).run(&[x()]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[10.0, -1.0, -1.0, 30.0, 30.0]);
        let y = encoder(4)
            .tensor("keys_tensor", &doubles(&[0.1, f64::NAN]))
            .tensor("values_tensor", &texts(&[2], &["x", "y"]))
            .run(&[doubles(&[f64::NAN, 0.1, f64::from(0.1f32)])])
            .unwrap();
        assert_eq!(y, [texts(&[3], &["y", "x", "_Unused"])]);
    }

    #[test]
    fn refuses_attributes_that_contradict_each_other() {
        let message = |case: Case| {
            let error = case.run(&[letters()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidModel);
            error.message().to_owned()
        };
        assert_eq!(message(abc().ints("values_int64s", &[1])), "3 keys do not go with 1 values");
        assert_eq!(message(abc()), "expected values in one of the values_* attributes");
        let two = abc().ints("keys_int64s", &[1, 2, 3]).ints("values_int64s", &[1, 2, 3]);
        assert_eq!(message(two), "expected keys in one of the keys_* attributes");
        let other = abc().ints("values_int64s", &[1, 2, 3]).tensor("default_tensor", &i16s(&[1]));
        assert_eq!(message(other), "default_tensor: expected one int64 element, got int16 of shape [1]");
    }

    #[test]
    fn refuses_x_of_another_type_than_the_keys() {
        let case = abc().ints("values_int64s", &[1, 2, 3]);
        let error = case.run(&[i64s(&[1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "expected string elements, as the keys are, got int64");
        let case = encoder(1).strings("classes_strings", &["a"]);
        let error = case.run(&[f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "expected int64 elements, as the keys are, got float32");
    }
}
