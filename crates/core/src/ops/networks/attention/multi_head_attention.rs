//! `com.microsoft.MultiHeadAttention`: attention of queries, keys and values that
//! are projected already, together or apart.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MultiHeadAttention>

use super::attend;
use super::heads::{Heads, Steps};
use super::mask::Mask;
use super::padding::Padding;
use super::scaled_dot_product::{State, heads, target};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData};

struct MultiHeadAttention {
    heads: usize,
    settings: Settings,
    /// How many outputs somebody may take.
    outputs: usize,
}

/// What onnxruntime's operators have in common.
pub(super) struct Settings {
    /// Without, 1 / √size.
    pub(super) scale: Option<f32>,
    /// What is added to the scores of padding.
    pub(super) filter: f32,
    /// Whether queries see no key after their own.
    pub(super) causal: bool,
}

impl Settings {
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        let scale = Some(node.float_or("scale", 0.0)?).filter(|scale| *scale != 0.0);
        let filter = node.float_or("mask_filter_value", -10_000.0)?;
        Ok(Self { scale, filter, causal: node.flag("unidirectional", false)? })
    }
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let heads = heads(node, "num_heads")?.ok_or_else(|| node.invalid("num_heads is missing"))?;
    let outputs = node.step().outputs.len();
    Ok(Box::new(MultiHeadAttention { heads, settings: Settings::of(node)?, outputs }))
}

const BIAS: usize = 3;
const PADDING: usize = 4;
const ADDED: usize = 5;
const PAST_KEY: usize = 6;
const PAST_VALUE: usize = 7;

impl Operator for MultiHeadAttention {
    /// In float32: queries, keys and values `[batch, length, heads · size]`; all
    /// in one `[batch, length, heads, 3, size]`, or keys and values in one
    /// `[batch, length, heads, 2, size]`, or both `[batch, heads, length, size]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        if inputs.value(PAST_VALUE + 1).is_some() && inputs.value(PAST_VALUE + 2).is_some() {
            return Err(failed("beams of a cache are not supported"));
        }
        let [q, k, v] = self.parts(inputs)?;
        let [q_bias, k_bias, v_bias] = biases(inputs, [&q, &k, &v])?;
        // Keys and values by their heads have theirs already, as in onnxruntime.
        let by_head = inputs.optional(1)?.is_some_and(|key| key.shape.len() == 4);
        let [k_bias, v_bias] = if by_head { [&[][..]; 2] } else { [k_bias, v_bias] };
        let q_own = biased(&q, q_bias, scope)?;
        let (keys, past) = self.with_past(&k, k_bias, inputs, PAST_KEY, scope)?;
        let (values, _) = self.with_past(&v, v_bias, inputs, PAST_VALUE, scope)?;
        let asked = Asked {
            q: q_own.view(q),
            k: keys.view(k),
            v: values.view(v),
            past,
            padding: inputs.optional(PADDING)?,
            added: inputs.optional(ADDED)?,
        };
        let y = asked.answer(&self.settings, scope)?;
        let mut outputs = only(y);
        for (index, state) in [(1, keys), (2, values)] {
            state.give(index, index < self.outputs, &mut outputs, scope)?;
        }
        q_own.all.into_iter().for_each(|own| scope.keep(own));
        Ok(outputs)
    }
}

impl MultiHeadAttention {
    fn parts<'a>(&self, inputs: &Inputs<'a>) -> Result<[Heads<'a, f32>; 3]> {
        let q = inputs.tensor(0)?;
        if q.shape.len() == 5 {
            return Ok([packed(&q, 0, 3)?, packed(&q, 1, 3)?, packed(&q, 2, 3)?]);
        }
        let (q, k) = (Heads::new("query", &q, Some(self.heads))?, inputs.tensor(1)?);
        if k.shape.len() == 5 {
            return Ok([q, packed(&k, 0, 2)?, packed(&k, 1, 2)?]);
        }
        let v = inputs.tensor(2)?;
        Ok([q, Heads::new("key", &k, Some(self.heads))?, Heads::new("value", &v, Some(self.heads))?])
    }

    /// Keys or values with their bias, after those of the past, and how many those
    /// are.
    fn with_past(
        &self,
        own: &Heads<'_, f32>,
        bias: &[f32],
        inputs: &Inputs<'_>,
        past: usize,
        scope: &mut Scope,
    ) -> Result<(State<f32>, usize)> {
        let past =
            inputs.optional(past)?.map(|past| Heads::<f32>::new("the past", &past, None)).transpose()?;
        if let Some(past) = &past {
            past.goes_with("the past", own, "the input")?;
        }
        let length = past.as_ref().map_or(0, |past| past.length);
        if past.is_none() && self.outputs == 1 {
            return Ok((biased(own, bias, scope)?, 0));
        }
        let with_bias = biased(own, bias, scope)?;
        let all = with_bias.view(*own).after(past.as_ref(), scope)?;
        with_bias.all.into_iter().for_each(|own| scope.keep(own));
        let shape = [own.batch, own.heads, length.saturating_add(own.length), own.size];
        Ok((State { all: Some(all), shape }, length))
    }
}

/// Part `index` of `count` that each head of a row has.
fn packed<'a>(tensor: &TensorRef<'a>, index: usize, count: usize) -> Result<Heads<'a, f32>> {
    let data = tensor.read::<f32>();
    match (tensor.shape, data) {
        (&[batch, length, heads, parts, size], Some(data)) if parts == count => {
            let Steps { batch: sequence, head, row } =
                Steps::by_row(heads, length, count.saturating_mul(size));
            let steps = Steps { batch: sequence, head, row };
            let data = data.get(index.saturating_mul(size)..).unwrap_or_default();
            Ok(Heads { data, batch, heads, length, size, steps })
        }
        (shape, _) => {
            Err(failed(format!("expected {count} parts of float32 in each head, got shape {shape:?}")))
        }
    }
}

/// The parts of the bias that are for queries, keys and values; empty without.
fn biases<'a>(inputs: &Inputs<'a>, parts: [&Heads<'_, f32>; 3]) -> Result<[&'a [f32]; 3]> {
    let Some(_) = inputs.optional(BIAS)? else { return Ok([&[]; 3]) };
    let mut rest = inputs.read::<f32>(BIAS)?;
    let [q, k, v] = parts.map(|part| part.heads.saturating_mul(part.size));
    let mut take = |count: usize| {
        let (first, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(first)
    };
    let biases = take(q).zip(take(k)).zip(take(v));
    match biases {
        Some(((q, k), v)) if rest.is_empty() => Ok([q, k, v]),
        _ => Err(failed(format!("bias: expected {q}, {k} and {v} numbers for queries, keys and values"))),
    }
}

/// `own` with a bias for each number of its heads; as it is without.
fn biased(own: &Heads<'_, f32>, bias: &[f32], scope: &mut Scope) -> Result<State<f32>> {
    let shape = [own.batch, own.heads, own.length, own.size];
    if bias.is_empty() {
        return Ok(State { all: None, shape });
    }
    let mut all = own.after(None, scope)?;
    let heads = all.chunks_exact_mut(own.length.saturating_mul(own.size).max(1));
    for (rows, bias) in heads.zip(bias.chunks_exact(own.size.max(1)).cycle()) {
        for row in rows.chunks_exact_mut(own.size.max(1)) {
            row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
        }
    }
    Ok(State { all: Some(all), shape })
}

/// What is asked of keys and values.
pub(super) struct Asked<'a> {
    pub(super) q: Heads<'a, f32>,
    pub(super) k: Heads<'a, f32>,
    pub(super) v: Heads<'a, f32>,
    /// How many keys are before those of the first query.
    pub(super) past: usize,
    pub(super) padding: Option<TensorRef<'a>>,
    /// What is added to scores.
    pub(super) added: Option<TensorRef<'a>>,
}

impl Asked<'_> {
    /// The answers, `[batch, length, heads · size]`.
    pub(super) fn answer(&self, settings: &Settings, scope: &mut Scope) -> Result<Tensor> {
        let Self { q, k, v, past, .. } = *self;
        let shape = [q.batch, q.heads, q.length, k.length];
        let padding =
            self.padding.map(|mask| Padding::new(&mask, [q.batch, q.length, k.length], settings.filter));
        let padding = padding.transpose()?;
        let added = self.added.map(|mask| Mask::<f32>::new("attention_bias", &mask, shape)).transpose()?;
        let add = |[batch, head, query]: [usize; 3], scores: &mut [f32]| {
            if let Some(padding) = &padding {
                padding.add(batch, query, q.length, k.length, scores);
            }
            if let Some(added) = &added {
                added.add([batch, head, query], scores, k.length);
            }
        };
        let offsets = [past];
        let attention = attend::Attention {
            q,
            k,
            v,
            scale: settings.scale.unwrap_or_else(|| 1.0 / (q.size as f32).sqrt()),
            cap: 0.0,
            // One query alone sees all keys, as it does in onnxruntime.
            causal: (settings.causal && q.length > 1).then_some(&offsets),
            lengths: &[],
            sinks: &[],
        };
        let masked = padding.is_some() || added.is_some();
        let mut y = target(&q, v.size, false, scope)?;
        attention.run(&mut y, masked.then_some(&add), None, scope)?;
        let shape = [q.batch, q.length, q.heads.saturating_mul(v.size)];
        Tensor::new(shape.as_slice(), TensorData::Float32(y.data))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i32s};
    use crate::{Result, Tensor, Value};

    fn case() -> Case {
        Case::new("com.microsoft", "MultiHeadAttention", 1).int("num_heads", 1)
    }

    fn q() -> Tensor {
        f32s(&[1, 2, 2], &[1.0, 0.0, 0.0, 1.0])
    }

    fn inputs() -> Vec<Option<Tensor>> {
        let k = f32s(&[1, 3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        vec![Some(q()), Some(k), Some(f32s(&[1, 3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))]
    }

    fn run(case: &Case, inputs: Vec<Option<Tensor>>) -> Result<Vec<Tensor>> {
        let inputs: Vec<_> = inputs.into_iter().map(|input| input.map(Value::Tensor)).collect();
        let outputs = case.run_values(&inputs)?;
        Ok(outputs.iter().map(|value| value.as_tensor().unwrap().clone()).collect())
    }

    fn with(case: &Case, more: &[Option<Tensor>]) -> Vec<f32> {
        let inputs = inputs().into_iter().chain(more.iter().cloned()).collect();
        run(case, inputs).unwrap()[0].as_f32().unwrap().to_vec()
    }

    #[test]
    fn attends_with_biases_and_masks() {
        assert_close(&with(&case(), &[]), &[3.0, 4.0, 3.406_672_5, 4.406_672_5]);
        let bias = f32s(&[6], &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
        let y = with(&case().int("num_heads", 2), &[Some(bias), Some(i32s(&[1], &[2]))]);
        assert_close(&y, &[2.537_882_8, 4.0, 3.0, 4.462_117]);
        let added = f32s(&[1, 1, 2, 3], &[0.0, 1.0, 2.0, 0.0, 0.0, 0.0]);
        let y = with(&case(), &[None, None, Some(added)]);
        assert_close(&y, &[4.313_356_4, 5.313_356_4, 3.406_672_5, 4.406_672_5]);
    }

    #[test]
    fn what_is_past_comes_before_and_is_handed_on() {
        let (v, one) = (f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]), |x| Some(f32s(&[1, 1, 1, 2], &[x; 2])));
        let inputs = vec![Some(q()), Some(q()), Some(v), None, None, None, one(1.0), one(9.0)];
        let outputs = run(&case().int("unidirectional", 1).outputs(3), inputs).unwrap();
        assert_close(outputs[0].as_f32().unwrap(), &[5.0, 5.5, 5.011_121, 5.610_008_7]);
        assert_eq!(outputs[1], f32s(&[1, 1, 3, 2], &[1.0, 1.0, 1.0, 0.0, 0.0, 1.0]));
        assert_eq!(outputs[2], f32s(&[1, 1, 3, 2], &[9.0, 9.0, 1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    fn keys_and_values_may_be_packed_or_by_head() {
        let expected = run(&case(), inputs()).unwrap();
        let both = [1.0, 0.0, 1.0, 2.0, 0.0, 1.0, 3.0, 4.0, 1.0, 1.0, 5.0, 6.0];
        let packed = vec![Some(q()), Some(f32s(&[1, 3, 1, 2, 2], &both))];
        assert_eq!(run(&case(), packed).unwrap()[0], expected[0]);
        let by_head = inputs().into_iter().enumerate().map(|(index, tensor)| {
            let tensor = tensor?;
            Some(if index == 0 { tensor } else { f32s(&[1, 1, 3, 2], tensor.as_f32()?) })
        });
        assert_eq!(run(&case(), by_head.collect()).unwrap()[0], expected[0]);
        let all = [1.0, 0.0, 1.0, 0.0, 1.0, 2.0, 0.0, 1.0, 0.0, 1.0, 3.0, 4.0];
        let apart = vec![Some(q()), Some(q()), Some(f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]))];
        let packed = run(&case(), vec![Some(f32s(&[1, 2, 1, 3, 2], &all))]).unwrap();
        assert_eq!(packed[0], run(&case(), apart).unwrap()[0]);
    }

    /// onnxruntime's numbers.
    #[test]
    fn keys_and_values_by_head_have_their_bias_already() {
        let (q, bias) = (f32s(&[1, 1, 2], &[1.0, 0.0]), f32s(&[6], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        let (k, v) = ([1.0, 0.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0]);
        let [k, v] = [k, v].map(|numbers| Some(f32s(&[1, 1, 2, 2], &numbers)));
        let outputs = run(&case(), vec![Some(q), k, v, Some(bias)]).unwrap();
        assert_eq!(outputs[0], f32s(&[1, 1, 2], &[2.0, 3.0]));
    }

    #[test]
    fn one_query_alone_sees_all_keys() {
        let mut alone = inputs();
        alone[0] = Some(f32s(&[1, 1, 2], &[1.0, 0.0]));
        let outputs = run(&case().int("unidirectional", 1), alone).unwrap();
        assert_close(outputs[0].as_f32().unwrap(), &[3.0, 4.0]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |index: usize, tensor: Tensor| {
            let mut inputs = inputs();
            inputs.resize(index.max(2) + 1, None);
            inputs[index] = Some(tensor);
            run(&case(), inputs).unwrap_err().message().to_owned()
        };
        let zeros = |shape: &[usize]| f32s(shape, &vec![0.0; shape.iter().product()]);
        assert_eq!(message(3, zeros(&[5])), "bias: expected 2, 2 and 2 numbers for queries, keys and values");
        let packed = message(1, zeros(&[1, 3, 1, 4, 2]));
        assert_eq!(packed, "expected 2 parts of float32 in each head, got shape [1, 3, 1, 4, 2]");
        assert!(message(4, i32s(&[3], &[1; 3])).starts_with("expected a mask"));
        assert!(message(5, zeros(&[3, 3])).starts_with("attention_bias of shape [3, 3]"));
        assert!(message(6, zeros(&[1, 1, 1, 3])).starts_with("the past has a batch of 1"));
        assert_eq!(
            run(&Case::new("com.microsoft", "MultiHeadAttention", 1), inputs()).unwrap_err().message(),
            "num_heads is missing"
        );
    }
}
