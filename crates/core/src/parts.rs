//! Where the bytes of a compiled model are.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{Attribute, Graph, Plan, Step};
use crate::{EngineSection, ModelFile};

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub part: String,
    /// Its size.
    pub bytes: usize,
}

impl ModelFile {
    /// The parts of the file and their sizes, the largest first: constants by
    /// the operator that takes them.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let payload = self.payload.len();
        let mut parts = match &self.manifest.engine {
            EngineSection::Plan(plan) => constants(plan),
            EngineSection::Onnx { .. } => BTreeMap::from([("ONNX graph".to_owned(), payload)]),
        };
        let counted: usize = parts.values().sum();
        parts.insert("header and manifest".to_owned(), self.size_bytes.saturating_sub(payload));
        parts.insert("alignment".to_owned(), payload.saturating_sub(counted));
        let mut parts: Vec<_> = parts.into_iter().map(|(part, bytes)| Part { part, bytes }).collect();
        parts.retain(|part| part.bytes > 0);
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
        parts
    }
}

fn constants(plan: &Plan) -> BTreeMap<String, usize> {
    let mut owners = BTreeMap::new();
    owners_of(&plan.graph, Some(plan.graph.inputs), &mut owners);
    let mut parts = BTreeMap::new();
    for (index, constant) in plan.constants.iter().enumerate() {
        let owner = owners.get(&index).map_or("nobody", String::as_str);
        let bytes = parts.entry(format!("constants of {owner}")).or_insert(0usize);
        *bytes = bytes.saturating_add(constant.length);
    }
    parts
}

/// Notes for each constant the first operator that takes it. Constants are
/// values from number `first` on, in the outermost graph alone.
fn owners_of(graph: &Graph, first: Option<usize>, owners: &mut BTreeMap<usize, String>) {
    for step in &graph.steps {
        let taken = step.inputs.iter().flatten().filter_map(|input| input.checked_sub(first?));
        for constant in taken {
            owners.entry(constant).or_insert_with(|| step.op.clone());
        }
        attributes_of(step, owners);
    }
}

fn attributes_of(step: &Step, owners: &mut BTreeMap<usize, String>) {
    for attribute in step.attributes.values() {
        match attribute {
            Attribute::Tensor(constant) => _ = owners.entry(*constant).or_insert_with(|| step.op.clone()),
            Attribute::Graph(body) => owners_of(body, None, owners),
            _ => {}
        }
    }
}
