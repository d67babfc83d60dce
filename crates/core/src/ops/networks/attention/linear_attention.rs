//! `LinearAttention`: attention without a softmax, as a state that each place of a
//! sequence adds to, with a decay and a correction of what is there or without.
//! <https://onnx.ai/onnx/operators/onnx__LinearAttention.html>

use super::heads::{Heads, Target, element_count};
use super::scaled_dot_product::{heads, target};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape, Tensor, TensorData};

struct LinearAttention {
    query_heads: usize,
    key_heads: usize,
    /// Without, 1 / √size.
    scale: Option<f32>,
    /// Whether the state decays.
    gated: bool,
    /// Whether a value replaces what the state has for its key.
    delta: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (gated, delta) = match node.string_or("update_rule", "gated_delta")? {
        "linear" => (false, false),
        "gated" => (true, false),
        "delta" => (false, true),
        "gated_delta" => (true, true),
        other => return Err(node.invalid(format_args!("update_rule: there is no {other:?}"))),
    };
    let required = |name| heads(node, name)?.ok_or_else(|| node.invalid(format_args!("{name} is missing")));
    let (query_heads, key_heads) = (required("q_num_heads")?, required("kv_num_heads")?);
    if query_heads % key_heads != 0 {
        return Err(node.invalid(format_args!("{query_heads} heads are no multiple of {key_heads}")));
    }
    let scale = Some(node.float_or("scale", 0.0)?).filter(|scale| *scale != 0.0);
    Ok(Box::new(LinearAttention { query_heads, key_heads, scale, gated, delta }))
}

const STATE: usize = 3;
const DECAY: usize = 4;
const RATE: usize = 5;

impl Operator for LinearAttention {
    /// Q, K, V `[batch, length, heads · size]` in float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let q = Heads::new("query", &inputs.tensor(0)?, Some(self.query_heads))?;
        let k = Heads::new("key", &inputs.tensor(1)?, Some(self.key_heads))?;
        let v = Heads::new("value", &inputs.tensor(2)?, Some(self.key_heads))?;
        if [q.batch, q.length, q.size] != [k.batch, k.length, k.size]
            || [k.batch, k.length] != [v.batch, v.length]
        {
            return Err(failed("queries, keys and values are not of one batch, length and size"));
        }
        let decay = self.by_place("decay", inputs, DECAY, &k, self.gated)?;
        let rate = self.by_place("beta", inputs, RATE, &k, self.delta)?;
        let shape = [k.batch, k.heads, k.size, v.size];
        let mut state = match inputs.optional(STATE)? {
            Some(past) if past.shape == shape => scope.copy(inputs.read::<f32>(STATE)?)?,
            Some(past) => {
                return Err(failed(format!("expected a state of shape {shape:?}, got {:?}", past.shape)));
            }
            None => scope.zeros(element_count(shape)?)?,
        };
        let mut y = target(&q, v.size, false, scope)?;
        let mut value = scope.vec(v.size)?;
        let size = k.size.saturating_mul(v.size);
        for (index, state) in state.chunks_exact_mut(size.max(1)).enumerate() {
            let (batch, head) = (index / k.heads, index % k.heads);
            for place in 0..k.length {
                let key = k.row(batch, head, place);
                value.clear();
                value.extend_from_slice(v.row(batch, head, place));
                fade(state, decay.map_or(&[][..], |decay| decay.row(batch, head, place)), v.size);
                if let Some(rate) = rate {
                    let head = if rate.heads == 1 { 0 } else { head };
                    correct(state, key, &mut value, rate.row(batch, head, place));
                }
                rows(state, key, v.size).for_each(|(row, key)| {
                    row.iter_mut().zip(&value).for_each(|(state, value)| *state += key * value);
                });
                self.answer(&q, (batch, head, place), state, &mut y, v.size);
            }
        }
        scope.keep(value);
        let y_shape = [q.batch, q.length, q.heads.saturating_mul(v.size)];
        let mut outputs = only(Tensor::new(y_shape.as_slice(), TensorData::Float32(y.data))?);
        outputs.push(Tensor::new(Shape::from_slice(&shape), TensorData::Float32(state))?.into());
        Ok(outputs)
    }
}

impl LinearAttention {
    /// A factor for each place: for each key head, or for each number of its keys.
    fn by_place<'a>(
        &self,
        name: &str,
        inputs: &Inputs<'a>,
        index: usize,
        k: &Heads<'_, f32>,
        wanted: bool,
    ) -> Result<Option<Heads<'a, f32>>> {
        let tensor: TensorRef<'a> = match inputs.optional(index)? {
            Some(tensor) if wanted => tensor,
            None if !wanted => return Ok(None),
            Some(_) => return Err(failed(format!("this update_rule takes no {name}"))),
            None => return Err(failed(format!("this update_rule takes {name}, which is missing"))),
        };
        let one_for_all = index == RATE && tensor.shape.last() == Some(&1);
        let heads = Heads::new(name, &tensor, Some(if one_for_all { 1 } else { k.heads }))?;
        let fits = [heads.batch, heads.length] == [k.batch, k.length]
            && (heads.size == 1 || index == DECAY && heads.size == k.size);
        if fits {
            Ok(Some(heads))
        } else {
            Err(failed(format!("{name} of shape {:?} does not fit", tensor.shape)))
        }
    }

    /// What the queries of a key's head get from the state.
    fn answer(
        &self,
        q: &Heads<'_, f32>,
        (batch, head, place): (usize, usize, usize),
        state: &[f32],
        y: &mut Target<f32>,
        size: usize,
    ) {
        let group = q.heads / self.key_heads;
        let scale = self.scale.unwrap_or_else(|| 1.0 / (q.size as f32).sqrt());
        for head in head * group..(head + 1) * group {
            let y = y.row(batch, head, place, size);
            for (row, query) in state.chunks_exact(size.max(1)).zip(q.row(batch, head, place)) {
                y.iter_mut().zip(row).for_each(|(y, state)| *y += scale * query * state);
            }
        }
    }
}

/// The rows of a state, each with the number of the key.
fn rows<'a>(state: &'a mut [f32], key: &'a [f32], size: usize) -> impl Iterator<Item = (&'a mut [f32], f32)> {
    state.chunks_exact_mut(size.max(1)).zip(key.iter().copied())
}

/// Multiplies all of the state, or each of its rows, by e to the power of `decay`.
fn fade(state: &mut [f32], decay: &[f32], size: usize) {
    match decay {
        [] => {}
        [decay] => {
            let factor = decay.exp();
            state.iter_mut().for_each(|state| *state *= factor);
        }
        decay => rows(state, decay, size).for_each(|(row, decay)| {
            let factor = decay.exp();
            row.iter_mut().for_each(|state| *state *= factor);
        }),
    }
}

/// Takes off `value` what the state has for `key`, and multiplies it by `rate`.
fn correct(state: &mut [f32], key: &[f32], value: &mut [f32], rate: &[f32]) {
    let size = value.len();
    for (row, key) in rows(state, key, size) {
        value.iter_mut().zip(row).for_each(|(value, state)| *value -= key * *state);
    }
    let rate = rate.first().copied().unwrap_or(1.0);
    value.iter_mut().for_each(|value| *value *= rate);
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s};
    use crate::{ErrorKind, Tensor, Value};

    fn case(rule: &str) -> Case {
        let case = Case::new("", "LinearAttention", 27).string("update_rule", rule).float("scale", 1.0);
        case.int("q_num_heads", 2).int("kv_num_heads", 1)
    }

    /// Two places, two heads of queries that share one of keys of size 1.
    fn inputs(decay: Option<Tensor>, rate: Option<Tensor>) -> Vec<Option<Value>> {
        let q = f32s(&[1, 2, 2], &[1.0, 2.0, 1.0, -1.0]);
        let (k, v) = (f32s(&[1, 2, 1], &[1.0, 2.0]), f32s(&[1, 2, 1], &[3.0, 5.0]));
        [Some(q), Some(k), Some(v), None, decay, rate].map(|tensor| tensor.map(Value::Tensor)).to_vec()
    }

    fn answers(rule: &str, decay: Option<Tensor>, rate: Option<Tensor>) -> Vec<f32> {
        let y = case(rule).run_values(&inputs(decay, rate)).unwrap();
        let numbers = |value: &Value| value.as_tensor().unwrap().as_f32().unwrap().to_vec();
        y.iter().flat_map(numbers).collect()
    }

    #[test]
    fn each_rule_updates_the_state_in_its_way() {
        let half = || Some(f32s(&[1, 2, 1], &[0.5, 0.5]));
        let nothing = || Some(f32s(&[1, 2, 1], &[f32::NEG_INFINITY; 2]));
        assert_eq!(answers("linear", None, None), [3.0, 6.0, 13.0, -13.0, 13.0]);
        assert_eq!(answers("gated", nothing(), None), [3.0, 6.0, 10.0, -10.0, 10.0]);
        // 1.5, then 1.5 + 2 (5 - 3) / 2.
        assert_eq!(answers("delta", None, half()), [1.5, 3.0, 3.5, -3.5, 3.5]);
        assert_eq!(answers("gated_delta", nothing(), half()), [1.5, 3.0, 5.0, -5.0, 5.0]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message =
            |case: Case, decay, rate| case.run_values(&inputs(decay, rate)).unwrap_err().message().to_owned();
        let one = || Some(f32s(&[1, 2, 1], &[0.0; 2]));
        assert_eq!(message(case("linear"), one(), None), "this update_rule takes no decay");
        assert_eq!(message(case("delta"), None, None), "this update_rule takes beta, which is missing");
        let wide = Some(f32s(&[1, 2, 2], &[0.0; 4]));
        assert_eq!(message(case("gated"), wide, None), "decay of shape [1, 2, 2] does not fit");
        let odd = case("linear").int("kv_num_heads", 3);
        assert_eq!(odd.run(&[]).unwrap_err().kind(), ErrorKind::InvalidModel);
        assert_eq!(case("cubic").run(&[]).unwrap_err().message(), r#"update_rule: there is no "cubic""#);
    }
}
