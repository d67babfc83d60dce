//! Kernels: how near a row is to each support vector.

use crate::Result;
use crate::bytes::Weights;
use crate::ops::{Node, Scope};
use edgeinfer_kernels::exp::{exp, exp_scaled};
use edgeinfer_kernels::{Distance as _, LANES, Rows, Size, dots, squared_distances};

/// So many rows are done at once.
const BLOCK: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kernel {
    Linear,
    Poly { gamma: f32, coef0: f32, degree: f32 },
    Rbf { gamma: f32 },
    Sigmoid { gamma: f32, coef0: f32 },
}

impl Kernel {
    fn of(node: &Node<'_>) -> Result<Self> {
        let (gamma, coef0, degree) = match *node.floats("kernel_params")? {
            [] => (0.0, 0.0, 0.0),
            [gamma, coef0, degree] => (gamma, coef0, degree),
            _ => return Err(node.invalid("expected gamma, coef0 and degree in kernel_params")),
        };
        Ok(match node.string_or("kernel_type", "LINEAR")? {
            "LINEAR" => Self::Linear,
            "POLY" => Self::Poly { gamma, coef0, degree },
            "RBF" => Self::Rbf { gamma },
            "SIGMOID" => Self::Sigmoid { gamma, coef0 },
            other => {
                let known = "LINEAR, POLY, RBF or SIGMOID";
                return Err(node.invalid(format_args!("kernel_type: expected {known}, got {other}")));
            }
        })
    }
}

/// The support vectors of a machine, and its kernel.
pub(super) struct SupportVectors {
    kernel: Kernel,
    vectors: Weights<f32>,
    count: usize,
    width: usize,
}

impl SupportVectors {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where the
    /// node does not hold `count` vectors of the same length.
    pub(super) fn of(node: &Node<'_>, count: usize) -> Result<Self> {
        let vectors = node.floats("support_vectors")?;
        let width = vectors.len().checked_div(count).unwrap_or_default();
        if width == 0 || width.checked_mul(count) != Some(vectors.len()) {
            let got = vectors.len();
            return Err(node.invalid(format_args!("expected {count} support vectors, got {got} numbers")));
        }
        Ok(Self { kernel: Kernel::of(node)?, vectors, count, width })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The number of features of a vector, 1 or more.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Gives `take`, for each of `rows`, its kernel with each vector.
    ///
    /// # Errors
    ///
    /// Those of `take`, and where there is no memory.
    pub(super) fn kernels(
        &self,
        rows: &[f32],
        scope: &mut Scope,
        take: &mut dyn FnMut(&[f32], &mut Scope) -> Result<()>,
    ) -> Result<()> {
        let tiles = self.tiles(rows, scope)?;
        let mut values = scope.vec(BLOCK.min(rows.len() / self.width) * self.count)?;
        for block in rows.chunks(self.width * BLOCK) {
            values.clear();
            self.fill(block, &tiles, &mut values);
            values.chunks_exact(self.count).try_for_each(|kernels| take(kernels, scope))?;
        }
        scope.keep(values);
        scope.keep(tiles);
        Ok(())
    }

    /// The vectors in tiles, for rows of which there are enough to be worth it;
    /// otherwise none.
    fn tiles(&self, rows: &[f32], scope: &mut Scope) -> Result<Vec<f32>> {
        let worth = matches!(self.kernel, Kernel::Rbf { .. }) && rows.len() >= self.width * BLOCK;
        let length = if worth { self.count.next_multiple_of(LANES).saturating_mul(self.width) } else { 0 };
        let mut tiles = scope.filled(length, 0.0)?;
        f32::tile(&self.vectors, self.width, &mut tiles);
        Ok(tiles)
    }

    fn fill(&self, rows: &[f32], tiles: &[f32], values: &mut Vec<f32>) {
        if tiles.is_empty() {
            for row in rows.chunks_exact(self.width) {
                match self.kernel {
                    Kernel::Rbf { .. } => squared_distances(row, &self.vectors, values),
                    _ => dots(row, &self.vectors, values),
                }
            }
        } else {
            values.resize(rows.len() / self.width * self.count, 0.0);
            let size = Size { width: self.width, others: self.count };
            f32::squares(rows, Rows::Tiled(tiles), size, &mut [], values);
        }
        self.transform(values);
    }

    /// From distances or products to kernels.
    fn transform(&self, values: &mut [f32]) {
        match self.kernel {
            Kernel::Linear => {}
            Kernel::Rbf { gamma } => exp_scaled(values, -gamma),
            Kernel::Sigmoid { gamma, coef0 } => {
                values.iter_mut().for_each(|x| *x = tanh(gamma * *x + coef0));
            }
            Kernel::Poly { gamma, coef0, degree } => {
                values.iter_mut().for_each(|x| *x = gamma * *x + coef0);
                power(values, degree);
            }
        }
    }
}

/// Multiplies the usual degrees out.
fn power(values: &mut [f32], degree: f32) {
    if degree == 2.0 {
        values.iter_mut().for_each(|x| *x *= *x);
    } else if degree == 3.0 {
        values.iter_mut().for_each(|x| *x = *x * *x * *x);
    } else {
        values.iter_mut().for_each(|x| *x = x.powf(degree));
    }
}

/// The hyperbolic tangent, to the precision that float32 has close to 1.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x.clamp(-10.0, 10.0)) + 1.0)
}
