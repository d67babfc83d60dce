//! `com.microsoft.CDist`: the distance between each row of A and each of B.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.CDist>
//!
//! skl2onnx writes it as a `Scan` over the rows of B, whose body subtracts and
//! sums up. The numbers here are those which onnxruntime gives for the `Scan`, to
//! the last bit, so that neighbours which are as near come in the same order.

use edgeinfer_kernels::{Distance, LANES, Rows, Size};

use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

#[derive(Clone, Copy)]
enum Metric {
    SquaredEuclidean,
    Euclidean,
    /// The sum of differences: not one of onnxruntime's, but of scikit-learn's.
    CityBlock,
}

struct CDist {
    metric: Metric,
    /// The number of rows of B, where it is tiles.
    tiled: Option<usize>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(CDist { metric: metric(node)?, tiled: None }))
}

/// As `CDist`, of a B that the compiler has put into tiles, `[T, N, 16]`: row
/// `16 t + l` of B is the numbers `[t, .., l]`. `rows` says how many rows there
/// are; what the last tile has beyond them is not looked at.
pub(super) fn build_tiled(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let rows = node.int_or("rows", -1)?;
    let rows = usize::try_from(rows).map_err(|_| node.invalid("rows: expected the number of rows of B"))?;
    Ok(Box::new(CDist { metric: metric(node)?, tiled: Some(rows) }))
}

fn metric(node: &Node<'_>) -> Result<Metric> {
    match node.string_or("metric", "sqeuclidean")? {
        "sqeuclidean" => Ok(Metric::SquaredEuclidean),
        "euclidean" => Ok(Metric::Euclidean),
        "cityblock" => Ok(Metric::CityBlock),
        other => Err(node.unsupported(format_args!("the metric {other:?}"))),
    }
}

impl Operator for CDist {
    /// A `[M, N]`, B `[K, N]` to `[M, K]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let (others, other_width) = match (b.shape, self.tiled) {
            (&[others, width], None) => (others, width),
            (&[tiles, width, LANES], Some(rows)) if rows.div_ceil(LANES) == tiles => (rows, width),
            _ => return Err(failed(format!("B of shape {:?} is no rows of features", b.shape))),
        };
        let &[rows, width] = a.shape else {
            return Err(failed(format!("expected a matrix A, got shape {:?}", a.shape)));
        };
        if width != other_width {
            return Err(failed(format!("the rows of A have {width} features, those of B {other_width}")));
        }
        let shape = [rows, others];
        let distances = match a.data {
            DataRef::Float32(a) => self.distances(a, &b, shape, width, scope),
            DataRef::Float64(a) => self.distances(a, &b, shape, width, scope),
            _ => Err(failed(format!("expected float32 or float64 elements, got {}", a.element_type()))),
        }?;
        one(shape.as_slice(), distances)
    }
}

impl CDist {
    fn distances<T: Native + Distance + Copy>(
        &self,
        a: &[T],
        b: &TensorRef<'_>,
        [rows, others]: [usize; 2],
        width: usize,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let b: &[T] = b.read().ok_or_else(|| failed(format!("expected {} elements in B", T::TYPE)))?;
        let mut out = scope.filled(rows.saturating_mul(others), T::default())?;
        let mut tile = scope.filled(width.saturating_mul(LANES), T::default())?;
        let rows = if self.tiled.is_some() { Rows::Tiled(b) } else { Rows::Plain(b) };
        match self.metric {
            Metric::CityBlock => T::absolutes(a, rows, Size { width, others }, &mut tile, &mut out),
            _ => T::squares(a, rows, Size { width, others }, &mut tile, &mut out),
        }
        if let Metric::Euclidean = self.metric {
            T::square_roots(&mut out);
        }
        scope.keep(tile);
        Ok(T::wrap(out))
    }
}

#[cfg(test)]
mod tests {
    use edgeinfer_kernels::Distance;

    use crate::Tensor;
    use crate::ops::testing::{Case, f32s};

    fn distances(metric: &str, a: &Tensor, b: &Tensor) -> crate::Result<Tensor> {
        let case = Case::new("com.microsoft", "CDist", 1).string("metric", metric);
        Ok(case.run(&[a.clone(), b.clone()])?.remove(0))
    }

    #[test]
    fn measures_by_each_metric() {
        let (a, b) = (f32s(&[2, 2], &[0.0, 0.0, 1.0, 1.0]), f32s(&[3, 2], &[0.0, 0.0, 3.0, 4.0, 1.0, 0.0]));
        let expected = |values: &[f32]| f32s(&[2, 3], values);
        assert_eq!(distances("sqeuclidean", &a, &b).unwrap(), expected(&[0.0, 25.0, 1.0, 2.0, 13.0, 1.0]));
        let roots = [0.0, 5.0, 1.0, 2f32.sqrt(), 13f32.sqrt(), 1.0];
        assert_eq!(distances("euclidean", &a, &b).unwrap(), expected(&roots));
        assert_eq!(distances("cityblock", &a, &b).unwrap(), expected(&[0.0, 7.0, 1.0, 2.0, 5.0, 1.0]));
        let by_default = Case::new("com.microsoft", "CDist", 1).run(&[a.clone(), b.clone()]).unwrap();
        assert_eq!(by_default[0], distances("sqeuclidean", &a, &b).unwrap());
        assert!(distances("cosine", &a, &b).is_err());
    }

    #[test]
    fn takes_rows_in_tiles() {
        let numbers: Vec<f32> = (0..37 * 3).map(|index| (index * 7919 % 997) as f32).collect();
        let mut tiles = vec![0.0; 48 * 3];
        f32::tile(&numbers, 3, &mut tiles);
        let (a, b) = (f32s(&[2, 3], &numbers[5..11]), f32s(&[37, 3], &numbers));
        let case = |rows| Case::new("edgeinfer", "CDist", 1).string("metric", "euclidean").int("rows", rows);
        let inputs = [a.clone(), f32s(&[3, 3, 16], &tiles)];
        assert_eq!(case(37).run(&inputs).unwrap()[0], distances("euclidean", &a, &b).unwrap());
        assert!(case(32).run(&inputs).is_err());
        assert!(case(49).run(&inputs).is_err());
        assert!(case(-1).run(&inputs).is_err());
        assert!(case(37).run(&[a, b]).is_err());
    }

    #[test]
    fn takes_matrices_without_features_or_rows() {
        let empty = |rows, width| f32s(&[rows, width], &[]);
        assert_eq!(distances("euclidean", &empty(2, 0), &empty(3, 0)).unwrap(), f32s(&[2, 3], &[0.0; 6]));
        assert_eq!(distances("euclidean", &empty(0, 2), &f32s(&[1, 2], &[0.0; 2])).unwrap(), empty(0, 1));
    }

    #[test]
    fn refuses_matrices_that_do_not_fit() {
        let error = distances("euclidean", &f32s(&[1, 2], &[0.0; 2]), &f32s(&[1, 3], &[0.0; 3])).unwrap_err();
        assert_eq!(error.message(), "the rows of A have 2 features, those of B 3");
        assert!(distances("euclidean", &f32s(&[2], &[0.0; 2]), &f32s(&[1, 2], &[0.0; 2])).is_err());
    }
}
