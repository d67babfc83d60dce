//! `com.microsoft.MurmurHash3`: the 32-bit hash of each text or number.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MurmurHash3>

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct MurmurHash3 {
    seed: u32,
    /// Whether the hash comes out as an unsigned number.
    positive: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let seed = node.int_or("seed", 0)?;
    let seed =
        u32::try_from(seed).map_err(|_| node.invalid(format_args!("seed: expected 32 bits, got {seed}")))?;
    Ok(Box::new(MurmurHash3 { seed, positive: node.flag("positive", true)? }))
}

impl Operator for MurmurHash3 {
    /// X of strings or numbers to uint32, or int32, of the same shape.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let mut hashes = scope.vec::<u32>(x.len())?;
        match x.data {
            DataRef::String(v) => hashes.extend(v.iter().map(|text| self.hash(text.as_bytes()))),
            DataRef::Int32(v) => hashes.extend(v.iter().map(|number| self.hash(&number.to_le_bytes()))),
            DataRef::UInt32(v) => hashes.extend(v.iter().map(|number| self.hash(&number.to_le_bytes()))),
            DataRef::Int64(v) => hashes.extend(v.iter().map(|number| self.hash(&number.to_le_bytes()))),
            DataRef::UInt64(v) => hashes.extend(v.iter().map(|number| self.hash(&number.to_le_bytes()))),
            DataRef::Float32(v) => hashes.extend(v.iter().map(|number| self.hash(&number.to_le_bytes()))),
            DataRef::Float64(v) => hashes.extend(v.iter().map(|number| self.hash(&number.to_le_bytes()))),
            _ => return Err(failed(format!("{} elements have no hash", x.element_type()))),
        }
        if self.positive {
            return one(x.shape, TensorData::UInt32(hashes));
        }
        let mut signed = scope.vec(hashes.len())?;
        signed.extend(hashes.iter().map(|hash| hash.cast_signed()));
        scope.keep(hashes);
        one(x.shape, TensorData::Int32(signed))
    }
}

impl MurmurHash3 {
    /// MurmurHash3's `x86_32`.
    fn hash(&self, bytes: &[u8]) -> u32 {
        let (blocks, rest) = bytes.as_chunks::<4>();
        let mut hash = self.seed;
        for block in blocks {
            hash = (hash ^ mixed(u32::from_le_bytes(*block))).rotate_left(13);
            hash = hash.wrapping_mul(5).wrapping_add(0xe654_6b64);
        }
        let last = rest.iter().rev().fold(0u32, |last, &byte| (last << 8) | u32::from(byte));
        hash ^= mixed(last);
        hash ^= bytes.len() as u32;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }
}

fn mixed(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, texts};
    use crate::{Tensor, TensorData};

    fn hashes(case: &Case, x: Tensor) -> TensorData {
        case.run(&[x]).unwrap().remove(0).into_data()
    }

    /// The published test vectors of the 32-bit hash.
    #[test]
    fn hashes_texts_of_every_length() {
        let case = Case::new("com.microsoft", "MurmurHash3", 1);
        let x = texts(&[3], &["", "test", "Hello, world!"]);
        assert_eq!(hashes(&case, x), TensorData::UInt32(vec![0, 0xba6b_d213, 0xc036_3e43]));
        let seeded = case.int("seed", 0x9747_b28c);
        let x = texts(&[4], &["a", "aa", "aaa", "abc"]);
        let wanted = vec![0x7fa0_9ea6, 0x5d21_1726, 0x283e_0130, 0xc84a_62dd];
        assert_eq!(hashes(&seeded, x), TensorData::UInt32(wanted));
    }

    #[test]
    fn gives_signed_numbers_when_asked() {
        let case = Case::new("com.microsoft", "MurmurHash3", 1).int("positive", 0);
        let wanted = 0xba6b_d213u32.cast_signed();
        assert_eq!(hashes(&case, texts(&[1], &["test"])), TensorData::Int32(vec![wanted]));
    }
}
