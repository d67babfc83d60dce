//! `Gemm`: `alpha · A · B + beta · C`.
//! <https://onnx.ai/onnx/operators/onnx__Gemm.html>

use super::matrix;
use super::whole::in_type;
use crate::native::Native;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Error, Result};
use edgeinfer_kernels::{Product, Real};

struct Gemm {
    alpha: f32,
    beta: f32,
    transpose_a: bool,
    transpose_b: bool,
}

/// `broadcast` of versions 1 and 6 is not read: it says no more than the shape
/// of C.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gemm {
        alpha: node.float_or("alpha", 1.0)?,
        beta: node.float_or("beta", 1.0)?,
        transpose_a: node.flag("transA", false)?,
        transpose_b: node.flag("transB", false)?,
    }))
}

impl Operator for Gemm {
    /// A `[m, k]`, B `[k, n]` and, where it is given, C that can be stretched to
    /// `[m, n]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b, c) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.optional(2)?);
        let [m, k] = sides("A", &a, self.transpose_a)?;
        let [height, n] = sides("B", &b, self.transpose_b)?;
        if k != height {
            return Err(failed(format!("A has {k} columns, but B has {height} rows")));
        }
        let sizes = Sizes { m, k, n, c: c.as_ref().map(|c| c_sides(c, m, n)).transpose()? };
        match (a.data, b.data, c.map(|c| c.data)) {
            (DataRef::Float32(a), DataRef::Float32(b), None) => self.of_type(a, b, &[], &sizes, scope),
            (DataRef::Float32(a), DataRef::Float32(b), Some(DataRef::Float32(c))) => {
                self.of_type(a, b, c, &sizes, scope)
            }
            (DataRef::Float64(a), DataRef::Float64(b), None) => self.of_type(a, b, &[], &sizes, scope),
            (DataRef::Float64(a), DataRef::Float64(b), Some(DataRef::Float64(c))) => {
                self.of_type(a, b, c, &sizes, scope)
            }
            _ => self.integers(&a, &b, c.as_ref(), &sizes, scope),
        }
    }
}

struct Sizes {
    m: usize,
    k: usize,
    n: usize,
    /// The rows and columns of C.
    c: Option<[usize; 2]>,
}

/// Rows and columns, after transposition.
fn sides(name: &str, tensor: &TensorRef<'_>, transposed: bool) -> Result<[usize; 2]> {
    match (tensor.shape, transposed) {
        (&[rows, columns], false) | (&[columns, rows], true) => Ok([rows, columns]),
        (shape, _) => Err(failed(format!("expected {name} of two dimensions, got shape {shape:?}"))),
    }
}

fn c_sides(c: &TensorRef<'_>, m: usize, n: usize) -> Result<[usize; 2]> {
    let sides = match *c.shape {
        [] => Some([1, 1]),
        [columns] => Some([1, columns]),
        [rows, columns] => Some([rows, columns]),
        _ => None,
    };
    let fits = |[rows, columns]: &[usize; 2]| (*rows == 1 || *rows == m) && (*columns == 1 || *columns == n);
    let misfit = || failed(format!("C of shape {:?} cannot be stretched to [{m}, {n}]", c.shape));
    sides.filter(fits).ok_or_else(misfit)
}

#[cold]
fn wrong_types(a: &TensorRef<'_>, b: &TensorRef<'_>, c: Option<&TensorRef<'_>>) -> Error {
    let (a, b, c) = (a.element_type(), b.element_type(), c.map_or("nothing", |c| c.element_type().name()));
    failed(format!(
        "expected A, B and C all of float32, of float64 or of one integer type, got {a}, {b} and {c}"
    ))
}

impl Gemm {
    /// Integers are multiplied in float64; what is after the point is cut off.
    fn integers(
        &self,
        a: &TensorRef<'_>,
        b: &TensorRef<'_>,
        c: Option<&TensorRef<'_>>,
        sizes: &Sizes,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let element = a.element_type();
        let of_one = |other: &TensorRef<'_>| other.element_type() == element;
        if !element.is_integer() || !of_one(b) || !c.is_none_or(of_one) {
            return Err(wrong_types(a, b, c));
        }
        let (a, b) = (doubles(a, scope)?, doubles(b, scope)?);
        let c = c.map(|c| doubles(c, scope)).transpose()?.unwrap_or_default();
        let y = self.product(&a, &b, &c, sizes, scope)?;
        [a, b, c].into_iter().for_each(|values| scope.keep_cow(values));
        one([sizes.m, sizes.n].as_slice(), in_type(y, element, scope)?)
    }

    fn of_type<T>(&self, a: &[T], b: &[T], c: &[T], sizes: &Sizes, scope: &mut Scope) -> Result<Outputs>
    where
        T: Real + Native + From<f32>,
    {
        one([sizes.m, sizes.n].as_slice(), T::wrap(self.product(a, b, c, sizes, scope)?))
    }

    fn product<T>(&self, a: &[T], b: &[T], c: &[T], sizes: &Sizes, scope: &mut Scope) -> Result<Vec<T>>
    where
        T: Real + Native + From<f32>,
    {
        let &Sizes { m, k, n, c: c_sides } = sizes;
        let length = m.checked_mul(n).ok_or_else(|| failed("the product has too many elements"))?;
        let mut y = scope.filled(length, T::default())?;
        if length > 0 && k > 0 {
            self.multiply(a, b, sizes, &mut y, scope)?;
        }
        if self.alpha != 1.0 {
            let alpha = T::from(self.alpha);
            y.iter_mut().for_each(|y| *y = alpha * *y);
        }
        if let Some(c_sides) = c_sides.filter(|_| self.beta != 0.0 && length > 0) {
            add(T::from(self.beta), c, c_sides, &mut y, n);
        }
        Ok(y)
    }

    fn multiply<T>(&self, a: &[T], b: &[T], sizes: &Sizes, y: &mut [T], scope: &mut Scope) -> Result<()>
    where
        T: Real + Native,
    {
        let &Sizes { m, k, n, .. } = sizes;
        let mut rows = scope.vec(if self.transpose_a { a.len() } else { 0 })?;
        let x = if self.transpose_a {
            matrix::transpose(a, m, &mut rows);
            rows.as_slice()
        } else {
            a
        };
        if self.transpose_b {
            for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(n)) {
                y.iter_mut().zip(b.chunks_exact(k)).for_each(|(y, w)| *y = T::dot(x, w));
            }
        } else {
            let mut panel = scope.filled(T::panel_length(m, k), T::default())?;
            T::multiply(Product { x, w: b, k, n }, y, &mut panel);
            scope.keep(panel);
        }
        scope.keep(rows);
        Ok(())
    }
}

/// `y += beta · c`, where `c` is stretched to `y`'s rows of `n`.
fn add<T: Real>(beta: T, c: &[T], [c_rows, c_columns]: [usize; 2], y: &mut [T], n: usize) {
    for (row, y) in y.chunks_exact_mut(n).enumerate() {
        match matrix::nth(c, c_columns, if c_rows == 1 { 0 } else { row }) {
            [c] => y.iter_mut().for_each(|y| *y = *y + beta * *c),
            c => y.iter_mut().zip(c).for_each(|(y, c)| *y = *y + beta * *c),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};
    use crate::{Result, Tensor, TensorData, Value};

    fn a() -> Tensor {
        f32s(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    }

    fn b() -> Tensor {
        f32s(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    }

    fn gemm() -> Case {
        Case::new("", "Gemm", 13)
    }

    fn run(case: &Case, inputs: &[Tensor]) -> Result<Tensor> {
        Ok(case.run(inputs)?.into_iter().next().unwrap())
    }

    #[test]
    fn multiplies_and_adds_a_scaled_c() {
        let case = gemm().float("alpha", 2.0).float("beta", 0.5);
        let y = run(&case, &[a(), b(), f32s(&[2], &[10.0, 20.0])]).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[13.0, 20.0, 25.0, 32.0]));
    }

    #[test]
    fn transposes_b_and_stretches_a_column() {
        let case = gemm().float("alpha", -2.0).int("transB", 1);
        let b = f32s(&[2, 3], &[1.0, 0.0, 1.0, 0.0, 1.0, 1.0]);
        let y = run(&case, &[a(), b, f32s(&[2, 1], &[10.0, 20.0])]).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[2.0, 0.0, 0.0, -2.0]));
    }

    #[test]
    fn transposes_a_and_stretches_a_scalar() {
        let a = f32s(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let y = run(&gemm().int("transA", 1), &[a, b(), f32s(&[], &[1.0])]).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[5.0, 6.0, 11.0, 12.0]));
    }

    #[test]
    fn adds_a_c_of_the_full_shape() {
        let y = run(&gemm(), &[a(), b(), f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0])]).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[5.0, 7.0, 13.0, 15.0]));
    }

    #[test]
    fn c_may_be_left_out() {
        let expected = f32s(&[2, 2], &[4.0, 5.0, 10.0, 11.0]);
        assert_eq!(run(&gemm(), &[a(), b()]).unwrap(), expected);
        let inputs = [Some(Value::Tensor(a())), Some(Value::Tensor(b())), None];
        assert_eq!(gemm().run_values(&inputs).unwrap(), [Value::Tensor(expected)]);
    }

    #[test]
    fn a_beta_of_zero_leaves_c_alone_even_where_it_is_not_a_number() {
        let y = run(&gemm().float("beta", 0.0), &[a(), b(), f32s(&[2], &[f32::NAN, 1.0])]).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[4.0, 5.0, 10.0, 11.0]));
    }

    #[test]
    fn the_first_versions_say_that_c_is_stretched() {
        for version in [1, 6] {
            let case = Case::new("", "Gemm", version).int("broadcast", 1);
            let y = run(&case, &[a(), b(), f32s(&[2], &[10.0, 20.0])]).unwrap();
            assert_eq!(y, f32s(&[2, 2], &[14.0, 25.0, 20.0, 31.0]));
        }
    }

    #[test]
    fn takes_float64() {
        let doubles = |shape: &[usize], v: &[f64]| Tensor::new(shape, TensorData::Float64(v.into())).unwrap();
        let inputs = [doubles(&[1, 2], &[0.5, 2.0]), doubles(&[2, 1], &[2.0, 3.0]), doubles(&[1], &[0.25])];
        assert_eq!(run(&gemm(), &inputs).unwrap(), doubles(&[1, 1], &[7.25]));
    }

    #[test]
    fn without_columns_of_a_it_is_c() {
        let inputs = [f32s(&[2, 0], &[]), f32s(&[0, 3], &[]), f32s(&[3], &[1.0, 2.0, 3.0])];
        let y = run(&gemm(), &inputs).unwrap();
        assert_eq!(y, f32s(&[2, 3], &[1.0, 2.0, 3.0, 1.0, 2.0, 3.0]));
        let y = run(&gemm().int("transB", 1), &[f32s(&[0, 3], &[]), f32s(&[0, 3], &[])]).unwrap();
        assert_eq!(y, f32s(&[0, 0], &[]));
    }

    #[test]
    fn integers_are_multiplied_too() {
        let inputs = [i64s(&[1, 2], &[2, 3]), i64s(&[2, 1], &[5, 7]), i64s(&[1], &[1])];
        let y = Case::new("", "Gemm", 13).float("alpha", 0.5).run(&inputs).unwrap();
        assert_eq!(y, [i64s(&[1, 1], &[16])]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |case: Case, inputs: &[Tensor]| run(&case, inputs).unwrap_err().message().to_owned();
        assert_eq!(refused(gemm().int("transB", 1), &[a(), b()]), "A has 3 columns, but B has 2 rows");
        assert_eq!(
            refused(gemm(), &[f32s(&[3], &[0.0; 3]), b()]),
            "expected A of two dimensions, got shape [3]"
        );
        for c in [f32s(&[3], &[0.0; 3]), f32s(&[1, 1, 2], &[0.0; 2]), f32s(&[0], &[])] {
            let message = refused(gemm().float("beta", 0.0), &[a(), b(), c]);
            assert!(message.ends_with("cannot be stretched to [2, 2]"), "{message}");
        }
        let message = refused(gemm(), &[a(), b(), i64s(&[], &[1])]);
        assert!(message.ends_with("got float32, float32 and int64"), "{message}");
    }
}
