//! What a model needs of the runtime beyond what every build has. It is in the
//! file's header, so that whoever has two builds at hand can tell from the first
//! bytes of a file which of them to fetch.

use crate::ops::is_classic;
use crate::plan::{Attribute, Graph, Step};
use crate::{ElementType, EngineSection, Manifest, ValueType};

/// The operators of networks, and numbers of 16 bits in all others, which the
/// feature `networks` brings.
const NETWORKS: u32 = 1;

/// The needs of the engine that `manifest` tells of, as the header has them.
pub(crate) fn needs(manifest: &Manifest) -> u32 {
    let EngineSection::Plan(plan) = &manifest.engine else { return 0 };
    let mut values = manifest.schema.inputs.iter().chain(&manifest.schema.outputs);
    let classic = has_classic_operators(&plan.graph)
        && !values.any(|spec| is_of_halves(&spec.value))
        && !plan.constants.iter().any(|constant| is_half(constant.element));
    if classic { 0 } else { NETWORKS }
}

/// Whether a build for classic models has all operators of `graph`.
fn has_classic_operators(graph: &Graph) -> bool {
    graph.steps.iter().all(|step| {
        let mut bodies = step.attributes.values().filter_map(|attribute| match attribute {
            Attribute::Graph(body) => Some(body),
            _ => None,
        });
        is_classic(&step.domain, &step.op)
            && !makes_halves(step)
            && !may_train(step)
            && bodies.all(has_classic_operators)
    })
}

/// Whether `step` makes numbers of 16 bits of others.
fn makes_halves(step: &Step) -> bool {
    const FLOAT16: i64 = 10;
    const BFLOAT16: i64 = 16;
    matches!(step.attributes.get("to"), Some(Attribute::Int(FLOAT16 | BFLOAT16)))
}

/// Whether `step` is a `Dropout` that an input may put into training.
fn may_train(step: &Step) -> bool {
    step.op == "Dropout" && step.inputs.get(2).is_some_and(Option::is_some)
}

fn is_of_halves(value: &ValueType) -> bool {
    match value {
        ValueType::Tensor { element, .. } | ValueType::Sequence { element } => is_half(*element),
        ValueType::Optional { of } => is_of_halves(of),
        ValueType::MapSequence { .. } | ValueType::Map { .. } => false,
    }
}

const fn is_half(element: ElementType) -> bool {
    matches!(element, ElementType::Float16 | ElementType::BFloat16)
}
