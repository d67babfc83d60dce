//! `PRelu`: numbers below 0 are multiplied by a slope.
//! <https://onnx.ai/onnx/operators/onnx__PRelu.html>

use super::binary::{Pairwise, operands, pair};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};

const SLOPE: Pairwise = Pairwise {
    float32: None,
    float64: Some(|x, slope| if x < 0.0 { x * slope } else { x }),
    int: Some(|x, slope| if x < 0 { x.wrapping_mul(slope) } else { x }),
    divides: false,
};

struct PRelu {
    /// Before operator set 7, a list of slopes is one for each channel, which
    /// is dimension 1.
    by_channel: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(PRelu { by_channel: node.version() < 7 }))
}

impl Operator for PRelu {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, slope) = operands(inputs)?;
        let channels = self.by_channel && slope.shape.len() == 1 && slope.len() > 1;
        let broadcast = pair(&x, &slope, channels.then_some(1))?;
        let y = SLOPE.apply(&broadcast, &x, &slope, scope)?;
        one(broadcast.shape, y)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s};

    #[test]
    fn multiplies_what_is_below_0() {
        let inputs = [f32s(&[2, 2], &[-1.0, 2.0, -3.0, -4.0]), f32s(&[2], &[0.5, 0.25])];
        let y = Case::new("", "PRelu", 16).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[-0.5, 2.0, -1.5, -1.0])]);
    }

    #[test]
    fn old_operator_sets_have_a_slope_for_each_channel() {
        let inputs = [f32s(&[1, 2, 2], &[-1.0; 4]), f32s(&[2], &[0.5, 0.25])];
        let y = Case::new("", "PRelu", 6).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 2], &[-0.5, -0.5, -0.25, -0.25])]);
    }
}
