//! `Col2Im`: columns of blocks back to images, where blocks that overlap add up.
//! <https://onnx.ai/onnx/operators/onnx__Col2Im.html>

use edgeinfer_kernels::pool::spread_sum;

use super::planes::length;
use super::spots::{Spot, Spots};
use super::window::Window;
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Error, Result, Shape, TensorData};

struct Col2Im {
    window: Window,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Col2Im { window: Window::of(node)? }))
}

impl Operator for Col2Im {
    /// Float32 `[N, C · block, L]`, an image's shape and a block's to
    /// `[N, C, D1, …]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<f32>(0)?);
        let (image, block) = (sizes(inputs, 1, scope)?, sizes(inputs, 2, scope)?);
        let full = |sizes: &[usize]| [&[1, 1], sizes].concat();
        let axes = self.window.over_with(&full(&image), &full(&block))?;
        let spots = Spots::of(&axes, scope)?;
        let fits = |rows: usize, places| rows.is_multiple_of(spots.kernel) && places == spots.output;
        let &[batch, rows, places] = shape else { return Err(misfit(shape, &image, &spots)) };
        if !fits(rows, places) {
            return Err(misfit(shape, &image, &spots));
        }
        let mut result = Shape::from_slice(&[batch, rows / spots.kernel.max(1)]);
        result.extend_from_slice(&image);
        let mut y = scope.zeros(length(&result)?)?;
        let columns = x.chunks_exact(spots.kernel.saturating_mul(spots.output).max(1));
        columns.zip(y.chunks_exact_mut(spots.input.max(1))).for_each(|(x, y)| gather(x, &spots, y));
        spots.recycle(scope);
        one(result, TensorData::Float32(y))
    }
}

/// Adds the columns of a channel, `[kernel, places]`, to its image.
pub(super) fn gather(columns: &[f32], spots: &Spots, image: &mut [f32]) {
    for Spot { tap, output, count, input } in spots.iter() {
        let start = tap * spots.output + output;
        let column = columns.get(start..start + count).unwrap_or_default();
        spread_sum(image.get_mut(input..).unwrap_or_default(), column, spots.stride);
    }
}

#[cold]
fn misfit(shape: &[usize], image: &[usize], spots: &Spots) -> Error {
    let Spots { kernel, output, .. } = spots;
    failed(format!(
        "expected [N, a multiple of {kernel}, {output}] for images of {image:?}, got shape {shape:?}"
    ))
}

fn sizes(inputs: &Inputs<'_>, index: usize, scope: &mut Scope) -> Result<Vec<usize>> {
    let sizes = ints(&inputs.tensor(index)?, scope)?;
    let found = sizes.iter().map(|size| usize::try_from(*size).ok().filter(|size| *size > 0)).collect();
    Option::ok_or_else(found, || failed(format!("input {index}: expected sizes, got {sizes:?}")))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn adds_up_where_blocks_overlap() {
        let x = f32s(&[1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let y = Case::new("", "Col2Im", 18).run(&[x, i64s(&[1], &[4]), i64s(&[1], &[2])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 4], &[1.0, 6.0, 8.0, 6.0])]);
    }

    #[test]
    fn what_is_in_the_padding_is_left_out() {
        let x = f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let case = Case::new("", "Col2Im", 18).ints("pads", &[1, 0]).ints("strides", &[2]);
        let y = case.run(&[x, i64s(&[1], &[3]), i64s(&[1], &[2])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 3], &[3.0, 2.0, 4.0])]);
    }

    #[test]
    fn refuses_columns_that_do_not_fit() {
        let run = |image: &[i64]| {
            let x = f32s(&[1, 2, 3], &[0.0; 6]);
            let inputs = [x, i64s(&[image.len()], image), i64s(&[1], &[2])];
            Case::new("", "Col2Im", 18).run(&inputs).unwrap_err().message().to_owned()
        };
        assert_eq!(run(&[5]), "expected [N, a multiple of 2, 4] for images of [5], got shape [1, 2, 3]");
        assert_eq!(run(&[-1]), "input 1: expected sizes, got [-1]");
        assert_eq!(run(&[1, 1]), "kernel_shape: expected 2 sizes, got 1");
    }
}
