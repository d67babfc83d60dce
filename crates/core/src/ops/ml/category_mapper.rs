//! `ai.onnx.ml.CategoryMapper`: strings to integers, or the other way round.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_CategoryMapper.html>

use crate::ops::lookup::Lookup;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct CategoryMapper {
    strings: Vec<String>,
    integers: Vec<i64>,
    string_places: Lookup<String>,
    integer_places: Lookup<i64>,
    default_string: String,
    default_integer: i64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (strings, integers) = (node.strings("cats_strings")?, node.ints("cats_int64s")?);
    if strings.len() != integers.len() {
        let (strings, integers) = (strings.len(), integers.len());
        let message =
            format_args!("{strings} texts in cats_strings do not go with {integers} numbers in cats_int64s");
        return Err(node.invalid(message));
    }
    Ok(Box::new(CategoryMapper {
        string_places: Lookup::last(strings.clone()),
        integer_places: Lookup::last(integers.clone()),
        strings,
        integers,
        default_string: node.string_or("default_string", "_Unused")?.to_owned(),
        default_integer: node.int_or("default_int64", -1)?,
    }))
}

impl Operator for CategoryMapper {
    /// X of any shape, strings to int64 or int64 to strings.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let data = match x.data {
            DataRef::String(x) => {
                let place = |x: &String| self.string_places.get(x.as_str());
                let integer = |x| place(x).and_then(|place| self.integers.get(place));
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|x| integer(x).copied().unwrap_or(self.default_integer)));
                TensorData::Int64(y)
            }
            DataRef::Int64(x) => {
                let string = |x| self.integer_places.get(x).and_then(|place| self.strings.get(place));
                let mut y = scope.vec(x.len())?;
                y.extend(x.iter().map(|x| string(x).unwrap_or(&self.default_string).clone()));
                TensorData::String(y)
            }
            _ => return Err(failed(format!("expected strings or int64, got {} elements", x.element_type()))),
        };
        one(x.shape, data)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn mapper() -> Case {
        Case::new("ai.onnx.ml", "CategoryMapper", 1)
            .strings("cats_strings", &["a", "b", "a"])
            .ints("cats_int64s", &[4, 5, 6])
    }

    #[test]
    fn maps_both_ways_and_takes_the_last_of_equal_ones() {
        assert_eq!(mapper().run(&[texts(&[1, 2], &["a", "b"])]).unwrap(), [i64s(&[1, 2], &[6, 5])]);
        assert_eq!(mapper().run(&[i64s(&[3], &[4, 5, 6])]).unwrap(), [texts(&[3], &["a", "b", "a"])]);
    }

    #[test]
    fn unknown_categories_have_defaults() {
        assert_eq!(mapper().run(&[texts(&[1], &["z"])]).unwrap(), [i64s(&[1], &[-1])]);
        assert_eq!(mapper().run(&[i64s(&[1], &[0])]).unwrap(), [texts(&[1], &["_Unused"])]);
        let case = mapper().string("default_string", "?").int("default_int64", -7);
        assert_eq!(case.run(&[texts(&[1], &["z"])]).unwrap(), [i64s(&[1], &[-7])]);
        assert_eq!(case.run(&[i64s(&[1], &[0])]).unwrap(), [texts(&[1], &["?"])]);
    }

    #[test]
    fn refuses_lists_of_unequal_length_and_other_types() {
        let error = mapper().ints("cats_int64s", &[4]).run(&[i64s(&[1], &[4])]).unwrap_err();
        assert_eq!(error.message(), "3 texts in cats_strings do not go with 1 numbers in cats_int64s");
        let error = mapper().run(&[f32s(&[1], &[4.0])]).unwrap_err();
        assert_eq!(error.message(), "expected strings or int64, got float32 elements");
    }
}
