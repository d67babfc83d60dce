//! `com.microsoft.Attention`: the projection to queries, keys and values, and
//! their attention. `QAttention` projects 8-bit numbers.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Attention>,
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QAttention>

use edgeinfer_kernels::{Number, Product};

use super::heads::{Heads, Steps, element_count};
use super::multi_head_attention::{Asked, Settings};
use super::scaled_dot_product::{State, heads};
use crate::ops::{Inputs, MICROSOFT, Node, Operator, Outputs, Scope, build as build_step, failed, only};
use crate::plan::Step;
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData, Value};

struct Attention {
    heads: usize,
    /// How wide queries, keys and values are; without, a third of the weights.
    widths: Option<[usize; 3]>,
    settings: Settings,
    /// Whether somebody takes the keys and values of all places.
    present: bool,
    /// The product of 8-bit numbers; without, it is one of float32.
    product: Option<Box<dyn Operator>>,
    places: Places,
}

/// Which inputs are which.
struct Places {
    padding: usize,
    past: usize,
    added: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, None, Places { padding: 3, past: 4, added: 5 })
}

pub(super) fn quantised(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (domain, op) = (MICROSOFT.to_owned(), "MatMulIntegerToFloat".to_owned());
    let product = build_step(&Node::new(&Step { domain, op, version: 1, ..Step::default() }, &[], 0))?;
    of(node, Some(product), Places { padding: 5, past: 8, added: usize::MAX })
}

fn of(node: &Node<'_>, product: Option<Box<dyn Operator>>, places: Places) -> Result<Box<dyn Operator>> {
    for flag in ["do_rotary", "past_present_share_buffer"] {
        if node.flag(flag, false)? {
            return Err(node.unsupported(format_args!("{flag} is not supported")));
        }
    }
    let heads = heads(node, "num_heads")?.ok_or_else(|| node.invalid("num_heads is missing"))?;
    let widths: Vec<usize> =
        node.ints("qkv_hidden_sizes")?.into_iter().filter_map(|width| usize::try_from(width).ok()).collect();
    let widths = match *widths {
        [] => None,
        [q, k, v] => Some([q, k, v]),
        _ => return Err(node.invalid("qkv_hidden_sizes: expected three sizes")),
    };
    let present = node.step().outputs.get(1) == Some(&true);
    Ok(Box::new(Attention { heads, widths, settings: Settings::of(node)?, present, product, places }))
}

const BIAS: usize = 2;

impl Operator for Attention {
    /// In float32: the input `[batch, length, K]`, weights `[K, N]`, a bias `[N]`,
    /// and keys and values of the past `[2, batch, heads, length, size]`. Where the
    /// input and the weights are of 8 bits, each has a scale and a zero point.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (projected, [batch, length], widths) = self.project(inputs, scope)?;
        let width = widths.iter().fold(0usize, |sum, width| sum.saturating_add(*width));
        let part = |start: usize, own: usize| {
            let size = own / self.heads;
            let steps = Steps { batch: width.saturating_mul(length), head: size, row: width };
            let data = projected.get(start..).unwrap_or_default();
            Heads { data, batch, heads: self.heads, length, size, steps }
        };
        let [q_width, k_width, v_width] = widths;
        let (q, k) = (part(0, q_width), part(q_width, k_width));
        let v = part(q_width.saturating_add(k_width), v_width);
        let past = inputs.optional(self.places.past)?.map(|past| halves(&past)).transpose()?;
        let (keys, before) = self.with_past(&k, past.map(|[keys, _]| keys), scope)?;
        let (values, _) = self.with_past(&v, past.map(|[_, values]| values), scope)?;
        let asked = Asked {
            q,
            k: keys.view(k),
            v: values.view(v),
            past: before,
            padding: inputs.optional(self.places.padding)?,
            added: inputs.optional(self.places.added)?,
        };
        let mut outputs = only(asked.answer(&self.settings, scope)?);
        if let (true, [batch, heads, length, size]) = (self.present, keys.shape) {
            let mut both = keys.all.unwrap_or_default();
            both.extend_from_slice(values.all.as_deref().unwrap_or_default());
            values.all.into_iter().for_each(|values| scope.keep(values));
            let shape = [2, batch, heads, length, size];
            outputs.push(Tensor::new(shape.as_slice(), TensorData::Float32(both))?.into());
        }
        scope.keep(projected);
        Ok(outputs)
    }
}

impl Attention {
    /// Queries, keys and values side by side in rows, the batch and length, and how
    /// wide each of them is.
    fn project(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<(Vec<f32>, [usize; 2], [usize; 3])> {
        let (x, w) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (&[batch, length, k], &[height, n]) = (x.shape, w.shape) else {
            return Err(failed(format!("an input of shape {:?} and weights of {:?}", x.shape, w.shape)));
        };
        let [q_width, k_width, v_width] = self.widths.unwrap_or([n / 3; 3]);
        let sum = q_width.saturating_add(k_width).saturating_add(v_width);
        let heads = [q_width, k_width, v_width].iter().all(|width| width.is_multiple_of(self.heads));
        if height != k || sum != n || !heads || q_width != k_width {
            let widths = [q_width, k_width, v_width];
            return Err(failed(format!(
                "rows of {k} numbers and weights of shape {:?} are no {} heads of queries, keys and values \
                 of widths {widths:?}",
                w.shape, self.heads
            )));
        }
        let y = match &self.product {
            Some(product) => integers(product.as_ref(), inputs, scope)?,
            None => floats(inputs, [batch, length, k, n], scope)?,
        };
        Ok((y, [batch, length], [q_width, k_width, v_width]))
    }

    fn with_past(
        &self,
        own: &Heads<'_, f32>,
        past: Option<Heads<'_, f32>>,
        scope: &mut Scope,
    ) -> Result<(State<f32>, usize)> {
        if let Some(past) = &past {
            past.goes_with("the past", own, "the input")?;
        }
        let length = past.as_ref().map_or(0, |past| past.length);
        let all = if past.is_some() || self.present { Some(own.after(past.as_ref(), scope)?) } else { None };
        Ok((
            State { all, shape: [own.batch, own.heads, length.saturating_add(own.length), own.size] },
            length,
        ))
    }
}

/// `input · weights + bias`, `[batch, length, n]`.
fn floats(inputs: &Inputs<'_>, sizes: [usize; 4], scope: &mut Scope) -> Result<Vec<f32>> {
    let [batch, length, k, n] = sizes;
    let bias = match inputs.optional(BIAS)? {
        Some(_) => inputs.read::<f32>(BIAS)?,
        None => &[],
    };
    if !bias.is_empty() && bias.len() != n {
        return Err(failed(format!("bias: expected {n} numbers, got {}", bias.len())));
    }
    let mut y = scope.zeros(element_count([batch, length, n, 1])?)?;
    let mut panel = scope.zeros(f32::panel_length(batch.saturating_mul(length), k))?;
    f32::multiply(Product { x: inputs.read(0)?, w: inputs.read(1)?, k, n }, &mut y, &mut panel);
    scope.keep(panel);
    for row in y.chunks_exact_mut(n.max(1)) {
        row.iter_mut().zip(bias).for_each(|(y, bias)| *y += bias);
    }
    Ok(y)
}

/// As [`floats`], of 8-bit numbers: after the bias, inputs have the scales, and
/// after the mask, the zero points.
fn integers(product: &dyn Operator, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Vec<f32>> {
    let operands = [0, 1, 3, 4, 6, 7, BIAS].map(|index| inputs.value(index));
    match product.run(&Inputs::new(&operands), scope)?.into_iter().next() {
        Some(Value::Tensor(tensor)) => match tensor.into_data() {
            TensorData::Float32(y) => Ok(y),
            _ => Err(failed("a product is no float32")),
        },
        _ => Err(failed("a product is missing")),
    }
}

/// The keys and the values of the past.
fn halves<'a>(past: &TensorRef<'a>) -> Result<[Heads<'a, f32>; 2]> {
    let (&[2, batch, heads, length, size], Some(data)) = (past.shape, past.read::<f32>()) else {
        return Err(failed(format!("past: expected float32 of five dimensions, got shape {:?}", past.shape)));
    };
    let (keys, values) = data.split_at(data.len() / 2);
    let steps = Steps::by_head(heads, length, size);
    Ok([keys, values].map(|data| Heads { data, batch, heads, length, size, steps }))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i32s, tensor};
    use crate::{ErrorKind, Result, Tensor, TensorData, Value};

    fn case() -> Case {
        Case::new("com.microsoft", "Attention", 1).int("num_heads", 1)
    }

    fn inputs() -> Vec<Option<Tensor>> {
        let weights = f32s(&[2, 6], &[1.0, 0.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 0.0, 1.0, 3.0, 4.0]);
        let bias = f32s(&[6], &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        vec![Some(f32s(&[1, 2, 2], &[1.0, 0.0, 0.0, 1.0])), Some(weights), Some(bias)]
    }

    fn run(case: &Case, more: &[Option<Tensor>]) -> Result<Vec<Tensor>> {
        let inputs: Vec<_> = inputs().into_iter().chain(more.iter().cloned()).collect();
        let outputs =
            case.run_values(&inputs.into_iter().map(|input| input.map(Value::Tensor)).collect::<Vec<_>>())?;
        Ok(outputs.iter().map(|value| value.as_tensor().unwrap().clone()).collect())
    }

    fn y(case: &Case, more: &[Option<Tensor>]) -> Vec<f32> {
        run(case, more).unwrap()[0].as_f32().unwrap().to_vec()
    }

    #[test]
    fn projects_and_attends() {
        assert_close(&y(&case(), &[]), &[1.391_140_7, 3.391_140_7, 2.339_523, 4.339_523_3]);
        let case = case().int("num_heads", 2).int("unidirectional", 1);
        assert_close(&y(&case, &[]), &[1.0, 3.0, 2.0, 4.462_117]);
    }

    /// onnxruntime's numbers: those of float32, of which input and weights are tenths.
    #[test]
    fn numbers_of_eight_bits_are_projected_as_well() {
        let weights = vec![1, 0, 2, 0, 1, 2, 0, 1, 0, 1, 3, 4];
        let inputs = [
            Some(tensor(&[1, 2, 2], TensorData::UInt8(vec![12, 2, 2, 12]))),
            Some(tensor(&[2, 6], TensorData::Int8(weights))),
            inputs()[2].clone(),
            Some(f32s(&[], &[0.1])),
            Some(f32s(&[], &[1.0])),
            None,
            Some(tensor(&[], TensorData::UInt8(vec![2]))),
        ];
        let case = Case::new("com.microsoft", "QAttention", 1).int("num_heads", 1);
        let outputs = case.run_values(&inputs.map(|input| input.map(Value::Tensor))).unwrap();
        let y = outputs[0].as_tensor().unwrap().as_f32().unwrap();
        assert_close(y, &[1.391_140_7, 3.391_140_7, 2.339_523, 4.339_523_3]);
    }

    #[test]
    fn leaves_padding_out() {
        assert_close(&y(&case(), &[Some(i32s(&[1, 2], &[1, 0]))]), &[1.0, 3.0, 1.0, 3.0]);
        assert_close(&y(&case(), &[Some(i32s(&[1], &[1]))]), &[1.0, 3.0, 1.0, 3.0]);
    }

    #[test]
    fn what_is_past_comes_before_and_is_handed_on() {
        let past = f32s(&[2, 1, 1, 1, 2], &[0.0, 1.0, 2.0, 3.0]);
        let case = case().int("unidirectional", 1).float("scale", 1.0).outputs(2);
        let outputs = run(&case, &[None, Some(past)]).unwrap();
        assert_close(outputs[0].as_f32().unwrap(), &[1.119_202_9, 3.0, 2.266_956_3, 3.844_637_9]);
        let present = [0.0, 1.0, 2.0, 0.0, 0.0, 1.0, 2.0, 3.0, 1.0, 3.0, 3.0, 5.0];
        assert_eq!(outputs[1], f32s(&[2, 1, 1, 3, 2], &present));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let error = run(&case().int("num_heads", 3), &[]).unwrap_err();
        let expected = "rows of 2 numbers and weights of shape [2, 6] are no 3 heads of queries, keys and \
                        values of widths [2, 2, 2]";
        assert_eq!(error.message(), expected);
        let past = f32s(&[2, 1, 1, 1, 3], &[0.0; 6]);
        assert!(run(&case(), &[None, Some(past)]).unwrap_err().message().starts_with("the past has"));
        assert!(run(&case(), &[None, Some(f32s(&[2], &[0.0; 2]))]).is_err());
        let kind = |case: Case| run(&case, &[]).unwrap_err().kind();
        assert_eq!(kind(case().int("do_rotary", 1)), ErrorKind::UnsupportedModel);
        assert_eq!(kind(case().ints("qkv_hidden_sizes", &[1])), ErrorKind::InvalidModel);
        assert_eq!(kind(Case::new("com.microsoft", "Attention", 1)), ErrorKind::InvalidModel);
    }
}
