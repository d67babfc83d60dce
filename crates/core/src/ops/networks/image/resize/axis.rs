//! What resizing makes of one axis, and where its places come from.

use crate::Result;
use crate::ops::{Node, failed};

/// An axis that is resized.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) axis: usize,
    pub(super) length: usize,
    pub(super) resized: usize,
    /// How much longer the axis gets.
    pub(super) scale: f32,
    /// The length that `scale` gives, with its fraction.
    pub(super) width: f32,
    /// The part of the axis that is taken, from 0 to 1 of its length.
    pub(super) region: (f32, f32),
}

/// How a place in the result becomes one in the source: ONNX's
/// `coordinate_transformation_mode`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Transform {
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    TfHalfPixelForNn,
    TfCropAndResize,
}

impl Transform {
    pub(super) fn read(node: &Node<'_>) -> Result<Self> {
        Ok(match node.string_or("coordinate_transformation_mode", "half_pixel")? {
            "half_pixel" => Self::HalfPixel,
            "half_pixel_symmetric" => Self::HalfPixelSymmetric,
            "pytorch_half_pixel" => Self::PytorchHalfPixel,
            "align_corners" => Self::AlignCorners,
            "asymmetric" => Self::Asymmetric,
            "tf_half_pixel_for_nn" => Self::TfHalfPixelForNn,
            "tf_crop_and_resize" => Self::TfCropAndResize,
            other => {
                return Err(
                    node.invalid(format_args!("coordinate_transformation_mode: there is no {other:?}"))
                );
            }
        })
    }
}

impl Axis {
    /// Whether the axis stays as it is.
    pub(super) fn is_kept(&self, transform: Transform) -> bool {
        self.length == self.resized
            && self.scale == 1.0
            && (transform != Transform::TfCropAndResize || self.region == (0.0, 1.0))
    }

    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// the axis has no elements to make others of.
    pub(super) fn check(&self) -> Result<()> {
        if self.length == 0 && self.resized > 0 {
            return Err(failed(format!("axis {} has no elements to be resized", self.axis)));
        }
        Ok(())
    }

    /// Where `place` of the result is in the source; in float32, as in
    /// onnxruntime, so that the nearest element is the same one. `None` for what
    /// is outside and has a value of its own.
    pub(super) fn original(&self, transform: Transform, place: usize) -> Option<f32> {
        let (x, scale) = (place as f32, self.scale);
        let (last, one) = (self.length as f32 - 1.0, self.resized == 1);
        let half_pixel = (x + 0.5) / scale - 0.5;
        Some(match transform {
            Transform::HalfPixel => half_pixel,
            Transform::HalfPixelSymmetric => {
                let adjustment = self.resized as f32 / self.width;
                self.length as f32 / 2.0 * (1.0 - adjustment) + half_pixel
            }
            Transform::PytorchHalfPixel | Transform::AlignCorners if one => 0.0,
            Transform::PytorchHalfPixel => half_pixel,
            Transform::AlignCorners => x * last / (self.width - 1.0),
            Transform::Asymmetric => x / scale,
            Transform::TfHalfPixelForNn => (x + 0.5) / scale,
            Transform::TfCropAndResize => {
                let (start, end) = self.region;
                let x = match one {
                    true => 0.5 * (start + end) * last,
                    false => start * last + x * (end - start) * last / (self.width - 1.0),
                };
                return Some(x).filter(|x| (0.0..=last).contains(x));
            }
        })
    }
}
