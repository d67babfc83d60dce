//! Scaled dot-product attention, which exporters write as two products and a
//! `Softmax` between them, as one `Attention`; and a product with a transposed
//! matrix as one that does not move it.

use std::collections::BTreeMap;

use edgeinfer_core::Tensor;

use super::find::{Finder, replaced};
use crate::graph::{Attribute, Graph, Node};

/// What is not masked has this added.
const ZERO: &str = "edgeinfer@zero";

/// From here down, a number is the same with a score added.
const LEAST: f32 = -1e30;

/// Replaces the last node of every such pattern.
pub(super) fn fuse(graph: &mut Graph) {
    if let Ok(zero) = Tensor::from_f32(vec![1], vec![0.0]) {
        graph.constants.insert(ZERO.to_owned(), zero);
    }
    for pattern in [attention, product] {
        let finder = Finder::new(graph);
        let fused = graph.nodes.iter().map(|node| pattern(node, &finder)).collect::<Vec<_>>();
        let nodes = std::mem::take(&mut graph.nodes);
        for (node, fused) in nodes.into_iter().zip(fused) {
            graph.nodes.extend(fused.unwrap_or_else(|| vec![node]));
        }
    }
}

/// `softmax(scale · q · kᵀ + mask) · v` of four dimensions.
fn attention(node: &Node, finder: &Finder<'_>) -> Option<Vec<Node>> {
    if !node.is("MatMul") {
        return None;
    }
    let softmax = finder.own_maker(node.input(0)?, "Softmax")?;
    // Of four dimensions, the last is 3 in any version.
    if !matches!(softmax.int_or("axis", if softmax.version < 13 { 1 } else { -1 }), -1 | 3) {
        return None;
    }
    let scores = softmax.input(0)?;
    let (scores, mask, chosen) = masked(scores, finder).unwrap_or((scores, None, None));
    let (product, scale) = scaled(scores, finder)?;
    let (k, scale, turned) = keys(product.input(1)?, scale, finder)?;
    let k_name = turned.as_ref().and_then(Node::only_output).unwrap_or(k).to_owned();
    let mask = mask.or(chosen.as_ref().and_then(Node::only_output)).map(str::to_owned);
    let inputs = [product.input(0), Some(k_name.as_str()), node.input(1), mask.as_deref()];
    let mut fused = replaced(node, "", "Attention", 23, &inputs);
    fused.attributes.insert("scale".to_owned(), Attribute::Float(scale));
    Some(turned.into_iter().chain(chosen).chain([fused]).collect())
}

/// The scores below a mask, what is added to them, and the node that makes it where
/// they are not added to, but replaced.
fn masked<'a>(value: &str, finder: &Finder<'a>) -> Option<(&'a str, Option<&'a str>, Option<Node>)> {
    if let Some(sum) = finder.own_maker(value, "Add") {
        let (first, second) = (sum.input(0)?, sum.input(1)?);
        let first_is = scaled(first, finder).is_some();
        let (scores, mask) = if first_is { (first, second) } else { (second, first) };
        return Some((scores, Some(mask), None));
    }
    let choice = finder.own_maker(value, "Where")?;
    let (condition, first, second) = (choice.input(0)?, choice.input(1)?, choice.input(2)?);
    let (scores, inputs) = match (is_never(finder, first), is_never(finder, second)) {
        (true, false) => (second, [Some(condition), Some(first), Some(ZERO)]),
        (false, true) => (first, [Some(condition), Some(ZERO), Some(second)]),
        _ => return None,
    };
    let mut chosen = replaced(choice, "", "Where", choice.version, &inputs);
    chosen.outputs = vec![Some(format!("{value}@mask"))];
    Some((scores, None, Some(chosen)))
}

/// Whether `value` is a float32 beside which any score is nothing.
fn is_never(finder: &Finder<'_>, value: &str) -> bool {
    let constant = finder.constant(value).and_then(|constant| constant.as_f32());
    matches!(constant, Some(&[number]) if number <= LEAST)
}

/// The product that `value` is a multiple of, and its factor.
fn scaled<'a>(value: &str, finder: &Finder<'a>) -> Option<(&'a Node, f32)> {
    if let Some(product) = finder.own_maker(value, "MatMul") {
        return Some((product, 1.0));
    }
    if let Some(quotient) = finder.maker(value, "Div") {
        let divisor = finder.number(quotient.input(1)?).filter(|divisor| *divisor != 0.0)?;
        return Some((finder.maker(quotient.input(0)?, "MatMul")?, 1.0 / divisor));
    }
    let node = finder.maker(value, "Mul")?;
    let (first, second) = (node.input(0)?, node.input(1)?);
    match (finder.number(first), finder.number(second)) {
        (_, Some(factor)) => Some((finder.maker(first, "MatMul")?, factor)),
        (Some(factor), _) => Some((finder.maker(second, "MatMul")?, factor)),
        _ => None,
    }
}

/// The keys that `value` has as columns, with the factor that they are multiplied
/// by, and the node that turns them where one has to.
fn keys<'a>(value: &'a str, scale: f32, finder: &Finder<'a>) -> Option<(&'a str, f32, Option<Node>)> {
    if let Some(node) = finder.maker(value, "Mul") {
        let (first, second) = (node.input(0)?, node.input(1)?);
        let (keys, factor) = match (finder.number(first), finder.number(second)) {
            (_, Some(factor)) => (first, factor),
            (Some(factor), _) => (second, factor),
            _ => return None,
        };
        return keys_of(keys, finder).map(|(keys, turned)| (keys, scale * factor, turned));
    }
    keys_of(value, finder).map(|(keys, turned)| (keys, scale, turned))
}

fn keys_of<'a>(value: &'a str, finder: &Finder<'a>) -> Option<(&'a str, Option<Node>)> {
    let transpose = finder.maker(value, "Transpose")?;
    let Some(Attribute::Ints(perm)) = transpose.attributes.get("perm") else { return None };
    match **perm {
        [0, 1, 3, 2] => Some((transpose.input(0)?, None)),
        // Of rows of heads: the heads come first, the rows stay.
        [0, 2, 3, 1] => {
            let mut turned = replaced(transpose, "", "Transpose", transpose.version, &[transpose.input(0)]);
            turned.outputs = vec![Some(format!("{value}@rows"))];
            turned.attributes = BTreeMap::from([("perm".to_owned(), Attribute::Ints(vec![0, 2, 1, 3]))]);
            Some((value, Some(turned)))
        }
        _ => None,
    }
}

/// A product with matrices whose last two dimensions are turned round.
fn product(node: &Node, finder: &Finder<'_>) -> Option<Vec<Node>> {
    if !node.is("MatMul") {
        return None;
    }
    let transpose = finder.maker(node.input(1)?, "Transpose")?;
    let Some(Attribute::Ints(perm)) = transpose.attributes.get("perm") else { return None };
    let (last, before) = perm.split_last()?;
    let (second, first) = before.split_last()?;
    let rank = i64::try_from(perm.len()).ok()?;
    let batches = first.iter().zip(0..).all(|(axis, place)| *axis == place);
    if !batches || [*second, *last] != [rank - 1, rank - 2] || finder.constant(transpose.input(0)?).is_some()
    {
        return None;
    }
    let mut fused = replaced(node, "com.microsoft", "FusedMatMul", 1, &[node.input(0), transpose.input(0)]);
    fused.attributes.insert("transB".to_owned(), Attribute::Int(1));
    Some(vec![fused])
}
