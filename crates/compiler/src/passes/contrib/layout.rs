//! Operators on tensors whose channels come last, as those of ONNX, whose channels
//! come second, between two `Transpose`; and what is left of those when they meet.

use std::collections::BTreeMap;

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Graph, Node};

const TRANSPOSE: Op = Op("", "Transpose", 13);

/// How many dimensions images mostly have, batch and channels included.
const IMAGES: usize = 4;

/// A convolution or a pool with `channels_last`, or `NhwcMaxPool`.
pub(super) fn channels_first(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let is_pool = node.op == "NhwcMaxPool";
    if !is_pool && node.int_or("channels_last", 0) == 0 {
        return None;
    }
    let weights = if node.op == "QLinearConv" { maker.constant(node.input(3)) } else { None };
    let rank = match (weights, node.attributes.get("kernel_shape")) {
        (Some(weights), _) => weights.shape().len(),
        (None, Some(Attribute::Ints(kernel))) => kernel.len() + 2,
        // Of another rank, the tensors that come do not fit the order of the axes,
        // which is an error.
        _ => IMAGES,
    };
    let rank = i64::try_from(rank).ok().filter(|rank| *rank > 2)?;
    let first: Vec<i64> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
    let last: Vec<i64> = [0].into_iter().chain(2..rank).chain([1]).collect();
    let x = maker.step(node, TRANSPOSE, vec![given(node, 0)], &[("perm", Attribute::Ints(first))]);
    let mut inner = node.clone();
    inner.attributes.remove("channels_last");
    let y = maker.name(node, "channels first");
    inner.outputs = vec![Some(y.clone())];
    let inputs = [x].into_iter().chain(node.inputs.iter().skip(1).cloned()).collect();
    let op = match node.op.as_str() {
        "NhwcMaxPool" => Op("", "MaxPool", 12),
        "QLinearConv" => Op("", "QLinearConv", 10),
        "QLinearAveragePool" => Op("com.microsoft", "QLinearAveragePool", 1),
        _ => Op("com.microsoft", "QLinearGlobalAveragePool", 1),
    };
    maker.renamed(&inner, op, inputs);
    let perm = [("perm", Attribute::Ints(last))];
    maker.push(node, TRANSPOSE, vec![Some(y)], node.outputs.clone(), &perm);
    maker.has_turned();
    Some(())
}

/// Operators that do to every number what they do to any other, and how many
/// tensors they take: the first, and every third after it.
const POINTWISE: [(&str, usize); 4] =
    [("QLinearAdd", 2), ("QLinearMul", 2), ("QLinearLeakyRelu", 1), ("QLinearSigmoid", 1)];

/// Makes one `Transpose` of two in a row, none where the second undoes the first,
/// and has operators that do not care come before them.
pub(super) fn join(graph: &mut Graph) {
    let mut open = Open { uses: graph.uses(), ..Open::default() };
    for node in std::mem::take(&mut graph.nodes) {
        open.add(node);
    }
    graph.nodes = open.nodes;
    let outputs = graph.outputs.iter_mut();
    outputs.for_each(|output| {
        if let Some(source) = open.same.get(output) {
            output.clone_from(source);
        }
    });
}

#[derive(Default)]
struct Open {
    nodes: Vec<Node>,
    /// What comes out of a `Transpose`: of what, and in which order of its axes.
    turned: BTreeMap<String, (String, Vec<i64>)>,
    /// Values that are others.
    same: BTreeMap<String, String>,
    /// How many nodes and outputs still take each value.
    uses: BTreeMap<String, usize>,
}

impl Open {
    fn add(&mut self, mut node: Node) {
        for input in node.inputs.iter_mut().flatten() {
            if let Some(source) = self.same.get(input) {
                input.clone_from(source);
            }
        }
        if node.is("Transpose") {
            self.transpose(node);
        } else {
            self.pointwise(node);
        }
    }

    fn transpose(&mut self, mut node: Node) {
        let Some((input, mut perm, output)) = order(&node) else { return self.nodes.push(node) };
        let mut source = input.clone();
        if let Some((before, first)) = self.turned.get(&input) {
            let joined: Option<Vec<i64>> =
                perm.iter().map(|axis| first.get(usize::try_from(*axis).ok()?).copied()).collect();
            let Some(joined) = joined else { return self.nodes.push(node) };
            (source, perm) = (before.clone(), joined);
            self.moved(&input, &source);
        }
        if perm.iter().copied().eq(0..perm.len() as i64) {
            // Whoever takes what comes out takes what went in.
            let uses = self.uses.get(&output).copied().unwrap_or_default();
            *self.uses.entry(source.clone()).or_default() += uses.saturating_sub(1);
            self.same.insert(output, source);
            return;
        }
        node.inputs = vec![Some(source.clone())];
        node.attributes.insert("perm".to_owned(), Attribute::Ints(perm.clone()));
        self.turned.insert(output, (source, perm));
        self.nodes.push(node);
    }

    /// One takes `to` and no longer `from`.
    fn moved(&mut self, from: &str, to: &str) {
        if let Some(uses) = self.uses.get_mut(from) {
            *uses = uses.saturating_sub(1);
        }
        *self.uses.entry(to.to_owned()).or_default() += 1;
    }

    /// An operator on turned tensors that nobody else takes becomes one on what
    /// they were turned from.
    fn pointwise(&mut self, mut node: Node) {
        let Some((sources, perm)) = self.operands(&node) else { return self.nodes.push(node) };
        let output = node.outputs.clone();
        let Some(name) = node.only_output().map(|output| format!("{output}/before")) else {
            return self.nodes.push(node);
        };
        for (index, source) in sources.into_iter().enumerate() {
            if let Some(Some(input)) = node.inputs.get_mut(3 * index) {
                *input = source;
            }
        }
        node.outputs = vec![Some(name.clone())];
        let turn = Node {
            name: node.name.clone(),
            op: "Transpose".to_owned(),
            version: TRANSPOSE.2,
            inputs: vec![Some(name.clone())],
            outputs: output,
            attributes: [("perm".to_owned(), Attribute::Ints(perm))].into(),
            ..Node::default()
        };
        self.uses.insert(name, 1);
        self.nodes.push(node);
        self.transpose(turn);
    }

    fn operands(&self, node: &Node) -> Option<(Vec<String>, Vec<i64>)> {
        let (_, count) = POINTWISE.iter().find(|(op, _)| *op == node.op && node.domain == "com.microsoft")?;
        let operand = |index: usize| {
            let input = node.input(3 * index)?;
            self.turned.get(input).filter(|_| self.uses.get(input) == Some(&1))
        };
        let operands = (0..*count).map(operand).collect::<Option<Vec<_>>>()?;
        let (_, perm) = operands.first()?;
        let alike = operands.iter().all(|(_, other)| other == perm);
        alike.then(|| (operands.iter().map(|(source, _)| source.clone()).collect(), perm.clone()))
    }
}

/// The input, the order of the axes and the output.
fn order(node: &Node) -> Option<(String, Vec<i64>, String)> {
    let Some(Attribute::Ints(perm)) = node.attributes.get("perm") else { return None };
    let known = perm.iter().all(|axis| (0..perm.len() as i64).contains(axis));
    known.then_some((given(node, 0)?, perm.clone(), node.only_output()?.to_owned()))
}
