//! `MaxRoiPool`: regions of an image, each as a grid of maxima.
//! <https://onnx.ai/onnx/operators/onnx__MaxRoiPool.html>

use std::ops::Range;

use crate::native::Native;
use crate::ops::numbers::floats;
use crate::ops::tensor::axis::count;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, TensorData};

struct MaxRoiPool {
    height: usize,
    width: usize,
    scale: f32,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let size = node.ints("pooled_shape")?;
    let &[height, width] = size.as_slice() else {
        return Err(node.invalid(format_args!("pooled_shape: expected 2 sizes, got {}", size.len())));
    };
    let length = |size| {
        let length = usize::try_from(size).ok().filter(|&length| length > 0);
        length.ok_or_else(|| node.invalid(format_args!("pooled_shape: {size} is no size")))
    };
    let scale = node.float_or("spatial_scale", 1.0)?;
    Ok(Box::new(MaxRoiPool { height: length(height)?, width: length(width)?, scale }))
}

impl Operator for MaxRoiPool {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, rois) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (&[n, channels, height, width], &[regions, 5]) = (x.shape, rois.shape) else {
            let (x, rois) = (x.shape, rois.shape);
            return Err(failed(format!(
                "expected an image of 4 dimensions and regions of shape [regions, 5], got {x:?} and {rois:?}"
            )));
        };
        let rois = floats(&rois, scope)?;
        let shape = Shape::from_slice(&[regions, channels, self.height, self.width]);
        let own = [n, channels, height, width];
        let data = match x.data {
            DataRef::Float32(data) => TensorData::Float32(self.pooled(data, own, &shape, &rois, scope)?),
            DataRef::Float64(data) => TensorData::Float64(self.pooled(data, own, &shape, &rois, scope)?),
            _ => return Err(failed(format!("elements of type {} are not pooled", x.element_type()))),
        };
        scope.keep_cow(rois);
        one(shape, data)
    }
}

impl MaxRoiPool {
    fn pooled<T: Native + Copy + PartialOrd>(
        &self,
        x: &[T],
        [n, channels, height, width]: [usize; 4],
        shape: &[usize],
        rois: &[f32],
        scope: &mut Scope,
    ) -> Result<Vec<T>> {
        let mut y = scope.vec(count(shape)?)?;
        let image = height.saturating_mul(width).max(1);
        for roi in rois.chunks_exact(5) {
            let &[batch, left, top, right, bottom] = roi else { continue };
            let index = batch as usize;
            if batch < 0.0 || index >= n {
                return Err(failed(format!("a region is of image {batch}, but there are {n}")));
            }
            let rows = self.bins(top, bottom, height, self.height);
            let columns = self.bins(left, right, width, self.width);
            for channel in 0..channels {
                let x = x.chunks_exact(image).nth(index * channels + channel).unwrap_or_default();
                for rows in rows.clone() {
                    y.extend(columns.clone().map(|columns| largest(x, width, rows.clone(), columns)));
                }
            }
        }
        Ok(y)
    }

    /// The elements of each of `bins` along an axis of `length`.
    fn bins(
        &self,
        start: f32,
        end: f32,
        length: usize,
        bins: usize,
    ) -> impl Iterator<Item = Range<usize>> + Clone + use<> {
        let (start, end) = ((start * self.scale).round(), (end * self.scale).round());
        let size = (end - start + 1.0).max(1.0) / bins as f32;
        let within = move |x: f32| (x + start).clamp(0.0, length as f32) as usize;
        (0..bins)
            .map(move |bin| within((bin as f32 * size).floor())..within(((bin + 1) as f32 * size).ceil()))
    }
}

/// The largest element of `rows` and `columns`, or zero where there is none.
fn largest<T: Copy + Default + PartialOrd>(
    x: &[T],
    width: usize,
    rows: Range<usize>,
    columns: Range<usize>,
) -> T {
    let rows = x.chunks_exact(width.max(1)).take(rows.end).skip(rows.start);
    let elements = rows.flat_map(|row| row.get(columns.clone()).unwrap_or_default()).copied();
    elements.reduce(|a, b| if b > a { b } else { a }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s};

    #[test]
    fn the_largest_of_each_bin() {
        let x: Vec<f32> = (0..16).map(|x| x as f32).collect();
        let x = f32s(&[1, 1, 4, 4], &x);
        let case = Case::new("", "MaxRoiPool", 1).ints("pooled_shape", &[2, 2]);
        let y = case.run(&[x.clone(), f32s(&[1, 5], &[0.0, 0.0, 0.0, 2.0, 3.0])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 2, 2], &[5.0, 6.0, 13.0, 14.0])]);
        // Beyond the image there is nothing.
        let y =
            case.float("spatial_scale", 2.0).run(&[x, f32s(&[1, 5], &[0.0, 1.0, 1.0, 3.0, 3.0])]).unwrap();
        assert_eq!(y, [f32s(&[1, 1, 2, 2], &[15.0, 0.0, 0.0, 0.0])]);
    }

    #[test]
    fn refuses_regions_of_images_that_are_not_there() {
        let case = Case::new("", "MaxRoiPool", 1).ints("pooled_shape", &[1, 1]);
        let run =
            |batch| case.run(&[f32s(&[1, 1, 1, 1], &[0.0]), f32s(&[1, 5], &[batch, 0.0, 0.0, 0.0, 0.0])]);
        assert_eq!(run(1.0).unwrap_err().message(), "a region is of image 1, but there are 1");
        assert!(run(-1.0).is_err() && run(f32::NAN).is_ok());
        assert!(Case::new("", "MaxRoiPool", 1).run(&[]).is_err());
    }
}
