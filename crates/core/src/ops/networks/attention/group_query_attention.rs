//! `com.microsoft.GroupQueryAttention`: causal attention with a cache of keys and
//! values, turned by their position where that is asked for.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GroupQueryAttention>

use std::borrow::Cow;

use super::attend::{self, Kept, Stage};
use super::heads::{Heads, Steps, Target, element_count};
use super::mask::Mask;
use super::rotary_embedding::Angles;
use super::scaled_dot_product::{heads, target};
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::{Result, Shape, Tensor, TensorData};

struct GroupQueryAttention {
    heads: usize,
    key_heads: usize,
    /// Without, 1 / √size.
    scale: Option<f32>,
    cap: f32,
    /// How many keys a query sees at most, its own included.
    window: Option<usize>,
    turned: bool,
    interleaved: bool,
    /// Whether queries see no key after their own.
    causal: bool,
    /// Whether the softmax has a 1 more in its denominator.
    smooth: bool,
    /// Which scores are an output.
    stage: Option<Stage>,
    outputs: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    supported(node)?;
    let stage = match node.int_or("qk_output", 0)? {
        0 => None,
        1 => Some(Stage::Masked),
        2 => Some(Stage::Soft),
        other => return Err(node.invalid(format_args!("qk_output: expected 0 to 2, got {other}"))),
    };
    let required = |name| heads(node, name)?.ok_or_else(|| node.invalid(format_args!("{name} is missing")));
    Ok(Box::new(GroupQueryAttention {
        heads: required("num_heads")?,
        key_heads: required("kv_num_heads")?,
        scale: Some(node.float_or("scale", 0.0)?).filter(|scale| *scale != 0.0),
        cap: node.float_or("softcap", 0.0)?,
        window: usize::try_from(node.int_or("local_window_size", -1)?).ok().filter(|window| *window > 0),
        turned: node.flag("do_rotary", false)?,
        interleaved: node.flag("rotary_interleaved", false)?,
        causal: node.flag("causal", true)?,
        smooth: node.int_or("smooth_softmax", 0)? > 0,
        stage,
        outputs: node.step().outputs.len(),
    }))
}

/// Caches of 8 bits and of a window's size, and queries of padded lengths, are for
/// other devices.
fn supported(node: &Node<'_>) -> Result<()> {
    let inputs = ["k_scale", "v_scale", "q_norm_weight", "k_norm_weight", "query_seqlens"];
    let given = node.step().inputs.iter().skip(SINK + 1).zip(inputs);
    let windowed = Some("sliding_window_cache").filter(|name| node.flag(name, false).unwrap_or(true));
    match given.filter(|(input, _)| input.is_some()).map(|(_, name)| name).chain(windowed).next() {
        Some(name) => Err(node.unsupported(format_args!("{name} is not supported"))),
        None => Ok(()),
    }
}

const PAST_KEY: usize = 3;
const PAST_VALUE: usize = 4;
const LENGTHS: usize = 5;
const TOTAL: usize = 6;
const COS: usize = 7;
const SIN: usize = 8;
const POSITIONS: usize = 9;
const ADDED: usize = 10;
const SINK: usize = 11;

impl Operator for GroupQueryAttention {
    /// In float32: queries, keys and values `[batch, length, heads · size]` or all
    /// in rows of one tensor, the past `[batch, heads, length, size]`, and int32 of
    /// how long each sequence is with it, less 1, and the longest.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let [q, k, v] = self.parts(inputs)?;
        let sequences = Sequences::new(inputs, &q, scope)?;
        let past =
            |index| inputs.optional(index)?.map(|past| Heads::new("the past", &past, None)).transpose();
        let (past_key, past_value): (Option<Heads<'_, f32>>, _) = (past(PAST_KEY)?, past(PAST_VALUE)?);
        let length = past_key.map_or(0, |past| past.length).max(sequences.longest);
        let mut queries = None;
        let mut new_keys = None;
        if self.turned {
            queries = Some(self.turn(&q, inputs, &sequences, scope)?);
            new_keys = Some(self.turn(&k, inputs, &sequences, scope)?);
        }
        let turned = |own: &Heads<'_, f32>| Steps::by_head(own.heads, own.length, own.size);
        let q = queries.as_ref().map_or(q, |data| Heads { data, steps: turned(&q), ..q });
        let k = new_keys.as_ref().map_or(k, |data| Heads { data, steps: turned(&k), ..k });
        let keys = sequences.cache(&k, past_key.as_ref(), length, scope)?;
        let values = sequences.cache(&v, past_value.as_ref(), length, scope)?;
        let cached = |own: &Heads<'_, f32>| Steps::by_head(own.heads, length, own.size);
        let sinks = self.sinks(inputs)?;
        let longest = sequences.longest;
        let attention = attend::Attention {
            q,
            k: Heads { data: &keys, length: longest, steps: cached(&k), ..k },
            v: Heads { data: &values, length: longest, steps: cached(&v), ..v },
            scale: self.scale.unwrap_or_else(|| 1.0 / (q.size as f32).sqrt()),
            cap: self.cap,
            causal: self.causal.then_some(&sequences.before),
            lengths: &sequences.lengths,
            sinks: &sinks,
        };
        let mut y = target(&q, v.size, false, scope)?;
        let scores = [q.batch, q.heads, q.length, longest];
        let mut kept = match self.stage {
            Some(stage) => Some(Kept { stage, scores: scope.zeros(element_count(scores)?)? }),
            None => None,
        };
        self.attend(&attention, &sequences, inputs, (&mut y, kept.as_mut()), scope)?;
        let shape = [q.batch, q.length, q.heads.saturating_mul(v.size)];
        let mut outputs = only(Tensor::new(shape.as_slice(), TensorData::Float32(y.data))?);
        let shapes = [&k, &v].map(|own| [own.batch, own.heads, length, own.size]);
        queries.into_iter().chain(new_keys).for_each(|own| scope.keep(own));
        for (shape, data) in shapes.into_iter().zip([keys, values]) {
            if outputs.len() < self.outputs {
                outputs.push(Tensor::new(Shape::from_slice(&shape), TensorData::Float32(data))?.into());
            } else {
                scope.keep(data);
            }
        }
        if let Some(mut kept) = kept {
            // Of a key that a query does not see, onnxruntime has no score.
            let unseen = kept.scores.iter_mut().filter(|score| **score == f32::NEG_INFINITY);
            unseen.for_each(|score| *score = 0.0);
            outputs.push(Tensor::new(Shape::from_slice(&scores), TensorData::Float32(kept.scores))?.into());
        }
        Ok(outputs)
    }
}

impl GroupQueryAttention {
    fn parts<'a>(&self, inputs: &Inputs<'a>) -> Result<[Heads<'a, f32>; 3]> {
        let q = inputs.tensor(0)?;
        if inputs.value(1).is_some() {
            let (k, v) = (inputs.tensor(1)?, inputs.tensor(2)?);
            let (q, k) =
                (Heads::new("query", &q, Some(self.heads))?, Heads::new("key", &k, Some(self.key_heads))?);
            return Ok([q, k, Heads::new("value", &v, Some(self.key_heads))?]);
        }
        let all = self.heads.saturating_add(self.key_heads.saturating_mul(2));
        let rows = Heads::<f32>::new("query", &q, Some(all))?;
        let part = |first: usize, heads| {
            let data = rows.data.get(first.saturating_mul(rows.size)..).unwrap_or_default();
            Heads { data, heads, ..rows }
        };
        let (keys, values) = (self.heads, self.heads.saturating_add(self.key_heads));
        Ok([part(0, self.heads), part(keys, self.key_heads), part(values, self.key_heads)])
    }

    /// What each head's softmax has besides the scores.
    fn sinks<'a>(&self, inputs: &Inputs<'a>) -> Result<Cow<'a, [f32]>> {
        if inputs.value(SINK).is_none() {
            return Ok(if self.smooth { vec![0.0; self.heads] } else { Vec::new() }.into());
        }
        let sinks = inputs.read::<f32>(SINK)?;
        if sinks.len() != self.heads {
            return Err(failed(format!("head_sink: expected {} numbers, got {}", self.heads, sinks.len())));
        }
        Ok(sinks.into())
    }

    /// The rows of `own` turned by their position, `[batch, heads, length, size]`.
    fn turn(
        &self,
        own: &Heads<'_, f32>,
        inputs: &Inputs<'_>,
        sequences: &Sequences,
        scope: &mut Scope,
    ) -> Result<Vec<f32>> {
        let (cos, sin) = (inputs.tensor(COS)?, inputs.tensor(SIN)?);
        let turned = cos.shape.last().copied().unwrap_or_default().saturating_mul(2);
        let given = inputs.optional(POSITIONS)?.map(|positions| ints(&positions, scope)).transpose()?;
        let mut counted = scope.vec(own.batch.saturating_mul(own.length))?;
        for before in &sequences.before {
            counted.extend((0..own.length).map(|place| before.saturating_add(place) as i64));
        }
        let positions = given.as_deref().unwrap_or(&counted);
        let angles = Angles::new([&cos, &sin], Some(positions), own, turned)?;
        let steps = Steps::by_head(own.heads, own.length, own.size);
        let mut y = Target { data: own.after(None, scope)?, steps };
        y.turn(own, &angles, self.interleaved)?;
        given.into_iter().for_each(|given| scope.keep_cow(given));
        scope.keep(counted);
        Ok(y.data)
    }

    fn attend(
        &self,
        attention: &attend::Attention<'_, f32>,
        sequences: &Sequences,
        inputs: &Inputs<'_>,
        (y, kept): (&mut Target<f32>, Option<&mut Kept<f32>>),
        scope: &mut Scope,
    ) -> Result<()> {
        let (q, keys) = (&attention.q, sequences.longest);
        let shape = [q.batch, q.heads, q.length, keys];
        let added = inputs.optional(ADDED)?;
        let added = added.map(|mask| Mask::<f32>::new("attention_bias", &mask, shape)).transpose()?;
        let add = |place: [usize; 3], scores: &mut [f32]| {
            if let Some(added) = &added {
                added.add(place, scores, keys);
            }
            let [batch, _, query] = place;
            let seen = sequences.before.get(batch).map_or(0, |before| before.saturating_add(query + 1));
            let hidden = self.window.map_or(0, |window| seen.saturating_sub(window));
            // A query that is padding itself sees the last key, so that its numbers are some.
            let hidden = hidden.min(sequences.lengths.get(batch).map_or(0, |length| length - 1));
            scores.iter_mut().take(hidden).for_each(|score| *score = f32::NEG_INFINITY);
        };
        let masked = added.is_some() || self.window.is_some();
        attention.run(y, masked.then_some(&add), kept, scope)
    }
}

/// How long sequences are.
struct Sequences {
    /// The places of each sequence before those of the input.
    before: Vec<usize>,
    /// The places of each sequence, those of the input included.
    lengths: Vec<usize>,
    longest: usize,
}

impl Sequences {
    fn new(inputs: &Inputs<'_>, q: &Heads<'_, f32>, scope: &mut Scope) -> Result<Self> {
        let last = ints(&inputs.tensor(LENGTHS)?, scope)?;
        let longest = match *ints(&inputs.tensor(TOTAL)?, scope)? {
            [longest] => usize::try_from(longest).unwrap_or_default(),
            _ => return Err(failed("total_sequence_length: expected one number")),
        };
        // A prompt begins the sequences, however long each of them is.
        let prompt = q.length == longest;
        let (mut before, mut lengths) = (Vec::new(), Vec::new());
        for last in last.iter() {
            let length = usize::try_from(*last).ok().and_then(|last| last.checked_add(1));
            let length = length.filter(|length| *length <= longest);
            let earlier =
                length.and_then(|length| if prompt { Some(0) } else { length.checked_sub(q.length) });
            let (Some(length), Some(earlier)) = (length, earlier) else {
                return Err(failed(format!(
                    "seqlens_k: {last} is no last place of {longest} with {} new ones",
                    q.length
                )));
            };
            lengths.push(length);
            before.push(earlier);
        }
        if lengths.len() != q.batch {
            return Err(failed(format!("seqlens_k: expected {} lengths, got {}", q.batch, lengths.len())));
        }
        scope.keep_cow(last);
        Ok(Self { before, lengths, longest })
    }

    /// The past with the rows of `own` after what counts of it, of `length` places.
    fn cache(
        &self,
        own: &Heads<'_, f32>,
        past: Option<&Heads<'_, f32>>,
        length: usize,
        scope: &mut Scope,
    ) -> Result<Vec<f32>> {
        if let Some(past) = past {
            past.goes_with("the past", own, "the input")?;
        }
        let steps = Steps::by_head(own.heads, length, own.size);
        let mut cache =
            Target { data: scope.zeros(element_count([own.batch, own.heads, length, own.size])?)?, steps };
        if cache.data.is_empty() {
            return Ok(cache.data);
        }
        for (batch, &before) in self.before.iter().enumerate() {
            for head in 0..own.heads {
                if let Some(past) = past {
                    let places = 0..before.min(past.length);
                    places.for_each(|row| {
                        cache.write((batch, head, row), past.row(batch, head, row), own.size)
                    });
                }
                for row in 0..own.length {
                    cache.write(
                        (batch, head, before.saturating_add(row)),
                        own.row(batch, head, row),
                        own.size,
                    );
                }
            }
        }
        Ok(cache.data)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i32s};
    use crate::{ErrorKind, Result, Tensor, Value};

    fn case() -> Case {
        let case = Case::new("com.microsoft", "GroupQueryAttention", 1).float("scale", 1.0).outputs(3);
        case.int("num_heads", 2).int("kv_num_heads", 1)
    }

    /// One query of two heads after two places.
    fn inputs() -> Vec<Option<Tensor>> {
        let (q, k) = (f32s(&[1, 1, 4], &[1.0, 0.0, 0.0, 1.0]), f32s(&[1, 1, 2], &[1.0, 0.0]));
        let past = |numbers: &[f32]| Some(f32s(&[1, 1, 2, 2], numbers));
        let lengths = [Some(i32s(&[1], &[2])), Some(i32s(&[1], &[3]))];
        let keys_and_values = [past(&[0.0, 2.0, 1.0, 0.0]), past(&[1.0, 0.0, 3.0, 0.0])];
        let new = [Some(q), Some(k), Some(f32s(&[1, 1, 2], &[5.0, 0.0]))];
        new.into_iter().chain(keys_and_values).chain(lengths).collect()
    }

    fn run(case: &Case, inputs: Vec<Option<Tensor>>) -> Result<Vec<Tensor>> {
        let inputs: Vec<_> = inputs.into_iter().map(|input| input.map(Value::Tensor)).collect();
        let outputs = case.run_values(&inputs)?;
        Ok(outputs.iter().map(|value| value.as_tensor().unwrap().clone()).collect())
    }

    fn y(outputs: &[Tensor]) -> &[f32] {
        outputs[0].as_f32().unwrap()
    }

    #[test]
    fn appends_to_the_cache_and_attends() {
        let outputs = run(&case(), inputs()).unwrap();
        assert_close(y(&outputs), &[3.533_913, 0.0, 1.639_041_7, 0.0]);
        assert_eq!(outputs[1], f32s(&[1, 1, 3, 2], &[0.0, 2.0, 1.0, 0.0, 1.0, 0.0]));
        assert_eq!(outputs[2], f32s(&[1, 1, 3, 2], &[1.0, 0.0, 3.0, 0.0, 5.0, 0.0]));
        let narrow = run(&case().int("local_window_size", 2).float("softcap", 1.0), inputs()).unwrap();
        assert_close(y(&narrow), &[4.0, 0.0, 4.0, 0.0]);
    }

    /// onnxruntime's numbers.
    #[test]
    fn a_softmax_may_have_a_share_for_no_key() {
        let smooth = run(&case().int("smooth_softmax", 1), inputs()).unwrap();
        assert_close(y(&smooth), &[3.058_705, 0.0, 1.481_275_6, 0.0]);
        let mut with_sinks = inputs();
        with_sinks.extend([None, None, None, None, Some(f32s(&[2], &[1.0, -2.0]))]);
        assert_close(y(&run(&case(), with_sinks).unwrap()), &[2.484_613_7, 0.0, 1.615_752, 0.0]);
    }

    /// onnxruntime's numbers.
    #[test]
    fn scores_are_an_output_before_or_after_the_softmax() {
        let before = case().int("qk_output", 1).int("local_window_size", 2).outputs(4);
        let scores = run(&before, inputs()).unwrap();
        assert_eq!(scores[3], f32s(&[1, 2, 1, 3], &[0.0, 1.0, 1.0, 0.0, 0.0, 0.0]));
        let after = run(&case().int("qk_output", 2).outputs(4), inputs()).unwrap();
        let expected = [0.155_362_41, 0.422_318_82, 0.422_318_82, 0.786_986, 0.106_506_97, 0.106_506_97];
        assert_close(after[3].as_f32().unwrap(), &expected);
    }

    /// onnxruntime's numbers.
    #[test]
    fn queries_may_see_what_comes_after() {
        let (x, v) = (f32s(&[1, 2, 2], &[1.0, 0.0, 0.0, 1.0]), f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]));
        let lengths = [None, None, Some(i32s(&[1], &[1])), Some(i32s(&[1], &[2]))];
        let inputs = [Some(x.clone()), Some(x), Some(v)].into_iter().chain(lengths).collect();
        let outputs = run(&case().int("num_heads", 1).int("causal", 0), inputs).unwrap();
        assert_close(y(&outputs), &[1.537_882_9, 2.537_882_8, 2.462_117_2, 3.462_117_2]);
    }

    #[test]
    fn queries_keys_and_values_may_be_in_one_row() {
        let mut packed = inputs();
        packed[0] = Some(f32s(&[1, 1, 8], &[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 5.0, 0.0]));
        (packed[1], packed[2]) = (None, None);
        assert_eq!(run(&case(), packed).unwrap(), run(&case(), inputs()).unwrap());
    }

    #[test]
    fn a_cache_may_be_longer_than_what_counts() {
        let mut longer = inputs();
        let past = |x: f32, y: f32| {
            Some(f32s(&[1, 1, 4, 2], &[x, 2.0 - x * 2.0, y, 0.0, f32::NAN, f32::NAN, f32::NAN, f32::NAN]))
        };
        (longer[3], longer[4]) = (past(0.0, 1.0), past(1.0, 3.0));
        let outputs = run(&case(), longer).unwrap();
        assert_close(y(&outputs), &[3.533_913, 0.0, 1.639_041_7, 0.0]);
        assert_eq!(outputs[1], f32s(&[1, 1, 4, 2], &[0.0, 2.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn a_prompt_is_causal_and_its_padding_does_no_harm() {
        let (q, k) = (f32s(&[1, 2, 4], &[0.0; 8]), f32s(&[1, 2, 2], &[1.0; 4]));
        let v = f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let prompt = |last| {
            let lengths = [Some(i32s(&[1], &[last])), Some(i32s(&[1], &[2]))];
            [Some(q.clone()), Some(k.clone()), Some(v.clone()), None, None]
                .into_iter()
                .chain(lengths)
                .collect()
        };
        let outputs = run(&case(), prompt(1)).unwrap();
        assert_close(y(&outputs), &[1.0, 2.0, 1.0, 2.0, 2.0, 3.0, 2.0, 3.0]);
        let outputs = run(&case().int("local_window_size", 1), prompt(0)).unwrap();
        assert_close(y(&outputs), &[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    }

    #[test]
    fn queries_and_keys_are_turned_by_their_position() {
        let mut turned = inputs();
        let quarters = |numbers: &[f32]| Some(f32s(&[3, 1], numbers));
        turned.extend([quarters(&[1.0, 0.0, -1.0]), quarters(&[0.0, 1.0, 0.0])]);
        let outputs = run(&case().int("do_rotary", 1), turned).unwrap();
        assert_eq!(outputs[1].as_f32().unwrap()[4..], [-1.0, 0.0]);
        // The scores are 0, -1 and 1, then -2, 0 and 0.
        assert_close(y(&outputs), &[3.841_024_9, 0.0, 3.809_863, 0.0]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |index: usize, tensor: Tensor| {
            let mut inputs = inputs();
            inputs.resize(index.max(6) + 1, None);
            inputs[index] = Some(tensor);
            run(&case(), inputs).unwrap_err().message().to_owned()
        };
        let expected = "seqlens_k: 3 is no last place of 3 with 1 new ones";
        assert_eq!(message(5, i32s(&[1], &[3])), expected);
        assert!(message(5, i32s(&[1], &[-2])).starts_with("seqlens_k: -2"));
        assert_eq!(message(5, i32s(&[2], &[2, 2])), "seqlens_k: expected 1 lengths, got 2");
        assert_eq!(message(6, i32s(&[2], &[2, 2])), "total_sequence_length: expected one number");
        assert!(message(3, f32s(&[1, 2, 1, 2], &[0.0; 4])).starts_with("the past has"));
        assert_eq!(message(11, f32s(&[3], &[0.0; 3])), "head_sink: expected 2 numbers, got 3");
        let error = run(&case().int("sliding_window_cache", 1), inputs()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedModel);
        let error = run(&case().int("qk_output", 3), inputs()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
    }
}
