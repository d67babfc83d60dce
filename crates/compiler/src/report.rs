//! What the compiler makes of an ONNX model, for people: what it consists of,
//! what compiles, and what stands against it.

use std::collections::BTreeMap;

use edgeinfer_core::{Error, Metadata, Model, ModelInfo, Part, Refusal, Result};
use edgeinfer_onnx::{GraphProto, Message, ModelProto, NodeProto};
use serde::Serialize;

use crate::compile::{FALLBACK, compile};
use crate::onnx::decode;
use crate::plan::plan;

/// What there is to know of an ONNX model before it is compiled.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The program that wrote the file, with its version.
    pub producer: String,
    /// The version of each operator set, by domain; `ai.onnx` is ONNX's own.
    pub opsets: BTreeMap<String, i64>,
    /// The operators, the commonest first.
    pub operators: Vec<OperatorUse>,
    /// Why the model is not compiled, node by node; empty where it is.
    pub problems: Vec<Problem>,
    /// The parts of the ONNX file and their sizes, the largest first.
    pub parts: Vec<Part>,
    /// What the compiled model says of itself, its size and what runs it among
    /// that; `None` where nothing runs it.
    #[serde(flatten)]
    pub model: Option<ModelInfo>,
}

/// An operator and how often the model uses it.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorUse {
    /// Its name, with its domain where that is not ONNX's own.
    pub operator: String,
    /// The number of nodes, those of bodies included.
    pub count: usize,
    /// Whether every one of these nodes compiles.
    pub compiles: bool,
}

/// What stands against compiling, and what to do about it.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// The node or value.
    #[serde(flatten)]
    pub refusal: Refusal,
    /// What to do.
    pub hint: String,
}

/// Looks into an ONNX model.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`](edgeinfer_core::ErrorKind::InvalidModel) when
/// `onnx` is not an ONNX model. A model that cannot be compiled is no error.
pub fn inspect(onnx: &[u8], metadata: Metadata) -> Result<Report> {
    let model = decode(onnx)?;
    let refused = plan(&model).err().unwrap_or_default();
    let compiled = compile(onnx, metadata);
    Ok(Report {
        producer: format!("{} {}", model.producer_name, model.producer_version).trim().to_owned(),
        opsets: opsets(&model),
        operators: operators(&model, &refused),
        problems: problems(refused, compiled.as_ref().err()),
        parts: parts(&model, onnx.len()),
        model: compiled
            .ok()
            .and_then(|file| Model::load(file.as_slice(), FALLBACK).ok())
            .map(|model| model.info()),
    })
}

fn opsets(model: &ModelProto) -> BTreeMap<String, i64> {
    let name = |domain: &str| if domain.is_empty() { "ai.onnx".to_owned() } else { domain.to_owned() };
    model.opset_import.iter().map(|opset| (name(&opset.domain), opset.version)).collect()
}

fn operators(model: &ModelProto, refused: &[Refusal]) -> Vec<OperatorUse> {
    let mut counts = BTreeMap::new();
    if let Some(graph) = &model.graph {
        count(graph, &mut counts);
    }
    let compiles = |operator: &String| !refused.iter().any(|refusal| refusal.operator == *operator);
    let mut operators: Vec<_> = counts
        .into_iter()
        .map(|(operator, count)| OperatorUse { compiles: compiles(&operator), operator, count })
        .collect();
    operators.sort_by_key(|operator| std::cmp::Reverse(operator.count));
    operators
}

fn count(graph: &GraphProto, counts: &mut BTreeMap<String, usize>) {
    for node in &graph.node {
        *counts.entry(operator(node)).or_insert(0) += 1;
        node.attribute
            .iter()
            .filter_map(|attribute| attribute.g.as_ref())
            .for_each(|body| count(body, counts));
    }
}

fn operator(node: &NodeProto) -> String {
    match node.domain.as_str() {
        "" | "ai.onnx" => node.op_type.clone(),
        domain => format!("{domain}.{}", node.op_type),
    }
}

fn problems(refused: Vec<Refusal>, error: Option<&Error>) -> Vec<Problem> {
    let runs = error.is_none();
    let mut problems: Vec<_> =
        refused.into_iter().map(|refusal| Problem { hint: hint(&refusal, runs), refusal }).collect();
    if let Some(error) = error {
        let node = error.place().unwrap_or("the model").to_owned();
        let refusal = Refusal { node, operator: String::new(), reason: error.message().to_owned() };
        let hint = "neither edgeinfer's runtime nor tract takes the model".to_owned();
        problems.push(Problem { refusal, hint });
    }
    problems
}

fn hint(refusal: &Refusal, runs: bool) -> String {
    if refusal.operator.is_empty() {
        return "mend the file, or export the model again".to_owned();
    }
    if runs {
        return "the model runs on tract, in this command alone".to_owned();
    }
    format!("export the model without {}, or compute that step before or after the model", refusal.operator)
}

/// Where the bytes of an ONNX file are.
fn parts(model: &ModelProto, total: usize) -> Vec<Part> {
    let Some(graph) = &model.graph else { return Vec::new() };
    let weights: usize = graph.initializer.iter().map(Message::encoded_len).sum();
    let mut attributes: BTreeMap<String, usize> = BTreeMap::new();
    for node in &graph.node {
        let bytes: usize = node.attribute.iter().map(Message::encoded_len).sum();
        *attributes.entry(operator(node)).or_insert(0) += bytes;
    }
    let counted = weights + attributes.values().sum::<usize>();
    let of_operator = |(operator, bytes)| Part { part: format!("attributes of {operator}"), bytes };
    let mut parts: Vec<_> = attributes.into_iter().map(of_operator).collect();
    parts.push(Part { part: "initializers".to_owned(), bytes: weights });
    parts.push(Part { part: "graph and names".to_owned(), bytes: total.saturating_sub(counted) });
    parts.retain(|part| part.bytes > 0);
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    parts
}
