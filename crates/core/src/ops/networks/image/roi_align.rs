//! `RoiAlign`: regions of an image, each as a grid of means or maxima of samples.
//! <https://onnx.ai/onnx/operators/onnx__RoiAlign.html>

use edgeinfer_kernels::samples::{self, Sample};

use crate::native::Native;
use crate::ops::numbers::floats;
use crate::ops::tensor::axis::count;
use crate::ops::tensor::indices::{place, whole};
use crate::ops::tensor::runs::NOWHERE;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, TensorData};

struct RoiAlign {
    maximum: bool,
    /// How far the coordinates are from the centres of the elements.
    shift: f32,
    height: usize,
    width: usize,
    /// How many samples a bin has along each axis; 0 for as many as it has
    /// elements.
    sampling: usize,
    scale: f32,
}

/// No region has more samples than this.
const MOST_SAMPLES: usize = 1 << 22;

/// The samples along one axis: two elements and the weight of the second.
type Line = Vec<Option<(u32, u32, f32)>>;

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let maximum = match node.string_or("mode", "avg")? {
        "avg" => false,
        "max" => true,
        other => return Err(node.invalid(format_args!("mode: there is no {other:?}"))),
    };
    let default = if node.version() < 16 { "output_half_pixel" } else { "half_pixel" };
    let shift = match node.string_or("coordinate_transformation_mode", default)? {
        "half_pixel" => 0.5,
        "output_half_pixel" => 0.0,
        other => {
            return Err(node.invalid(format_args!("coordinate_transformation_mode: there is no {other:?}")));
        }
    };
    let size = |name, default| {
        let size = node.int_or(name, default)?;
        usize::try_from(size).map_err(|_| node.invalid(format_args!("{name}: {size} is no size")))
    };
    Ok(Box::new(RoiAlign {
        maximum,
        shift,
        height: size("output_height", 1)?,
        width: size("output_width", 1)?,
        sampling: size("sampling_ratio", 0)?,
        scale: node.float_or("spatial_scale", 1.0)?,
    }))
}

impl Operator for RoiAlign {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, rois, batch) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?);
        let (&[_, channels, _, _], &[regions, 4], &[of]) = (x.shape, rois.shape, batch.shape) else {
            let (x, rois, batch) = (x.shape, rois.shape, batch.shape);
            return Err(failed(format!(
                "expected an image of 4 dimensions, regions of shape [regions, 4] and an index for each, \
                 got {x:?}, {rois:?} and {batch:?}"
            )));
        };
        if of != regions {
            return Err(failed(format!("expected an index for each of {regions} regions, got {of}")));
        }
        let (rois, batch) = (floats(&rois, scope)?, whole(&batch, scope)?);
        let shape = Shape::from_slice(&[regions, channels, self.height, self.width]);
        let data = match x.data {
            DataRef::Float32(data) => {
                TensorData::Float32(self.pooled(data, x.shape, &shape, &rois, &batch, scope)?)
            }
            DataRef::Float64(data) => {
                TensorData::Float64(self.pooled(data, x.shape, &shape, &rois, &batch, scope)?)
            }
            _ => return Err(failed(format!("elements of type {} are not sampled", x.element_type()))),
        };
        scope.keep_cow(rois);
        scope.keep_cow(batch);
        one(shape, data)
    }
}

impl RoiAlign {
    fn pooled<T: Native + Sample + PartialOrd>(
        &self,
        x: &[T],
        own: &[usize],
        shape: &[usize],
        rois: &[f32],
        batch: &[i64],
        scope: &mut Scope,
    ) -> Result<Vec<T>> {
        let mut y = scope.zeros(count(shape)?)?;
        let &[n, channels, height, width] = own else { return Ok(y) };
        let (image, bins) = (height.saturating_mul(width), self.height.saturating_mul(self.width));
        if y.is_empty() {
            return Ok(y);
        }
        let (mut from, mut weights) = (scope.vec(0)?, scope.vec(0)?);
        let each = rois.chunks_exact(4).zip(batch).zip(y.chunks_exact_mut(channels * bins));
        for ((roi, &index), y) in each {
            let taps = self.taps(roi, [height, width], &mut from, &mut weights)?;
            let first = place(index, n)?.saturating_mul(channels);
            for (channel, y) in y.chunks_exact_mut(bins).enumerate() {
                let x = x.chunks_exact(image.max(1)).nth(first + channel).unwrap_or_default();
                match self.maximum {
                    true => samples::largest(x, &from, &weights, taps, y),
                    false => samples::scattered(x, &from, &weights, taps, y),
                }
            }
        }
        scope.keep(from);
        scope.keep(weights);
        Ok(y)
    }

    /// The elements and weights of all samples, bin by bin; how many a bin has.
    fn taps(
        &self,
        roi: &[f32],
        [height, width]: [usize; 2],
        from: &mut Vec<u32>,
        weights: &mut Vec<f32>,
    ) -> Result<usize> {
        let &[left, top, right, bottom] = roi else { return Ok(0) };
        let (rows, down) = self.line(top, bottom, height, self.height)?;
        let (columns, across) = self.line(left, right, width, self.width)?;
        if rows.len().saturating_mul(columns.len()) > MOST_SAMPLES {
            return Err(failed(format!(
                "a region of {} x {} samples is too large",
                rows.len(),
                columns.len()
            )));
        }
        from.clear();
        weights.clear();
        let share = if self.maximum { 1.0 } else { 1.0 / (down * across).max(1) as f32 };
        for rows in rows.chunks(down.max(1)) {
            for columns in columns.chunks(across.max(1)) {
                for (row, column) in
                    rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)))
                {
                    let (Some((top, bottom, y)), Some((left, right, x))) = (*row, *column) else {
                        from.extend([NOWHERE; 4]);
                        weights.extend([0.0; 4]);
                        continue;
                    };
                    let at = |row: u32, column: u32| row.wrapping_mul(width as u32).wrapping_add(column);
                    from.extend([at(top, left), at(top, right), at(bottom, left), at(bottom, right)]);
                    let shares = [(1.0 - y) * (1.0 - x), (1.0 - y) * x, y * (1.0 - x), y * x];
                    weights.extend(shares.map(|weight| weight * share));
                }
            }
        }
        Ok(4 * down * across)
    }

    /// The samples of all `bins` along an axis of `length`, and how many each has.
    fn line(&self, start: f32, end: f32, length: usize, bins: usize) -> Result<(Line, usize)> {
        let (start, end) = (start * self.scale - self.shift, end * self.scale - self.shift);
        // Without the shift, a region is never smaller than an element.
        let size = if self.shift == 0.0 { (end - start).max(1.0) } else { end - start };
        let bin = size / bins as f32;
        let each = if self.sampling > 0 { self.sampling } else { bin.ceil() as usize };
        if each.saturating_mul(bins) > MOST_SAMPLES {
            return Err(failed(format!("a region of {bins} times {each} samples is too large")));
        }
        let sample = |index: usize| {
            let (place, sample) = ((index / each) as f32, (index % each) as f32);
            between(start + place * bin + (sample + 0.5) * bin / each as f32, length)
        };
        Ok(((0..each * bins).map(sample).collect(), each))
    }
}

/// The elements around `x` along an axis of `length`; `None` outside of it.
fn between(x: f32, length: usize) -> Option<(u32, u32, f32)> {
    let last = length.checked_sub(1)? as u32;
    if !(-1.0..=length as f32).contains(&x) {
        return None;
    }
    let low = x.max(0.0) as u32;
    if low >= last {
        return Some((last, last, 0.0));
    }
    Some((low, low + 1, x.max(0.0) - low as f32))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};
    use crate::{Result, Tensor};

    fn run(case: &Case, rois: &[f32]) -> Result<Vec<Tensor>> {
        let x: Vec<f32> = (0..16).map(|x| x as f32).collect();
        let batch = i64s(&[rois.len() / 4], &vec![0; rois.len() / 4]);
        case.run(&[f32s(&[1, 1, 4, 4], &x), f32s(&[rois.len() / 4, 4], rois), batch])
    }

    fn case(version: u32) -> Case {
        Case::new("", "RoiAlign", version).int("output_height", 2).int("output_width", 2)
    }

    #[test]
    fn means_of_samples() {
        let y = run(&case(16).int("sampling_ratio", 2), &[0.0, 0.0, 3.0, 3.0]).unwrap();
        assert_eq!(y[0].shape(), [1, 1, 2, 2]);
        assert_close(y[0].as_f32().unwrap(), &[1.5625, 3.0, 7.3125, 8.75]);
        let y = run(&case(10).int("sampling_ratio", 2), &[0.0, 0.0, 3.0, 3.0]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[3.75, 5.25, 9.75, 11.25]);
    }

    #[test]
    fn maxima_of_weighted_elements() {
        let y = run(&case(16).string("mode", "max").int("sampling_ratio", 2), &[0.0, 0.0, 3.0, 3.0]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[2.5, 3.28125, 7.0, 7.65625]);
    }

    #[test]
    fn as_many_samples_as_elements_where_none_are_asked_for() {
        let y = run(&case(10), &[0.0, 0.0, 4.0, 4.0]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[5.0, 6.75, 12.0, 13.75]);
    }

    #[test]
    fn refuses_regions_without_bounds_and_images_that_are_not_there() {
        let error = run(&case(16), &[0.0, 0.0, 1e30, 1.0]).unwrap_err();
        assert!(error.message().ends_with("samples is too large"), "{}", error.message());
        run(&case(16), &[f32::NAN, 0.0, f32::INFINITY, 1.0]).unwrap();
        let inputs = [f32s(&[1, 1, 1, 1], &[0.0]), f32s(&[1, 4], &[0.0; 4]), i64s(&[1], &[1])];
        assert!(case(16).run(&inputs).is_err());
        let inputs = [f32s(&[1, 1, 1, 1], &[0.0]), f32s(&[1, 4], &[0.0; 4]), i64s(&[2], &[0, 0])];
        let error = case(16).run(&inputs).unwrap_err();
        assert_eq!(error.message(), "expected an index for each of 1 regions, got 2");
    }
}
