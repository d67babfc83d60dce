//! `Dropout`: in inference its input, and a mask that keeps all. In training,
//! which the feature `networks` has, the mask is drawn as ONNX's reference
//! implementation draws it, from the seed 0 where there is none.
//! <https://onnx.ai/onnx/operators/onnx__Dropout.html>

use super::bits::copied;
use super::runs::scalar;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
#[cfg(feature = "networks")]
use crate::ops::{
    failed,
    numbers::{doubles, floats},
    twister::Twister,
};
use crate::tensor_ref::DataRef;
#[cfg(feature = "networks")]
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData, Value};

struct Dropout {
    mask: Option<Mask>,
    #[cfg(feature = "networks")]
    seed: i64,
}

/// What tells the elements that are kept.
#[derive(Clone, Copy)]
enum Mask {
    Bools,
    /// Numbers of the data's type, in versions before 10.
    Numbers,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let mask = if node.version() < 10 { Mask::Numbers } else { Mask::Bools };
    if node.version() < 7 && !node.flag("is_test", false)? {
        return Err(node.unsupported("training"));
    }
    Ok(Box::new(Dropout {
        mask: (node.step().outputs.len() > 1).then_some(mask),
        #[cfg(feature = "networks")]
        seed: node.int_or("seed", 0)?,
    }))
}

impl Operator for Dropout {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let training = inputs.optional(2)?.map(|training| scalar::<bool>(&training, "training_mode"));
        if training.transpose()? == Some(true) {
            return self.train(inputs, scope);
        }
        let mut outputs = one(data.shape, copied(data.data, scope)?)?;
        if let Some(mask) = self.mask {
            let mask = match (mask, data.data) {
                (Mask::Bools, _) => TensorData::Bool(scope.filled(data.len(), true)?),
                (Mask::Numbers, DataRef::Float64(_)) => TensorData::Float64(scope.filled(data.len(), 1.0)?),
                (Mask::Numbers, _) => TensorData::Float32(scope.filled(data.len(), 1.0)?),
            };
            outputs.push(Value::Tensor(Tensor::new(data.shape, mask)?));
        }
        Ok(outputs)
    }
}

#[cfg(not(feature = "networks"))]
impl Dropout {
    #[expect(clippy::unused_self, reason = "takes it where there is training")]
    fn train(&self, _: &Inputs<'_>, _: &mut Scope) -> Result<Outputs> {
        Err(crate::ops::failed("training_mode: expected false; training is not supported"))
    }
}

#[cfg(feature = "networks")]
impl Dropout {
    fn train(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let ratio = match inputs.optional(1)? {
            Some(ratio) => ratio_of(&ratio, scope)?,
            None => 0.5,
        };
        let mask = mask(data.len(), ratio, self.seed, scope)?;
        let scale = 1.0 / (1.0 - ratio);
        let kept = match data.data {
            DataRef::Float64(values) => {
                let mut kept = scope.vec(values.len())?;
                kept.extend(values.iter().zip(&mask).map(|(x, &keep)| x * f64::from(keep) * scale));
                TensorData::Float64(kept)
            }
            _ => {
                let values = floats(&data, scope)?;
                let scale = scale as f32;
                let mut kept = scope.vec(values.len())?;
                kept.extend(values.iter().zip(&mask).map(|(x, &keep)| x * f32::from(keep) * scale));
                scope.keep_cow(values);
                TensorData::Float32(kept)
            }
        };
        let mut outputs = one(data.shape, kept)?;
        outputs.push(Value::Tensor(Tensor::new(data.shape, TensorData::Bool(mask))?));
        Ok(outputs)
    }
}

/// The part of the elements that is dropped.
#[cfg(feature = "networks")]
fn ratio_of(ratio: &TensorRef<'_>, scope: &mut Scope) -> Result<f64> {
    match *doubles(ratio, scope)? {
        [ratio] if (0.0..1.0).contains(&ratio) => Ok(ratio),
        [ratio] => Err(failed(format!("ratio: expected a number from 0 to 1, without 1, got {ratio}"))),
        ref ratio => Err(failed(format!("ratio: expected one number, got {}", ratio.len()))),
    }
}

#[cfg(feature = "networks")]
fn mask(length: usize, ratio: f64, seed: i64, scope: &mut Scope) -> Result<Vec<bool>> {
    if ratio == 0.0 {
        return scope.filled(length, true);
    }
    let mut random = Twister::new(seed as u32);
    let mut mask = scope.vec(length)?;
    mask.extend((0..length).map(|_| random.uniform() >= ratio));
    Ok(mask)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s};

    #[test]
    fn keeps_every_element_in_inference() {
        let x = f32s(&[2], &[1.0, 2.0]);
        let dropout = Case::new("", "Dropout", 13).outputs(2);
        assert_eq!(dropout.run(std::slice::from_ref(&x)).unwrap(), [x, bools(&[2], &[true, true])]);
    }

    #[test]
    fn old_versions_have_a_mask_of_numbers() {
        let x = f32s(&[2], &[1.0, 2.0]);
        let y = Case::new("", "Dropout", 7).outputs(2).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y, [x, f32s(&[2], &[1.0, 1.0])]);
    }

    #[cfg(not(feature = "networks"))]
    #[test]
    fn refuses_training() {
        let inputs = [f32s(&[1], &[1.0]), f32s(&[], &[0.5]), bools(&[], &[true])];
        assert!(Case::new("", "Dropout", 13).run(&inputs).is_err());
    }

    #[cfg(feature = "networks")]
    #[test]
    fn drops_in_training_what_numpy_would_drop() {
        let ones = f32s(&[6], &[1.0; 6]);
        let training = |ratio| [ones.clone(), f32s(&[], &[ratio]), bools(&[], &[true])];
        let dropout = Case::new("", "Dropout", 13).int("seed", 5).outputs(2);
        let kept = [false, true, false, true, true, true];
        let scaled = kept.map(|kept| if kept { 4.0 / 3.0 } else { 0.0 });
        let outputs = dropout.run(&training(0.25)).unwrap();
        assert_eq!(outputs, [f32s(&[6], &scaled), bools(&[6], &kept)]);
        let error = dropout.run(&training(1.0)).unwrap_err();
        assert_eq!(error.message(), "ratio: expected a number from 0 to 1, without 1, got 1");
    }
}
