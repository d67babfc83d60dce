//! `DequantizeLinear`, an operator, `QuantizeLinear`: what quantisers write down,
//! as the operator on quantised numbers that it stands for. onnxruntime runs
//! such models in the same way.

use std::collections::BTreeMap;

use edgeinfer_core::{Tensor, TensorData};

use crate::graph::{Attribute, Graph, Node};

/// Operators and what they become: ONNX's and onnxruntime's.
const MICROSOFT: [(&str, &str); 8] = [
    ("Add", "QLinearAdd"),
    ("Mul", "QLinearMul"),
    ("LeakyRelu", "QLinearLeakyRelu"),
    ("Sigmoid", "QLinearSigmoid"),
    ("Softmax", "QLinearSoftmax"),
    ("AveragePool", "QLinearAveragePool"),
    ("GlobalAveragePool", "QLinearGlobalAveragePool"),
    ("Concat", "QLinearConcat"),
];

/// Operators that move elements: by the same scale on both sides, they move
/// quantised ones.
const MOVES: [&str; 9] =
    ["Identity", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Gather", "MaxPool"];

/// Fuses every such triple of `graph`, then products whose result stays as it is.
pub(super) fn fuse(graph: &mut Graph) {
    let uses = graph.uses();
    let view = View::of(graph);
    let mut fused: Vec<(usize, Node)> = Vec::new();
    for (place, node) in graph.nodes.iter().enumerate() {
        if node.is("QuantizeLinear") {
            fused.extend(view.operator(node, &uses).map(|node| (place, node)));
        } else if node.is("MatMul") || node.is("Gemm") {
            fused.extend(view.product(node).map(|node| (place, node)));
        }
    }
    for (place, node) in fused {
        if let Some(old) = graph.nodes.get_mut(place) {
            *old = node;
        }
    }
}

/// A graph, and which node makes each value.
struct View<'a> {
    graph: &'a Graph,
    makers: BTreeMap<&'a str, &'a Node>,
}

/// A quantised tensor: its value, scale and zero point, and the axis along which
/// its scales go, if there is more than one.
struct Quantized<'a> {
    value: &'a str,
    scale: &'a str,
    zero: Option<&'a str>,
    axis: Option<i64>,
}

impl Quantized<'_> {
    fn inputs(&self) -> [Option<String>; 3] {
        [Some(self.value), Some(self.scale), self.zero].map(|name| name.map(str::to_owned))
    }
}

impl<'a> View<'a> {
    fn of(graph: &'a Graph) -> Self {
        let made = graph
            .nodes
            .iter()
            .flat_map(|node| node.outputs.iter().flatten().map(move |output| (output.as_str(), node)));
        Self { graph, makers: made.collect() }
    }

    fn constant(&self, name: Option<&str>) -> Option<&'a Tensor> {
        self.graph.constants.get(name?)
    }

    /// What `value` is dequantised from, where its elements have 8 bits.
    fn source(&self, value: &str) -> Option<Quantized<'a>> {
        let node = *self.makers.get(value)?;
        if !node.is("DequantizeLinear") || node.int_or("block_size", 0) != 0 {
            return None;
        }
        let (value, scale, zero) = (node.input(0)?, node.input(1)?, node.input(2));
        // The scale is of float32; the zero point says of which type the elements
        // are, or else the elements do.
        let scales = self.constant(Some(scale)).filter(|scale| float32(scale))?;
        let typed = self.constant(zero).or_else(|| self.constant(Some(value)))?;
        if !bytes(typed) {
            return None;
        }
        let axis = (scales.data().len() != 1).then(|| node.int_or("axis", 1));
        Some(Quantized { value, scale, zero, axis })
    }

    /// As [`View::source`], with one scale for all.
    fn plain(&self, value: &str) -> Option<Quantized<'a>> {
        self.source(value).filter(|quantized| quantized.axis.is_none())
    }

    /// The operator that gives what `last` quantises, on quantised numbers.
    fn operator(&self, last: &Node, uses: &BTreeMap<String, usize>) -> Option<Node> {
        let scale = self.constant(last.input(1)).filter(|scale| float32(scale) && scale.data().len() == 1)?;
        let zero = self.constant(last.input(2)).filter(|zero| bytes(zero))?;
        let alone = |value: &str| uses.get(value) == Some(&1);
        let mut value = last.input(0).filter(|value| alone(value))?;
        let mut node = *self.makers.get(value)?;
        if node.is("Relu") && is_least(zero) {
            // Nothing below zero is left by quantising.
            value = node.input(0).filter(|value| alone(value))?;
            node = *self.makers.get(value)?;
        }
        let result = [last.inputs.get(1).cloned().flatten(), last.inputs.get(2).cloned().flatten()];
        let (domain, op, inputs) = match node.op.as_str() {
            _ if !node.domain.is_empty() || node.only_output().is_none() => return None,
            "Conv" => ("", "QLinearConv", self.conv(node, result)?),
            "MatMul" => ("", "QLinearMatMul", self.matmul(node, result)?),
            "Gemm" => ("com.microsoft", "QGemm", self.gemm(node, Some(result))?),
            op if MOVES.contains(&op) => return self.moved(node, last, scale, zero),
            op => {
                let (_, fused) = MICROSOFT.iter().find(|(plain, _)| *plain == op)?;
                ("com.microsoft", *fused, self.operands(node, result)?)
            }
        };
        Some(self.fused(node, last, domain, op, inputs))
    }

    fn fused(&self, node: &Node, last: &Node, domain: &str, op: &str, inputs: Vec<Option<String>>) -> Node {
        let mut attributes = node.attributes.clone();
        if op == "QLinearSoftmax" {
            attributes.insert("opset".to_owned(), Attribute::Int(node.version.into()));
        }
        let version = if domain.is_empty() { node.version } else { 1 };
        Node {
            name: node.name.clone(),
            domain: domain.to_owned(),
            op: op.to_owned(),
            version,
            inputs,
            outputs: last.outputs.clone(),
            attributes,
        }
    }

    /// A node that moves elements, on quantised ones, where their scale stays.
    fn moved(&self, node: &Node, last: &Node, scale: &Tensor, zero: &Tensor) -> Option<Node> {
        let x = self.plain(node.input(0)?)?;
        let same = self.constant(Some(x.scale)) == Some(scale) && self.constant(x.zero) == Some(zero);
        let mut inputs = node.inputs.clone();
        *inputs.first_mut()? = Some(x.value.to_owned());
        same.then(|| Node { inputs, outputs: last.outputs.clone(), ..node.clone() })
    }

    /// Operands with one scale each, then the result's; for Concat the other way
    /// round.
    fn operands(&self, node: &Node, result: [Option<String>; 2]) -> Option<Vec<Option<String>>> {
        let operand = |input: &Option<String>| Some(self.plain(input.as_deref()?)?.inputs());
        let operands = node.inputs.iter().map(operand).collect::<Option<Vec<_>>>()?;
        let operands = operands.into_iter().flatten();
        Some(if node.is("Concat") {
            result.into_iter().chain(operands).collect()
        } else {
            operands.chain(result).collect()
        })
    }

    /// Two factors, the second of which may have scales along `axis`.
    fn factors(&self, node: &Node, axis: i64, rank: i64) -> Option<[Quantized<'a>; 2]> {
        let (x, w) = (self.plain(node.input(0)?)?, self.source(node.input(1)?)?);
        let fits = w.axis.is_none_or(|own| own == axis || own + rank == axis);
        fits.then_some([x, w])
    }

    fn conv(&self, node: &Node, result: [Option<String>; 2]) -> Option<Vec<Option<String>>> {
        let rank =
            i64::try_from(self.constant(self.source(node.input(1)?)?.value.into())?.shape().len()).ok()?;
        let [x, w] = self.factors(node, 0, rank)?;
        let bias = match node.input(2) {
            Some(bias) => Some(self.bias(bias, &x, &w)?.to_owned()),
            None => None,
        };
        Some([&x, &w].into_iter().flat_map(Quantized::inputs).chain(result).chain([bias]).collect())
    }

    fn matmul(&self, node: &Node, result: [Option<String>; 2]) -> Option<Vec<Option<String>>> {
        let [x, w] = self.matrices(node, false)?;
        Some([&x, &w].into_iter().flat_map(Quantized::inputs).chain(result).collect())
    }

    /// The factors of a product. One whose right side is no constant has one
    /// scale.
    fn matrices(&self, node: &Node, transposed: bool) -> Option<[Quantized<'a>; 2]> {
        let w = self.source(node.input(1)?)?;
        let rank = match self.constant(Some(w.value)) {
            Some(weights) => i64::try_from(weights.shape().len()).ok()?,
            None => w.axis.is_none().then_some(2)?,
        };
        self.factors(node, if transposed { rank - 2 } else { rank - 1 }, rank)
    }

    fn gemm(&self, node: &Node, result: Option<[Option<String>; 2]>) -> Option<Vec<Option<String>>> {
        let [x, w] = self.matrices(node, node.int_or("transB", 0) != 0)?;
        let bias = match node.input(2) {
            Some(_) if node.float_or("beta", 1.0) != 1.0 || node.float_or("alpha", 1.0) != 1.0 => {
                return None;
            }
            Some(bias) => Some(self.bias(bias, &x, &w)?.to_owned()),
            None => None,
        };
        let result = result.into_iter().flatten();
        Some([&x, &w].into_iter().flat_map(Quantized::inputs).chain([bias]).chain(result).collect())
    }

    /// The bias of int32 that `value` is dequantised from, where its scale is the
    /// product of the factors' scales.
    fn bias(&self, value: &str, x: &Quantized<'_>, w: &Quantized<'_>) -> Option<&'a str> {
        let node = *self.makers.get(value)?;
        let bias = node.input(0).filter(|_| node.is("DequantizeLinear"))?;
        let is_int32 = matches!(self.constant(Some(bias))?.data(), TensorData::Int32(_));
        let (bias_scale, [x_scale], w_scale) =
            (self.numbers(node.input(1)?)?, self.numbers(x.scale)?, self.numbers(w.scale)?)
        else {
            return None;
        };
        let close = |(bias, w): (&f32, &f32)| (bias - x_scale * w).abs() <= 1e-5 * bias.abs();
        let fits = bias_scale.len() == w_scale.len() && bias_scale.iter().zip(w_scale).all(close);
        (is_int32 && fits).then_some(bias)
    }

    fn numbers(&self, name: &str) -> Option<&'a [f32]> {
        self.constant(Some(name))?.as_f32()
    }

    /// A product of quantised matrices whose result is not quantised.
    fn product(&self, node: &Node) -> Option<Node> {
        let (op, inputs) = if node.is("Gemm") {
            ("QGemm", self.gemm(node, None)?)
        } else {
            let [x, w] = self.matrices(node, false)?;
            let ([x, x_scale, x_zero], [w, w_scale, w_zero]) = (x.inputs(), w.inputs());
            ("MatMulIntegerToFloat", vec![x, w, x_scale, w_scale, x_zero, w_zero])
        };
        Some(self.fused(node, node, "com.microsoft", op, inputs))
    }
}

fn float32(tensor: &Tensor) -> bool {
    tensor.as_f32().is_some()
}

fn bytes(tensor: &Tensor) -> bool {
    matches!(tensor.data(), TensorData::Int8(_) | TensorData::UInt8(_))
}

/// Whether the zero point is the smallest number of its type.
fn is_least(zero: &Tensor) -> bool {
    match zero.data() {
        TensorData::Int8(zero) => *zero == [i8::MIN],
        TensorData::UInt8(zero) => *zero == [0],
        _ => false,
    }
}
