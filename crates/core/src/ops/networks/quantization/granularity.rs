//! Which scale and zero point belong to which elements: one for all, one for
//! each place along an axis, or one for each block along an axis.
//! <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>

use crate::Result;
use crate::ops::failed;
use crate::tensor::element_count;

/// How scales are spread over a tensor that is seen as `[outer, length, inner]`.
#[derive(Debug)]
pub(super) struct Granularity {
    outer: usize,
    length: usize,
    inner: usize,
    per: Per,
}

#[derive(Debug)]
enum Per {
    Tensor,
    Axis,
    /// So many places along the axis have one scale.
    Block(usize),
}

/// Elements that lie one after the other, and their scales: one for all of them
/// (`step` 0), or one for each (`step` 1).
#[derive(Debug, PartialEq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) scale: usize,
    pub(super) step: usize,
}

impl Granularity {
    /// One scale for all of `count` elements.
    pub(super) fn whole(count: usize) -> Self {
        Self { outer: 1, length: count, inner: 1, per: Per::Tensor }
    }

    /// Scales of `scales`' shape for elements of `shape`. `axis` counts from the
    /// end where it is negative; `block` is 0 but for scales by block.
    pub(super) fn new(shape: &[usize], scales: &[usize], axis: i64, block: usize) -> Result<Self> {
        let misfit = || failed(format!("scales of shape {scales:?} do not fit elements of shape {shape:?}"));
        let count = element_count(shape).ok_or_else(misfit)?;
        if block == 0 && (scales.is_empty() || scales == [1]) {
            return Ok(Self::whole(count));
        }
        // The only axis needs no number.
        let place = match (axis, shape.len()) {
            (_, 1) => Some(0),
            (..0, rank) => usize::try_from(axis.saturating_add_unsigned(rank as u64)).ok(),
            _ => usize::try_from(axis).ok(),
        };
        let place = place.filter(|place| *place < shape.len()).ok_or_else(misfit)?;
        let product = |part: Option<&[usize]>| part.and_then(element_count).ok_or_else(misfit);
        let length = shape.get(place).copied().unwrap_or_default();
        let (outer, inner) = (product(shape.get(..place))?, product(shape.get(place + 1..))?);
        let per = if block == 0 { Per::Axis } else { Per::Block(block) };
        let fits = match per {
            Per::Block(block) => {
                scales.len() == shape.len()
                    && shape.iter().zip(scales).enumerate().all(|(index, (&dim, &scales))| {
                        scales == if index == place { dim.div_ceil(block) } else { dim }
                    })
            }
            _ => scales == [length],
        };
        if fits { Ok(Self { outer, length, inner, per }) } else { Err(misfit()) }
    }

    /// Gives every run of elements to `f`.
    pub(super) fn each(&self, f: &mut dyn FnMut(Run)) {
        let &Self { outer, length, inner, .. } = self;
        // Without elements there may be more runs than can be gone through.
        if [outer, length, inner].contains(&0) {
            return;
        }
        match self.per {
            Per::Tensor => f(Run { start: 0, length, scale: 0, step: 0 }),
            Per::Axis if inner == 1 => {
                (0..outer).for_each(|o| f(Run { start: o * length, length, scale: 0, step: 1 }));
            }
            Per::Axis => self.rows(&mut |row, i| f(Run { start: row, length: inner, scale: i, step: 0 })),
            Per::Block(block) => {
                let blocks = length.div_ceil(block);
                if inner > 1 {
                    return self.rows(&mut |row, i| {
                        let scale = (row / (length * inner) * blocks + i / block) * inner;
                        f(Run { start: row, length: inner, scale, step: 1 });
                    });
                }
                for (o, b) in (0..outer).flat_map(|o| (0..blocks).map(move |b| (o, b))) {
                    let run = block.min(length - b * block);
                    f(Run { start: o * length + b * block, length: run, scale: o * blocks + b, step: 0 });
                }
            }
        }
    }

    /// Gives the start of every row of `inner` elements to `f`, and its place
    /// along the axis.
    fn rows(&self, f: &mut dyn FnMut(usize, usize)) {
        if self.inner == 0 {
            return;
        }
        for o in 0..self.outer {
            (0..self.length).for_each(|i| f((o * self.length + i) * self.inner, i));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of each element's scale.
    fn places(shape: &[usize], scales: &[usize], axis: i64, block: usize) -> Vec<usize> {
        let mut places = Vec::new();
        let granularity = Granularity::new(shape, scales, axis, block).unwrap();
        granularity.each(&mut |run| {
            assert_eq!(run.start, places.len());
            places.extend((0..run.length).map(|i| run.scale + i * run.step));
        });
        places
    }

    #[test]
    fn one_scale_is_for_all() {
        assert_eq!(places(&[2, 3], &[], 1, 0), [0; 6]);
        assert_eq!(places(&[2, 1], &[1], 5, 0), [0; 2]);
        assert_eq!(places(&[2, 0], &[], 1, 0), [0; 0]);
    }

    #[test]
    fn one_scale_for_each_place_along_an_axis() {
        assert_eq!(places(&[2, 3], &[3], 1, 0), [0, 1, 2, 0, 1, 2]);
        assert_eq!(places(&[2, 3], &[2], -2, 0), [0, 0, 0, 1, 1, 1]);
        assert_eq!(places(&[3], &[3], 1, 0), [0, 1, 2]);
        assert_eq!(places(&[2, 2, 2], &[2], 1, 0), [0, 0, 1, 1, 0, 0, 1, 1]);
        assert_eq!(places(&[2, 0], &[2], 0, 0), [0; 0]);
    }

    #[test]
    fn one_scale_for_each_block_along_an_axis() {
        assert_eq!(places(&[2, 4], &[2, 2], 1, 2), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(places(&[1, 5], &[1, 3], 1, 2), [0, 0, 1, 1, 2]);
        assert_eq!(places(&[4, 2], &[2, 2], 0, 2), [0, 1, 0, 1, 2, 3, 2, 3]);
        assert_eq!(places(&[2, 3, 2], &[2, 2, 2], 1, 2), [0, 1, 0, 1, 2, 3, 4, 5, 4, 5, 6, 7]);
        assert_eq!(places(&[1, 1], &[1, 1], 0, 4), [0]);
    }

    #[test]
    fn refuses_scales_that_do_not_fit() {
        let refused = |shape: &[usize], scales: &[usize], axis, block| {
            Granularity::new(shape, scales, axis, block).unwrap_err().message().to_owned()
        };
        assert_eq!(refused(&[2, 3], &[2], 1, 0), "scales of shape [2] do not fit elements of shape [2, 3]");
        for (axis, block) in [(2, 0), (-3, 0), (i64::MIN, 0), (1, 2), (0, usize::MAX)] {
            refused(&[2, 3], &[3], axis, block);
        }
        refused(&[2, 3], &[2, 2], 1, 1);
        refused(&[usize::MAX, 2], &[], 1, 0);
    }
}
