//! What a model needs of the runtime beyond what every build has. It is in the
//! file's header, so that whoever has two builds at hand can tell from the first
//! bytes of a file which of them to fetch.

use crate::EngineSection;
use crate::ops::is_classic;
use crate::plan::{Attribute, Graph};

/// The operators of networks, which the feature `networks` brings.
const NETWORKS: u32 = 1;

/// The needs of what the engine section holds, as the header has them.
pub(crate) fn needs(engine: &EngineSection) -> u32 {
    match engine {
        EngineSection::Plan(plan) if !classic(&plan.graph) => NETWORKS,
        _ => 0,
    }
}

/// Whether a build for classic models has all operators of `graph`.
fn classic(graph: &Graph) -> bool {
    graph.steps.iter().all(|step| {
        let mut bodies = step.attributes.values().filter_map(|attribute| match attribute {
            Attribute::Graph(body) => Some(body),
            _ => None,
        });
        is_classic(&step.domain, &step.op) && bodies.all(classic)
    })
}
