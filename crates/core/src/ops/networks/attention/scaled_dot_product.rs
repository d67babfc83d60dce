//! `Attention`: `softmax(scale · Q · Kᵀ + mask) · V` by heads.
//! <https://onnx.ai/onnx/operators/onnx__Attention.html>

use smallvec::SmallVec;

use super::attend::{self, Kept, Real, Stage};
use super::heads::{Heads, Steps, Target, element_count};
use super::mask::Mask;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, Tensor};

struct Attention {
    query_heads: Option<usize>,
    key_heads: Option<usize>,
    /// Without, 1 / √size.
    scale: Option<f32>,
    cap: f32,
    causal: bool,
    /// Which scores are an output.
    stage: Stage,
    /// Whether somebody takes each output.
    taken: SmallVec<[bool; 4]>,
}

/// `softmax_precision` is not read: nothing is calculated with fewer digits than
/// those of float32.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let stage = match node.int_or("qk_matmul_output_mode", 0)? {
        0 => Stage::Product,
        1 => Stage::Capped,
        2 => Stage::Masked,
        3 => Stage::Soft,
        other => {
            return Err(node.invalid(format_args!("qk_matmul_output_mode: expected 0 to 3, got {other}")));
        }
    };
    Ok(Box::new(Attention {
        query_heads: heads(node, "q_num_heads")?,
        key_heads: heads(node, "kv_num_heads")?,
        scale: if node.has("scale") { Some(node.float_or("scale", 1.0)?) } else { None },
        cap: node.float_or("softcap", 0.0)?,
        causal: node.flag("is_causal", false)?,
        stage,
        taken: node.step().outputs.iter().copied().collect(),
    }))
}

/// A number of heads, where the node has the attribute.
pub(super) fn heads(node: &Node<'_>, name: &str) -> Result<Option<usize>> {
    let heads = node.int(name)?.map(|heads| usize::try_from(heads).ok().filter(|heads| *heads > 0));
    heads
        .map(|heads| heads.ok_or_else(|| node.invalid(format_args!("{name}: expected 1 or more"))))
        .transpose()
}

const MASK: usize = 3;
const PAST_KEY: usize = 4;
const PAST_VALUE: usize = 5;
const LENGTHS: usize = 6;

impl Operator for Attention {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let q = inputs.tensor(0)?;
        match q.data {
            DataRef::Float32(_) => self.apply::<f32>(inputs, scope),
            DataRef::Float64(_) => self.apply::<f64>(inputs, scope),
            _ => Err(failed(format!("Q: expected float32 or float64 elements, got {}", q.element_type()))),
        }
    }
}

impl Attention {
    fn apply<T: Real>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (q, k, v) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?);
        let by_head = q.shape.len() == 4;
        let heads = Heads::<T>::new("Q", &q, self.query_heads)?;
        let (keys, past) = self.with_past::<T>(inputs, ("K", 1), PAST_KEY, scope)?;
        let (values, _) = self.with_past::<T>(inputs, ("V", 2), PAST_VALUE, scope)?;
        let k = keys.view(Heads::new("K", &k, self.key_heads)?);
        let v = values.view(Heads::new("V", &v, self.key_heads)?);
        let shape = [heads.batch, heads.heads, heads.length, k.length];
        let mask =
            inputs.optional(MASK)?.map(|mask| Mask::<T>::new("attn_mask", &mask, shape)).transpose()?;
        let lengths = lengths(inputs, heads.batch)?;
        let size = T::from(self.scale.unwrap_or_else(|| 1.0 / (heads.size as f32).sqrt()));
        let offsets = [past];
        let attention = attend::Attention {
            q: heads,
            k,
            v,
            scale: size,
            cap: self.cap.into(),
            causal: self.causal.then_some(&offsets),
            lengths: &[],
            sinks: &[],
        };
        let add = |place: [usize; 3], scores: &mut [T]| {
            if let Some(mask) = &mask {
                mask.add(place, scores, k.length);
            }
            let [batch, ..] = place;
            if let Some(length) = lengths.get(batch) {
                let beyond = scores.iter_mut().skip(usize::try_from(*length).unwrap_or_default());
                beyond.for_each(|score| *score = T::from(f32::NEG_INFINITY));
            }
        };
        let masked = mask.is_some() || !lengths.is_empty();
        let mut y = target(&heads, v.size, by_head, scope)?;
        let mut kept = None;
        if self.takes(3) {
            kept = Some(Kept { stage: self.stage, scores: scope.zeros(element_count(shape)?)? });
        }
        attention.run(&mut y, masked.then_some(&add), kept.as_mut(), scope)?;
        let mut outputs = only(Tensor::new(y_shape(&heads, v.size, by_head), T::wrap(y.data))?);
        for (index, state) in [(1, keys), (2, values)] {
            // More than two outputs are a list on the heap.
            if index < self.taken.len() {
                state.give(index, self.takes(index), &mut outputs, scope)?;
            } else if let Some(all) = state.all {
                scope.keep(all);
            }
        }
        if let Some(kept) = kept {
            outputs.push(Tensor::new(Shape::from_slice(&shape), T::wrap(kept.scores))?.into());
        }
        Ok(outputs)
    }

    fn takes(&self, output: usize) -> bool {
        self.taken.get(output) == Some(&true)
    }

    /// Keys or values with those of the past before them, and how long that is.
    fn with_past<T: Real>(
        &self,
        inputs: &Inputs<'_>,
        (name, index): (&str, usize),
        past: usize,
        scope: &mut Scope,
    ) -> Result<(State<T>, usize)> {
        let own = Heads::<T>::new(name, &inputs.tensor(index)?, self.key_heads)?;
        let past = inputs.optional(past)?.map(|past| Heads::<T>::new("the past", &past, None)).transpose()?;
        if let Some(past) = &past {
            past.goes_with("the past", &own, name)?;
        }
        let length = past.as_ref().map_or(0, |past| past.length);
        let shape = [own.batch, own.heads, length.saturating_add(own.length), own.size];
        let wanted = past.is_some() || self.takes(index);
        let all = if wanted { Some(own.after(past.as_ref(), scope)?) } else { None };
        Ok((State { all, shape }, length))
    }
}

/// Keys or values of all places, where they are not just those of the input.
pub(super) struct State<T> {
    pub(super) all: Option<Vec<T>>,
    pub(super) shape: [usize; 4],
}

impl<T: Real> State<T> {
    pub(super) fn view<'a>(&'a self, own: Heads<'a, T>) -> Heads<'a, T> {
        let [batch, heads, length, size] = self.shape;
        match &self.all {
            Some(data) => {
                Heads { data, batch, heads, length, size, steps: Steps::by_head(heads, length, size) }
            }
            None => own,
        }
    }

    /// Appends the state as output `index`; nothing stands in for one that nobody
    /// takes.
    pub(super) fn give(
        self,
        index: usize,
        taken: bool,
        outputs: &mut Outputs,
        scope: &mut Scope,
    ) -> Result<()> {
        if outputs.len() != index {
            return Ok(());
        }
        match self.all {
            Some(all) if taken => {
                outputs.push(Tensor::new(Shape::from_slice(&self.shape), T::wrap(all))?.into());
            }
            all => {
                all.into_iter().for_each(|all| scope.keep(all));
                outputs.push(Tensor::new(Shape::from_slice(&[0]), T::wrap(Vec::new()))?.into());
            }
        }
        Ok(())
    }
}

/// A place for rows of `size` numbers for each of the queries `q`.
pub(super) fn target<T: Real>(
    q: &Heads<'_, T>,
    size: usize,
    by_head: bool,
    scope: &mut Scope,
) -> Result<Target<T>> {
    let steps = if by_head { Steps::by_head } else { Steps::by_row }(q.heads, q.length, size);
    Ok(Target { data: scope.zeros(element_count([q.batch, q.heads, q.length, size])?)?, steps })
}

fn y_shape<T>(q: &Heads<'_, T>, size: usize, by_head: bool) -> Shape {
    if by_head {
        Shape::from_slice(&[q.batch, q.heads, q.length, size])
    } else {
        Shape::from_slice(&[q.batch, q.length, q.heads.saturating_mul(size)])
    }
}

/// How many keys of each sequence are no padding; empty where that is not said.
fn lengths<'a>(inputs: &Inputs<'a>, batch: usize) -> Result<&'a [i64]> {
    let Some(tensor) = inputs.optional(LENGTHS)? else { return Ok(&[]) };
    let lengths = inputs.read::<i64>(LENGTHS)?;
    if tensor.shape != [batch] {
        return Err(failed(format!(
            "nonpad_kv_seqlen: expected {batch} lengths, got shape {:?}",
            tensor.shape
        )));
    }
    Ok(lengths)
}

#[cfg(test)]
mod tests {
    use super::PAST_VALUE;
    use crate::ops::testing::{Case, assert_close, bools, f32s, f64s, i64s};
    use crate::{ErrorKind, Result, Tensor, Value};

    fn case() -> Case {
        Case::new("", "Attention", 24)
    }

    /// Queries that see all keys alike, whose values are 1, 2 and 6.
    fn alike(queries: usize) -> Vec<Option<Tensor>> {
        let q = f32s(&[1, 1, queries, 1], &vec![0.0; queries]);
        let (k, v) = (f32s(&[1, 1, 3, 1], &[1.0, 5.0, -3.0]), f32s(&[1, 1, 3, 1], &[1.0, 2.0, 6.0]));
        vec![Some(q), Some(k), Some(v)]
    }

    fn run(case: &Case, inputs: &[Option<Tensor>]) -> Result<Vec<Tensor>> {
        let inputs: Vec<_> = inputs.iter().cloned().map(|input| input.map(Value::Tensor)).collect();
        let outputs = case.run_values(&inputs)?;
        Ok(outputs.iter().map(|value| value.as_tensor().unwrap().clone()).collect())
    }

    fn y(case: &Case, inputs: &[Option<Tensor>]) -> Vec<f32> {
        run(case, inputs).unwrap()[0].as_f32().unwrap().to_vec()
    }

    #[test]
    fn weighs_values_by_how_near_keys_are() {
        let q = f32s(&[1, 1, 1, 2], &[1.0, 2.0]);
        let (k, v) = (f32s(&[1, 1, 2, 2], &[1.0, 0.0, 0.0, 1.0]), f32s(&[1, 1, 2, 1], &[10.0, 20.0]));
        // The scores are 1 / √2 and 2 / √2.
        let inputs = [Some(q), Some(k), Some(v)];
        assert_close(&y(&case(), &inputs), &[16.697_615]);
        assert_close(&y(&case().float("scale", 1.0), &inputs), &[17.310_586]);
        assert_close(&y(&case().float("scale", 1.0).float("softcap", 1.0), &inputs), &[15.504_363]);
    }

    #[test]
    fn masks_and_causes_and_lengths_leave_keys_out() {
        let with = |mask: Tensor| [alike(2), vec![Some(mask)]].concat();
        assert_close(&y(&case(), &alike(1)), &[3.0]);
        assert_close(&y(&case().int("is_causal", 1), &alike(2)), &[1.0, 1.5]);
        let mask = bools(&[2, 3], &[true, false, true, false, true, true]);
        assert_close(&y(&case(), &with(mask.clone())), &[3.5, 4.0]);
        assert_close(&y(&case().int("is_causal", 1), &with(mask)), &[1.0, 2.0]);
        let never = f32::NEG_INFINITY;
        assert_close(&y(&case(), &with(f32s(&[1, 1, 1, 3], &[never, 0.0, 0.0]))), &[4.0, 4.0]);
        assert_close(&y(&case(), &with(f32s(&[1, 2], &[0.0; 2]))), &[1.5, 1.5]);
        let lengths = [alike(1), vec![None, None, None, Some(i64s(&[1], &[2]))]].concat();
        assert_close(&y(&case(), &lengths), &[1.5]);
    }

    #[test]
    fn heads_side_by_side_share_keys_of_a_group() {
        let case = case().int("q_num_heads", 4).int("kv_num_heads", 2);
        let q = f32s(&[1, 1, 4], &[0.0; 4]);
        let (k, v) =
            (f32s(&[1, 2, 2], &[1.0; 4]), f32s(&[1, 2, 4], &[1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0, 6.0]));
        let outputs = run(&case, &[Some(q), Some(k), Some(v)]).unwrap();
        assert_eq!(outputs[0], f32s(&[1, 1, 8], &[2.0, 3.0, 2.0, 3.0, 4.0, 5.0, 4.0, 5.0]));
    }

    #[test]
    fn what_is_past_comes_before_and_is_handed_on() {
        let past = [None, Some(f32s(&[1, 1, 1, 1], &[7.0])), Some(f32s(&[1, 1, 1, 1], &[9.0]))];
        let inputs = [alike(2), past.to_vec()].concat();
        let outputs = run(&case().int("is_causal", 1).outputs(4), &inputs).unwrap();
        assert_close(outputs[0].as_f32().unwrap(), &[5.0, 4.0]);
        assert_eq!(outputs[1], f32s(&[1, 1, 4, 1], &[7.0, 1.0, 5.0, -3.0]));
        assert_eq!(outputs[2], f32s(&[1, 1, 4, 1], &[9.0, 1.0, 2.0, 6.0]));
        assert_eq!(outputs[3], f32s(&[1, 1, 2, 4], &[0.0; 8]));
    }

    #[test]
    fn scores_of_any_stage_are_an_output() {
        let [q, k, v] = [[0.5, 1.0], [1.0, 3.0], [0.0, 0.0]].map(|numbers| f32s(&[1, 1, 2, 1], &numbers));
        let inputs = [Some(q), Some(k), Some(v)];
        let never = f32::NEG_INFINITY;
        for (mode, expected) in [
            (0, [0.5, 1.5, 1.0, 3.0]),
            (1, [0.489_837_3, 1.270_297_9, 0.924_234_3, 1.810_296_5]),
            (2, [0.489_837_3, never, 0.924_234_3, 1.810_296_5]),
            (3, [1.0, 0.0, 0.291_923_16, 0.708_076_84]),
        ] {
            let case = case().int("is_causal", 1).float("softcap", 2.0).int("qk_matmul_output_mode", mode);
            let outputs = run(&case.outputs(4), &inputs).unwrap();
            assert_close(outputs[3].as_f32().unwrap(), &expected);
        }
    }

    #[test]
    fn many_queries_are_as_each_alone() {
        let numbers =
            |count: usize| (0..count).map(|i| (i * 7919 % 31) as f32 * 0.1 - 1.5).collect::<Vec<_>>();
        let (q, k, v) = (numbers(130 * 5), numbers(67 * 5), numbers(67 * 3));
        let [k, v] = [f32s(&[1, 1, 67, 5], &k), f32s(&[1, 1, 67, 3], &v)];
        let of = |q: &[f32]| {
            let q = f32s(&[1, 1, q.len() / 5, 5], q);
            y(&case(), &[Some(q), Some(k.clone()), Some(v.clone())])
        };
        assert_close(&of(&q), &q.chunks(5).flat_map(of).collect::<Vec<_>>());
    }

    #[test]
    fn takes_float64_and_nothing_at_all() {
        let one = || Some(f64s(&[1, 1, 1, 1], &[2.5]));
        assert_eq!(run(&case(), &[one(), one(), one()]).unwrap()[0], f64s(&[1, 1, 1, 1], &[2.5]));
        let empty = |shape: [usize; 4]| Some(f32s(&shape, &[]));
        let outputs = run(&case(), &[empty([0, 2, 3, 4]), empty([0, 1, 5, 4]), empty([0, 1, 5, 6])]).unwrap();
        assert_eq!(outputs[0], f32s(&[0, 2, 3, 6], &[]));
        let q = Some(f32s(&[1, 1, 1, 1], &[1.0]));
        let outputs = run(&case(), &[q, empty([1, 1, 0, 1]), empty([1, 1, 0, 2])]).unwrap();
        assert_eq!(outputs[0], f32s(&[1, 1, 1, 2], &[0.0; 2]));
    }

    #[test]
    fn more_heads_than_can_be_counted_are_gone_through_in_no_time() {
        let many = 1 << 60;
        let case = case().int("q_num_heads", many).int("kv_num_heads", many).outputs(3);
        let nothing = || Some(f32s(&[1, 1, 0], &[]));
        let outputs = run(&case, &[nothing(), nothing(), nothing()]).unwrap();
        assert_eq!(outputs[0], f32s(&[1, 1, 0], &[]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |inputs: &[Option<Tensor>]| run(&case(), inputs).unwrap_err().message().to_owned();
        let at = |index: usize, tensor: Tensor| {
            let mut inputs = alike(1);
            inputs.resize(PAST_VALUE + 2, None);
            inputs[index] = Some(tensor);
            message(&inputs)
        };
        let zeros = |shape: &[usize]| f32s(shape, &vec![0.0; shape.iter().product()]);
        assert_eq!(at(0, i64s(&[1], &[1])), "Q: expected float32 or float64 elements, got int64");
        assert_eq!(at(0, zeros(&[1, 1, 1, 2])), "queries are of size 2, but keys of size 1");
        let heads = at(1, zeros(&[1, 0, 3, 1]));
        assert_eq!(heads, "the 1 heads of queries are no multiple of the heads of keys, 0");
        assert!(at(2, zeros(&[1, 1, 2, 1])).contains("keys of batch, heads and length [1, 1, 3]"));
        let mask = at(3, zeros(&[2, 3]));
        assert_eq!(mask, "attn_mask of shape [2, 3] cannot be stretched to [1, 1, 1, 3]");
        assert!(at(4, zeros(&[1, 1, 1, 2])).starts_with("the past has a batch of 1 with 1 heads of size 2"));
        assert_eq!(at(6, i64s(&[2], &[1, 1])), "nonpad_kv_seqlen: expected 1 lengths, got shape [2]");
        assert_eq!(at(0, zeros(&[1, 1, 1])), "Q: expected four dimensions, got shape [1, 1, 1]");
        for case in [case().int("qk_matmul_output_mode", 4), case().int("q_num_heads", 0)] {
            assert_eq!(run(&case, &[]).unwrap_err().kind(), ErrorKind::InvalidModel);
        }
    }
}
