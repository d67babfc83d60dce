//! `GridSample`: an image at places that a grid gives.
//! <https://onnx.ai/onnx/operators/onnx__GridSample.html>

use edgeinfer_kernels::samples::{self, Sample};
use smallvec::SmallVec;

use crate::native::Native;
use crate::ops::numbers::floats;
use crate::ops::tensor::axis::count;
use crate::ops::tensor::runs::NOWHERE;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, TensorData};

struct GridSample {
    mode: Mode,
    padding: Padding,
    /// Whether -1 and 1 are the centres of the outermost elements, and not their
    /// edges.
    align_corners: bool,
}

#[derive(Clone, Copy)]
enum Mode {
    Nearest,
    Linear,
    Cubic,
}

/// What is outside of the image.
#[derive(Clone, Copy)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

/// How many places are worked out at a time, for all channels.
const BLOCK: usize = 256;

/// An element along one axis, and its weight.
type Tap = (u32, f32);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let mode = match node.string_or("mode", "linear")? {
        "nearest" => Mode::Nearest,
        "linear" | "bilinear" => Mode::Linear,
        "cubic" | "bicubic" => Mode::Cubic,
        other => return Err(node.invalid(format_args!("mode: there is no {other:?}"))),
    };
    let padding = match node.string_or("padding_mode", "zeros")? {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection,
        other => return Err(node.invalid(format_args!("padding_mode: there is no {other:?}"))),
    };
    Ok(Box::new(GridSample { mode, padding, align_corners: node.flag("align_corners", false)? }))
}

impl Operator for GridSample {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, grid) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (&[n, channels, ref size @ ..], &[of, ref places @ .., rank]) = (x.shape, grid.shape) else {
            return Err(misfit(x.shape, grid.shape));
        };
        if of != n || rank != size.len() || places.len() != rank || !(1..=3).contains(&rank) {
            return Err(misfit(x.shape, grid.shape));
        }
        let mut shape = Shape::from_slice(&[n, channels]);
        shape.extend_from_slice(places);
        if count(&shape)? > 0 && size.contains(&0) {
            return Err(failed("an image without elements has none to sample"));
        }
        let places = floats(&grid, scope)?;
        let data = match x.data {
            DataRef::Float32(x) => TensorData::Float32(self.sample(x, &shape, size, &places, scope)?),
            DataRef::Float64(x) => TensorData::Float64(self.sample(x, &shape, size, &places, scope)?),
            _ => return Err(failed(format!("elements of type {} are not sampled", x.element_type()))),
        };
        scope.keep_cow(places);
        one(shape, data)
    }
}

fn misfit(x: &[usize], grid: &[usize]) -> crate::Error {
    failed(format!(
        "expected an image of shape [N, C, D1, ...] with 1 to 3 sizes D and a grid of shape [N, O1, ..., 1 to 3], \
         got {x:?} and {grid:?}"
    ))
}

impl GridSample {
    fn sample<T: Native + Sample>(
        &self,
        x: &[T],
        shape: &[usize],
        size: &[usize],
        grid: &[f32],
        scope: &mut Scope,
    ) -> Result<Vec<T>> {
        let mut y = scope.zeros(count(shape)?)?;
        let (&[n, channels, ref places @ ..], rank) = (shape, size.len()) else { return Ok(y) };
        if y.is_empty() {
            return Ok(y);
        }
        let (image, places) = (count(size)?, count(places)?);
        let taps = self.taps().pow(rank as u32);
        let room = taps * places.min(BLOCK);
        let (mut from, mut weights) = (scope.vec(room)?, scope.vec(room)?);
        let images = x.chunks_exact(channels * image).zip(y.chunks_exact_mut(channels * places));
        for ((x, y), grid) in images.take(n).zip(grid.chunks_exact(places * rank)) {
            for (block, grid) in grid.chunks(BLOCK * rank).enumerate() {
                from.clear();
                weights.clear();
                for place in grid.chunks_exact(rank) {
                    self.place(place, size, &mut from, &mut weights);
                }
                for (x, y) in x.chunks_exact(image).zip(y.chunks_exact_mut(places)) {
                    if let Some(y) = y.chunks_mut(BLOCK).nth(block) {
                        samples::scattered(x, &from, &weights, taps, y);
                    }
                }
            }
        }
        scope.keep(from);
        scope.keep(weights);
        Ok(y)
    }

    /// How many elements count along each axis.
    fn taps(&self) -> usize {
        match self.mode {
            Mode::Nearest => 1,
            Mode::Linear => 2,
            Mode::Cubic => 4,
        }
    }

    /// Appends the elements, and their weights, that one place of the grid is
    /// made of.
    fn place(&self, place: &[f32], size: &[usize], from: &mut Vec<u32>, weights: &mut Vec<f32>) {
        let mut all: SmallVec<[Tap; 64]> = SmallVec::new();
        all.push((0, 1.0));
        // The grid names the innermost axis first.
        for (&x, &length) in place.iter().rev().zip(size) {
            let along = self.along(x, length);
            let mut wider: SmallVec<[Tap; 64]> = SmallVec::new();
            for &(outer, weight) in &all {
                wider.extend(along.iter().map(|&(inner, factor)| match (outer, inner) {
                    (NOWHERE, _) | (_, NOWHERE) => (NOWHERE, 0.0),
                    _ => (outer.wrapping_mul(length as u32).wrapping_add(inner), weight * factor),
                }));
            }
            all = wider;
        }
        from.extend(all.iter().map(|tap| tap.0));
        weights.extend(all.iter().map(|tap| tap.1));
    }

    /// The elements along an axis of `length`, with their weights, that are near
    /// to `x`, from -1 to 1.
    fn along(&self, x: f32, length: usize) -> SmallVec<[Tap; 4]> {
        let size = length as f32;
        let x = match self.align_corners {
            true => (x + 1.0) / 2.0 * (size - 1.0),
            false => ((x + 1.0) * size - 1.0) / 2.0,
        };
        let x = self.inside(if matches!(self.mode, Mode::Nearest) { x.round_ties_even() } else { x }, size);
        let (first, at) = (x.floor(), x - x.floor());
        let tap = |shift: i64, weight| (self.element((first as i64).saturating_add(shift), length), weight);
        match self.mode {
            Mode::Nearest => SmallVec::from_slice(&[tap(0, 1.0)]),
            Mode::Linear => SmallVec::from_slice(&[tap(0, 1.0 - at), tap(1, at)]),
            Mode::Cubic => {
                let weights = [outer(at + 1.0), inner(at), inner(1.0 - at), outer(2.0 - at)];
                (-1..).zip(weights).map(|(shift, weight)| tap(shift, weight)).collect()
            }
        }
    }

    /// `x` brought into the image, unless zeros are outside.
    fn inside(&self, x: f32, size: f32) -> f32 {
        match self.padding {
            // As in PyTorch, a cubic's elements are brought in one by one.
            Padding::Border if matches!(self.mode, Mode::Cubic) => x,
            Padding::Zeros => x,
            Padding::Border => x.clamp(0.0, size - 1.0),
            Padding::Reflection => self.reflected(x, size),
        }
    }

    /// `x` reflected at the borders of the image until it is within.
    fn reflected(&self, x: f32, size: f32) -> f32 {
        let (least, most) = if self.align_corners { (0.0, size - 1.0) } else { (-0.5, size - 0.5) };
        let range = most - least;
        let beyond = if x < least { least - x } else { x - most };
        if (least..=most).contains(&x) {
            return x;
        }
        if range <= 0.0 {
            return least;
        }
        let times = (beyond / range).trunc();
        let rest = beyond - times * range;
        // An even number of reflections ends at the border that `x` is beyond.
        if (times % 2.0 == 0.0) == (x < least) { least + rest } else { most - rest }
    }

    /// The element at `place` of an axis of `length`, or what is there instead.
    fn element(&self, place: i64, length: usize) -> u32 {
        let last = length as i64 - 1;
        match self.padding {
            _ if (0..=last).contains(&place) => place as u32,
            Padding::Zeros => NOWHERE,
            Padding::Border => place.clamp(0, last) as u32,
            Padding::Reflection => (self.reflected(place as f32, length as f32) as i64).clamp(0, last) as u32,
        }
    }
}

/// The coefficient of cubic interpolation.
const A: f32 = -0.75;

/// The weight of an element at a distance of at most 1.
fn inner(x: f32) -> f32 {
    ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
}

/// The weight of an element at a distance of 1 to 2.
fn outer(x: f32) -> f32 {
    ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i64s};

    /// What the operator gives for `[[0, 1], [2, 3], [4, 5]]` at `places`.
    fn sampled(case: Case, places: &[[f32; 2]]) -> Vec<f32> {
        let x = f32s(&[1, 1, 3, 2], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let grid = f32s(&[1, 1, places.len(), 2], &places.concat());
        case.run(&[x, grid]).unwrap()[0].as_f32().unwrap().to_vec()
    }

    fn case(mode: &str) -> Case {
        Case::new("", "GridSample", 16).string("mode", mode)
    }

    const PLACES: [[f32; 2]; 4] = [[-10.0, -10.0], [-5.0, -5.0], [-0.2, -0.2], [10.0, 10.0]];

    #[test]
    fn weighs_the_elements_around() {
        assert_close(&sampled(case("bilinear"), &PLACES), &[0.0, 0.0, 1.7, 0.0]);
        assert_close(&sampled(case("bicubic"), &[[-0.2, -0.2]]), &[1.755_553]);
        assert_eq!(sampled(case("nearest"), &PLACES), [0.0, 0.0, 2.0, 0.0]);
    }

    #[test]
    fn what_is_outside_is_the_border_or_reflected() {
        let y = sampled(case("bilinear").string("padding_mode", "border"), &PLACES);
        assert_close(&y, &[0.0, 0.0, 1.7, 5.0]);
        let y = sampled(case("bilinear").string("padding_mode", "reflection"), &PLACES);
        assert_close(&y, &[2.5, 0.0, 1.7, 2.5]);
    }

    #[test]
    fn places_beyond_all_bounds_do_no_harm() {
        let places = [[f32::NAN; 2], [f32::INFINITY; 2], [f32::MAX; 2], [-1e30; 2]];
        for mode in ["nearest", "bilinear", "bicubic"] {
            for padding in ["zeros", "border", "reflection"] {
                for align in [0, 1] {
                    let case = case(mode).string("padding_mode", padding).int("align_corners", align);
                    assert_eq!(sampled(case, &places).len(), 4);
                }
            }
        }
    }

    #[test]
    fn takes_lines_and_volumes_and_float64() {
        let case = Case::new("", "GridSample", 22).int("align_corners", 1);
        let y = case.run(&[f64s(&[1, 2, 2], &[1.0, 3.0, 5.0, 9.0]), f64s(&[1, 1, 1], &[0.5])]).unwrap();
        assert_eq!(y, [f64s(&[1, 2, 1], &[2.5, 8.0])]);
        let x: Vec<f32> = (0..8).map(|x| x as f32).collect();
        let y = case.run(&[f32s(&[1, 1, 2, 2, 2], &x), f32s(&[1, 1, 1, 1, 3], &[1.0, -1.0, 0.0])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 1, 1, 1], &[3.0])]);
    }

    #[test]
    fn refuses_grids_that_do_not_fit() {
        let run = |x: Tensor, grid| case("nearest").run(&[x, grid]).unwrap_err();
        let error = run(f32s(&[1, 1, 2], &[0.0; 2]), f32s(&[1, 1, 1, 2], &[0.0; 2]));
        assert!(error.message().ends_with("got [1, 1, 2] and [1, 1, 1, 2]"), "{}", error.message());
        run(f32s(&[1, 1, 0], &[]), f32s(&[1, 1, 1], &[0.0]));
        run(i64s(&[1, 1, 1], &[1]), f32s(&[1, 1, 1], &[0.0]));
        assert!(Case::new("", "GridSample", 16).string("mode", "x").run(&[]).is_err());
    }
}
