//! `MaxPool`: the largest of the numbers under each place of a window, and where
//! it is.
//! <https://onnx.ai/onnx/operators/onnx__MaxPool.html>

use super::fraction::Fraction;
use super::planes::{length, pool, pooled_shape};
use super::spots::{Spot, Spots};
use super::window::{Axes, Window};
use crate::ops::numbers::{floats, integers};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, Shape, Tensor, TensorData};

struct MaxPool {
    window: Window,
    /// Whether the first dimension is the innermost one in the second output.
    column_major: bool,
    /// Whether somebody takes the second output.
    indices: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let column_major = node.flag("storage_order", false)?;
    let indices = node.step().outputs.get(1) == Some(&true);
    Ok(Box::new(MaxPool { window: Window::with_kernel(node)?, column_major, indices }))
}

impl Operator for MaxPool {
    /// X `[N, C, D1, …]`, float32, float64, int8 or uint8.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        match x.data {
            DataRef::Float64(numbers) => {
                let pooled = self.largest(x.shape, numbers, scope)?;
                outputs(pooled.shape, TensorData::Float64(pooled.y), pooled.indices)
            }
            DataRef::Float32(_) | DataRef::Int8(_) | DataRef::UInt8(_) => {
                let numbers = floats(&x, scope)?;
                let pooled = self.largest(x.shape, &numbers, scope)?;
                scope.keep_cow(numbers);
                outputs(pooled.shape, in_type(pooled.y, &x, scope)?, pooled.indices)
            }
            _ => Err(failed(format!(
                "expected X of float32, float64, int8 or uint8, got {}",
                x.element_type()
            ))),
        }
    }
}

/// The largest numbers, and where they are, where somebody asks.
struct Pooled<T> {
    shape: Shape,
    y: Vec<T>,
    indices: Option<Vec<i64>>,
}

fn outputs(shape: Shape, y: TensorData, indices: Option<Vec<i64>>) -> Result<Outputs> {
    let places = if indices.is_some() { shape.clone() } else { Shape::from_slice(&[0]) };
    let mut outputs = only(Tensor::new(shape, y)?);
    outputs.push(Tensor::new(places, TensorData::Int64(indices.unwrap_or_default()))?.into());
    Ok(outputs)
}

/// `y` in the type of `x`.
fn in_type(y: Vec<f32>, x: &TensorRef<'_>, scope: &mut Scope) -> Result<TensorData> {
    if x.element_type() == ElementType::Float32 {
        return Ok(TensorData::Float32(y));
    }
    let mut whole = scope.vec(y.len())?;
    whole.extend(y.iter().map(|&y| y as i64));
    scope.keep(y);
    integers(whole.into(), x.element_type(), scope)
}

impl MaxPool {
    fn largest<T: Fraction>(&self, shape: &[usize], x: &[T], scope: &mut Scope) -> Result<Pooled<T>> {
        let axes = self.window.over(shape)?;
        let shape = pooled_shape(shape, &axes);
        let spots = Spots::of(&axes, scope)?;
        let y = pool(x, &spots, T::LEAST, length(&shape)?, T::take_largest, scope)?;
        let indices = if self.indices { Some(self.places(x, &axes, &spots, scope)?) } else { None };
        spots.recycle(scope);
        Ok(Pooled { shape, y, indices })
    }

    /// The place in X of the first of the largest numbers.
    fn places<T: Fraction>(
        &self,
        x: &[T],
        axes: &Axes,
        spots: &Spots,
        scope: &mut Scope,
    ) -> Result<Vec<i64>> {
        let planes = x.len() / spots.input.max(1);
        let mut places = scope.filled(planes.saturating_mul(spots.output), -1i64)?;
        let outputs = places.chunks_exact_mut(spots.output.max(1));
        for (plane, (x, places)) in x.chunks_exact(spots.input.max(1)).zip(outputs).enumerate() {
            for Spot { output, count, input, .. } in spots.iter() {
                let places = places.get_mut(output..output + count).unwrap_or_default();
                for (i, place) in places.iter_mut().enumerate() {
                    let here = input + i * spots.stride;
                    let largest = usize::try_from(*place).ok().and_then(|place| x.get(place));
                    if largest.is_none_or(|largest| x.get(here).is_some_and(|x| x > largest)) {
                        *place = here as i64;
                    }
                }
            }
            let start = (plane * spots.input) as i64;
            places.iter_mut().for_each(|place| *place = start + self.numbered(*place, axes));
        }
        Ok(places)
    }

    /// A place in a plane as `storage_order` counts it.
    fn numbered(&self, place: i64, axes: &Axes) -> i64 {
        if !self.column_major {
            return place;
        }
        let [depth, height, width] = axes.map(|axis| axis.input.max(1) as i64);
        let (z, y, x) = (place / (height * width), place / width % height, place % width);
        z + depth * (y + height * x)
    }
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::testing::{Case, f32s, i64s, tensor};

    fn case() -> Case {
        Case::new("", "MaxPool", 22).outputs(1)
    }

    #[test]
    fn takes_the_largest_and_not_the_padding() {
        let x = f32s(&[1, 1, 2, 3], &[-1.0, -5.0, -2.0, -6.0, -3.0, -4.0]);
        let case = case().ints("kernel_shape", &[2, 2]).ints("pads", &[0, 1, 0, 0]);
        assert_eq!(case.run(&[x]).unwrap()[0], f32s(&[1, 1, 1, 3], &[-1.0, -1.0, -2.0]));
    }

    #[test]
    fn says_where_the_first_of_the_largest_is() {
        let x = f32s(&[1, 2, 2, 3], &[1.0, 5.0, 5.0, 1.0, 1.0, 1.0, 7.0, 1.0, 1.0, 1.0, 1.0, 8.0]);
        let case = || Case::new("", "MaxPool", 12).ints("kernel_shape", &[2, 2]).outputs(2);
        let y = case().run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y[0], f32s(&[1, 2, 1, 2], &[5.0, 5.0, 7.0, 8.0]));
        assert_eq!(y[1], i64s(&[1, 2, 1, 2], &[1, 1, 6, 11]));
        let y = case().int("storage_order", 1).run(&[x]).unwrap();
        assert_eq!(y[1], i64s(&[1, 2, 1, 2], &[2, 2, 6, 11]));
    }

    #[test]
    fn takes_small_integers() {
        let run = |x: TensorData| {
            let case = case().ints("kernel_shape", &[2]).ints("dilations", &[2]);
            case.run(&[tensor(&[1, 1, 4], x)]).unwrap().remove(0)
        };
        let y = run(TensorData::UInt8(vec![1, 200, 255, 3]));
        assert_eq!(y, tensor(&[1, 1, 2], TensorData::UInt8(vec![255, 200])));
        let y = run(TensorData::Int8(vec![-1, -128, -3, -127]));
        assert_eq!(y, tensor(&[1, 1, 2], TensorData::Int8(vec![-1, -127])));
    }

    #[test]
    fn refuses_other_types() {
        let error = case().ints("kernel_shape", &[1]).run(&[i64s(&[1, 1, 1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "expected X of float32, float64, int8 or uint8, got int64");
    }
}
