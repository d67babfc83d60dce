//! Sequences of tensors: `SequenceEmpty`, `SequenceConstruct`, `SequenceAt`,
//! `SequenceInsert`, `SequenceErase` and `SequenceLength`.
//! <https://onnx.ai/onnx/operators/onnx__SequenceConstruct.html>

use super::bits::copied;
use super::indices;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed, one, only};
use crate::tensor::each;
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData, Value};

/// No sequence that a step makes is longer, in bytes: a loop can insert without
/// end.
const LARGEST: usize = 1 << 30;

enum Sequence {
    Construct,
    At,
    Insert,
    Erase,
    Length,
}

pub(super) fn build_construct(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Sequence::Construct))
}

pub(super) fn build_at(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Sequence::At))
}

pub(super) fn build_insert(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Sequence::Insert))
}

pub(super) fn build_erase(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Sequence::Erase))
}

pub(super) fn build_length(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Sequence::Length))
}

impl Operator for Sequence {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match self {
            Self::Construct => {
                let mut tensors = Vec::new();
                for tensor in inputs.tensors(0..inputs.len())? {
                    tensors.push(copy(tensor, scope)?);
                }
                made(tensors)
            }
            Self::At => {
                let tensors = tensors(inputs, 0)?;
                let at = indices::place(indices::single(inputs, 1)?, tensors.len())?;
                let tensor = tensors.get(at).ok_or_else(|| failed("there is no such tensor"))?;
                copy(tensor.into(), scope).map(only)
            }
            Self::Insert => {
                let tensor = copy(inputs.tensor(1)?, scope)?;
                let (before, after) = split(inputs, 2, tensors(inputs, 0)?)?;
                let mut tensors = before.to_vec();
                tensors.push(tensor);
                tensors.extend_from_slice(after);
                made(tensors)
            }
            Self::Erase => {
                let (before, after) = split_last(inputs, tensors(inputs, 0)?)?;
                let mut tensors = before.to_vec();
                tensors.extend_from_slice(after);
                made(tensors)
            }
            Self::Length => {
                let length = tensors(inputs, 0)?.len() as i64;
                one([].as_slice(), TensorData::Int64(scope.filled(1, length)?))
            }
        }
    }
}

/// The tensors before the place that input `index` names, and those from there
/// on; all of them and none where it is left out.
fn split<'a>(
    inputs: &Inputs<'_>,
    index: usize,
    tensors: &'a [Tensor],
) -> Result<(&'a [Tensor], &'a [Tensor])> {
    let length = tensors.len();
    let at = match inputs.value(index) {
        None => length,
        Some(_) => match indices::single(inputs, index)? {
            at if at == length as i64 => length,
            at => indices::place(at, length)?,
        },
    };
    Ok(tensors.split_at_checked(at).unwrap_or((tensors, &[])))
}

/// The tensors before and after the one that input 1 names: the last, where it
/// is left out.
fn split_last<'a>(inputs: &Inputs<'_>, tensors: &'a [Tensor]) -> Result<(&'a [Tensor], &'a [Tensor])> {
    let at = if inputs.value(1).is_some() { indices::single(inputs, 1)? } else { -1 };
    let at = indices::place(at, tensors.len())?;
    let (before, rest) = tensors.split_at_checked(at).unwrap_or((tensors, &[]));
    Ok((before, rest.get(1..).unwrap_or_default()))
}

/// The tensors of a sequence, which is input `index`.
pub(in crate::ops) fn tensors<'a>(inputs: &Inputs<'a>, index: usize) -> Result<&'a [Tensor]> {
    match inputs.value(index) {
        Some(ValueRef::Sequence(tensors)) => Ok(tensors),
        Some(_) => Err(failed(format!("input {index}: expected a sequence of tensors"))),
        None => Err(failed(format!("input {index} is missing"))),
    }
}

/// A sequence as a step's only output.
pub(super) fn made(tensors: Vec<Tensor>) -> Result<Outputs> {
    let mut size = 0;
    tensors.iter().try_for_each(|tensor| grow(&mut size, tensor))?;
    Ok(only(Value::Sequence(tensors)))
}

/// Adds the size of `tensor` to that of those which are kept together with it.
pub(crate) fn grow(size: &mut usize, tensor: &Tensor) -> Result<()> {
    let elements = each!(TensorData, tensor.data(), v => size_of_val(v.as_slice()));
    let text = match tensor.data() {
        TensorData::String(texts) => texts.iter().map(String::len).sum(),
        _ => 0,
    };
    *size = size.saturating_add(elements).saturating_add(text).saturating_add(size_of::<Tensor>());
    if *size > LARGEST { Err(failed("a sequence of tensors does not fit into memory")) } else { Ok(()) }
}

fn copy(tensor: TensorRef<'_>, scope: &mut Scope) -> Result<Tensor> {
    Tensor::new(tensor.shape, copied(tensor.data, scope)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, f32s, i64s};

    fn run(op: &str, inputs: &[Value]) -> Result<Value> {
        let inputs: Vec<_> = inputs.iter().cloned().map(Some).collect();
        Ok(Case::new("", op, 11).run_values(&inputs)?.remove(0))
    }

    fn number(value: f32) -> Tensor {
        f32s(&[1], &[value])
    }

    fn sequence(values: &[f32]) -> Value {
        Value::Sequence(values.iter().map(|&value| number(value)).collect())
    }

    fn index(value: i64) -> Value {
        i64s(&[], &[value]).into()
    }

    #[test]
    fn is_made_empty_or_of_tensors() {
        assert_eq!(run("SequenceEmpty", &[]).unwrap(), sequence(&[]));
        let made = run("SequenceConstruct", &[number(1.0).into(), number(2.0).into()]).unwrap();
        assert_eq!(made, sequence(&[1.0, 2.0]));
    }

    #[test]
    fn gives_a_tensor_and_the_length() {
        let three = sequence(&[1.0, 2.0, 3.0]);
        assert_eq!(run("SequenceAt", &[three.clone(), index(-1)]).unwrap(), number(3.0).into());
        assert!(run("SequenceAt", &[three.clone(), index(3)]).is_err());
        assert_eq!(run("SequenceLength", &[three]).unwrap(), index(3));
    }

    #[test]
    fn inserts_at_a_place_or_the_end() {
        let (two, new) = (sequence(&[1.0, 2.0]), Value::from(number(9.0)));
        let insert = |at| run("SequenceInsert", &[two.clone(), new.clone(), index(at)]);
        assert_eq!(insert(0).unwrap(), sequence(&[9.0, 1.0, 2.0]));
        assert_eq!(insert(-1).unwrap(), sequence(&[1.0, 9.0, 2.0]));
        assert_eq!(insert(2).unwrap(), sequence(&[1.0, 2.0, 9.0]));
        assert!(insert(3).is_err());
        assert_eq!(run("SequenceInsert", &[two.clone(), new.clone()]).unwrap(), sequence(&[1.0, 2.0, 9.0]));
    }

    #[test]
    fn erases_a_place_or_the_last() {
        let two = sequence(&[1.0, 2.0]);
        assert_eq!(run("SequenceErase", &[two.clone(), index(0)]).unwrap(), sequence(&[2.0]));
        assert_eq!(run("SequenceErase", &[two]).unwrap(), sequence(&[1.0]));
        assert!(run("SequenceErase", &[sequence(&[])]).is_err());
    }
}
