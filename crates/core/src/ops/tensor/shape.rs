//! `Shape` and `Size`: the lengths of a tensor's axes, and their product.
//! <https://onnx.ai/onnx/operators/onnx__Shape.html>
//! <https://onnx.ai/onnx/operators/onnx__Size.html>

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct Shape {
    start: i64,
    end: i64,
}

pub(super) fn build_shape(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Shape { start: node.int_or("start", 0)?, end: node.int_or("end", i64::MAX)? }))
}

impl Operator for Shape {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let shape = inputs.tensor(0)?.shape;
        let rank = shape.len() as i64;
        let within = |place: i64| {
            let place = if place < 0 { place.saturating_add(rank) } else { place };
            place.clamp(0, rank) as usize
        };
        let dims = shape.get(within(self.start)..within(self.end)).unwrap_or_default();
        let mut out = scope.vec(dims.len())?;
        out.extend(dims.iter().map(|&dim| dim as i64));
        one([out.len()].as_slice(), TensorData::Int64(out))
    }
}

struct Size;

pub(super) fn build_size(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Size))
}

impl Operator for Size {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let size = inputs.tensor(0)?.len() as i64;
        one([].as_slice(), TensorData::Int64(scope.filled(1, size)?))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn gives_the_lengths_between_start_and_end() {
        let x = f32s(&[2, 3, 4], &[0.0; 24]);
        let shape = |start, end| {
            let case = Case::new("", "Shape", 15).int("start", start).int("end", end);
            case.run(std::slice::from_ref(&x)).unwrap().remove(0)
        };
        assert_eq!(
            Case::new("", "Shape", 13).run(std::slice::from_ref(&x)).unwrap(),
            [i64s(&[3], &[2, 3, 4])]
        );
        assert_eq!(shape(-1, 9), i64s(&[1], &[4]));
        assert_eq!(shape(-9, -1), i64s(&[2], &[2, 3]));
        assert_eq!(shape(2, 1), i64s(&[0], &[]));
    }

    #[test]
    fn gives_the_number_of_elements() {
        let y = Case::new("", "Size", 13).run(&[f32s(&[2, 3], &[0.0; 6])]).unwrap();
        assert_eq!(y, [i64s(&[], &[6])]);
    }
}
