//! `NonMaxSuppression`: the best boxes, without those that overlap a better one.
//! <https://onnx.ai/onnx/operators/onnx__NonMaxSuppression.html>

use crate::ops::tensor::runs::scalar;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, TensorData};

struct NonMaxSuppression {
    /// Whether a box is its centre and its size, and not two corners.
    center: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(NonMaxSuppression { center: node.flag("center_point_box", false)? }))
}

/// A box by its edges.
#[derive(Clone, Copy)]
struct Edges {
    x: (f32, f32),
    y: (f32, f32),
}

/// What is kept of a class.
struct Limits {
    boxes: usize,
    overlap: f32,
    score: f32,
}

impl Operator for NonMaxSuppression {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (boxes, scores) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (&[n, count, 4], &[of, classes, each]) = (boxes.shape, scores.shape) else {
            let (boxes, scores) = (boxes.shape, scores.shape);
            return Err(failed(format!(
                "expected boxes of shape [batches, boxes, 4] and scores of shape [batches, classes, boxes], \
                 got {boxes:?} and {scores:?}"
            )));
        };
        if of != n || each != count {
            let message = format!("{n} x {count} boxes do not fit scores for {of} x {each}");
            return Err(failed(message));
        }
        let (limits, boxes, scores) = (limits(inputs)?, inputs.read::<f32>(0)?, inputs.read::<f32>(1)?);
        let mut found = scope.vec(0)?;
        if limits.boxes > 0 && count > 0 {
            let batch = classes.max(1).saturating_mul(count);
            let batches = boxes.chunks_exact(count.saturating_mul(4)).zip(scores.chunks_exact(batch));
            for (batch, (boxes, scores)) in batches.enumerate() {
                let edges: Vec<_> = boxes.chunks_exact(4).map(|edges| self.edges(edges)).collect();
                for (class, scores) in scores.chunks_exact(count).enumerate() {
                    let best = best(&edges, scores, &limits);
                    found.extend(best.iter().flat_map(|&place| [batch as i64, class as i64, place as i64]));
                }
            }
        }
        one(vec![found.len() / 3, 3], TensorData::Int64(found))
    }
}

fn limits(inputs: &Inputs<'_>) -> Result<Limits> {
    let given = |index| Ok::<_, crate::Error>(inputs.optional(index)?.filter(|given| given.len() > 0));
    let boxes = given(2)?.map_or(Ok(0), |most| scalar::<i64>(&most, "max_output_boxes_per_class"))?;
    Ok(Limits {
        boxes: usize::try_from(boxes).unwrap_or(0),
        overlap: given(3)?.map_or(Ok(0.0), |least| scalar(&least, "iou_threshold"))?,
        score: given(4)?.map_or(Ok(f32::NEG_INFINITY), |least| scalar(&least, "score_threshold"))?,
    })
}

/// The places of the boxes that are kept, the best one first.
fn best(edges: &[Edges], scores: &[f32], limits: &Limits) -> Vec<usize> {
    let scored = |score: f32| score > limits.score || limits.score == f32::NEG_INFINITY;
    let mut order: Vec<_> = (0..).zip(scores).filter(|&(_, &score)| scored(score)).collect();
    // Stable: of equal scores, the first box is the better one.
    order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let mut kept = Vec::<(usize, Edges)>::new();
    for (place, _) in order {
        if kept.len() >= limits.boxes {
            break;
        }
        let Some(&next) = edges.get(place) else { continue };
        if !kept.iter().any(|(_, kept)| kept.overlap(next) > limits.overlap) {
            kept.push((place, next));
        }
    }
    kept.into_iter().map(|(place, _)| place).collect()
}

impl NonMaxSuppression {
    fn edges(&self, numbers: &[f32]) -> Edges {
        let &[a, b, c, d] = numbers else { return Edges { x: (0.0, 0.0), y: (0.0, 0.0) } };
        match self.center {
            true => Edges { x: (a - c / 2.0, a + c / 2.0), y: (b - d / 2.0, b + d / 2.0) },
            false => Edges { x: (b.min(d), b.max(d)), y: (a.min(c), a.max(c)) },
        }
    }
}

impl Edges {
    fn area(self) -> f32 {
        (self.x.1 - self.x.0) * (self.y.1 - self.y.0)
    }

    /// The area that two boxes have in common as part of that which either has.
    fn overlap(self, other: Self) -> f32 {
        let within = |a: (f32, f32), b: (f32, f32)| (a.0.max(b.0), a.1.min(b.1));
        let common = Self { x: within(self.x, other.x), y: within(self.y, other.y) };
        if common.x.1 <= common.x.0 || common.y.1 <= common.y.0 {
            return 0.0;
        }
        let (area, a, b) = (common.area(), self.area(), other.area());
        let either = a + b - area;
        if area <= 0.0 || a <= 0.0 || b <= 0.0 || either <= 0.0 { 0.0 } else { area / either }
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s};

    const CORNERS: [f32; 24] = [
        0.0, 0.0, 1.0, 1.0, 0.0, 0.1, 1.0, 1.1, 0.0, -0.1, 1.0, 0.9, 0.0, 10.0, 1.0, 11.0, 0.0, 10.1, 1.0,
        11.1, 0.0, 100.0, 1.0, 101.0,
    ];
    const SCORES: [f32; 6] = [0.9, 0.75, 0.6, 0.95, 0.5, 0.3];

    fn inputs(most: i64, overlap: f32, score: f32) -> [Tensor; 5] {
        [
            f32s(&[1, 6, 4], &CORNERS),
            f32s(&[1, 1, 6], &SCORES),
            i64s(&[1], &[most]),
            f32s(&[1], &[overlap]),
            f32s(&[], &[score]),
        ]
    }

    fn run(inputs: &[Tensor]) -> Vec<Tensor> {
        Case::new("", "NonMaxSuppression", 11).run(inputs).unwrap()
    }

    #[test]
    fn leaves_out_what_overlaps_a_better_box() {
        let expected = i64s(&[3, 3], &[0, 0, 3, 0, 0, 0, 0, 0, 5]);
        assert_eq!(run(&inputs(3, 0.5, 0.0)), [expected]);
        assert_eq!(run(&inputs(2, 0.5, 0.0)), [i64s(&[2, 3], &[0, 0, 3, 0, 0, 0])]);
        assert_eq!(run(&inputs(3, 0.5, 0.4)), [i64s(&[2, 3], &[0, 0, 3, 0, 0, 0])]);
    }

    #[test]
    fn a_box_is_any_two_corners_or_a_centre() {
        let mut flipped = inputs(3, 0.5, 0.0);
        let corners: Vec<_> = CORNERS.chunks(4).flat_map(|b| [b[2], b[3], b[0], b[1]]).collect();
        flipped[0] = f32s(&[1, 6, 4], &corners);
        assert_eq!(run(&flipped), run(&inputs(3, 0.5, 0.0)));
        let centres = CORNERS.chunks(4).flat_map(|b| [b[1] + 0.5, 0.5, 1.0, 1.0]).collect::<Vec<_>>();
        flipped[0] = f32s(&[1, 6, 4], &centres);
        let y = Case::new("", "NonMaxSuppression", 10).int("center_point_box", 1).run(&flipped).unwrap();
        assert_eq!(y, run(&inputs(3, 0.5, 0.0)));
    }

    #[test]
    fn an_overlap_of_the_threshold_is_kept_and_equal_scores_go_by_place() {
        let boxes = f32s(&[1, 2, 4], &[0.0, 0.0, 1.0, 2.0, 0.0, 1.0, 1.0, 2.0]);
        let scores = f32s(&[1, 2, 2], &[0.5, 0.5, 0.0, f32::NAN]);
        let y = run(&[boxes, scores, i64s(&[], &[9]), f32s(&[], &[0.5]), f32s(&[], &[0.1])]);
        assert_eq!(y, [i64s(&[2, 3], &[0, 0, 0, 0, 0, 1])]);
    }

    #[test]
    fn without_a_number_of_boxes_there_are_none() {
        assert_eq!(run(&inputs(3, 0.5, 0.0)[..2]), [i64s(&[0, 3], &[])]);
        assert_eq!(run(&inputs(-1, 0.5, 0.0)), [i64s(&[0, 3], &[])]);
        let none = [f32s(&[1, 0, 4], &[]), f32s(&[1, 2, 0], &[]), i64s(&[], &[3])];
        assert_eq!(run(&none), [i64s(&[0, 3], &[])]);
    }

    #[test]
    fn refuses_scores_that_do_not_fit() {
        let inputs = [f32s(&[1, 1, 4], &[0.0; 4]), f32s(&[1, 1, 2], &[0.0; 2])];
        let error = Case::new("", "NonMaxSuppression", 11).run(&inputs).unwrap_err();
        assert_eq!(error.message(), "1 x 1 boxes do not fit scores for 1 x 2");
        assert!(
            Case::new("", "NonMaxSuppression", 11).run(&[f32s(&[4], &[0.0; 4]), f32s(&[1], &[0.0])]).is_err()
        );
    }
}
