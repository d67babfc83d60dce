//! `EyeLike`: a matrix with ones on a diagonal and zeros elsewhere.
//! <https://onnx.ai/onnx/operators/onnx__EyeLike.html>

use super::runs::{Runs, gathered};
use crate::ops::types::numbered;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{ElementType, Result};

struct EyeLike {
    diagonal: i64,
    /// The type of the output; without, the input's.
    element: Option<ElementType>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let unknown = |number| node.unsupported(format_args!("dtype {number}"));
    let element = node.int("dtype")?.map(|number| numbered(number).ok_or_else(|| unknown(number)));
    let element = element.transpose()?;
    Ok(Box::new(EyeLike { diagonal: node.int_or("k", 0)?, element }))
}

impl Operator for EyeLike {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let like = inputs.tensor(0)?;
        let &[rows, columns] = like.shape else {
            return Err(failed(format!("expected a matrix, got a tensor of shape {:?}", like.shape)));
        };
        let values = match self.element.unwrap_or(like.element_type()) {
            ElementType::Float32 => DataRef::Float32(&[0.0, 1.0]),
            ElementType::Float64 => DataRef::Float64(&[0.0, 1.0]),
            ElementType::Float16 => DataRef::Float16(&[0, 0x3c00]),
            ElementType::BFloat16 => DataRef::BFloat16(&[0, 0x3f80]),
            ElementType::Int8 => DataRef::Int8(&[0, 1]),
            ElementType::Int16 => DataRef::Int16(&[0, 1]),
            ElementType::Int32 => DataRef::Int32(&[0, 1]),
            ElementType::Int64 => DataRef::Int64(&[0, 1]),
            ElementType::UInt8 => DataRef::UInt8(&[0, 1]),
            ElementType::UInt16 => DataRef::UInt16(&[0, 1]),
            ElementType::UInt32 => DataRef::UInt32(&[0, 1]),
            ElementType::UInt64 => DataRef::UInt64(&[0, 1]),
            ElementType::Bool => DataRef::Bool(&[false, true]),
            other => return Err(failed(format!("a matrix of {other} elements is not supported"))),
        };
        let mut starts = scope.vec(like.len())?;
        for row in (0..rows as i64).take(like.len()) {
            let one = row.saturating_add(self.diagonal);
            starts.extend((0..columns as i64).map(|column| u32::from(column == one)));
        }
        one(like.shape, gathered(values, Runs::elements(starts), scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, i64s};

    #[test]
    fn has_ones_on_the_diagonal() {
        let like = f32s(&[2, 3], &[0.0; 6]);
        let y = Case::new("", "EyeLike", 9).run(std::slice::from_ref(&like)).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0])]);
        let y =
            Case::new("", "EyeLike", 9).int("k", 1).int("dtype", 7).run(std::slice::from_ref(&like)).unwrap();
        assert_eq!(y, [i64s(&[2, 3], &[0, 1, 0, 0, 0, 1])]);
        let y = Case::new("", "EyeLike", 9).int("dtype", 9).run(std::slice::from_ref(&like)).unwrap();
        assert_eq!(y, [bools(&[2, 3], &[true, false, false, false, true, false])]);
        let y = Case::new("", "EyeLike", 9).int("k", i64::MIN).run(&[like]).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[0.0; 6])]);
    }
}
