//! Converters declare the shapes and element types of outputs wrong now and
//! then, or not at all: what a model really gives is found by running it.

use edgeinfer_core::{Dim, Model, Schema, Tensor, TensorData, Value, ValueSpec, ValueType};

use crate::types::{BATCH, own_dim};

/// Sets right the types of `schema`'s outputs where `model` gives others.
pub(crate) fn set_right(schema: &mut Schema, model: &Model) {
    // Two sizes tell what grows with the batch from what does not. A model that
    // does not take made-up rows keeps what it declares.
    let (Some(two), Some(three)) = (run(schema, model, 2), run(schema, model, 3)) else { return };
    for (output, (two, three)) in schema.outputs.iter_mut().zip(two.iter().zip(&three)) {
        if let (Value::Tensor(two), Value::Tensor(three)) = (two, three) {
            set_output_right(output, two, three);
        }
    }
}

fn set_output_right(output: &mut ValueSpec, two: &Tensor, three: &Tensor) {
    let named = output.clone();
    let ValueType::Tensor { element, shape } = &mut output.value else { return };
    *element = two.element_type();
    let right = shape.len() == two.shape().len()
        && shape.iter().zip(two.shape()).zip(three.shape()).all(|((dim, &two), &three)| match dim {
            Dim::Fixed(size) => *size == two && two == three,
            Dim::Symbol(symbol) => symbol != BATCH || (two, three) == (2, 3),
        });
    if right || two.shape().len() != three.shape().len() {
        return;
    }
    let dim = |(index, (&two, &three)): (usize, (&usize, &usize))| match (two, three) {
        (2, 3) => Dim::symbol(BATCH),
        (two, three) if two == three => Dim::Fixed(two),
        _ => own_dim(&named, index),
    };
    *shape = two.shape().iter().zip(three.shape()).enumerate().map(dim).collect();
}

fn run(schema: &Schema, model: &Model, rows: usize) -> Option<Vec<Value>> {
    let inputs = schema.inputs.iter().map(|input| Some((input.name.clone(), made_up(input, rows)?)));
    let outputs = model.run(inputs.collect::<Option<Vec<_>>>()?).ok()?;
    Some(outputs.into_iter().map(|(_, value)| value).collect())
}

/// Zeros and empty strings, with `rows` elements in each free dimension.
fn made_up(input: &ValueSpec, rows: usize) -> Option<Tensor> {
    /// Longer inputs are not made up.
    const LONGEST: usize = 1 << 24;
    let ValueType::Tensor { element, shape } = &input.value else { return None };
    let size = |dim: &Dim| if let Dim::Fixed(size) = dim { *size } else { rows };
    let shape: Vec<usize> = shape.iter().map(size).collect();
    let length = shape.iter().try_fold(1usize, |length, &size| length.checked_mul(size))?;
    (length <= LONGEST)
        .then(|| TensorData::zeros(*element, length).and_then(|data| Tensor::new(shape, data)).ok())
        .flatten()
}
