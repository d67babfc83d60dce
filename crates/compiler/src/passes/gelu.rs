//! Gaussian error linear units and their approximations, which exporters write
//! number by number, as one operator.

use super::find::{Finder, replaced};
use crate::graph::{Attribute, Graph, Node};

/// √(2 / π).
const TANH_FACTOR: f32 = 0.797_884_6;

/// Replaces the last node of every such pattern.
pub(super) fn fuse(graph: &mut Graph) {
    let finder = Finder::new(graph);
    let fused = graph.nodes.iter().map(|node| fused(node, &finder)).collect::<Vec<_>>();
    for (node, fused) in graph.nodes.iter_mut().zip(fused) {
        *node = fused.unwrap_or_else(|| std::mem::take(node));
    }
}

fn fused(node: &Node, finder: &Finder<'_>) -> Option<Node> {
    if !node.is("Mul") {
        return None;
    }
    let factors = finder.factors(node.only_output()?);
    match *factors {
        [a, b] => swish(node, finder, a, b).or_else(|| swish(node, finder, b, a)),
        [_, _, _] => {
            let half = factors.iter().position(|factor| finder.is_number(factor, 0.5))?;
            let rest: Vec<&str> = factors
                .iter()
                .enumerate()
                .filter(|(index, _)| *index != half)
                .map(|(_, factor)| *factor)
                .collect();
            let &[a, b] = &*rest else { return None };
            gelu(node, finder, a, b).or_else(|| gelu(node, finder, b, a))
        }
        _ => None,
    }
}

/// `x · sigmoid(alpha · x)`.
fn swish(node: &Node, finder: &Finder<'_>, x: &str, sigmoid: &str) -> Option<Node> {
    let product = finder.maker(finder.maker(sigmoid, "Sigmoid")?.input(0)?, "Mul")?;
    let alpha = finder.number(finder.other(product, x)?)?;
    let mut fused = replaced(node, "com.microsoft", "QuickGelu", 1, &[Some(x)]);
    fused.attributes.insert("alpha".to_owned(), Attribute::Float(alpha));
    Some(fused)
}

/// `x · (1 + erf(x / √2)) / 2`, or with a hyperbolic tangent in place of the error
/// function.
fn gelu(node: &Node, finder: &Finder<'_>, x: &str, sum: &str) -> Option<Node> {
    let function = finder.beside(finder.maker(sum, "Add")?, 1.0)?;
    let op = if let Some(erf) = finder.maker(function, "Erf") {
        is_root_of_half(finder, erf.input(0)?, x).then_some("Gelu")
    } else {
        is_cubic(finder, finder.maker(function, "Tanh")?.input(0)?, x).then_some("FastGelu")
    };
    Some(replaced(node, "com.microsoft", op?, 1, &[Some(x)]))
}

/// Whether `value` is `x / √2`.
fn is_root_of_half(finder: &Finder<'_>, value: &str, x: &str) -> bool {
    let root = std::f32::consts::SQRT_2;
    let quotient = finder.maker(value, "Div").is_some_and(|node| {
        node.input(0) == Some(x) && node.input(1).is_some_and(|divisor| finder.is_number(divisor, root))
    });
    let product = finder.maker(value, "Mul").and_then(|node| finder.beside(node, 1.0 / root));
    quotient || product == Some(x)
}

/// Whether `value` is `√(2 / π) · (x + 0.044715 x³)`, or `x` is a factor outside of
/// the sum.
fn is_cubic<'a>(finder: &Finder<'a>, value: &'a str, x: &str) -> bool {
    let factors = finder.factors(value);
    let rest: Vec<&str> =
        factors.iter().copied().filter(|factor| !finder.is_number(factor, TANH_FACTOR)).collect();
    if rest.len() + 1 != factors.len() {
        return false;
    }
    let sum = |value, first: &dyn Fn(&str) -> bool, power| {
        let Some(node) = finder.maker(value, "Add") else { return false };
        let (Some(a), Some(b)) = (node.input(0), node.input(1)) else { return false };
        first(a) && is_power(finder, b, x, power) || first(b) && is_power(finder, a, x, power)
    };
    match *rest {
        [value] => sum(value, &|value| value == x, 3),
        [a, b] if a == x => sum(b, &|value| finder.is_number(value, 1.0), 2),
        [a, b] if b == x => sum(a, &|value| finder.is_number(value, 1.0), 2),
        _ => false,
    }
}

/// Whether `value` is `0.044715 · x` to the power of `power`.
fn is_power<'a>(finder: &Finder<'a>, value: &'a str, x: &str, power: u8) -> bool {
    let (mut left, mut factor) = (i32::from(power), 0);
    for value in finder.factors(value) {
        let raised = finder.maker(value, "Pow").and_then(|node| match (node.input(0)?, node.input(1)?) {
            (base, power) if base == x => finder.number(power),
            _ => None,
        });
        match raised {
            _ if value == x => left -= 1,
            Some(power) => left -= power as i32,
            None if finder.is_number(value, 0.044_715) => factor += 1,
            None => return false,
        }
    }
    (left, factor) == (0, 1)
}
