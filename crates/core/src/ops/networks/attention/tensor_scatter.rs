//! `TensorScatter`: puts new places of sequences into a cache of fixed length.
//! <https://onnx.ai/onnx/operators/onnx__TensorScatter.html>

use crate::Result;
use crate::ops::tensor::axis::{around, axis};
use crate::ops::tensor::bits::copied;
use crate::ops::tensor::scatter::{Reduction, Target};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;

struct TensorScatter {
    axis: i64,
    /// Whether what is beyond the end begins again at the start.
    circular: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let circular = match node.string_or("mode", "linear")? {
        "linear" => false,
        "circular" => true,
        other => return Err(node.invalid(format_args!("mode: expected linear or circular, got {other:?}"))),
    };
    Ok(Box::new(TensorScatter { axis: node.int_or("axis", -2)?, circular }))
}

impl Operator for TensorScatter {
    /// The cache and the update differ in the length of the axis alone; where to
    /// write is an int64 for each of the batch.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (cache, update) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let axis = axis(self.axis, cache.shape.len())?;
        let same = |(index, pair): (usize, (&usize, &usize))| index == axis || pair.0 == pair.1;
        let pairs = cache.shape.iter().zip(update.shape);
        if axis == 0 || cache.shape.len() != update.shape.len() || !pairs.enumerate().all(same) {
            let (cache, update) = (cache.shape, update.shape);
            return Err(failed(format!(
                "an update of shape {update:?} does not go into a cache of {cache:?}"
            )));
        }
        // Without elements there may be more places than can be gone through.
        if update.len() == 0 {
            return one(cache.shape, copied(cache.data, scope)?);
        }
        let first = match inputs.optional(2)? {
            Some(_) => inputs.read::<i64>(2)?,
            None => &[],
        };
        let starts = self.starts(&cache, &update, axis, first, scope)?;
        let block = around(cache.shape, axis).inner;
        let target = Target { starts: &starts, block, reduction: Reduction::None };
        let updated = target.put(cache, update, scope)?;
        scope.keep(starts);
        one(cache.shape, updated)
    }
}

impl TensorScatter {
    /// Where each place of the update goes.
    fn starts(
        &self,
        cache: &TensorRef<'_>,
        update: &TensorRef<'_>,
        axis: usize,
        first: &[i64],
        scope: &mut Scope,
    ) -> Result<Vec<u32>> {
        let (whole, part) = (around(cache.shape, axis), around(update.shape, axis));
        let batch = cache.shape.first().copied().unwrap_or_default();
        if !first.is_empty() && first.len() != batch {
            return Err(failed(format!("expected {batch} indices to write at, got {}", first.len())));
        }
        let each = whole.outer.checked_div(batch).unwrap_or_default().max(1);
        let mut starts = scope.vec(whole.outer.saturating_mul(part.length))?;
        for outer in 0..whole.outer {
            let first = first.get(outer / each).copied().unwrap_or_default();
            for place in 0..part.length {
                let place = self.place(first.saturating_add(place as i64), whole.length)?;
                let start =
                    outer.saturating_mul(whole.length).saturating_add(place).saturating_mul(whole.inner);
                starts.push(u32::try_from(start).map_err(|_| failed("the cache has too many elements"))?);
            }
        }
        Ok(starts)
    }

    fn place(&self, place: i64, length: usize) -> Result<usize> {
        let wrapped = if self.circular { place.checked_rem_euclid(length as i64) } else { Some(place) };
        let place = wrapped.and_then(|place| usize::try_from(place).ok()).filter(|place| *place < length);
        place.ok_or_else(|| failed(format!("the update does not fit into a cache of length {length}")))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s};

    fn cache() -> Tensor {
        f32s(&[2, 3, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    }

    fn case(mode: &str) -> Case {
        Case::new("", "TensorScatter", 24).string("mode", mode)
    }

    #[test]
    fn nothing_is_written_where_there_is_nothing() {
        let nothing = f32s(&[1 << 40, 0, 1], &[]);
        assert_eq!(case("linear").run(&[nothing.clone(), nothing.clone()]).unwrap(), [nothing]);
    }

    #[test]
    fn writes_each_sequence_where_it_is_told() {
        let update = f32s(&[2, 2, 1], &[-1.0, -2.0, -3.0, -4.0]);
        let y = case("linear").run(&[cache(), update.clone(), i64s(&[2], &[1, 0])]).unwrap();
        assert_eq!(y, [f32s(&[2, 3, 1], &[1.0, -1.0, -2.0, -3.0, -4.0, 6.0])]);
        let y = case("circular").run(&[cache(), update.clone(), i64s(&[2], &[2, 4])]).unwrap();
        assert_eq!(y, [f32s(&[2, 3, 1], &[-2.0, 2.0, -1.0, 4.0, -3.0, -4.0])]);
        let y = case("linear").run(&[cache(), update]).unwrap();
        assert_eq!(y, [f32s(&[2, 3, 1], &[-1.0, -2.0, 3.0, -3.0, -4.0, 6.0])]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |update: Tensor, first: &[i64]| {
            let inputs = [cache(), update, i64s(&[first.len()], first)];
            case("linear").run(&inputs).unwrap_err().message().to_owned()
        };
        let two = || f32s(&[2, 2, 1], &[0.0; 4]);
        assert_eq!(message(two(), &[2, 0]), "the update does not fit into a cache of length 3");
        assert_eq!(message(two(), &[-1, 0]), "the update does not fit into a cache of length 3");
        assert_eq!(message(two(), &[0]), "expected 2 indices to write at, got 1");
        let wide = message(f32s(&[2, 1, 2], &[0.0; 4]), &[0, 0]);
        assert_eq!(wide, "an update of shape [2, 1, 2] does not go into a cache of [2, 3, 1]");
        let error = case("linear").int("axis", 0).run(&[cache(), two()]).unwrap_err();
        assert!(error.message().contains("does not go into"));
        assert!(case("round").run(&[]).is_err());
        let nothing = [f32s(&[1, 0], &[]), f32s(&[1, 1], &[0.0])];
        assert!(case("circular").int("axis", 1).run(&nothing).is_err());
    }
}
