//! `DepthToSpace`, `SpaceToDepth`: channels as blocks of pixels, and back.
//! <https://onnx.ai/onnx/operators/onnx__DepthToSpace.html>,
//! <https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html>

use crate::ops::tensor::layout::Layout;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;
use crate::{Error, Result};

struct DepthToSpace {
    block: usize,
    /// Whether the place in the block counts less than the channel (CRD) or more
    /// (DCR).
    channel_first: bool,
}

struct SpaceToDepth {
    block: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let channel_first = match node.string_or("mode", "DCR")? {
        "DCR" => false,
        "CRD" => true,
        other => return Err(node.invalid(format_args!("mode: there is no {other:?}"))),
    };
    Ok(Box::new(DepthToSpace { block: block(node)?, channel_first }))
}

pub(super) fn build_reverse(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(SpaceToDepth { block: block(node)? }))
}

fn block(node: &Node<'_>) -> Result<usize> {
    let block = node.int_or("blocksize", 0)?;
    let size = usize::try_from(block).ok().filter(|&size| size > 0 && size.checked_mul(size).is_some());
    size.ok_or_else(|| node.invalid(format_args!("blocksize: {block} is no size")))
}

impl Operator for DepthToSpace {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (block, [n, c, h, w]) = (self.block, image(&x)?);
        let depth = c / (block * block);
        if depth * block * block != c {
            return Err(failed(format!("{c} channels are no multiple of blocks of {block} x {block}")));
        }
        let (split, order) = match self.channel_first {
            true => ([n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3]),
            false => ([n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2]),
        };
        let data = permuted(&split, order).of(x.data, scope)?;
        one(vec![n, depth, longer(h, block)?, longer(w, block)?], data)
    }
}

impl Operator for SpaceToDepth {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let (block, [n, c, h, w]) = (self.block, image(&x)?);
        let (rows, columns) = (h / block, w / block);
        if rows * block != h || columns * block != w {
            return Err(failed(format!("{h} x {w} is no multiple of blocks of {block} x {block}")));
        }
        let layout = permuted(&[n, c, rows, block, columns, block], [0, 3, 5, 1, 2, 4]);
        one(vec![n, longer(c, block * block)?, rows, columns], layout.of(x.data, scope)?)
    }
}

fn image(x: &TensorRef<'_>) -> Result<[usize; 4]> {
    x.shape.try_into().map_err(|_| failed(format!("expected 4 dimensions, got {}", x.shape.len())))
}

fn longer(length: usize, times: usize) -> Result<usize> {
    let too_long = || -> Error { failed(format!("{length} times {times} does not fit into memory")) };
    length.checked_mul(times).ok_or_else(too_long)
}

/// A tensor of `shape` with its axes in the given order.
fn permuted(shape: &[usize; 6], order: [usize; 6]) -> Layout {
    let mut layout = Layout::dense(shape);
    layout.axes = order.iter().filter_map(|&axis| layout.axes.get(axis).copied()).collect();
    layout
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, i64s};

    /// 8 channels of 2 x 3.
    fn channels() -> Tensor {
        i64s(
            &[1, 8, 2, 3],
            &[0, 9, 18, 27, 36, 45, 54, 63].map(|first| (first..first + 6).collect::<Vec<_>>()).concat(),
        )
    }

    #[test]
    fn depth_goes_into_blocks() {
        let case = Case::new("", "DepthToSpace", 13).int("blocksize", 2);
        let y = case.run(&[channels()]).unwrap();
        let expected = [
            [0, 18, 1, 19, 2, 20, 36, 54, 37, 55, 38, 56, 3, 21, 4, 22, 5, 23, 39, 57, 40, 58, 41, 59],
            [9, 27, 10, 28, 11, 29, 45, 63, 46, 64, 47, 65, 12, 30, 13, 31, 14, 32, 48, 66, 49, 67, 50, 68],
        ];
        assert_eq!(y, [i64s(&[1, 2, 4, 6], &expected.concat())]);
        let y = case.string("mode", "CRD").run(&[channels()]).unwrap();
        let expected = [
            [0, 9, 1, 10, 2, 11, 18, 27, 19, 28, 20, 29, 3, 12, 4, 13, 5, 14, 21, 30, 22, 31, 23, 32],
            [36, 45, 37, 46, 38, 47, 54, 63, 55, 64, 56, 65, 39, 48, 40, 49, 41, 50, 57, 66, 58, 67, 59, 68],
        ];
        assert_eq!(y, [i64s(&[1, 2, 4, 6], &expected.concat())]);
    }

    #[test]
    fn blocks_go_into_depth_and_back() {
        let x: Vec<f32> = (0..48).map(|x| x as f32).collect();
        let x = f32s(&[1, 2, 4, 6], &x);
        let y = Case::new("", "SpaceToDepth", 13).int("blocksize", 2).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y[0].shape(), [1, 8, 2, 3]);
        assert_eq!(y[0].as_f32().unwrap()[..7], [0.0, 2.0, 4.0, 12.0, 14.0, 16.0, 24.0]);
        assert_eq!(Case::new("", "DepthToSpace", 1).int("blocksize", 2).run(&y).unwrap(), [x]);
    }

    #[test]
    fn refuses_what_blocks_do_not_fit() {
        let run = |op, block, x| Case::new("", op, 13).int("blocksize", block).run(&[x]).unwrap_err();
        let error = run("DepthToSpace", 2, f32s(&[1, 3, 1, 1], &[0.0; 3]));
        assert_eq!(error.message(), "3 channels are no multiple of blocks of 2 x 2");
        let error = run("SpaceToDepth", 2, f32s(&[1, 1, 1, 2], &[0.0; 2]));
        assert_eq!(error.message(), "1 x 2 is no multiple of blocks of 2 x 2");
        run("SpaceToDepth", 0, f32s(&[1, 1, 1, 1], &[0.0]));
        run("SpaceToDepth", i64::MAX, f32s(&[1, 1, 1, 1], &[0.0]));
        run("SpaceToDepth", 1, f32s(&[1], &[0.0]));
    }
}
