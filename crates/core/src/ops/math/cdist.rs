//! `com.microsoft.CDist`: the distance between each row of A and each of B.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.CDist>
//!
//! skl2onnx writes it as a `Scan` over the rows of B, whose body subtracts and
//! sums up. The numbers here are those which onnxruntime gives for the `Scan`, to
//! the last bit, so that neighbours which are as near come in the same order.

use std::borrow::Cow;

use super::differences::{LANES, Real, sums, tile, total, total_packed};
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
    fn distances<T: Real>(
        &self,
        a: &[T],
        b: &TensorRef<'_>,
        [rows, others]: [usize; 2],
        width: usize,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let b: &[T] = b.read().ok_or_else(|| failed(format!("expected {} elements in B", T::TYPE)))?;
        let mut out = scope.filled(rows.saturating_mul(others), T::default())?;
        let tiles = if self.tiled.is_some() { Cow::Borrowed(b) } else { tiles(b, [width, others], scope)? };
        let total = if let Metric::CityBlock = self.metric { total_packed } else { total };
        sums(a, &tiles, [width, others], &mut out, total);
        if let Metric::Euclidean = self.metric {
            out.iter_mut().for_each(|distance| *distance = distance.sqrt());
        }
        scope.keep_cow(tiles);
        Ok(T::wrap(out))
    }
}

fn tiles<'a, T: Real>(b: &[T], [width, others]: [usize; 2], scope: &mut Scope) -> Result<Cow<'a, [T]>> {
    let rows = others.checked_next_multiple_of(LANES).unwrap_or(usize::MAX);
    let mut tiles = scope.filled(rows.saturating_mul(width), T::default())?;
    tile(b, width, &mut tiles);
    Ok(Cow::Owned(tiles))
}

#[cfg(test)]
mod tests {
    use super::tile;
    use crate::ops::testing::{Case, f32s};
    use crate::{Tensor, TensorData};

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
    fn sums_from_the_first_feature_to_the_last() {
        let number =
            |index: usize| ((index * 7919 % 997) as f64 / 31.0, (index * 104_729 % 1009) as f64 / 57.0);
        let (a, b): (Vec<f64>, Vec<f64>) = (0..5 * 7).map(number).unzip();
        let b: Vec<f64> = b.iter().chain(&a).copied().cycle().take(37 * 7).collect();
        let tensor =
            |rows, values: &[f64]| Tensor::new([rows, 7].as_slice(), TensorData::Float64(values.to_vec()));
        let out = distances("sqeuclidean", &tensor(5, &a).unwrap(), &tensor(37, &b).unwrap()).unwrap();
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
        let expected = a.chunks(7).flat_map(|a| b.chunks(7).map(move |b| sum(a, b))).collect();
        assert_eq!(*out.data(), TensorData::Float64(expected));
    }

    #[test]
    fn sums_differences_as_onnxruntime_does() {
        let terms: [f32; 15] =
            [67.1, 80.5, 2.3, 80.8, 46.9, 51.5, 63.0, 28.6, 97.9, 5.4, 27.8, 38.3, 57.1, 40.9, 13.1];
        let sum = |terms: &[f32]| {
            let zeros = f32s(&[1, terms.len()], &vec![0.0; terms.len()]);
            let y = distances("cityblock", &f32s(&[1, terms.len()], terms), &zeros).unwrap();
            y.as_f32().unwrap()[0]
        };
        // From the first to the last, they are 590.10004 and 701.2.
        assert_eq!([sum(&terms[..12]), sum(&terms)], [590.1, 701.199_95]);
        assert_eq!(sum(&terms[..5]), 277.6);
    }

    #[test]
    fn takes_rows_in_tiles() {
        let numbers: Vec<f32> = (0..37 * 3).map(|index| (index * 7919 % 997) as f32).collect();
        let mut tiles = vec![0.0; 48 * 3];
        tile(&numbers, 3, &mut tiles);
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
