//! `ai.onnx.ml.ArrayFeatureExtractor`: columns of X.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_ArrayFeatureExtractor.html>

use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, TensorData};

struct ArrayFeatureExtractor;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(ArrayFeatureExtractor))
}

impl Operator for ArrayFeatureExtractor {
    /// X of any shape and type, and int64 indices, of any shape, into its last
    /// dimension. With X of one dimension the output has two.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let Some((&width, outer)) = x.shape.split_last() else {
            return Err(failed("expected X of one or more dimensions, got a scalar"));
        };
        let indices = inputs.read::<i64>(1)?;
        check(indices, width)?;
        let mut shape = Shape::from_slice(outer);
        if outer.is_empty() {
            shape.push(1);
        }
        shape.push(indices.len());
        let columns = Columns { indices, width };
        let data = match x.data {
            DataRef::Float32(v) => columns.of(v, scope)?,
            DataRef::Float64(v) => columns.of(v, scope)?,
            DataRef::Int64(v) => columns.of(v, scope)?,
            DataRef::Int32(v) => columns.of(v, scope)?,
            DataRef::String(v) => columns.of(v, scope)?,
            _ => return Err(failed(format!("unexpected elements of type {}", x.element_type()))),
        };
        one(shape, data)
    }
}

fn check(indices: &[i64], width: usize) -> Result<()> {
    if indices.is_empty() {
        return Err(failed("expected one index or more, got none"));
    }
    let inside = |index: &i64| usize::try_from(*index).is_ok_and(|index| index < width);
    match indices.iter().find(|index| !inside(index)) {
        Some(index) => Err(failed(format!("index {index} is not one of {width} columns"))),
        None => Ok(()),
    }
}

struct Columns<'a> {
    indices: &'a [i64],
    width: usize,
}

impl Columns<'_> {
    fn of<T: Native>(&self, x: &[T], scope: &mut Scope) -> Result<TensorData> {
        let rows = x.chunks_exact(self.width.max(1));
        let mut y = scope.vec(rows.len().saturating_mul(self.indices.len()))?;
        for row in rows {
            y.extend(self.indices.iter().filter_map(|&index| row.get(index as usize).cloned()));
        }
        Ok(T::wrap(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};
    use crate::{Result, Tensor, TensorData};

    fn extract(x: Tensor, y: Tensor) -> Result<Vec<Tensor>> {
        Case::new("ai.onnx.ml", "ArrayFeatureExtractor", 1).run(&[x, y])
    }

    #[test]
    fn test_ai_onnx_ml_array_feature_extractor() {
        let x = f32s(&[3, 4], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
        let z = extract(x, i64s(&[2], &[0, 1])).unwrap();
        assert_eq!(z, [f32s(&[3, 2], &[0.0, 1.0, 4.0, 5.0, 8.0, 9.0])]);
    }

    #[test]
    fn takes_from_the_last_dimension_in_any_order() {
        let z = extract(i64s(&[2, 1, 2], &[1, 2, 3, 4]), i64s(&[1, 3], &[1, 0, 1])).unwrap();
        assert_eq!(z, [i64s(&[2, 1, 3], &[2, 1, 2, 4, 3, 4])]);
        let z = extract(texts(&[1, 2], &["a", "b"]), i64s(&[], &[1])).unwrap();
        assert_eq!(z, [texts(&[1, 1], &["b"])]);
        let z = extract(f32s(&[0, 2], &[]), i64s(&[1], &[1])).unwrap();
        assert_eq!(z, [f32s(&[0, 1], &[])]);
    }

    #[test]
    fn a_single_dimension_becomes_a_row() {
        let z = extract(f32s(&[3], &[5.0, 6.0, 7.0]), i64s(&[2], &[2, 0])).unwrap();
        assert_eq!(z, [f32s(&[1, 2], &[7.0, 5.0])]);
    }

    #[test]
    fn refuses_indices_outside_and_types_that_it_does_not_have() {
        let message = |x, y| extract(x, y).unwrap_err().message().to_owned();
        let x = f32s(&[1, 2], &[0.0; 2]);
        assert_eq!(message(x.clone(), i64s(&[1], &[2])), "index 2 is not one of 2 columns");
        assert_eq!(message(x.clone(), i64s(&[1], &[-1])), "index -1 is not one of 2 columns");
        assert_eq!(message(x, i64s(&[0], &[])), "expected one index or more, got none");
        let flags = Tensor::new(vec![1], TensorData::Bool(vec![true])).unwrap();
        assert_eq!(message(flags, i64s(&[1], &[0])), "unexpected elements of type bool");
        let scalar = f32s(&[], &[1.0]);
        assert_eq!(message(scalar, i64s(&[1], &[0])), "expected X of one or more dimensions, got a scalar");
    }
}
