//! `ai.onnx.ml.DictVectorizer`: the values of a map in the order of a
//! vocabulary.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_DictVectorizer.html>

use crate::native::Native;
use crate::ops::lookup::Lookup;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed, one};
use crate::{Classes, Result, Shape, TensorData};

struct DictVectorizer {
    vocabulary: Vocabulary,
    width: usize,
    /// For each word that was there before, its place and that of the first.
    repeated: Vec<(usize, usize)>,
}

/// The place of each key.
enum Vocabulary {
    Integers(Lookup<i64>),
    Strings(Lookup<String>),
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (strings, integers) = (node.strings("string_vocabulary")?, node.ints("int64_vocabulary")?);
    if strings.is_empty() == integers.is_empty() {
        return Err(node.invalid("expected words either in string_vocabulary or in int64_vocabulary"));
    }
    let width = strings.len() + integers.len();
    let (vocabulary, repeated) = if integers.is_empty() {
        let places = Lookup::first(strings.clone());
        let repeated = repeated(strings.iter().map(|word| places.get(word.as_str())));
        (Vocabulary::Strings(places), repeated)
    } else {
        let places = Lookup::first(integers.clone());
        let repeated = repeated(integers.iter().map(|word| places.get(word)));
        (Vocabulary::Integers(places), repeated)
    };
    Ok(Box::new(DictVectorizer { vocabulary, width, repeated }))
}

/// The places that are not the first of their word.
fn repeated(firsts: impl Iterator<Item = Option<usize>>) -> Vec<(usize, usize)> {
    let pair = |(place, first): (usize, Option<usize>)| first.map(|first| (place, first));
    firsts.enumerate().filter_map(pair).filter(|(place, first)| place != first).collect()
}

impl Operator for DictVectorizer {
    /// A map from strings or integers, as the vocabulary is, to `[1, words]` of
    /// the type of its values; zeros, or empty strings, for the other words.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let Some(ValueRef::Map(map)) = inputs.value(0) else {
            return Err(failed("expected a map"));
        };
        let places: Vec<_> = match (&self.vocabulary, &map.keys) {
            (Vocabulary::Strings(places), Classes::Strings(keys)) => {
                keys.iter().map(|key| places.get(key.as_str())).collect()
            }
            (Vocabulary::Integers(places), Classes::Integers(keys)) => {
                keys.iter().map(|key| places.get(key)).collect()
            }
            (Vocabulary::Strings(_), _) => return Err(failed("expected strings as the keys of the map")),
            _ => return Err(failed("expected integers as the keys of the map")),
        };
        let data = match map.values.data() {
            TensorData::Float32(values) => self.place(values, &places, scope)?,
            TensorData::Float64(values) => self.place(values, &places, scope)?,
            TensorData::Int64(values) => self.place(values, &places, scope)?,
            TensorData::String(values) => self.place(values, &places, scope)?,
            other => return Err(failed(format!("unexpected values of type {}", other.element_type()))),
        };
        one(Shape::from_slice(&[1, self.width]), data)
    }
}

impl DictVectorizer {
    fn place<T: Native>(
        &self,
        values: &[T],
        places: &[Option<usize>],
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let mut y = scope.filled(self.width, T::default())?;
        for (value, place) in values.iter().zip(places) {
            if let Some(y) = place.and_then(|place| y.get_mut(place)) {
                *y = value.clone();
            }
        }
        for &(place, first) in &self.repeated {
            let value = y.get(first).cloned();
            if let (Some(y), Some(value)) = (y.get_mut(place), value) {
                *y = value;
            }
        }
        Ok(T::wrap(y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, f32s, i64s, texts};
    use crate::{Map, Tensor, Value};

    fn strings() -> Case {
        Case::new("ai.onnx.ml", "DictVectorizer", 1).strings("string_vocabulary", &["b", "a", "c", "a"])
    }

    fn integers() -> Case {
        Case::new("ai.onnx.ml", "DictVectorizer", 1).ints("int64_vocabulary", &[5, 7])
    }

    fn vectorize(case: &Case, keys: Classes, values: Tensor) -> Result<Value> {
        Ok(case.run_values(&[Some(Value::Map(Map { keys, values }))])?.remove(0))
    }

    fn words(words: &[&str]) -> Classes {
        Classes::Strings(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn puts_values_into_the_order_of_the_vocabulary() {
        let y = vectorize(&strings(), words(&["a", "z", "c"]), f32s(&[3], &[1.5, 2.0, 3.0])).unwrap();
        assert_eq!(y, Value::Tensor(f32s(&[1, 4], &[0.0, 1.5, 3.0, 1.5])));
        let y = vectorize(&integers(), Classes::Integers(vec![4, 5]), f32s(&[2], &[1.5, 2.0])).unwrap();
        assert_eq!(y, Value::Tensor(f32s(&[1, 2], &[2.0, 0.0])));
    }

    #[test]
    fn keeps_the_type_of_the_values() {
        let y = vectorize(&strings(), words(&["b"]), i64s(&[1], &[3])).unwrap();
        assert_eq!(y, Value::Tensor(i64s(&[1, 4], &[3, 0, 0, 0])));
        let y = vectorize(&integers(), Classes::Integers(vec![7]), texts(&[1], &["x"])).unwrap();
        assert_eq!(y, Value::Tensor(texts(&[1, 2], &["", "x"])));
        let doubles = |values: &[f64]| TensorData::Float64(values.to_vec());
        let x = Tensor::new(vec![1], doubles(&[0.1])).unwrap();
        let y = Tensor::new(vec![1, 2], doubles(&[0.0, 0.1])).unwrap();
        assert_eq!(vectorize(&integers(), Classes::Integers(vec![7]), x).unwrap(), Value::Tensor(y));
    }

    #[test]
    fn takes_an_empty_map() {
        let y = vectorize(&integers(), Classes::Integers(Vec::new()), f32s(&[0], &[])).unwrap();
        assert_eq!(y, Value::Tensor(f32s(&[1, 2], &[0.0, 0.0])));
    }

    #[test]
    fn refuses_other_keys_and_what_is_not_a_map() {
        let error = vectorize(&integers(), words(&["a"]), f32s(&[1], &[1.0])).unwrap_err();
        assert_eq!(error.message(), "expected integers as the keys of the map");
        assert_eq!(integers().run(&[f32s(&[1], &[1.0])]).unwrap_err().message(), "expected a map");
        let error = Case::new("ai.onnx.ml", "DictVectorizer", 1).run(&[]).unwrap_err();
        let expected = "expected words either in string_vocabulary or in int64_vocabulary";
        assert_eq!(error.message(), expected);
    }
}
