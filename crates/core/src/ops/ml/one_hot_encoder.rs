//! `ai.onnx.ml.OneHotEncoder`: a 1 in the place of each element's category.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_OneHotEncoder.html>

use super::whole::whole;
use crate::ops::lookup::Lookup;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, TensorData};

struct OneHotEncoder {
    categories: Categories,
    count: usize,
    /// Whether an unknown category gives nothing but zeros, or an error.
    zeros: bool,
}

/// The place of each category.
enum Categories {
    Integers(Lookup<i64>),
    Strings(Lookup<String>),
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (integers, strings) = (node.ints("cats_int64s")?, node.strings("cats_strings")?);
    if integers.is_empty() == strings.is_empty() {
        return Err(node.invalid("expected categories either in cats_int64s or in cats_strings"));
    }
    let count = integers.len() + strings.len();
    let categories = if strings.is_empty() {
        Categories::Integers(Lookup::last(integers))
    } else {
        Categories::Strings(Lookup::last(strings))
    };
    Ok(Box::new(OneHotEncoder { categories, count, zeros: node.flag("zeros", true)? }))
}

impl Operator for OneHotEncoder {
    /// X of any shape, strings or numbers as the categories are, to float32 of
    /// X's shape with the number of categories after it. Fractions are cut off.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let mut y = scope.filled(x.len().saturating_mul(self.count), 0.0)?;
        match (&self.categories, x.data) {
            (Categories::Strings(places), DataRef::String(x)) => {
                self.encode(x, |category| places.get(category.as_str()), &mut y)?;
            }
            (Categories::Integers(places), DataRef::Int64(x)) => {
                self.encode(x, |category| places.get(category), &mut y)?;
            }
            (Categories::Integers(places), DataRef::Int32(x)) => {
                self.encode(x, |&category| places.get(&i64::from(category)), &mut y)?;
            }
            (Categories::Integers(places), DataRef::Float32(x)) => {
                self.encode(x, |&category| places.get(&whole(f64::from(category))), &mut y)?;
            }
            (Categories::Integers(places), DataRef::Float64(x)) => {
                self.encode(x, |&category| places.get(&whole(category)), &mut y)?;
            }
            (Categories::Strings(_), _) => {
                return Err(failed(format!("expected string elements, got {}", x.element_type())));
            }
            _ => return Err(failed(format!("expected numbers, got {} elements", x.element_type()))),
        }
        let mut shape = Shape::from_slice(x.shape);
        shape.push(self.count);
        one(shape, TensorData::Float32(y))
    }
}

impl OneHotEncoder {
    fn encode<T>(&self, x: &[T], place: impl Fn(&T) -> Option<usize>, y: &mut [f32]) -> Result<()> {
        for (x, y) in x.iter().zip(y.chunks_exact_mut(self.count)) {
            match place(x).and_then(|place| y.get_mut(place)) {
                Some(y) => *y = 1.0,
                None if self.zeros => {}
                None => return Err(failed("an element is not one of the known categories")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};
    use crate::{Tensor, TensorData};

    fn integers(categories: &[i64]) -> Case {
        Case::new("ai.onnx.ml", "OneHotEncoder", 1).ints("cats_int64s", categories)
    }

    fn strings(categories: &[&str]) -> Case {
        Case::new("ai.onnx.ml", "OneHotEncoder", 1).strings("cats_strings", categories)
    }

    #[test]
    fn appends_a_dimension_of_the_categories() {
        let y = integers(&[5, 1]).run(&[i64s(&[2, 2], &[1, 5, 9, 1])]).unwrap();
        assert_eq!(y, [f32s(&[2, 2, 2], &[0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0])]);
        let y = strings(&["c", "b", "a"]).run(&[texts(&[2, 1], &["a", "c"])]).unwrap();
        assert_eq!(y, [f32s(&[2, 1, 3], &[0.0, 0.0, 1.0, 1.0, 0.0, 0.0])]);
        let y = integers(&[5, 1]).run(&[i64s(&[], &[1])]).unwrap();
        assert_eq!(y, [f32s(&[2], &[0.0, 1.0])]);
    }

    #[test]
    fn cuts_fractions_off() {
        let expected = f32s(&[3, 3], &[0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        let y = integers(&[5, 1, 0]).run(&[f32s(&[3], &[1.7, 5.0, -0.5])]).unwrap();
        assert_eq!(y, std::slice::from_ref(&expected));
        let x = Tensor::new(vec![3], TensorData::Float64(vec![1.7, 5.0, -0.5])).unwrap();
        assert_eq!(integers(&[5, 1, 0]).run(&[x]).unwrap(), [expected]);
        let x = Tensor::new(vec![1], TensorData::Int32(vec![5])).unwrap();
        assert_eq!(integers(&[5, 1]).run(&[x]).unwrap(), [f32s(&[1, 2], &[1.0, 0.0])]);
    }

    #[test]
    fn of_equal_categories_the_last_one_counts() {
        let y = integers(&[5, 1, 5]).run(&[i64s(&[2], &[5, 1])]).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[0.0, 0.0, 1.0, 0.0, 1.0, 0.0])]);
    }

    #[test]
    fn refuses_unknown_categories_when_told() {
        let y = strings(&["a"]).run(&[texts(&[1], &["z"])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1], &[0.0])]);
        let error = strings(&["a"]).int("zeros", 0).run(&[texts(&[1], &["z"])]).unwrap_err();
        assert_eq!(error.message(), "an element is not one of the known categories");
    }

    #[test]
    fn refuses_categories_of_another_type_than_x() {
        let message = |case: Case, x| case.run(&[x]).unwrap_err().message().to_owned();
        let text = texts(&[1], &["1"]);
        assert_eq!(message(integers(&[1]), text.clone()), "expected numbers, got string elements");
        assert_eq!(message(strings(&["1"]), i64s(&[1], &[1])), "expected string elements, got int64");
        let expected = "expected categories either in cats_int64s or in cats_strings";
        assert_eq!(message(strings(&["1"]).ints("cats_int64s", &[1]), text.clone()), expected);
        assert_eq!(message(strings(&[]), text), expected);
    }
}
