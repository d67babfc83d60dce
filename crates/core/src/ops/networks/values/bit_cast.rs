//! `BitCast`: the bits of elements as elements of another type of as many bits.
//! <https://onnx.ai/onnx/operators/onnx__BitCast.html>

use crate::ops::tensor::bits::{Bits, Places};
use crate::ops::types::numbered;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{ElementType, Error, Result, SmallType, TensorData};

struct BitCast {
    to: ElementType,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    match numbered(node.int_or("to", 0)?) {
        Some(to) if to != ElementType::String => Ok(Box::new(BitCast { to })),
        _ => Err(node.unsupported("to: this element type is not supported")),
    }
}

impl Operator for BitCast {
    fn run(&self, inputs: &Inputs<'_>, _: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let wrong = || of_other_size(x.element_type(), self.to);
        if bits(x.element_type()) != bits(self.to) {
            return Err(wrong());
        }
        let mut y = TensorData::zeros(self.to, x.len())?;
        copy(x.data, &mut y).ok_or_else(wrong)?;
        one(x.shape, y)
    }
}

fn copy(x: DataRef<'_>, y: &mut TensorData) -> Option<()> {
    let small = SmallType::of(y.element_type());
    match (Bits::from(x), Places::from(y)) {
        // int4 is kept as int8, and uint4 is not.
        (Bits::One(x), Places::One(y)) => {
            let element = |&byte: &u8| small.map_or(byte, |small| small.element_of(byte));
            y.iter_mut().zip(x).for_each(|(y, x)| *y = element(x));
        }
        (Bits::Two(x), Places::Two(y)) => y.copy_from_slice(x.get(..y.len())?),
        (Bits::Four(x), Places::Four(y)) => y.copy_from_slice(x.get(..y.len())?),
        (Bits::Eight(x), Places::Eight(y)) => y.copy_from_slice(x.get(..y.len())?),
        (Bits::Bool(x), Places::Bool(y)) => y.copy_from_slice(x.get(..y.len())?),
        (Bits::Bool(x), Places::One(y)) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = u8::from(x)),
        (Bits::One(x), Places::Bool(y)) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = x != 0),
        _ => return None,
    }
    Some(())
}

/// How many bits an element has; 0 for texts.
fn bits(element: ElementType) -> u32 {
    match element {
        ElementType::String => 0,
        ElementType::Float64 | ElementType::Int64 | ElementType::UInt64 => 64,
        ElementType::Float32 | ElementType::Int32 | ElementType::UInt32 => 32,
        ElementType::Float16 | ElementType::BFloat16 | ElementType::Int16 | ElementType::UInt16 => 16,
        other => SmallType::of(other).map_or(8, SmallType::bits),
    }
}

#[cold]
fn of_other_size(from: ElementType, to: ElementType) -> Error {
    failed(format!("expected elements of as many bits as {to} has, got {from}"))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, i32s, tensor, texts};
    use crate::{Result, SmallType, Tensor, TensorData};

    fn cast(x: Tensor, to: i64) -> Result<Tensor> {
        Ok(Case::new("", "BitCast", 26).int("to", to).run(&[x])?.remove(0))
    }

    #[test]
    fn keeps_the_bits() {
        let bits = i32s(&[2], &[0x3f80_0000, i32::MIN]);
        assert_eq!(cast(f32s(&[2], &[1.0, -0.0]), 6).unwrap(), bits);
        assert_eq!(cast(bits, 1).unwrap(), f32s(&[2], &[1.0, -0.0]));
        let signed = tensor(&[1], TensorData::Int8(vec![-1]));
        assert_eq!(cast(signed, 2).unwrap(), tensor(&[1], TensorData::UInt8(vec![255])));
        let half = tensor(&[1], TensorData::Float16(vec![0x3c00]));
        assert_eq!(cast(half, 4).unwrap(), tensor(&[1], TensorData::UInt16(vec![0x3c00])));
        assert_eq!(
            cast(bools(&[2], &[true, false]), 2).unwrap(),
            tensor(&[2], TensorData::UInt8(vec![1, 0]))
        );
        let four = |small, bits| tensor(&[1], TensorData::Small(small, vec![bits]));
        assert_eq!(cast(four(SmallType::UInt4, 15), 22).unwrap(), four(SmallType::Int4, 255));
        assert_eq!(cast(four(SmallType::Int4, 255), 21).unwrap(), four(SmallType::UInt4, 15));
    }

    #[test]
    fn refuses_elements_of_another_size() {
        let error = cast(f32s(&[1], &[1.0]), 7).unwrap_err();
        assert_eq!(error.message(), "expected elements of as many bits as int64 has, got float32");
        assert!(cast(texts(&[1], &["a"]), 7).is_err());
        assert!(cast(f32s(&[1], &[1.0]), 8).is_err());
    }
}
