//! `DFT`: the discrete Fourier transform along an axis.
//! <https://onnx.ai/onnx/operators/onnx__DFT.html>

use super::transform::{Transform, frequencies, parts};
use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::tensor::axis::{Around, around, axis, count, dim, replaced};
use crate::ops::tensor::indices::whole;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape};

struct Dft {
    /// Before operator set 20; an input today.
    axis: Option<i64>,
    inverse: bool,
    onesided: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Dft {
        axis: if node.version() < 20 { Some(node.int_or("axis", 1)?) } else { None },
        inverse: node.flag("inverse", false)?,
        onesided: node.flag("onesided", false)?,
    }))
}

impl Operator for Dft {
    /// In float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let parts = parts(x.shape)?;
        let axis = self.axis(inputs, x.shape.len(), scope)?;
        let Around { outer, length: given, inner } = around(x.shape, axis);
        let length = match optional(inputs.optional(1)?, "dft_length", scope)? {
            Some(length) => dim(length)?,
            // Of a spectrum without its mirror image, a signal of an even length.
            None if self.real() => given.saturating_sub(1).saturating_mul(2),
            None => given,
        };
        let shape = self.shape(x.shape, axis, length);
        let numbers = doubles(&x, scope)?;
        let mut y = scope.zeros(count(&shape)?)?;
        if !y.is_empty() {
            let mut transform = Transform::new(length, scope)?;
            let source = Lanes { parts, length: given, inner: inner / parts };
            let out = if self.real() { 1 } else { 2 };
            let target =
                Lanes { parts: out, length: y.len() / (outer * source.inner * out), inner: source.inner };
            for lane in 0..outer * source.inner {
                transform.load(source.places(lane).map(|place| part(&numbers, place, parts)));
                self.apply(&mut transform);
                let values = transform.re.iter().zip(&transform.im);
                target
                    .places(lane)
                    .zip(values)
                    .for_each(|(place, (re, im))| put(&mut y, place, out, *re, *im));
            }
            transform.recycle(scope);
        }
        scope.keep_cow(numbers);
        one(shape, in_type(y, x.element_type(), scope)?)
    }
}

impl Dft {
    /// Whether the result is a real signal.
    fn real(&self) -> bool {
        self.inverse && self.onesided
    }

    fn axis(&self, inputs: &Inputs<'_>, rank: usize, scope: &mut Scope) -> Result<usize> {
        let given = match self.axis {
            Some(axis) => axis,
            None => optional(inputs.optional(2)?, "axis", scope)?.unwrap_or(-2),
        };
        match axis(given, rank)? {
            last if last + 1 == rank => {
                Err(failed(format!("axis {given}: the last dimension is that of the parts of the numbers")))
            }
            axis => Ok(axis),
        }
    }

    fn shape(&self, shape: &[usize], axis: usize, length: usize) -> Shape {
        let (length, parts) = if self.real() { (length, 1) } else { (frequencies(length, self.onesided), 2) };
        let mut shape = replaced(shape, axis, &[length]);
        shape.iter_mut().next_back().into_iter().for_each(|dim| *dim = parts);
        shape
    }

    fn apply(&self, transform: &mut Transform) {
        if self.real() {
            transform.mirror();
        }
        if self.inverse { transform.inverse() } else { transform.forward() }
    }
}

/// Signals beside each other, each number of `parts`.
struct Lanes {
    parts: usize,
    length: usize,
    inner: usize,
}

impl Lanes {
    /// Where the numbers of a signal are.
    fn places(&self, lane: usize) -> impl Iterator<Item = usize> + use<> {
        let Self { parts, length, inner } = *self;
        let start = lane / inner * length * inner + lane % inner;
        (0..length).map(move |index| (start + index * inner) * parts)
    }
}

fn part(numbers: &[f64], place: usize, parts: usize) -> &[f64] {
    numbers.get(place..place + parts).unwrap_or_default()
}

fn put(numbers: &mut [f64], place: usize, parts: usize, re: f64, im: f64) {
    let number = numbers.iter_mut().skip(place).take(parts);
    number.zip([re, im]).for_each(|(number, part)| *number = part);
}

/// The only element of an input of whole numbers that may be left out.
pub(super) fn optional(tensor: Option<TensorRef<'_>>, name: &str, scope: &mut Scope) -> Result<Option<i64>> {
    let Some(tensor) = tensor else { return Ok(None) };
    let numbers = whole(&tensor, scope)?;
    let number = match *numbers {
        [number] => Ok(Some(number)),
        ref numbers => Err(failed(format!("{name}: expected one number, got {}", numbers.len()))),
    };
    scope.keep_cow(numbers);
    number
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i64s};

    fn dft(x: &Tensor, axis: i64, case: Case) -> Tensor {
        case.run(&[x.clone(), i64s(&[], &[x.shape()[1] as i64]), i64s(&[], &[axis])]).unwrap().remove(0)
    }

    fn case() -> Case {
        Case::new("", "DFT", 20)
    }

    #[test]
    fn gives_the_spectrum_of_a_real_signal() {
        let x = f32s(&[1, 4, 1], &[1.0, 2.0, 3.0, 5.0]);
        let y = dft(&x, 1, case());
        assert_eq!(y.shape(), [1, 4, 2]);
        assert_close(y.as_f32().unwrap(), &[11.0, 0.0, -2.0, 3.0, -3.0, 0.0, -2.0, -3.0]);
        let y = dft(&x, 1, case().int("onesided", 1));
        assert_eq!(y.shape(), [1, 3, 2]);
        assert_close(y.as_f32().unwrap(), &[11.0, 0.0, -2.0, 3.0, -3.0, 0.0]);
    }

    #[test]
    fn the_inverse_gives_the_signal_back() {
        let x = f64s(&[1, 3, 2], &[1.0, 0.5, -2.0, 3.0, 0.0, -1.0]);
        let y = dft(&dft(&x, -2, case()), -2, case().int("inverse", 1));
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-14;
        let numbers = |tensor: &Tensor| match tensor.data() {
            crate::TensorData::Float64(numbers) => numbers.clone(),
            other => panic!("{other:?}"),
        };
        assert!(numbers(&x).iter().zip(&numbers(&y)).all(close));
        let x = f32s(&[1, 5, 1], &[1.0, -2.0, 0.5, 3.0, 4.0]);
        let half = case().int("onesided", 1).run(std::slice::from_ref(&x)).unwrap().remove(0);
        let inverse = || case().int("inverse", 1).int("onesided", 1);
        let y = inverse().run(&[half.clone(), i64s(&[], &[5])]).unwrap().remove(0);
        assert_eq!(y.shape(), [1, 5, 1]);
        assert_close(y.as_f32().unwrap(), x.as_f32().unwrap());
        assert_eq!(inverse().run(&[half]).unwrap()[0].shape(), [1, 4, 1]);
    }

    #[test]
    fn goes_along_any_axis() {
        let x = f32s(&[2, 3, 1], &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0]);
        let y = case().run(&[x.clone(), i64s(&[], &[2]), i64s(&[], &[0])]).unwrap().remove(0);
        assert_eq!(y.shape(), [2, 3, 2]);
        assert_close(y.as_f32().unwrap(), &[5.0, 0.0, 8.0, 0.0, 11.0, 0.0, -3.0, 0.0, -4.0, 0.0, -5.0, 0.0]);
        let old = Case::new("", "DFT", 17).int("axis", 0).run(&[x]).unwrap();
        assert_eq!(old, [y]);
    }

    #[test]
    fn signals_are_cut_or_filled_with_zeros() {
        let x = f32s(&[1, 3, 1], &[1.0, 2.0, 9.0]);
        let run = |length: i64| case().run(&[x.clone(), i64s(&[], &[length])]).unwrap().remove(0);
        assert_close(run(2).as_f32().unwrap(), &[3.0, 0.0, -1.0, 0.0]);
        assert_close(run(4).as_f32().unwrap(), &[12.0, 0.0, -8.0, -2.0, 8.0, 0.0, -8.0, 2.0]);
        assert_eq!(run(0), f32s(&[1, 0, 2], &[]));
    }

    #[test]
    fn nothing_has_no_spectrum() {
        let y = case().run(&[f32s(&[0, 4, 1], &[])]).unwrap();
        assert_eq!(y, [f32s(&[0, 4, 2], &[])]);
        let y = case().run(&[f32s(&[1, 0, 1], &[]), i64s(&[], &[2])]).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 2], &[0.0; 4])]);
    }

    #[test]
    fn refuses_what_is_no_signal() {
        let refused = |inputs: &[Tensor]| case().run(inputs).unwrap_err().message().to_owned();
        assert_eq!(
            refused(&[f32s(&[1, 3], &[0.0; 3])]),
            "expected a signal of one part or two in its last dimension, got shape [1, 3]"
        );
        let x = f32s(&[1, 2, 1], &[0.0; 2]);
        assert_eq!(
            refused(&[x.clone(), i64s(&[], &[2]), i64s(&[], &[-1])]),
            "axis -1: the last dimension is that of the parts of the numbers"
        );
        assert_eq!(refused(&[x.clone(), i64s(&[], &[-2])]), "-2 is no length of a dimension");
        assert_eq!(refused(&[x.clone(), i64s(&[2], &[2, 2])]), "dft_length: expected one number, got 2");
        assert!(refused(&[x, i64s(&[], &[1 << 40])]).contains("does not fit into memory"));
    }
}
