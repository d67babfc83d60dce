//! `NegativeLogLikelihoodLoss`, `SoftmaxCrossEntropyLoss`: how far scores of
//! classes are from the right class.
//! <https://onnx.ai/onnx/operators/onnx__NegativeLogLikelihoodLoss.html>,
//! <https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html>

use std::borrow::Cow;

use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::tensor::indices::whole;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::TensorRef;
use crate::{ElementType, Result, Shape, Tensor, Value};

/// What becomes of the losses of all samples.
enum Reduction {
    None,
    Mean,
    Sum,
}

struct Loss {
    reduction: Reduction,
    /// Samples of this class have no loss.
    ignored: Option<i64>,
    /// Whether the input is scores; otherwise it is logarithms of probabilities.
    scores: bool,
}

pub(super) fn negative_log_likelihood(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, false)
}

pub(super) fn softmax_cross_entropy(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, true)
}

fn build(node: &Node<'_>, scores: bool) -> Result<Box<dyn Operator>> {
    let reduction = match node.string_or("reduction", "mean")? {
        "none" => Reduction::None,
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        other => {
            return Err(node.invalid(format_args!("reduction: expected none, mean or sum, got {other:?}")));
        }
    };
    Ok(Box::new(Loss { reduction, ignored: node.int("ignore_index")?, scores }))
}

impl Operator for Loss {
    /// In float64. Scores have two outputs: the loss and the logarithms of the
    /// probabilities.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, target) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let samples = Samples::of(&x, &target)?;
        let mut logs = doubles(&x, scope)?;
        if self.scores {
            let mut scores = scope.own(logs)?;
            samples.log_softmax(&mut scores, scope)?;
            logs = Cow::Owned(scores);
        }
        let weights = inputs.optional(2)?.map(|weights| samples.weights(&weights, scope)).transpose()?;
        let classes = whole(&target, scope)?;
        let loss = self.loss(&samples, &logs, &classes, weights.as_deref(), scope)?;
        scope.keep_cow(weights.unwrap_or_default());
        scope.keep_cow(classes);
        let shape = if matches!(self.reduction, Reduction::None) { target.shape } else { &[] };
        let mut outputs = one(shape, in_type(loss, x.element_type(), scope)?)?;
        match logs {
            Cow::Owned(logs) if self.scores => {
                let logs = in_type(logs, x.element_type(), scope)?;
                outputs.push(Value::Tensor(Tensor::new(x.shape, logs)?));
            }
            logs => scope.keep_cow(logs),
        }
        Ok(outputs)
    }
}

impl Loss {
    /// The loss of each sample, or one of all.
    fn loss(
        &self,
        samples: &Samples,
        logs: &[f64],
        classes: &[i64],
        weights: Option<&[f64]>,
        scope: &mut Scope,
    ) -> Result<Vec<f64>> {
        let (mut losses, mut total) = (scope.vec(classes.len())?, 0.0);
        for (index, &class) in classes.iter().enumerate() {
            if self.ignored == Some(class) {
                losses.push(0.0);
                continue;
            }
            let (class, log) = samples.log(logs, index, class)?;
            let weight = weights.and_then(|weights| weights.get(class)).copied().unwrap_or(1.0);
            losses.push(-log * weight);
            total += weight;
        }
        let sum = losses.iter().sum::<f64>();
        let all = match self.reduction {
            Reduction::None => return Ok(losses),
            Reduction::Sum => sum,
            Reduction::Mean => sum / total,
        };
        losses.clear();
        losses.push(all);
        Ok(losses)
    }
}

/// The scores of samples, `[outer, classes, inner]`.
struct Samples {
    outer: usize,
    classes: usize,
    inner: usize,
}

impl Samples {
    fn of(x: &TensorRef<'_>, target: &TensorRef<'_>) -> Result<Self> {
        let &[outer, classes, ref rest @ ..] = x.shape else {
            return Err(failed(format!("expected at least two dimensions, got shape {:?}", x.shape)));
        };
        let mut shape = Shape::from_slice(&[outer]);
        shape.extend_from_slice(rest);
        if target.shape != shape.as_slice() {
            let got = target.shape;
            return Err(failed(format!("expected targets of shape {shape:?}, got shape {got:?}")));
        }
        if !matches!(x.element_type(), ElementType::Float32 | ElementType::Float64) {
            return Err(failed(format!("elements of type {} are not supported", x.element_type())));
        }
        let inner = element_count(rest).ok_or_else(|| failed("there are too many samples"))?;
        Ok(Self { outer, classes, inner })
    }

    fn weights<'a>(&self, weights: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f64]>> {
        let (expected, got) = (self.classes, weights.shape);
        if got != [expected] {
            return Err(failed(format!("expected weights of {expected} classes, got shape {got:?}")));
        }
        doubles(weights, scope)
    }

    /// The class of sample `index`, and the logarithm of its probability.
    fn log(&self, logs: &[f64], index: usize, class: i64) -> Result<(usize, f64)> {
        let known = usize::try_from(class).ok().filter(|class| *class < self.classes);
        let known = known.ok_or_else(|| {
            failed(format!("there are {} classes, so that none has the number {class}", self.classes))
        })?;
        let (outer, inner) = (index / self.inner.max(1), index % self.inner.max(1));
        let place = (outer * self.classes + known) * self.inner + inner;
        Ok((known, logs.get(place).copied().unwrap_or(f64::NAN)))
    }

    /// Puts the logarithms of the probabilities in the place of scores.
    fn log_softmax(&self, scores: &mut [f64], scope: &mut Scope) -> Result<()> {
        if scores.is_empty() {
            return Ok(());
        }
        let mut lane = scope.vec(self.classes)?;
        for block in scores.chunks_exact_mut(self.classes * self.inner).take(self.outer) {
            for start in 0..self.inner {
                lane.clear();
                lane.extend(block.iter().skip(start).step_by(self.inner).copied());
                let most = lane.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let log = lane.iter().map(|x| (x - most).exp()).sum::<f64>().ln();
                block.iter_mut().skip(start).step_by(self.inner).for_each(|x| *x = *x - most - log);
            }
        }
        scope.keep(lane);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i32s, i64s};

    fn nll() -> Case {
        Case::new("", "NegativeLogLikelihoodLoss", 22)
    }

    fn cross_entropy() -> Case {
        Case::new("", "SoftmaxCrossEntropyLoss", 13)
    }

    /// The example of ONNX's page.
    fn inputs() -> [Tensor; 3] {
        let x = [1.0, 2.0, 2.0, 2.0, 3.0, 2.0, 0.0, 1.0, 2.0, 2.0, 1.0, 2.0];
        [f32s(&[2, 3, 2], &x), i64s(&[2, 2], &[2, 1, 0, 2]), f32s(&[3], &[0.2, 0.3, 0.1])]
    }

    #[test]
    fn each_sample_has_a_loss() {
        let y = nll().string("reduction", "none").run(&inputs()[..2]).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[-3.0, -2.0, -0.0, -2.0])]);
    }

    #[test]
    fn losses_are_summed_or_averaged_by_weight() {
        let y = nll().string("reduction", "sum").run(&inputs()).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[-1.1]);
        let y = nll().run(&inputs()).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[-1.571_428_6]);
        assert!(y[0].shape().is_empty());
    }

    #[test]
    fn a_class_may_be_ignored() {
        let [x, _, weights] = inputs();
        let target = i32s(&[2, 2], &[2, -5, 0, -5]);
        let case = || nll().int("ignore_index", -5);
        let y = case().string("reduction", "none").run(&[x.clone(), target.clone()]).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[-3.0, 0.0, -0.0, 0.0])]);
        let y = case().run(&[x.clone(), target.clone()]).unwrap();
        assert_eq!(y, [f32s(&[], &[-1.5])]);
        let y = case().run(&[x, target, weights]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[-1.0]);
    }

    #[test]
    fn scores_become_logarithms_of_probabilities() {
        let x = f32s(&[1, 2, 2], &[0.0, 1000.0, 1.0, 1000.0]);
        let y = cross_entropy().string("reduction", "none").run(&[x, i64s(&[1, 2], &[1, 0])]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[0.313_261_7, std::f32::consts::LN_2]);
        assert_close(
            y[1].as_f32().unwrap(),
            &[-1.313_261_7, -std::f32::consts::LN_2, -0.313_261_7, -std::f32::consts::LN_2],
        );
        let y = cross_entropy().run(&[f64s(&[1, 1], &[3.0]), i64s(&[1], &[0])]).unwrap();
        assert_eq!(y, [f64s(&[], &[-0.0]), f64s(&[1, 1], &[0.0])]);
    }

    #[test]
    fn without_samples_there_is_no_mean() {
        let y = cross_entropy().run(&[f32s(&[0, 3], &[]), i64s(&[0], &[])]).unwrap();
        assert!(y[0].as_f32().unwrap()[0].is_nan());
        let y = nll().string("reduction", "none").run(&[f32s(&[2, 3, 0], &[]), i64s(&[2, 0], &[])]);
        assert_eq!(y.unwrap(), [f32s(&[2, 0], &[])]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |inputs: &[Tensor]| nll().run(inputs).unwrap_err().message().to_owned();
        let [x, target, weights] = inputs();
        assert_eq!(
            refused(&[x.clone(), i64s(&[2, 2], &[0, 3, 0, 0])]),
            "there are 3 classes, so that none has the number 3"
        );
        assert_eq!(
            refused(&[x.clone(), i64s(&[4], &[0; 4])]),
            "expected targets of shape [2, 2], got shape [4]"
        );
        assert_eq!(
            refused(&[x, target, f32s(&[2], &[1.0; 2])]),
            "expected weights of 3 classes, got shape [2]"
        );
        assert_eq!(refused(&[weights, i64s(&[], &[0])]), "expected at least two dimensions, got shape [3]");
        assert!(nll().string("reduction", "most").run(&[]).is_err());
    }
}
