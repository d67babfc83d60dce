//! Which constants of a plan are weights, and which of their axes is that of the
//! output channels.

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{Attribute, Graph, Plan, Step};

/// What a constant is to those who take it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Weights {
    /// The axis of the output channels; none where the constant is a bias, or
    /// anything else that is added or compared.
    pub(super) axis: Option<usize>,
}

/// The constants that are weights, by their places. What an operator of classic
/// models takes is none: a threshold that moves is another model.
pub(super) fn weights(plan: &Plan) -> BTreeMap<usize, Weights> {
    let mut found = BTreeMap::new();
    let mut exact = Vec::new();
    let rank = |place: usize| plan.constants.get(place).map_or(0, |spec| spec.shape.len());
    let quantised = quantised(&plan.graph);
    let mut next = plan.graph.inputs.saturating_add(plan.constants.len());
    for step in &plan.graph.steps {
        // Rows of scales are scales, as those of numbers that are quantised are such.
        let is_part = step.op == "Gather" && quantised.contains(&next);
        next = next.saturating_add(step.outputs.iter().filter(|taken| **taken).count());
        for (index, value) in step.inputs.iter().enumerate() {
            let place = value.and_then(|value| value.checked_sub(plan.graph.inputs));
            let Some(place) = place.filter(|place| *place < plan.constants.len()) else { continue };
            if is_part || is_exact(step) {
                exact.push(place);
            } else {
                add(&mut found, place, axis(step, index, rank(place)));
            }
        }
    }
    of_attributes(&plan.graph, &mut found);
    found.retain(|place, _| !exact.contains(place));
    found
}

/// The values that `DequantizeLinear` takes.
fn quantised(graph: &Graph) -> BTreeSet<usize> {
    let steps = graph.steps.iter().filter(|step| step.op == "DequantizeLinear");
    steps.flat_map(|step| step.inputs.iter().flatten().copied()).collect()
}

fn add(found: &mut BTreeMap<usize, Weights>, place: usize, axis: Option<usize>) {
    let weights = found.entry(place).or_default();
    weights.axis = weights.axis.or(axis);
}

/// The fused operators that have weights as attributes.
fn of_attributes(graph: &Graph, found: &mut BTreeMap<usize, Weights>) {
    for step in &graph.steps {
        for (name, value) in &step.attributes {
            match value {
                Attribute::Graph(body) => of_attributes(body, found),
                Attribute::Tensor(place) if step.domain == "edgeinfer" && step.op == "Linear" => {
                    add(found, *place, (name == "weights").then_some(1));
                }
                _ => {}
            }
        }
    }
}

/// Whether what the step takes has to be what it is: trees, distances, and what
/// is quantised already.
fn is_exact(step: &Step) -> bool {
    const NAMES: [&str; 8] =
        ["CDist", "TreeEnsemble", "uantize", "QLinear", "QGemm", "Integer", "NBits", "Bnb4"];
    let known = ["", "com.microsoft", "edgeinfer"].contains(&step.domain.as_str());
    !known || NAMES.iter().any(|name| step.op.contains(name))
}

/// The axis of the output channels of input `index`, which has `rank` axes.
fn axis(step: &Step, index: usize, rank: usize) -> Option<usize> {
    let transposed = |name| matches!(step.attributes.get(name), Some(Attribute::Int(flag)) if *flag != 0);
    match (step.op.as_str(), index) {
        ("MatMul", 1) if rank >= 2 => Some(rank - 1),
        ("Gemm" | "FusedMatMul", 1) if rank == 2 => Some(usize::from(!transposed("transB"))),
        ("Conv", 1) if rank > 2 => Some(0),
        ("ConvTranspose", 1) if rank > 2 => Some(1),
        ("Attention", 1) if rank == 2 => Some(1),
        // Rows of embeddings have scales of their own.
        ("Gather", 0) if rank == 2 => Some(0),
        ("EmbedLayerNormalization", 2..=4) if rank == 2 => Some(0),
        ("LSTM" | "GRU" | "RNN", 1 | 2) if rank == 3 => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use edgeinfer_core::{ConstantSpec, ElementType};

    use super::*;

    fn step(domain: &str, op: &str, inputs: &[usize]) -> Step {
        let inputs = inputs.iter().copied().map(Some).collect();
        Step { domain: domain.to_owned(), op: op.to_owned(), inputs, ..Step::default() }
    }

    #[test]
    fn the_axis_is_that_of_the_output_channels() {
        let gemm = |transposed: i64| {
            let mut gemm = step("", "Gemm", &[]);
            gemm.attributes.insert("transB".to_owned(), Attribute::Int(transposed));
            gemm
        };
        assert_eq!(axis(&gemm(0), 1, 2), Some(1));
        assert_eq!(axis(&gemm(1), 1, 2), Some(0));
        assert_eq!(axis(&step("", "MatMul", &[]), 1, 3), Some(2));
        assert_eq!(axis(&step("", "Conv", &[]), 1, 4), Some(0));
        assert_eq!(axis(&step("", "Conv", &[]), 2, 1), None);
        assert_eq!(axis(&step("", "Add", &[]), 1, 2), None);
        assert!(!is_exact(&step("edgeinfer", "Conv", &[])) && is_exact(&step("", "DequantizeLinear", &[])));
    }

    #[test]
    fn what_trees_and_distances_take_stays() {
        let spec = || {
            edgeinfer_core::Payload::default()
                .push(&edgeinfer_core::Tensor::from_f32(vec![1, 1], vec![0.0]).unwrap())
        };
        let graph = Graph {
            inputs: 1,
            steps: vec![
                step("", "MatMul", &[0, 1]),
                step("ai.onnx.ml", "Scaler", &[0, 2]),
                step("", "Add", &[2, 3]),
            ],
            outputs: vec![],
        };
        let plan = Plan { constants: vec![spec(), spec(), spec()], graph };
        let found = weights(&plan);
        let expected = [(0, Weights { axis: Some(1) }), (2, Weights { axis: None })];
        assert_eq!(found, BTreeMap::from(expected));
    }

    #[test]
    fn rows_of_scales_stay_what_they_are() {
        let table = ConstantSpec {
            element: ElementType::Float32,
            shape: vec![4, 2],
            start: 0,
            length: 32,
            stored: None,
        };
        let of = |op: &str, inputs: &[usize]| Step {
            inputs: inputs.iter().copied().map(Some).collect(),
            outputs: vec![true],
            ..step("", op, &[])
        };
        // An input, two tables, then what each step gives.
        let steps = vec![of("Gather", &[1, 0]), of("Gather", &[2, 0]), of("DequantizeLinear", &[0, 3])];
        let graph = Graph { inputs: 1, steps, outputs: vec![4, 5] };
        let found = weights(&Plan { constants: vec![table.clone(), table], graph });
        assert_eq!(found, [(1, Weights { axis: Some(0) })].into());
    }
}
