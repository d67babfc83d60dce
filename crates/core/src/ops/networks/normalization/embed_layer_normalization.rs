//! `com.microsoft.EmbedLayerNormalization`: the sum of a word's, a position's and
//! a segment's embedding, normalised by rows, and how many words of each sequence
//! its mask leaves.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.EmbedLayerNormalization>

use super::rows::{Rows, stretched};
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData};

struct EmbedLayerNormalization {
    epsilon: f32,
    /// How many outputs somebody may take.
    outputs: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let epsilon = node.float_or("epsilon", 1e-12)?;
    Ok(Box::new(EmbedLayerNormalization { epsilon, outputs: node.step().outputs.len() }))
}

const IDS: usize = 0;
const SEGMENTS: usize = 1;
const GAMMA: usize = 5;
const BETA: usize = 6;
const MASK: usize = 7;
const POSITIONS: usize = 8;

impl Operator for EmbedLayerNormalization {
    /// Ids, segments and mask `[B, S]` of integers, positions `[B, S]` or `[1, S]`,
    /// tables `[…, H]` to `[B, S, H]` in float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let &[batch, length] = inputs.tensor(IDS)?.shape else {
            return Err(failed("expected ids of two dimensions"));
        };
        let &[_, width] = inputs.tensor(2)?.shape else {
            return Err(failed("expected a table of words of two dimensions"));
        };
        let rows = batch.checked_mul(length).and_then(|rows| rows.checked_mul(width));
        let mut sum = scope.zeros(rows.ok_or_else(|| failed("the result has too many elements"))?)?;
        let shape = [batch, length, width];
        add(&inputs.tensor(IDS)?, &inputs.tensor(2)?, shape, &mut sum, scope)?;
        match inputs.optional(POSITIONS)? {
            Some(positions) => add(&positions, &inputs.tensor(3)?, shape, &mut sum, scope)?,
            None => add_in_order(&inputs.tensor(3)?, shape, &mut sum)?,
        }
        if let Some(segments) = inputs.optional(SEGMENTS)? {
            add(&segments, &inputs.tensor(4)?, shape, &mut sum, scope)?;
        }
        let scale = stretched::<f32>("gamma", &inputs.tensor(GAMMA)?, &[width], scope)?;
        let bias = stretched::<f32>("beta", &inputs.tensor(BETA)?, &[width], scope)?;
        let rows = Rows { centred: true, epsilon: self.epsilon, scale: &scale, bias: &bias };
        let y = rows.of(&sum, &mut |_| {}, scope)?;
        scope.keep_cow(scale);
        scope.keep_cow(bias);
        let mut outputs = only(Tensor::new(shape.as_slice(), TensorData::Float32(y))?);
        if self.outputs > 1 {
            let counts = counts(inputs, [batch, length], scope)?;
            outputs.push(Tensor::new([batch].as_slice(), TensorData::Int32(counts))?.into());
            outputs.push(Tensor::new(shape.as_slice(), TensorData::Float32(sum))?.into());
        } else {
            scope.keep(sum);
        }
        Ok(outputs)
    }
}

/// Adds to each row of `sum` the row of `table` that `ids` names; where there are
/// fewer ids than rows, they begin again.
fn add(
    ids: &TensorRef<'_>,
    table: &TensorRef<'_>,
    shape: [usize; 3],
    sum: &mut [f32],
    scope: &mut Scope,
) -> Result<()> {
    let [batch, length, width] = shape;
    if ids.shape != [batch, length] && ids.shape != [1, length] {
        return Err(failed(format!("expected ids of shape [{batch}, {length}], got {:?}", ids.shape)));
    }
    let (table, numbers) = (rows(table, width)?, ints(ids, scope)?);
    for (sum, &id) in sum.chunks_exact_mut(width.max(1)).zip(numbers.iter().cycle()) {
        let row = usize::try_from(id).ok().and_then(|id| table.chunks_exact(width.max(1)).nth(id));
        let row = row.ok_or_else(|| failed(format!("there is no embedding with the id {id}")))?;
        sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
    }
    scope.keep_cow(numbers);
    Ok(())
}

/// As [`add`] with the ids 0, 1, 2, … in every sequence.
fn add_in_order(table: &TensorRef<'_>, [_, length, width]: [usize; 3], sum: &mut [f32]) -> Result<()> {
    let table = rows(table, width)?;
    let long_enough = length.checked_mul(width).filter(|size| *size <= table.len());
    let size = long_enough.ok_or_else(|| failed(format!("there are no {length} embeddings of positions")))?;
    for sum in sum.chunks_exact_mut(size.max(1)) {
        sum.iter_mut().zip(table).for_each(|(sum, number)| *sum += number);
    }
    Ok(())
}

fn rows<'a>(table: &TensorRef<'a>, width: usize) -> Result<&'a [f32]> {
    let numbers =
        table.read::<f32>().filter(|_| table.shape.len() == 2 && table.shape.last() == Some(&width));
    numbers.ok_or_else(|| failed(format!("expected a table of {width} float32 columns")))
}

/// How many places of each sequence the mask leaves; none without a mask.
fn counts(inputs: &Inputs<'_>, [batch, length]: [usize; 2], scope: &mut Scope) -> Result<Vec<i32>> {
    let mut counts = scope.zeros(batch)?;
    if let Some(mask) = inputs.optional(MASK)? {
        if mask.shape != [batch, length] {
            return Err(failed(format!(
                "expected a mask of shape [{batch}, {length}], got {:?}",
                mask.shape
            )));
        }
        let numbers = ints(&mask, scope)?;
        for (count, places) in counts.iter_mut().zip(numbers.chunks_exact(length.max(1))) {
            *count = places.iter().filter(|place| **place == 1).count() as i32;
        }
        scope.keep_cow(numbers);
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i32s};
    use crate::{Tensor, Value};

    fn run(ids: Tensor, extra: [Option<Tensor>; 3]) -> crate::Result<Vec<Value>> {
        let words = f32s(&[3, 2], &[0.0, 1.0, 2.0, 4.0, 5.0, 5.0]);
        let positions = f32s(&[2, 2], &[1.0, 0.0, 0.0, 3.0]);
        let segments = f32s(&[2, 2], &[0.0, 0.0, 3.0, 0.0]);
        let [segment_ids, mask, position_ids] = extra;
        let inputs = [
            Some(ids),
            segment_ids,
            Some(words),
            Some(positions),
            Some(segments),
            Some(f32s(&[2], &[1.0, 2.0])),
            Some(f32s(&[2], &[0.0, 1.0])),
            mask,
            position_ids,
        ];
        let case = Case::new("com.microsoft", "EmbedLayerNormalization", 1).outputs(3);
        case.run_values(&inputs.map(|input| input.map(Value::Tensor)))
    }

    #[test]
    fn adds_three_embeddings_and_counts_the_mask() {
        let mask = i32s(&[1, 2], &[1, 0]);
        let values = run(i32s(&[1, 2], &[1, 0]), [Some(i32s(&[1, 2], &[0, 1])), Some(mask), None]).unwrap();
        let sum = values[2].as_tensor().unwrap();
        assert_eq!(*sum, f32s(&[1, 2, 2], &[3.0, 4.0, 3.0, 4.0]));
        assert_close(values[0].as_tensor().unwrap().as_f32().unwrap(), &[-1.0, 3.0, -1.0, 3.0]);
        assert_eq!(*values[1].as_tensor().unwrap(), i32s(&[1], &[1]));
    }

    #[test]
    fn positions_may_be_given_for_all_sequences() {
        let positions = i32s(&[1, 2], &[1, 1]);
        let values = run(i32s(&[2, 2], &[0, 0, 1, 1]), [None, None, Some(positions)]).unwrap();
        let sum = values[2].as_tensor().unwrap();
        assert_eq!(*sum, f32s(&[2, 2, 2], &[0.0, 4.0, 0.0, 4.0, 2.0, 7.0, 2.0, 7.0]));
        assert_eq!(*values[1].as_tensor().unwrap(), i32s(&[2], &[0, 0]));
    }

    #[test]
    fn refuses_ids_without_an_embedding() {
        let error = run(i32s(&[1, 2], &[3, 0]), [None, None, None]).unwrap_err();
        assert_eq!(error.message(), "there is no embedding with the id 3");
        assert!(run(i32s(&[1, 2], &[-1, 0]), [None, None, None]).is_err());
        let error = run(i32s(&[1, 3], &[0; 3]), [None, None, None]).unwrap_err();
        assert_eq!(error.message(), "there are no 3 embeddings of positions");
        let error = run(i32s(&[1, 2], &[0; 2]), [None, Some(i32s(&[2], &[1; 2])), None]).unwrap_err();
        assert_eq!(error.message(), "expected a mask of shape [1, 2], got [2]");
    }
}
