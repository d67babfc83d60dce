//! `ScatterND`: puts each update at the block that a tuple of indices names.
//! <https://onnx.ai/onnx/operators/onnx__ScatterND.html>

use super::gather_nd::blocks;
use super::scatter::{Reduction, Target};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};

struct ScatterNd {
    reduction: Reduction,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(ScatterNd { reduction: Reduction::of(node)? }))
}

impl Operator for ScatterNd {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (data, indices, updates) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?);
        let (&tuple, tuples) = indices.shape.split_last().unwrap_or((&0, &[]));
        let block = data.shape.get(tuple..).unwrap_or_default();
        if !tuples.iter().chain(block).eq(updates.shape) {
            let (indices, updates) = (indices.shape, updates.shape);
            return Err(failed(format!(
                "updates of shape {updates:?} do not fit indices of shape {indices:?}"
            )));
        }
        let blocks = blocks(data.shape, &indices, 0, scope)?;
        let target = Target { starts: &blocks.starts, block: blocks.length, reduction: self.reduction };
        let scattered = target.put(data, updates, scope)?;
        scope.keep(blocks.starts);
        one(data.shape, scattered)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn puts_elements_and_blocks() {
        let x = f32s(&[4], &[1.0, 2.0, 3.0, 4.0]);
        let case = Case::new("", "ScatterND", 11);
        let y = case.run(&[x, i64s(&[2, 1], &[-1, 1]), f32s(&[2], &[9.0, 8.0])]).unwrap();
        assert_eq!(y, [f32s(&[4], &[1.0, 8.0, 3.0, 9.0])]);
        let x = f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let y = case.run(&[x, i64s(&[1, 1], &[1]), f32s(&[1, 2], &[9.0, 8.0])]).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[1.0, 2.0, 9.0, 8.0])]);
    }

    #[test]
    fn adds_to_what_is_there() {
        let case = Case::new("", "ScatterND", 16).string("reduction", "add");
        let (indices, updates) = (i64s(&[2, 1], &[0, 0]), f32s(&[2], &[0.5, 0.25]));
        let y = case.run(&[f32s(&[2], &[1.0, 2.0]), indices, updates]).unwrap();
        assert_eq!(y, [f32s(&[2], &[1.75, 2.0])]);
    }

    #[test]
    fn refuses_updates_that_do_not_fit() {
        let case = Case::new("", "ScatterND", 11);
        let x = f32s(&[2], &[1.0, 2.0]);
        assert!(case.run(&[x.clone(), i64s(&[1, 1], &[2]), f32s(&[1], &[0.0])]).is_err());
        let error = case.run(&[x, i64s(&[1, 1], &[1]), f32s(&[2], &[0.0; 2])]).unwrap_err();
        assert_eq!(error.message(), "updates of shape [2] do not fit indices of shape [1, 1]");
    }
}
