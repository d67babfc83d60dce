//! `ai.onnx.ml.Scaler`: `(X - offset) * scale`, feature by feature.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_Scaler.html>

use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, TensorData};

struct Scaler {
    offset: Weights<f32>,
    scale: Weights<f32>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (offset, scale) = (node.floats("offset")?, node.floats("scale")?);
    if offset.is_empty() || scale.is_empty() {
        return Err(node.invalid("expected numbers in offset and scale"));
    }
    Ok(Box::new(Scaler { offset, scale }))
}

impl Operator for Scaler {
    /// X of any numbers, `[features]` or `[rows, features]`, to float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let width = x.shape.last().copied().unwrap_or(1);
        let (offset, scale) =
            (of_width("offset", &self.offset, width)?, of_width("scale", &self.scale, width)?);
        let values = floats(&x, scope)?;
        let mut y = scope.vec(values.len())?;
        for row in values.chunks_exact(width.max(1)) {
            if offset.len() == width && scale.len() == width {
                let factors = offset.iter().zip(scale);
                y.extend(row.iter().zip(factors).map(|(x, (offset, scale))| (x - offset) * scale));
            } else {
                let factors = offset.iter().cycle().zip(scale.iter().cycle());
                y.extend(row.iter().zip(factors).map(|(x, (offset, scale))| (x - offset) * scale));
            }
        }
        scope.keep_cow(values);
        one(x.shape, TensorData::Float32(y))
    }
}

/// One number for every feature, or one for all.
fn of_width<'a>(name: &str, list: &'a [f32], width: usize) -> Result<&'a [f32]> {
    if list.len() == 1 || list.len() == width {
        return Ok(list);
    }
    Err(failed(format!("{name} has {} numbers, but a row of X has {width} features", list.len())))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    fn scaler(offset: &[f32], scale: &[f32]) -> Case {
        Case::new("ai.onnx.ml", "Scaler", 1).floats("offset", offset).floats("scale", scale)
    }

    #[test]
    fn scales_each_feature_by_its_own_numbers() {
        let y = scaler(&[1.0, 2.0], &[2.0, 0.5]).run(&[f32s(&[2, 2], &[1.0, 4.0, 3.0, 2.0])]).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[0.0, 1.0, 4.0, 0.0])]);
    }

    #[test]
    fn takes_integers_and_one_number_for_all_features() {
        let y = scaler(&[1.0], &[2.0]).run(&[i64s(&[1, 3], &[1, 2, 3])]).unwrap();
        assert_eq!(y, [f32s(&[1, 3], &[0.0, 2.0, 4.0])]);
    }

    #[test]
    fn refuses_rows_of_another_width() {
        let error = scaler(&[1.0, 2.0], &[1.0]).run(&[f32s(&[1, 3], &[0.0; 3])]).unwrap_err();
        assert_eq!(error.message(), "offset has 2 numbers, but a row of X has 3 features");
    }
}
