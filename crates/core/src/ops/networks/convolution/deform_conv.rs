//! `DeformConv`: a convolution whose taps are each moved by an offset of their
//! own, and weighed.
//! <https://onnx.ai/onnx/operators/onnx__DeformConv.html>

use edgeinfer_kernels::{Gathered, Start};

use super::conv::{bias, group, misfit};
use super::planes::{pooled_shape, with_channels};
use super::product::{biased, multiples, product};
use super::window::{Axes, Window};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, TensorData};

struct DeformConv {
    window: Window,
    group: usize,
    offset_group: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let offset_group = node.int_or("offset_group", 1)?;
    let offset_group = usize::try_from(offset_group).ok().filter(|group| *group > 0);
    let offset_group = offset_group.ok_or_else(|| node.invalid("offset_group: expected 1 or more"))?;
    Ok(Box::new(DeformConv { window: Window::of(node)?, group: group(node)?, offset_group }))
}

impl Operator for DeformConv {
    /// X `[N, C, H, W]`, W `[M, C / group, kH, kW]`, offset
    /// `[N, offset_group · kH · kW · 2, oH, oW]`, B `[M]` and mask
    /// `[N, offset_group · kH · kW, oH, oW]`, float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, w) = (inputs.tensor(0)?.shape, inputs.tensor(1)?.shape);
        let (&[images, channels, ..], &[outputs, each, ..]) = (x, w) else {
            return Err(misfit(x, w, self.group));
        };
        let fits =
            x.len() == 4 && each.checked_mul(self.group) == Some(channels) && outputs % self.group == 0;
        if !fits || channels % self.offset_group != 0 {
            return Err(misfit(x, w, self.group));
        }
        let axes = self.window.over_with(x, w)?;
        let shape = with_channels(pooled_shape(x, &axes), outputs);
        let mut y = biased(&shape, bias(inputs, 3, outputs)?, scope)?;
        let moved = Moved { axes, channels, group: self.group, offset_group: self.offset_group };
        let (taps, places) = moved.sizes();
        let per_image = taps.saturating_mul(places).saturating_mul(self.offset_group);
        let offsets = of_length(inputs, 2, "offset", per_image.saturating_mul(2).saturating_mul(images))?;
        let mask = match inputs.value(4) {
            Some(_) => of_length(inputs, 4, "mask", per_image.saturating_mul(images))?,
            None => &[],
        };
        let image = inputs.read::<f32>(0)?.chunks_exact((x.iter().skip(1).product::<usize>()).max(1));
        let results = y.chunks_exact_mut((shape.iter().skip(1).product::<usize>()).max(1));
        let mut offsets = offsets.chunks_exact((per_image * 2).max(1));
        let mut masks = mask.chunks_exact(per_image.max(1));
        for (x, y) in image.zip(results) {
            let moves = Moves { offsets: offsets.next().unwrap_or_default(), mask: masks.next() };
            moved.add(x, inputs.read(1)?, moves, y, scope)?;
        }
        one(shape, TensorData::Float32(y))
    }
}

fn of_length<'a>(inputs: &Inputs<'a>, index: usize, name: &str, length: usize) -> Result<&'a [f32]> {
    let values = inputs.read::<f32>(index)?;
    if values.len() == length {
        return Ok(values);
    }
    Err(failed(format!("{name}: expected {length} numbers, got {}", values.len())))
}

struct Moved {
    axes: Axes,
    channels: usize,
    group: usize,
    offset_group: usize,
}

/// The offsets and weights of an image's taps, at all places.
#[derive(Clone, Copy)]
struct Moves<'a> {
    offsets: &'a [f32],
    mask: Option<&'a [f32]>,
}

impl Moved {
    /// The taps of a channel, and the places.
    fn sizes(&self) -> (usize, usize) {
        let [_, height, width] = &self.axes;
        (height.kernel.saturating_mul(width.kernel), height.output.saturating_mul(width.output))
    }

    fn add(&self, x: &[f32], w: &[f32], moves: Moves<'_>, y: &mut [f32], scope: &mut Scope) -> Result<()> {
        let (taps, places) = self.sizes();
        let rows = (self.channels / self.group).saturating_mul(taps);
        let columns = self.columns(x, moves, scope)?;
        let (starts, steps) = (multiples(places, rows, scope)?, multiples(1, places, scope)?);
        let sources = columns.chunks_exact(rows.saturating_mul(places).max(1));
        let weights = w.chunks_exact((w.len() / self.group).max(1));
        let results = y.chunks_exact_mut((y.len() / self.group).max(1));
        for ((source, weights), y) in sources.zip(weights).zip(results) {
            let gathered = Gathered { source, rows: &starts, columns: &steps };
            product(weights, gathered, Start::Sums, y, &mut |_, _, _| {}, scope)?;
        }
        [starts, steps].into_iter().for_each(|list| scope.keep(list));
        scope.keep(columns);
        Ok(())
    }

    /// What is under each tap at each place: `[C, taps, places]`.
    fn columns(&self, x: &[f32], moves: Moves<'_>, scope: &mut Scope) -> Result<Vec<f32>> {
        let (taps, places) = self.sizes();
        let [_, height, width] = &self.axes;
        let size = taps.saturating_mul(places);
        let mut columns = scope.vec(self.channels.saturating_mul(size))?;
        for (channel, plane) in x.chunks_exact(height.input.saturating_mul(width.input).max(1)).enumerate() {
            let start = channel / (self.channels / self.offset_group).max(1) * size;
            let mask = moves.mask.map(|mask| mask.get(start..).unwrap_or_default());
            let offsets = moves.offsets.get(2 * start..).unwrap_or_default();
            for index in 0..size {
                let (tap, place) = (index / places, index % places);
                let at = |axis: usize| offsets.get((2 * tap + axis) * places + place).copied().unwrap_or(0.0);
                let row = at(0) + on(height, place / width.output, tap / width.kernel);
                let column = at(1) + on(width, place % width.output, tap % width.kernel);
                let weight = mask.map_or(1.0, |mask| mask.get(index).copied().unwrap_or(0.0));
                columns.push(weight * sample(plane, [height.input, width.input], [row, column]));
            }
        }
        Ok(columns)
    }
}

/// Where a tap is on the input.
fn on(axis: &super::window::Axis, place: usize, tap: usize) -> f32 {
    (place * axis.stride + tap * axis.dilation) as f32 - axis.before as f32
}

/// The number at a place between others, by its distance from the four around
/// it; outside of the plane they are 0.
fn sample(plane: &[f32], [height, width]: [usize; 2], at: [f32; 2]) -> f32 {
    let [row, column] = at.map(f32::floor);
    let [down, right] = [at[0] - row, at[1] - column];
    let number = |row: f32, column: f32| {
        let inside = row >= 0.0 && column >= 0.0 && row < height as f32 && column < width as f32;
        let place = (row as usize).saturating_mul(width).saturating_add(column as usize);
        if inside { plane.get(place).copied().unwrap_or(0.0) } else { 0.0 }
    };
    let above = number(row, column) * (1.0 - right) + number(row, column + 1.0) * right;
    let below = number(row + 1.0, column) * (1.0 - right) + number(row + 1.0, column + 1.0) * right;
    above * (1.0 - down) + below * down
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s};

    fn case() -> Case {
        Case::new("", "DeformConv", 19).ints("kernel_shape", &[2, 2])
    }

    fn inputs(offsets: &[f32; 8]) -> [Tensor; 3] {
        let x = f32s(&[1, 1, 2, 2], &[1.0, 2.0, 4.0, 8.0]);
        [x, f32s(&[1, 1, 2, 2], &[1.0; 4]), f32s(&[1, 8, 1, 1], offsets)]
    }

    #[test]
    fn without_offsets_it_is_a_convolution() {
        assert_eq!(case().run(&inputs(&[0.0; 8])).unwrap(), [f32s(&[1, 1, 1, 1], &[15.0])]);
    }

    #[test]
    fn offsets_move_each_tap() {
        // The first tap goes down by one half, the last one out of the image.
        let y = case().run(&inputs(&[0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 1, 1], &[8.5])]);
    }

    #[test]
    fn bias_and_mask_count() {
        let [x, w, offset] = inputs(&[0.0; 8]);
        let mask = f32s(&[1, 4, 1, 1], &[1.0, 0.5, 0.25, 0.0]);
        let y = case().run(&[x, w, offset, f32s(&[1], &[100.0]), mask]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 1, 1], &[103.0])]);
    }

    #[test]
    fn refuses_offsets_that_do_not_fit() {
        let [x, w, _] = inputs(&[0.0; 8]);
        let error = case().run(&[x.clone(), w.clone(), f32s(&[1, 2, 1, 1], &[0.0; 2])]).unwrap_err();
        assert_eq!(error.message(), "offset: expected 8 numbers, got 2");
        let error = case().int("offset_group", 2).run(&[x, w, f32s(&[0], &[])]).unwrap_err();
        assert_eq!(
            error.message(),
            "W of shape [1, 1, 2, 2] in 1 groups does not go with X of shape [1, 1, 2, 2]"
        );
    }
}
