//! `ScatterElements`, and `Scatter` as it was called before version 11: puts
//! each update at the place of the axis that its index names.
//! <https://onnx.ai/onnx/operators/onnx__ScatterElements.html>

use super::axis::axis;
use super::gather_elements::places;
use super::scatter::{Reduction, Target};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};

struct ScatterElements {
    axis: i64,
    reduction: Reduction,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let reduction = Reduction::of(node)?;
    Ok(Box::new(ScatterElements { axis: node.int_or("axis", 0)?, reduction }))
}

impl Operator for ScatterElements {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (data, indices, updates) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?);
        if indices.shape != updates.shape {
            let (indices, updates) = (indices.shape, updates.shape);
            return Err(failed(format!(
                "expected an update for each of the indices {indices:?}, got {updates:?}"
            )));
        }
        let starts = places(data.shape, axis(self.axis, data.shape.len())?, &indices, scope)?;
        let target = Target { starts: &starts, block: 1, reduction: self.reduction };
        let scattered = target.put(data, updates, scope)?;
        scope.keep(starts);
        one(data.shape, scattered)
    }
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::testing::{Case, f32s, i64s, tensor, texts};

    fn scatter(reduction: &str) -> Case {
        Case::new("", "ScatterElements", 18).int("axis", 1).string("reduction", reduction)
    }

    #[test]
    fn puts_updates_at_the_places_that_indices_name() {
        let inputs =
            [f32s(&[1, 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), i64s(&[1, 2], &[1, -2]), f32s(&[1, 2], &[1.1, 2.1])];
        let expected = [f32s(&[1, 5], &[1.0, 1.1, 3.0, 2.1, 5.0])];
        assert_eq!(scatter("none").run(&inputs).unwrap(), expected);
        assert_eq!(Case::new("", "Scatter", 9).int("axis", 1).run(&inputs).unwrap(), expected);
        let strings = [texts(&[2], &["a", "b"]), i64s(&[1], &[1]), texts(&[1], &["c"])];
        let y = Case::new("", "ScatterElements", 11).run(&strings).unwrap();
        assert_eq!(y, [texts(&[2], &["a", "c"])]);
    }

    #[test]
    fn reduces_all_updates_of_a_place() {
        let reduced = |reduction| {
            let x = i64s(&[1, 3], &[2, 3, 4]);
            let y = scatter(reduction).run(&[x, i64s(&[1, 2], &[1, 1]), i64s(&[1, 2], &[5, -1])]).unwrap();
            y[0].clone()
        };
        assert_eq!(reduced("add"), i64s(&[1, 3], &[2, 7, 4]));
        assert_eq!(reduced("mul"), i64s(&[1, 3], &[2, -15, 4]));
        assert_eq!(reduced("max"), i64s(&[1, 3], &[2, 5, 4]));
        assert_eq!(reduced("min"), i64s(&[1, 3], &[2, -1, 4]));
        assert_eq!(reduced("none"), i64s(&[1, 3], &[2, -1, 4]));
    }

    #[test]
    fn small_integers_are_reduced_in_their_type() {
        let bytes = |values: &[u8]| tensor(&[values.len()], TensorData::UInt8(values.to_vec()));
        let inputs = [bytes(&[250, 3]), i64s(&[3], &[0, 0, 1]), bytes(&[5, 4, 2])];
        let y = Case::new("", "ScatterElements", 18).string("reduction", "add").run(&inputs).unwrap();
        assert_eq!(y, [bytes(&[3, 5])]);
    }

    #[test]
    fn refuses_updates_that_do_not_fit() {
        let x = i64s(&[1, 3], &[2, 3, 4]);
        let index = i64s(&[1, 1], &[3]);
        assert!(scatter("none").run(&[x.clone(), index, i64s(&[1, 1], &[0])]).is_err());
        let index = i64s(&[1, 1], &[0]);
        assert!(scatter("none").run(&[x.clone(), index.clone(), i64s(&[1, 2], &[0, 0])]).is_err());
        assert!(scatter("none").run(&[x.clone(), index.clone(), f32s(&[1, 1], &[0.0])]).is_err());
        assert!(scatter("mean").run(&[x, index.clone(), index]).is_err());
    }
}
