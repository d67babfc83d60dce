//! Numbers of 16 bits around operators that calculate: what goes in is widened
//! to float32, what comes out is narrowed again. Once for all operators, in the
//! stead of a form of each for each type.

use edgeinfer_kernels::Half;
use smallvec::SmallVec;

use super::{Inputs, Node, Operator, Outputs, Scope, ValueRef};
use crate::plan::Constant;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, Tensor, TensorData, Value};

/// An operator that calculates, for all its floating-point types.
struct Widened {
    operator: Box<dyn Operator>,
    /// Which of its outputs, a bit for each, are of the type of its inputs.
    narrowed: u32,
    /// The inputs that are the same in every run, as float32, by their places.
    constants: Vec<(usize, Constant)>,
}

/// `operator`, which is that of `node`, as one that takes numbers of 16 bits
/// too, and gives the outputs whose bits are in `narrowed` in them then.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where a constant
/// does not fit into memory as float32.
pub(super) fn widened(
    operator: Box<dyn Operator>,
    node: &Node<'_>,
    narrowed: u32,
) -> Result<Box<dyn Operator>> {
    let mut constants = Vec::new();
    for index in 0..node.step().inputs.len() {
        let Some(view) = node.given(index).map(Constant::view) else { continue };
        let Some((half, bits)) = halves(view.data) else { continue };
        let mut values = Vec::new();
        values
            .try_reserve_exact(bits.len())
            .map_err(|_| node.invalid("a constant does not fit into memory"))?;
        half.widen_into(bits, &mut values);
        constants.push((index, Constant::from_floats(view.shape, &values)));
    }
    Ok(Box::new(Widened { operator, narrowed, constants }))
}

impl Operator for Widened {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        if self.constants.is_empty() && !inputs.iter().any(|value| half(value).is_some()) {
            return self.operator.run(inputs, scope);
        }
        let mut wide: SmallVec<[Option<Tensor>; 6]> = SmallVec::new();
        let mut values: SmallVec<[_; 6]> = inputs.iter().collect();
        for (index, constant) in &self.constants {
            if let Some(value) = values.get_mut(*index) {
                *value = Some(ValueRef::Tensor(constant.view()));
            }
        }
        for value in &values {
            wide.push(widen(*value, scope)?);
        }
        for (value, wide) in values.iter_mut().zip(&wide) {
            if let Some(wide) = wide {
                *value = Some(ValueRef::Tensor(wide.into()));
            }
        }
        let mut outputs = self.operator.run(&Inputs::new(&values), scope)?;
        drop(values);
        wide.into_iter().flatten().for_each(|tensor| scope.recycle(tensor.into()));
        // The first of several floating-point types is that of the outputs.
        if let Some(half) = inputs.iter().find(is_float).and_then(half) {
            for (index, output) in (0..u32::BITS).zip(&mut outputs) {
                if self.narrowed >> index & 1 == 1 {
                    narrow(output, half, scope)?;
                }
            }
        }
        Ok(outputs)
    }
}

/// Whether it is of a floating-point type that operators calculate in.
fn is_float(value: &Option<ValueRef<'_>>) -> bool {
    let Some(ValueRef::Tensor(tensor)) = value else { return false };
    matches!(tensor.data, DataRef::Float32(_) | DataRef::Float64(_)) || halves(tensor.data).is_some()
}

fn half(value: Option<ValueRef<'_>>) -> Option<Half> {
    match value {
        Some(ValueRef::Tensor(tensor)) => halves(tensor.data).map(|(half, _)| half),
        _ => None,
    }
}

fn halves(data: DataRef<'_>) -> Option<(Half, &[u16])> {
    match data {
        DataRef::Float16(bits) => Some((Half::Float16, bits)),
        DataRef::BFloat16(bits) => Some((Half::BFloat16, bits)),
        _ => None,
    }
}

fn widen(value: Option<ValueRef<'_>>, scope: &mut Scope) -> Result<Option<Tensor>> {
    let Some(ValueRef::Tensor(TensorRef { shape, data })) = value else { return Ok(None) };
    let Some((half, bits)) = halves(data) else { return Ok(None) };
    let mut values = scope.vec(bits.len())?;
    half.widen_into(bits, &mut values);
    Tensor::new(shape, TensorData::Float32(values)).map(Some)
}

fn narrow(output: &mut Value, half: Half, scope: &mut Scope) -> Result<()> {
    let Value::Tensor(tensor) = output else { return Ok(()) };
    let Some(values) = tensor.as_f32() else { return Ok(()) };
    let mut bits = scope.vec(values.len())?;
    half.narrow_into(values, &mut bits);
    let data = match half {
        Half::Float16 => TensorData::Float16(bits),
        Half::BFloat16 => TensorData::BFloat16(bits),
    };
    let narrow = Tensor::new(Shape::from_slice(tensor.shape()), data)?;
    scope.recycle(std::mem::replace(output, narrow.into()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, bools, f32s, i64s, tensor};

    fn halves(shape: &[usize], values: &[f32]) -> Tensor {
        tensor(shape, TensorData::Float16(values.iter().map(|&x| Half::Float16.narrow(x)).collect()))
    }

    #[test]
    fn an_operator_gives_the_type_that_it_takes() {
        let (x, y) = (halves(&[2], &[1.5, 2048.0]), halves(&[2], &[0.25, 1.0]));
        let sum = Case::new("", "Add", 14).run(&[x.clone(), y.clone()]).unwrap();
        assert_eq!(sum, [halves(&[2], &[1.75, 2048.0])]);
        let bits = |values: &[f32]| values.iter().map(|&x| Half::BFloat16.narrow(x)).collect();
        let x = tensor(&[2], TensorData::BFloat16(bits(&[1.0, 256.0])));
        let sum = Case::new("", "Add", 14).run(&[x.clone(), x]).unwrap();
        assert_eq!(sum, [tensor(&[2], TensorData::BFloat16(bits(&[2.0, 512.0])))]);
    }

    #[test]
    fn what_is_no_float32_stays_what_it_is() {
        let x = halves(&[3], &[1.0, 3.0, 2.0]);
        let less = Case::new("", "Less", 13).run(&[x.clone(), halves(&[], &[2.0])]).unwrap();
        assert_eq!(less, [bools(&[3], &[true, false, false])]);
        let place = Case::new("", "ArgMax", 13).int("axis", 0).run(&[x]).unwrap();
        assert_eq!(place, [i64s(&[1], &[1])]);
    }

    #[test]
    fn means_stay_in_single_precision() {
        let case = Case::new("", "LayerNormalization", 17).outputs(3);
        let y = case.run(&[halves(&[1, 2], &[1.0, 3.0]), halves(&[2], &[1.0, 1.0])]).unwrap();
        let types: Vec<_> = y.iter().map(|tensor| tensor.element_type().name()).collect();
        assert_eq!(types, ["float16", "float32", "float32"]);
    }

    #[test]
    fn of_two_types_the_first_is_the_outputs() {
        let (wide, half) = (f32s(&[1], &[3.0]), halves(&[1], &[2.0]));
        let pow = |x: &Tensor, y: &Tensor| Case::new("", "Pow", 15).run(&[x.clone(), y.clone()]).unwrap();
        assert_eq!(pow(&wide, &half), [f32s(&[1], &[9.0])]);
        assert_eq!(pow(&half, &wide), [halves(&[1], &[8.0])]);
    }

    #[test]
    fn float32_stays_float32() {
        let sum = Case::new("", "Add", 14).run(&[f32s(&[1], &[0.1]), f32s(&[1], &[0.2])]).unwrap();
        assert_eq!(sum, [f32s(&[1], &[0.1 + 0.2])]);
    }

    #[test]
    fn elements_that_are_moved_stay_as_they_are() {
        let x = halves(&[2, 1], &[f32::NAN, -0.0]);
        let y = Case::new("", "Concat", 13).int("axis", 0).run(&[x.clone(), x.clone()]).unwrap();
        assert_eq!(y[0].shape(), [4, 1]);
        let zeros = Case::new("", "NonZero", 13).run(&[x]).unwrap();
        assert_eq!(zeros, [i64s(&[2, 1], &[0, 0])]);
    }
}
