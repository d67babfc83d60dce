//! `FlexAttention` of `ai.onnx.preview`: attention whose scores and probabilities
//! go through bodies of the model's own.
//! <https://onnx.ai/onnx/operators/onnx_aionnxpreview_FlexAttention.html>

use edgeinfer_kernels::Product;

use super::attend::Real;
use super::heads::{Heads, element_count};
use crate::ops::control::body::{Arguments, Body};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Tensor, Value};

struct FlexAttention {
    /// Without, 1 / √size.
    scale: Option<f32>,
    scores: Option<Body>,
    probabilities: Option<Body>,
}

/// `softmax_precision` is not read: nothing is calculated with fewer digits than
/// those of float32.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let body = |name| if node.has(name) { Body::new(node, name, 1).map(Some) } else { Ok(None) };
    let scale = if node.has("scale") { Some(node.float_or("scale", 1.0)?) } else { None };
    Ok(Box::new(FlexAttention { scale, scores: body("score_mod")?, probabilities: body("prob_mod")? }))
}

impl Operator for FlexAttention {
    /// Q, K, V `[batch, heads, length, size]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let q = inputs.tensor(0)?;
        match q.data {
            DataRef::Float32(_) => self.apply::<f32>(inputs, scope),
            DataRef::Float64(_) => self.apply::<f64>(inputs, scope),
            _ => Err(failed(format!("Q: expected float32 or float64 elements, got {}", q.element_type()))),
        }
    }
}

impl FlexAttention {
    fn apply<T: Real>(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let heads = |name, index| Heads::<T>::new(name, &inputs.tensor(index)?, None);
        let (q, k, v) = (heads("Q", 0)?, heads("K", 1)?, heads("V", 2)?);
        let group = q.heads.checked_div(k.heads).filter(|group| group * k.heads == q.heads);
        let group = group.ok_or_else(|| failed("the heads of Q are no multiple of those of K"))?.max(1);
        if q.size != k.size
            || [k.batch, k.heads, k.length] != [v.batch, v.heads, v.length]
            || q.batch != k.batch
        {
            return Err(failed("Q, K and V do not fit each other"));
        }
        let shape = [q.batch, q.heads, q.length, k.length];
        let mut scores: Vec<T> = scope.zeros(element_count(shape)?)?;
        let mut panel = scope.zeros(T::panel_length(q.length, q.size.max(k.length)))?;
        let (mut rows, mut unused) = (scope.vec(q.length.saturating_mul(q.size))?, Vec::new());
        let scale = T::from(self.scale.unwrap_or_else(|| 1.0 / (q.size as f32).sqrt()));
        let matrix = q.length.saturating_mul(k.length).max(1);
        for (index, scores) in scores.chunks_exact_mut(matrix).enumerate() {
            let (batch, head) = (index / q.heads, index % q.heads);
            rows.clear();
            rows.extend(q.rows((batch, head), q.length, &mut unused).iter().map(|x| *x * scale));
            let w = k.rows((batch, head / group), k.length, &mut unused);
            T::multiply_transposed(Product { x: &rows, w, k: q.size, n: k.length }, scores, &mut panel);
        }
        scope.keep(rows);
        let mut scores = modified(self.scores.as_ref(), scores, shape, inputs, scope)?;
        scores.chunks_exact_mut(k.length.max(1)).for_each(T::softmax);
        let scores = modified(self.probabilities.as_ref(), scores, shape, inputs, scope)?;
        let y_shape = [q.batch, q.heads, q.length, v.size];
        let mut y: Vec<T> = scope.zeros(element_count(y_shape)?)?;
        let rows =
            y.chunks_exact_mut(q.length.saturating_mul(v.size).max(1)).zip(scores.chunks_exact(matrix));
        for (index, (y, x)) in rows.enumerate() {
            let (batch, head) = (index / q.heads, index % q.heads);
            let w = v.rows((batch, head / group), v.length, &mut unused);
            T::multiply(Product { x, w, k: k.length, n: v.size }, y, &mut panel);
        }
        scope.keep(scores);
        scope.keep(panel);
        one(y_shape.as_slice(), T::wrap(y))
    }
}

/// What `body` makes of `numbers`, which keep their shape and type.
fn modified<T: Real>(
    body: Option<&Body>,
    numbers: Vec<T>,
    shape: [usize; 4],
    inputs: &Inputs<'_>,
    scope: &mut Scope,
) -> Result<Vec<T>> {
    let Some(body) = body else { return Ok(numbers) };
    let tensor = Tensor::new(shape.as_slice(), T::wrap(numbers))?;
    let mut arguments = Arguments::new();
    arguments.push(ValueRef::Tensor(TensorRef::from(&tensor)));
    let outputs = body.run(arguments, inputs, scope)?;
    let output = outputs.first().and_then(Value::as_tensor).map(TensorRef::from);
    let output = output.filter(|output| output.shape == shape).and_then(|output| output.read::<T>());
    let output = output.ok_or_else(|| failed(format!("a body gives no {} of shape {shape:?}", T::TYPE)))?;
    let copy = scope.copy(output)?;
    scope.recycle(tensor.into());
    outputs.into_iter().for_each(|value| scope.recycle(value));
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, f64s, graph};

    fn case() -> Case {
        Case::new("ai.onnx.preview", "FlexAttention", 1).inputs(3)
    }

    /// Two queries that share the heads of keys, of which both weigh the same.
    fn inputs() -> [Tensor; 3] {
        let values = f32s(&[1, 1, 2, 1], &[2.0, 4.0]);
        [f32s(&[1, 2, 1, 1], &[0.0, 0.0]), f32s(&[1, 1, 2, 1], &[1.0, 5.0]), values]
    }

    #[test]
    fn heads_share_keys_and_values() {
        assert_eq!(case().run(&inputs()).unwrap(), [f32s(&[1, 2, 1, 1], &[3.0, 3.0])]);
        let double = [f64s(&[1, 1, 1, 1], &[1.0]), f64s(&[1, 1, 1, 1], &[1.0]), f64s(&[1, 1, 1, 1], &[9.0])];
        assert_eq!(case().run(&double).unwrap(), [f64s(&[1, 1, 1, 1], &[9.0])]);
    }

    #[test]
    fn bodies_change_scores_and_probabilities() {
        let doubled = graph(1, &[("Add", &[0, 0])], &[1]);
        let y = case().graph("prob_mod", doubled.clone()).run(&inputs()).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 1, 1], &[6.0, 6.0])]);
        let y = case().graph("score_mod", doubled).run(&inputs()).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 1, 1], &[3.0, 3.0])]);
    }

    #[test]
    fn refuses_bodies_that_change_the_shape() {
        let error = case().graph("score_mod", graph(1, &[("Shape", &[0])], &[1])).run(&inputs()).unwrap_err();
        assert_eq!(error.message(), "a body gives no float32 of shape [1, 2, 1, 2]");
        let [q, k, _] = inputs();
        let error = case().run(&[q, k, f32s(&[1, 1, 1, 1], &[0.0])]).unwrap_err();
        assert_eq!(error.message(), "Q, K and V do not fit each other");
    }
}
