//! `Transpose`: the axes in another order.
//! <https://onnx.ai/onnx/operators/onnx__Transpose.html>

use super::axis::axes;
use super::layout::Layout;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};

struct Transpose {
    /// The axes of the input in the order of the output; without, they are
    /// reversed.
    perm: Option<Vec<i64>>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let perm = if node.has("perm") { Some(node.ints("perm")?) } else { None };
    Ok(Box::new(Transpose { perm }))
}

impl Operator for Transpose {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let mut layout = Layout::dense(data.shape);
        match &self.perm {
            Some(perm) => {
                let perm = axes(perm, data.shape.len())?;
                if perm.len() != data.shape.len() {
                    let (rank, got) = (data.shape.len(), perm.len());
                    return Err(failed(format!("perm has {got} axes, but the tensor has {rank}")));
                }
                let dense = Layout::dense(data.shape);
                for (axis, &from) in layout.axes.iter_mut().zip(&perm) {
                    if let Some(from) = dense.axes.get(from) {
                        *axis = *from;
                    }
                }
            }
            None => layout.axes.reverse(),
        }
        one(layout.shape(), layout.of(data.data, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn reverses_the_axes_by_default() {
        let y = Case::new("", "Transpose", 13).run(&[i64s(&[2, 3], &[1, 2, 3, 4, 5, 6])]).unwrap();
        assert_eq!(y, [i64s(&[3, 2], &[1, 4, 2, 5, 3, 6])]);
    }

    #[test]
    fn puts_the_axes_in_the_order_that_perm_gives() {
        let x: Vec<f32> = (0..24).map(|x| x as f32).collect();
        let y = Case::new("", "Transpose", 13).ints("perm", &[1, 0, 2]).run(&[f32s(&[2, 3, 4], &x)]).unwrap();
        assert_eq!(y[0].shape(), [3, 2, 4]);
        assert_eq!(y[0].as_f32().unwrap()[..8], [0.0, 1.0, 2.0, 3.0, 12.0, 13.0, 14.0, 15.0]);
    }

    #[test]
    fn refuses_axes_that_are_no_order() {
        let x = f32s(&[2, 3], &[0.0; 6]);
        assert!(Case::new("", "Transpose", 13).ints("perm", &[0, 0]).run(std::slice::from_ref(&x)).is_err());
        assert!(Case::new("", "Transpose", 13).ints("perm", &[0]).run(&[x]).is_err());
    }
}
