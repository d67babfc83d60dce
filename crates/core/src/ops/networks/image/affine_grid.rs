//! `AffineGrid`: where the places of an image are after an affine map.
//! <https://onnx.ai/onnx/operators/onnx__AffineGrid.html>

use crate::ops::numbers::doubles;
use crate::ops::tensor::axis::count;
use crate::ops::tensor::indices::{shape, whole};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{ElementType, Result, Shape, TensorData};

struct AffineGrid {
    /// Whether -1 and 1 are the centres of the outermost places, and not their
    /// edges.
    align_corners: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(AffineGrid { align_corners: node.flag("align_corners", false)? }))
}

impl Operator for AffineGrid {
    /// In float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let theta = inputs.tensor(0)?;
        let sizes = whole(&inputs.tensor(1)?, scope)?;
        let size = shape(&sizes)?;
        scope.keep_cow(sizes);
        let (n, rank, size) = match *size.as_slice() {
            [n, _, height, width] => (n, 2, [1, height, width]),
            [n, _, depth, height, width] => (n, 3, [depth, height, width]),
            _ => return Err(failed(format!("expected the size of 4 or 5 dimensions, got {}", size.len()))),
        };
        if theta.shape != [n, rank, rank + 1] {
            let got = theta.shape;
            return Err(failed(format!(
                "expected a theta of shape [{n}, {rank}, {}], got {got:?}",
                rank + 1
            )));
        }
        let mut dims = Shape::from_slice(&[n]);
        dims.extend(size.iter().copied().skip(3 - rank).chain([rank]));
        let mut grid = scope.vec(count(&dims)?)?;
        let maps = doubles(&theta, scope)?;
        for map in maps.chunks_exact(rank * (rank + 1)) {
            self.map(map, size, rank, &mut grid);
        }
        scope.keep_cow(maps);
        if theta.element_type() == ElementType::Float64 {
            return one(dims, TensorData::Float64(grid));
        }
        let mut narrow = scope.vec(grid.len())?;
        narrow.extend(grid.iter().map(|&x| x as f32));
        scope.keep(grid);
        one(dims, TensorData::Float32(narrow))
    }
}

impl AffineGrid {
    /// Appends the places of one image.
    fn map(&self, map: &[f64], size: [usize; 3], rank: usize, grid: &mut Vec<f64>) {
        let [depth, height, width] = size;
        for z in 0..depth {
            for y in 0..height {
                for x in 0..width {
                    let place = [(x, width), (y, height), (z, depth)].map(|(at, size)| self.place(at, size));
                    for row in map.chunks_exact(rank + 1) {
                        let (factors, shift) = row.split_at(rank);
                        let sum = factors.iter().zip(place).fold(0.0, |sum, (factor, x)| sum + factor * x);
                        grid.push(sum + shift.first().copied().unwrap_or_default());
                    }
                }
            }
        }
    }

    /// Place `at` of an axis of `size`, from -1 to 1.
    fn place(&self, at: usize, size: usize) -> f64 {
        let (at, size) = (at as f64, size as f64);
        match self.align_corners {
            true if size <= 1.0 => -1.0,
            true => 2.0 * at / (size - 1.0) - 1.0,
            false => (2.0 * at + 1.0) / size - 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s};

    #[test]
    fn moves_the_places_of_an_image() {
        let theta = f64s(&[1, 2, 3], &[1.0, 0.0, 0.5, 0.0, 2.0, 0.0]);
        let inputs = [theta, i64s(&[4], &[1, 1, 2, 2])];
        let y = Case::new("", "AffineGrid", 20).run(&inputs).unwrap();
        assert_eq!(y, [f64s(&[1, 2, 2, 2], &[0.0, -1.0, 1.0, -1.0, 0.0, 1.0, 1.0, 1.0])]);
        let y = Case::new("", "AffineGrid", 20).int("align_corners", 1).run(&inputs).unwrap();
        assert_eq!(y, [f64s(&[1, 2, 2, 2], &[-0.5, -2.0, 1.5, -2.0, -0.5, 2.0, 1.5, 2.0])]);
    }

    #[test]
    fn moves_the_places_of_a_volume() {
        let theta = f32s(&[1, 3, 4], &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3.0]);
        let y = Case::new("", "AffineGrid", 20).run(&[theta, i64s(&[5], &[1, 9, 2, 1, 1])]).unwrap();
        assert_eq!(y, [f32s(&[1, 2, 1, 1, 3], &[0.0, 0.0, 2.5, 0.0, 0.0, 3.5])]);
    }

    #[test]
    fn refuses_sizes_and_maps_that_do_not_fit() {
        let run = |theta, size| Case::new("", "AffineGrid", 20).run(&[theta, size]).unwrap_err();
        let error = run(f32s(&[1, 2, 3], &[0.0; 6]), i64s(&[4], &[2, 1, 1, 1]));
        assert_eq!(error.message(), "expected a theta of shape [2, 2, 3], got [1, 2, 3]");
        let error = run(f32s(&[1, 2, 3], &[0.0; 6]), i64s(&[3], &[1, 1, 1]));
        assert_eq!(error.message(), "expected the size of 4 or 5 dimensions, got 3");
        run(f32s(&[1, 2, 3], &[0.0; 6]), i64s(&[4], &[1, 1, i64::MAX, i64::MAX]));
    }
}
