//! What follows a `Conv` or a `ConvTranspose`, in it: `BatchNormalization` and products
//! with and sums of a number for each channel in its weights and bias; an activation,
//! and after a `Conv` an `Add`, as that of the domain `edgeinfer`.

use std::collections::BTreeMap;

use edgeinfer_core::{ElementType, Tensor, TensorData};

use crate::graph::{Attribute, Graph, Node};

/// Fuses every such chain of `graph`.
pub(super) fn fuse(graph: &mut Graph) {
    let uses = graph.uses();
    let mut open = Open { made: Vec::new(), convs: BTreeMap::new(), constants: &mut graph.constants };
    for node in std::mem::take(&mut graph.nodes) {
        let place = match open.continued(&node) {
            Some(place) => place,
            None => open.push(node),
        };
        open.offer(place, &uses);
    }
    graph.nodes = open.made.into_iter().flatten().collect();
}

struct Open<'a> {
    /// The nodes so far; those that went elsewhere are `None`.
    made: Vec<Option<Node>>,
    /// The place of each convolution whose result one node alone takes, by the
    /// result's name.
    convs: BTreeMap<String, usize>,
    constants: &'a mut BTreeMap<String, Tensor>,
}

impl Open<'_> {
    fn push(&mut self, node: Node) -> usize {
        self.made.push(Some(node));
        self.made.len() - 1
    }

    /// Lets the node at `place` be continued, where it is a convolution that can
    /// be.
    fn offer(&mut self, place: usize, uses: &BTreeMap<String, usize>) {
        let Some(Some(node)) = self.made.get(place) else { return };
        let own = node.domain.is_empty() || node.domain == "edgeinfer";
        let is_conv = own && matches!(node.op.as_str(), "Conv" | "ConvTranspose");
        // What is fused is calculated in float32.
        let weights = node.input(1).and_then(|weights| self.constants.get(weights));
        let is_single = weights.is_none_or(|weights| weights.element_type() != ElementType::Float64);
        let offered = |output: &&str| is_conv && is_single && uses.get(*output) == Some(&1);
        if let Some(output) = node.only_output().filter(offered) {
            self.convs.insert(output.to_owned(), place);
        }
    }

    /// The place of the convolution that now gives what `node` would.
    fn continued(&mut self, node: &Node) -> Option<usize> {
        let output = node.outputs.first()?.clone();
        let place = match node.op.as_str() {
            _ if !node.domain.is_empty() => None,
            "BatchNormalization" => self.normalized(node),
            "Mul" => self.by_channel(node, |factor| (factor, 0.0)),
            "Add" => self.by_channel(node, |shift| (1.0, shift)).or_else(|| self.added(node)),
            "Sum" if node.inputs.len() == 2 => self.added(node),
            _ => self.activated(node),
        }?;
        self.made.get_mut(place)?.as_mut()?.outputs = vec![output];
        Some(place)
    }

    /// The convolution that gives input `index`, where nothing is done to its
    /// sums yet.
    fn conv(&self, node: &Node, index: usize) -> Option<(usize, &Node)> {
        let place = *self.convs.get(node.input(index)?)?;
        let conv = self.made.get(place)?.as_ref()?;
        (!conv.attributes.contains_key("activation")).then_some((place, conv))
    }

    /// As [`Open::conv`], for one to which nothing is added either and which has
    /// constant weights: with these, and its bias.
    fn weights(&self, node: &Node, index: usize) -> Option<(usize, Weights)> {
        let (place, conv) = self.conv(node, index)?;
        if !conv.domain.is_empty() {
            return None;
        }
        let tensor = self.constants.get(conv.input(1)?)?;
        let (shape, w) = (tensor.shape().to_vec(), tensor.as_f32()?.to_vec());
        let groups = usize::try_from(conv.int_or("group", 1)).ok().filter(|groups| *groups > 0)?;
        let (channels, groups) = match (conv.op.as_str(), shape.as_slice()) {
            ("Conv", [channels, ..]) => (*channels, None),
            ("ConvTranspose", [inputs, own, ..]) if inputs % groups == 0 => {
                (own.checked_mul(groups)?, Some(groups))
            }
            _ => return None,
        };
        let bias = match conv.input(2) {
            Some(name) => self.constants.get(name)?.as_f32()?.to_vec(),
            None => vec![0.0; channels],
        };
        (bias.len() == channels).then_some((place, Weights { shape, w, bias, groups }))
    }

    fn normalized(&mut self, node: &Node) -> Option<usize> {
        let is_plain = node.outputs.iter().skip(1).all(Option::is_none)
            && node.int_or("training_mode", 0) == 0
            && node.int_or("spatial", 1) != 0;
        let (place, weights) = self.weights(node, 0).filter(|_| is_plain)?;
        let epsilon = node.float_or("epsilon", 1e-5);
        let given = |index: usize| self.constants.get(node.input(index)?)?.as_f32();
        let (scale, shift, mean, variance) = (given(1)?, given(2)?, given(3)?, given(4)?);
        let channels = scale.iter().zip(shift).zip(mean.iter().zip(variance));
        let changes: Vec<_> = channels
            .map(|((scale, shift), (mean, variance))| {
                let factor = scale / (variance + epsilon).sqrt();
                (factor, shift - mean * factor)
            })
            .collect();
        self.change(place, weights, &changes)
    }

    /// A product with, or the sum of, a number for each channel.
    fn by_channel(&mut self, node: &Node, change: fn(f32) -> (f32, f32)) -> Option<usize> {
        let (index, (place, weights)) =
            [0, 1].into_iter().find_map(|index| Some((index, self.weights(node, index)?)))?;
        let numbers = self.constants.get(node.input(1 - index)?)?;
        let numbers = weights.per_channel(numbers)?;
        let changes: Vec<_> = numbers.into_iter().map(change).collect();
        self.change(place, weights, &changes)
    }

    /// Gives the convolution other weights: `factor · sum + shift` for each
    /// channel.
    fn change(&mut self, place: usize, mut weights: Weights, changes: &[(f32, f32)]) -> Option<usize> {
        if changes.len() != weights.bias.len() {
            return None;
        }
        weights.scale(changes);
        for (bias, (factor, shift)) in weights.bias.iter_mut().zip(changes) {
            *bias = *bias * factor + shift;
        }
        let channels = vec![weights.bias.len()];
        let w = Tensor::new(weights.shape, TensorData::Float32(weights.w)).ok()?;
        let bias = Tensor::new(channels, TensorData::Float32(weights.bias)).ok()?;
        let conv = self.made.get_mut(place)?.as_mut()?;
        let (input, output) = (conv.inputs.first()?.clone(), conv.only_output()?.to_owned());
        let names = [("weights", w), ("bias", bias)].map(|(what, tensor)| {
            let mut name = format!("{output}/{what}");
            while self.constants.contains_key(&name) {
                name.push('\'');
            }
            self.constants.insert(name.clone(), tensor);
            Some(name)
        });
        conv.inputs = [input].into_iter().chain(names).collect();
        Some(place)
    }

    /// A sum with something else. The convolution moves to the place of the sum,
    /// as what else there is may come after it.
    fn added(&mut self, node: &Node) -> Option<usize> {
        let takes_one = |conv: &Node| conv.op == "Conv" && conv.inputs.len() < 4;
        let free = |index: usize| self.conv(node, index).filter(|(_, conv)| takes_one(conv));
        let (index, place) = [0, 1].into_iter().find_map(|index| Some((index, free(index)?.0)))?;
        let other = node.input(1 - index).filter(|other| Some(*other) != node.input(index))?;
        let mut conv = self.made.get_mut(place)?.take()?;
        conv.inputs.resize(3, None);
        conv.inputs.push(Some(other.to_owned()));
        conv.domain = "edgeinfer".to_owned();
        conv.version = 1;
        Some(self.push(conv))
    }

    fn activated(&mut self, node: &Node) -> Option<usize> {
        let (place, _) = self.conv(node, 0)?;
        let (alpha, beta) = self.parameters(node)?;
        let conv = self.made.get_mut(place)?.as_mut()?;
        conv.domain = "edgeinfer".to_owned();
        conv.version = 1;
        conv.attributes.insert("activation".to_owned(), Attribute::String(node.op.clone()));
        let parameters = [("alpha", alpha), ("beta", beta)];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        conv.attributes.extend(given.map(|(name, value)| (name, Attribute::Float(value))));
        Some(place)
    }

    /// What an activation has besides its input; `None` for every other node.
    fn parameters(&self, node: &Node) -> Option<(Option<f32>, Option<f32>)> {
        match node.op.as_str() {
            "Relu" | "Sigmoid" | "HardSwish" | "Tanh" => Some((None, None)),
            "LeakyRelu" => Some((Some(node.float_or("alpha", 0.01)), None)),
            "Swish" => Some((Some(node.float_or("alpha", 1.0)), None)),
            "HardSigmoid" => Some((Some(node.float_or("alpha", 0.2)), Some(node.float_or("beta", 0.5)))),
            "Clip" => {
                let bounds = [("min", 1, f32::NEG_INFINITY), ("max", 2, f32::INFINITY)];
                let [least, most] = bounds.map(|(name, index, default)| match node.input(index) {
                    Some(input) => match self.constants.get(input)?.as_f32()? {
                        [bound] => Some(*bound),
                        _ => None,
                    },
                    None => Some(node.float_or(name, default)),
                });
                Some((Some(least?), Some(most?)))
            }
            _ => None,
        }
    }
}

/// The weights of a convolution: `[M, C / group, k1, …]`, and a bias for each of
/// the M channels.
struct Weights {
    shape: Vec<usize>,
    w: Vec<f32>,
    bias: Vec<f32>,
    /// The groups of one that is transposed: its weights are `[C, M / group, k1, …]`.
    groups: Option<usize>,
}

impl Weights {
    /// Multiplies those of each channel by its factor.
    fn scale(&mut self, changes: &[(f32, f32)]) {
        let channels = self.bias.len().max(1);
        let (rows, own, each) = match (self.groups, self.shape.first()) {
            (Some(groups), Some(inputs)) => (inputs * channels / groups, channels / groups, inputs / groups),
            _ => (channels, channels, 1),
        };
        let size = self.w.len() / rows.max(1);
        for (row, w) in self.w.chunks_exact_mut(size.max(1)).enumerate() {
            let (input, output) = (row / own.max(1), row % own.max(1));
            if let Some((factor, _)) = changes.get(input / each.max(1) * own + output) {
                w.iter_mut().for_each(|w| *w *= factor);
            }
        }
    }

    /// The numbers of `tensor` by channel, where broadcasting it to the result
    /// gives one to each.
    fn per_channel(&self, tensor: &Tensor) -> Option<Vec<f32>> {
        let (numbers, rank, channels) = (tensor.as_f32()?, self.shape.len(), self.bias.len());
        let first = rank.checked_sub(tensor.shape().len())?;
        let mut sizes = tensor.shape().iter().enumerate();
        let fits = sizes.all(|(index, size)| *size == 1 || first + index == 1 && *size == channels);
        match numbers {
            [number] if fits => Some(vec![*number; channels]),
            _ if fits && numbers.len() == channels => Some(numbers.to_vec()),
            _ => None,
        }
    }
}
