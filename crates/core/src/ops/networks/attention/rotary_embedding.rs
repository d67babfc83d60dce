//! `RotaryEmbedding`, and `com.microsoft.RotaryEmbedding` as it was before: pairs of
//! numbers turned by an angle of their place in the sequence.
//! <https://onnx.ai/onnx/operators/onnx__RotaryEmbedding.html>,
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.RotaryEmbedding>

use super::heads::{Heads, Target};
use super::scaled_dot_product::heads;
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;
use crate::{Error, Result, TensorData};

struct RotaryEmbedding {
    /// Whether inputs are in the order of `com.microsoft`.
    microsoft: bool,
    heads: Option<usize>,
    /// How many numbers of a row are turned; 0 for all.
    turned: usize,
    interleaved: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, false)
}

/// `scale` is not read: onnxruntime does not use it either.
pub(super) fn build_microsoft(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    if node.flag("is_packed_batching", false)? {
        return Err(node.unsupported("packed batches are not supported"));
    }
    of(node, true)
}

fn of(node: &Node<'_>, microsoft: bool) -> Result<Box<dyn Operator>> {
    let heads = if node.int_or("num_heads", 0)? == 0 { None } else { heads(node, "num_heads")? };
    let turned = usize::try_from(node.int_or("rotary_embedding_dim", 0)?)
        .map_err(|_| node.invalid("rotary_embedding_dim: expected 0 or more"))?;
    Ok(Box::new(RotaryEmbedding { microsoft, heads, turned, interleaved: node.flag("interleaved", false)? }))
}

impl Operator for RotaryEmbedding {
    /// X `[batch, heads, length, size]` or `[batch, length, heads · size]` in
    /// float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let [cos, sin, positions] = if self.microsoft { [2, 3, 1] } else { [1, 2, 3] };
        let (cos, sin) = (inputs.tensor(cos)?, inputs.tensor(sin)?);
        let heads = self.heads.or_else(|| self.heads_of(&x, &cos));
        let rows = Heads::<f32>::new("X", &x, heads)?;
        let turned = if self.turned == 0 { rows.size } else { self.turned };
        let positions = inputs.optional(positions)?;
        let positions = positions.map(|positions| ints(&positions, scope)).transpose()?;
        let angles = Angles::new([&cos, &sin], positions.as_deref(), &rows, turned)?;
        let mut y = Target { data: scope.copy(rows.data)?, steps: rows.steps };
        y.turn(&rows, &angles, self.interleaved)?;
        positions.into_iter().for_each(|positions| scope.keep_cow(positions));
        one(x.shape, TensorData::Float32(y.data))
    }
}

impl RotaryEmbedding {
    /// Where it is not said, the number of heads side by side in a row.
    fn heads_of(&self, x: &TensorRef<'_>, cos: &TensorRef<'_>) -> Option<usize> {
        let (width, half) = (*x.shape.last()?, *cos.shape.last()?);
        if self.microsoft { width.checked_div(half.checked_mul(2)?) } else { None }
    }
}

/// Cosines and sines for each place of each sequence.
pub(super) struct Angles<'a> {
    cos: &'a [f32],
    sin: &'a [f32],
    /// The row of each place, or what is added to its number; without, rows are
    /// in the order of places.
    positions: Option<&'a [i64]>,
    length: usize,
    /// How many numbers of a row are turned.
    turned: usize,
}

impl<'a> Angles<'a> {
    /// Of tables of `turned / 2` columns for the rows of `heads`.
    pub(super) fn new(
        tables: [&TensorRef<'a>; 2],
        positions: Option<&'a [i64]>,
        heads: &Heads<'_, f32>,
        turned: usize,
    ) -> Result<Self> {
        let half = turned / 2;
        if turned > heads.size || !turned.is_multiple_of(2) {
            return Err(failed(format!(
                "{turned} numbers of a row of {} cannot be turned in pairs",
                heads.size
            )));
        }
        let places = heads.batch.saturating_mul(heads.length);
        if let Some(positions) = positions
            && positions.len() != places
            && positions.len() != 1
        {
            return Err(failed(format!("expected {places} positions, got {}", positions.len())));
        }
        let [cos, sin] = tables.map(|table| {
            let numbers = table.read::<f32>().filter(|_| table.shape.last() == Some(&half));
            numbers.ok_or_else(|| wrong_table(table, half))
        });
        Ok(Self { cos: cos?, sin: sin?, positions, length: heads.length, turned })
    }

    fn row(&self, batch: usize, place: usize) -> Result<[&'a [f32]; 2]> {
        let index = batch.saturating_mul(self.length).saturating_add(place);
        let row = match self.positions {
            Some([first]) if self.length != 1 || batch > 0 => first.saturating_add(place as i64),
            Some(positions) => positions.get(index).copied().unwrap_or_default(),
            None => index as i64,
        };
        let half = self.turned / 2;
        let start = usize::try_from(row).ok().and_then(|row| row.checked_mul(half));
        let part = |table: &'a [f32]| start.and_then(|start| table.get(start..)?.get(..half));
        part(self.cos).zip(part(self.sin)).map(|(cos, sin)| [cos, sin]).ok_or_else(|| no_angle(row))
    }
}

#[cold]
fn wrong_table(table: &TensorRef<'_>, half: usize) -> Error {
    let (shape, element) = (table.shape, table.element_type());
    failed(format!("expected tables of {half} float32 columns, got {element} of shape {shape:?}"))
}

#[cold]
fn no_angle(row: i64) -> Error {
    failed(format!("the tables have no row for position {row}"))
}

impl Target<f32> {
    /// Turns the rows of `heads`, which are here.
    pub(super) fn turn(
        &mut self,
        heads: &Heads<'_, f32>,
        angles: &Angles<'_>,
        interleaved: bool,
    ) -> Result<()> {
        if self.data.is_empty() {
            return Ok(());
        }
        for batch in 0..heads.batch {
            for place in 0..heads.length {
                let [cos, sin] = angles.row(batch, place)?;
                for head in 0..heads.heads {
                    let row = self.row(batch, head, place, angles.turned);
                    if interleaved { turn_neighbours(row, cos, sin) } else { turn_halves(row, cos, sin) }
                }
            }
        }
        Ok(())
    }
}

fn turn_halves(row: &mut [f32], cos: &[f32], sin: &[f32]) {
    let (first, second) = row.split_at_mut(row.len() / 2);
    for (((x, y), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
        (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
    }
}

fn turn_neighbours(row: &mut [f32], cos: &[f32], sin: &[f32]) {
    for (([x, y], cos), sin) in row.as_chunks_mut::<2>().0.iter_mut().zip(cos).zip(sin) {
        (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};
    use crate::{ErrorKind, Tensor};

    /// A quarter of a turn for each position.
    fn tables() -> [Tensor; 2] {
        [f32s(&[3, 1], &[1.0, 0.0, -1.0]), f32s(&[3, 1], &[0.0, 1.0, 0.0])]
    }

    #[test]
    fn turns_pairs_by_their_position() {
        let [cos, sin] = tables();
        let x = f32s(&[1, 1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let case = Case::new("", "RotaryEmbedding", 23);
        let y = case.run(&[x.clone(), cos.clone(), sin.clone(), i64s(&[1, 2], &[1, 2])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 2, 2], &[-2.0, 1.0, -3.0, -4.0])]);
        let microsoft = Case::new("com.microsoft", "RotaryEmbedding", 1);
        let y = microsoft.run(&[x, i64s(&[1], &[1]), cos, sin]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 2, 2], &[-2.0, 1.0, -3.0, -4.0])]);
    }

    #[test]
    fn pairs_are_of_both_halves_or_neighbours() {
        let (cos, sin) = (f32s(&[1, 1, 2], &[0.0, 1.0]), f32s(&[1, 1, 2], &[1.0, 0.0]));
        let inputs = [f32s(&[1, 1, 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), cos, sin];
        let case = |interleaved| {
            let case = Case::new("", "RotaryEmbedding", 23).int("num_heads", 1);
            case.int("rotary_embedding_dim", 4).int("interleaved", interleaved)
        };
        assert_eq!(case(0).run(&inputs).unwrap(), [f32s(&[1, 1, 5], &[-3.0, 2.0, 1.0, 4.0, 5.0])]);
        assert_eq!(case(1).run(&inputs).unwrap(), [f32s(&[1, 1, 5], &[-2.0, 1.0, 3.0, 4.0, 5.0])]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let [cos, sin] = tables();
        let message = |x: Tensor, positions: &[i64]| {
            let inputs = [x, cos.clone(), sin.clone(), i64s(&[1, positions.len()], positions)];
            Case::new("", "RotaryEmbedding", 23).run(&inputs).unwrap_err().message().to_owned()
        };
        let x = || f32s(&[1, 1, 1, 2], &[0.0; 2]);
        assert_eq!(message(x(), &[3]), "the tables have no row for position 3");
        assert_eq!(message(x(), &[-1]), "the tables have no row for position -1");
        assert_eq!(message(x(), &[0, 1]), "expected 1 positions, got 2");
        let wide = f32s(&[1, 1, 1, 4], &[0.0; 4]);
        assert_eq!(message(wide, &[0]), "expected tables of 2 float32 columns, got float32 of shape [3, 1]");
        let odd = f32s(&[1, 1, 1, 3], &[0.0; 3]);
        assert_eq!(message(odd, &[0]), "3 numbers of a row of 3 cannot be turned in pairs");
        let packed = Case::new("com.microsoft", "RotaryEmbedding", 1).int("is_packed_batching", 1);
        assert_eq!(packed.run(&[]).unwrap_err().kind(), ErrorKind::UnsupportedModel);
    }
}
