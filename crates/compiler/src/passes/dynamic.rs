//! `MatMulInteger`, `Cast`, `Mul` by the product of two scales and `Add` of a
//! bias, which is what onnxruntime's quantiser writes for a product whose left
//! side is quantised as it comes, as one `MatMulIntegerToFloat`.

use std::collections::BTreeMap;

use edgeinfer_core::Tensor;

use crate::graph::{Attribute, Graph, Node};

/// Fuses every such chain of `graph`.
pub(super) fn fuse(graph: &mut Graph) {
    replace(graph, scaled);
    replace(graph, biased);
}

type Makers<'a> = BTreeMap<&'a str, &'a Node>;

/// Replaces each node for which `fused` has another.
fn replace(graph: &mut Graph, fused: fn(&Node, &Graph, &Makers<'_>) -> Option<Node>) {
    let uses = graph.uses();
    let alone = |(output, _): &(&str, &Node)| uses.get(*output) == Some(&1);
    let made = graph.nodes.iter().filter_map(|node| Some((node.only_output()?, node)));
    let makers: Makers<'_> = made.filter(alone).collect();
    let found = graph.nodes.iter().enumerate();
    let found: Vec<_> =
        found.filter_map(|(place, node)| Some((place, fused(node, graph, &makers)?))).collect();
    for (place, node) in found {
        if let Some(old) = graph.nodes.get_mut(place) {
            *old = node;
        }
    }
}

/// The two inputs of `node`, either way round.
fn either_way(node: &Node) -> Option<[(&str, &str); 2]> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    Some([(a, b), (b, a)])
}

/// A product of integers times its scales.
fn scaled(node: &Node, graph: &Graph, makers: &Makers<'_>) -> Option<Node> {
    let ways = either_way(node).filter(|_| node.is("Mul"))?;
    ways.into_iter().find_map(|(product, scales)| {
        let cast = *makers.get(product).filter(|cast| cast.is("Cast"))?;
        let to_float = matches!(cast.attributes.get("to"), Some(Attribute::Int(1)));
        let product =
            *makers.get(cast.input(0)?).filter(|product| to_float && product.is("MatMulInteger"))?;
        let scales = *makers.get(scales).filter(|scales| scales.is("Mul"))?;
        let (x, w) = either_way(scales)?.into_iter().find(|(_, w)| is_scale(graph, product, w))?;
        let (x, w) = (Some(x.to_owned()), Some(w.to_owned()));
        let given = |index: usize| product.inputs.get(index).cloned().flatten();
        Some(Node {
            domain: "com.microsoft".to_owned(),
            op: "MatMulIntegerToFloat".to_owned(),
            version: 1,
            inputs: vec![given(0), given(1), x, w, given(2), given(3)],
            outputs: node.outputs.clone(),
            ..product.clone()
        })
        .filter(|_| is_dynamic(graph, product, scales))
    })
}

/// Whether `name` is the scale of the product's constant right side: one, or one
/// for each column.
fn is_scale(graph: &Graph, product: &Node, name: &str) -> bool {
    let constant = |name: &str| graph.constants.get(name);
    let scale = constant(name).filter(|scale| scale.as_f32().is_some() && scale.shape().len() <= 1);
    let columns = product.input(1).and_then(constant).and_then(|weights| weights.shape().last());
    let count = scale.map(|scale| scale.data().len());
    count == Some(1) || count.is_some() && count.as_ref() == columns
}

/// Whether the left side and its scale come from one `DynamicQuantizeLinear`.
fn is_dynamic(graph: &Graph, product: &Node, scales: &Node) -> bool {
    let output = |node: &Node, index: usize| node.outputs.get(index).cloned().flatten();
    let x = product.input(0).map(str::to_owned);
    let maker = graph.nodes.iter().find(|node| node.is("DynamicQuantizeLinear") && output(node, 0) == x);
    maker.and_then(|maker| output(maker, 1)).is_some_and(|scale| scales.inputs.contains(&Some(scale)))
}

/// A scaled product plus a constant for each column.
fn biased(node: &Node, graph: &Graph, makers: &Makers<'_>) -> Option<Node> {
    let ways = either_way(node).filter(|_| node.is("Add"))?;
    ways.into_iter().find_map(|(product, bias)| {
        let product = *makers
            .get(product)
            .filter(|node| node.op == "MatMulIntegerToFloat" && node.inputs.len() == 6)?;
        let columns = *graph.constants.get(product.input(1)?)?.shape().last()?;
        let fits = |bias: &&Tensor| bias.as_f32().is_some() && bias.shape() == [columns];
        graph.constants.get(bias).filter(fits)?;
        let mut inputs = product.inputs.clone();
        inputs.push(Some(bias.to_owned()));
        Some(Node { inputs, outputs: node.outputs.clone(), ..product.clone() })
    })
}
