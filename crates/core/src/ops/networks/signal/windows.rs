//! `HannWindow`, `HammingWindow`, `BlackmanWindow`: weights for the numbers of a
//! frame, which fade it in and out.
//! <https://onnx.ai/onnx/operators/onnx__HannWindow.html>,
//! <https://onnx.ai/onnx/operators/onnx__HammingWindow.html>,
//! <https://onnx.ai/onnx/operators/onnx__BlackmanWindow.html>

use super::dft::optional;
use crate::ops::math::whole::in_type;
use crate::ops::tensor::axis::dim;
use crate::ops::types::numbered;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{ElementType, Result};

struct Window {
    /// What the cosines of no turn, one and two over the window are multiplied by.
    factors: [f64; 3],
    /// Whether it is one number shorter than the symmetric window it is part of.
    periodic: bool,
    element: ElementType,
}

pub(super) fn hann(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, [0.5, -0.5, 0.0])
}

pub(super) fn hamming(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, [25.0 / 46.0, -21.0 / 46.0, 0.0])
}

pub(super) fn blackman(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, [0.42, -0.5, 0.08])
}

fn build(node: &Node<'_>, factors: [f64; 3]) -> Result<Box<dyn Operator>> {
    let element = element(node)?;
    Ok(Box::new(Window { factors, periodic: node.flag("periodic", true)?, element }))
}

/// The node's type of numbers.
pub(super) fn element(node: &Node<'_>) -> Result<ElementType> {
    let number = node.int_or("output_datatype", 1)?;
    let element = numbered(number).filter(|element| *element != ElementType::String);
    element.ok_or_else(|| node.unsupported(format_args!("output_datatype {number}")))
}

impl Operator for Window {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let size = dim(optional(Some(inputs.tensor(0)?), "size", scope)?.unwrap_or(0))?;
        let [first, second, third] = self.factors;
        let last = if self.periodic { size } else { size.saturating_sub(1) } as f64;
        let mut window = scope.vec(size)?;
        window.extend((0..size).map(|index| {
            let angle = std::f64::consts::TAU * index as f64 / last;
            first + second * angle.cos() + third * (2.0 * angle).cos()
        }));
        one([size].as_slice(), in_type(window, self.element, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i32s, i64s};

    fn window(op: &str, periodic: i64) -> Vec<f32> {
        let y = Case::new("", op, 17).int("periodic", periodic).run(&[i64s(&[], &[4])]).unwrap();
        y[0].as_f32().unwrap().to_vec()
    }

    #[test]
    fn windows_fade_in_and_out() {
        assert_close(&window("HannWindow", 1), &[0.0, 0.5, 1.0, 0.5]);
        assert_close(&window("HannWindow", 0), &[0.0, 0.75, 0.75, 0.0]);
        assert_close(&window("HammingWindow", 1), &[4.0 / 46.0, 25.0 / 46.0, 1.0, 25.0 / 46.0]);
        assert_close(&window("BlackmanWindow", 1), &[0.0, 0.34, 1.0, 0.34]);
        assert_close(&window("BlackmanWindow", 0), &[0.0, 0.63, 0.63, 0.0]);
    }

    #[test]
    fn gives_any_type_and_nothing() {
        let case = || Case::new("", "HannWindow", 17);
        let y = case().int("output_datatype", 11).run(&[i32s(&[], &[1])]).unwrap();
        assert_eq!(y, [f64s(&[1], &[0.0])]);
        assert_eq!(case().run(&[i64s(&[], &[0])]).unwrap(), [f32s(&[0], &[])]);
        assert!(case().run(&[i64s(&[], &[-1])]).is_err());
        assert!(case().run(&[i64s(&[], &[i64::MAX])]).is_err());
        assert!(case().int("output_datatype", 8).run(&[]).is_err());
    }
}
