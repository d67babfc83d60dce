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
        let attention = attend::Attention {
            q: heads,
            k,
            v,
            scale: size,
            cap: self.cap.into(),
            causal: self.causal.then_some(past),
            lengths: &[],
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
            state.give(index, self.takes(index), &mut outputs, scope)?;
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
        Shape::from_slice(&[q.batch, q.length, q.heads * size])
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
