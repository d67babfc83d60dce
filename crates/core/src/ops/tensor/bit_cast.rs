//! `BitCast`: the bits of elements as another type of as many.
//! <https://onnx.ai/onnx/operators/onnx__BitCast.html>

use super::bits::{Bits, Places, places};
use crate::ops::types::numbered;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::small::SmallType;
use crate::{ElementType, Result, TensorData};

struct BitCast {
    to: ElementType,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let number = node.int_or("to", 0)?;
    let to = numbered(number).filter(|to| bits(*to).is_some());
    let to = to.ok_or_else(|| node.unsupported(format_args!("to: elements of type number {number}")))?;
    Ok(Box::new(BitCast { to }))
}

/// How many bits an element has.
fn bits(element: ElementType) -> Option<u32> {
    Some(match element {
        ElementType::String => return None,
        ElementType::Float64 | ElementType::Int64 | ElementType::UInt64 => 64,
        ElementType::Float32 | ElementType::Int32 | ElementType::UInt32 => 32,
        ElementType::Float16 | ElementType::BFloat16 | ElementType::Int16 | ElementType::UInt16 => 16,
        other => SmallType::of(other).map_or(8, SmallType::bits),
    })
}

impl Operator for BitCast {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, to) = (inputs.tensor(0)?, self.to);
        let from = x.element_type();
        if bits(from) != bits(to) {
            return Err(failed(format!("elements of {from} and of {to} are not of the same number of bits")));
        }
        let like = TensorData::zeros(to, 0)?;
        let mut data = places((&like).into(), x.len(), scope)?;
        match (Bits::from(x.data), Places::from(&mut data)) {
            (Bits::One(x), Places::One(y)) => y.copy_from_slice(x),
            (Bits::Two(x), Places::Two(y)) => y.copy_from_slice(x),
            (Bits::Four(x), Places::Four(y)) => y.copy_from_slice(x),
            (Bits::Eight(x), Places::Eight(y)) => y.copy_from_slice(x),
            (Bits::Bool(x), Places::Bool(y)) => y.copy_from_slice(x),
            (Bits::Bool(x), Places::One(y)) => y.iter_mut().zip(x).for_each(|(y, x)| *y = u8::from(*x)),
            (Bits::One(x), Places::Bool(y)) => y.iter_mut().zip(x).for_each(|(y, x)| *y = *x != 0),
            _ => {}
        }
        if let TensorData::Small(small, elements) = &mut data {
            elements.iter_mut().for_each(|element| *element = small.element_of(*element));
        }
        one(x.shape, data)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i32s, i64s, tensor, texts};
    use crate::{SmallType, Tensor, TensorData};

    fn cast(x: Tensor, to: i64) -> Tensor {
        Case::new("", "BitCast", 26).int("to", to).run(&[x]).unwrap().remove(0)
    }

    #[test]
    fn bits_stay_as_they_are() {
        let bits = 1.5f32.to_bits().cast_signed();
        assert_eq!(cast(f32s(&[1, 2], &[1.5, -0.0]), 6), i32s(&[1, 2], &[bits, i32::MIN]));
        assert_eq!(cast(i32s(&[], &[bits]), 1), f32s(&[], &[1.5]));
        assert_eq!(cast(f64s(&[1], &[-0.0]), 7), i64s(&[1], &[i64::MIN]));
        let bytes = cast(tensor(&[2], TensorData::Int8(vec![-1, 3])), 2);
        assert_eq!(bytes, tensor(&[2], TensorData::UInt8(vec![255, 3])));
        let halves = cast(tensor(&[1], TensorData::UInt16(vec![0x3c00])), 10);
        assert_eq!(halves, tensor(&[1], TensorData::Float16(vec![0x3c00])));
    }

    #[test]
    fn truth_is_a_byte_and_half_a_byte_is_one() {
        assert_eq!(cast(bools(&[2], &[true, false]), 2), tensor(&[2], TensorData::UInt8(vec![1, 0])));
        assert_eq!(cast(tensor(&[2], TensorData::UInt8(vec![1, 0])), 9), bools(&[2], &[true, false]));
        let signed = tensor(&[2], TensorData::Small(SmallType::Int4, vec![0xff, 7]));
        assert_eq!(cast(signed, 21), tensor(&[2], TensorData::Small(SmallType::UInt4, vec![15, 7])));
    }

    #[test]
    fn refuses_other_numbers_of_bits() {
        let error = Case::new("", "BitCast", 26).int("to", 7).run(&[f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "elements of float32 and of int64 are not of the same number of bits");
        assert!(Case::new("", "BitCast", 26).int("to", 8).run(&[texts(&[1], &["a"])]).is_err());
        assert!(Case::new("", "BitCast", 26).run(&[]).is_err());
    }
}
