//! Normalisations of rows that exporters write as means, squares and roots, as one
//! `LayerNormalization` or `RMSNormalization`.

use super::find::{Finder, is_half, replaced};
use crate::graph::{Attribute, Graph, Node};

/// Replaces the last node of every such pattern; those before it are left to
/// whoever removes what nobody takes.
pub(super) fn fuse(graph: &mut Graph) {
    // First the scale, then the bias of what is scaled.
    for pattern in [scaled, shifted] {
        let finder = Finder::new(graph);
        let nodes = graph.nodes.iter().map(|node| pattern(node, &finder)).collect::<Vec<_>>();
        for (node, fused) in graph.nodes.iter_mut().zip(nodes) {
            *node = fused.unwrap_or_else(|| std::mem::take(node));
        }
    }
}

/// `(x - mean(x)) / sqrt(mean((x - mean(x))²) + epsilon) · scale`, or the same
/// without the mean.
fn scaled(node: &Node, finder: &Finder<'_>) -> Option<Node> {
    if !node.is("Mul") {
        return None;
    }
    let (first, second) = (node.input(0)?, node.input(1)?);
    let (normal, scale) = if is_row(finder, second) { (first, second) } else { (second, first) };
    if !is_row(finder, scale) {
        return None;
    }
    let (deviation, squares) = quotient(normal, finder)?;
    let variance = finder.maker(squares, "Add")?;
    let (mean, epsilon) = match (variance.input(0)?, variance.input(1)?) {
        (mean, epsilon) | (epsilon, mean) if finder.number(epsilon).is_some() => {
            (mean, finder.number(epsilon)?)
        }
        _ => return None,
    };
    let squared = finder.square_of(finder.mean_of(mean)?)?;
    let x = centred(deviation, finder);
    let (op, version, x) = match x {
        Some(x) if squared == deviation || centred(squared, finder) == Some(x) => {
            ("LayerNormalization", 17, x)
        }
        _ if squared == deviation => ("RMSNormalization", 23, deviation),
        _ => return None,
    };
    let mut fused = replaced(node, "", op, version, &[Some(x), Some(scale)]);
    fused.attributes.insert("epsilon".to_owned(), Attribute::Float(epsilon));
    Some(fused)
}

/// What is divided by the root of what: as a quotient, or as a product with one
/// over the root.
fn quotient<'a>(value: &str, finder: &Finder<'a>) -> Option<(&'a str, &'a str)> {
    if let Some(node) = finder.maker(value, "Div") {
        return Some((node.input(0)?, finder.maker(node.input(1)?, "Sqrt")?.input(0)?));
    }
    let node = finder.maker(value, "Mul")?;
    let pairs = [(node.input(0)?, node.input(1)?), (node.input(1)?, node.input(0)?)];
    pairs.into_iter().find_map(|(x, inverse)| Some((x, inverse_root(inverse, finder)?)))
}

/// What `value` is one over the root of.
fn inverse_root<'a>(value: &str, finder: &Finder<'a>) -> Option<&'a str> {
    let root = match finder.maker(value, "Reciprocal") {
        Some(node) => node.input(0)?,
        None => {
            let node = finder.maker(value, "Div")?;
            node.input(1).filter(|_| node.input(0).is_some_and(|one| finder.is_number(one, 1.0)))?
        }
    };
    finder.maker(root, "Sqrt")?.input(0)
}

/// What `value` is with its mean taken off.
fn centred<'a>(value: &str, finder: &Finder<'a>) -> Option<&'a str> {
    let node = finder.maker(value, "Sub")?;
    node.input(0).filter(|x| node.input(1).and_then(|mean| finder.mean_of(mean)) == Some(x))
}

/// A `LayerNormalization` without a bias, with one added.
fn shifted(node: &Node, finder: &Finder<'_>) -> Option<Node> {
    if !node.is("Add") {
        return None;
    }
    let (first, second) = (node.input(0)?, node.input(1)?);
    let (value, bias) = if is_row(finder, second) { (first, second) } else { (second, first) };
    let normal = finder.maker(value, "LayerNormalization")?;
    let scale = finder.constant(normal.input(1)?)?;
    if normal.input(2).is_some() || finder.constant(bias)?.shape() != scale.shape() {
        return None;
    }
    let mut fused = normal.clone();
    fused.inputs.push(Some(bias.to_owned()));
    fused.outputs.clone_from(&node.outputs);
    Some(fused)
}

/// Whether `value` is a constant row of float32 or of numbers of 16 bits.
fn is_row(finder: &Finder<'_>, value: &str) -> bool {
    let constant = finder.constant(value);
    constant.is_some_and(|row| row.shape().len() == 1 && (row.as_f32().is_some() || is_half(row)))
}
