//! `Einsum`: sums of products by Einstein's convention.
//! <https://onnx.ai/onnx/operators/onnx__Einsum.html>
//!
//! Tensors are multiplied one after the other, each pair as a batch of products
//! of matrices.

mod equation;
mod operand;

use edgeinfer_kernels::{Number as Factor, Product};

use equation::{Equation, Labels};
use operand::Operand;

use super::binary::{same_type, unsupported};
use super::number::Number;
use super::reduce::sum;
use crate::native::Native;
use crate::ops::numbers::{integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, TensorData};

/// Nobody waits for more products than these.
const MOST: u64 = 1 << 36;

struct Einsum {
    equation: Equation,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Einsum { equation: Equation::read(node)? }))
}

impl Operator for Einsum {
    /// Whole numbers as int64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let tensors = inputs.tensors(0..self.equation.terms.len())?;
        let mut terms = Vec::new();
        for (tensor, term) in tensors.iter().zip(&self.equation.terms) {
            same_type(tensor, &inputs.tensor(0)?)?;
            terms.push(term.labels(tensor.shape.len())?);
        }
        let element = inputs.tensor(0)?.element_type();
        let output = self.equation.output(&terms);
        let result = match element {
            ElementType::Float32 => reduced::<f32>(&tensors, &terms, &output, scope)?,
            ElementType::Float64 => reduced::<f64>(&tensors, &terms, &output, scope)?,
            _ if element.is_integer() => whole(&tensors, &terms, &output, scope)?,
            _ => return Err(unsupported(&inputs.tensor(0)?)),
        };
        let (shape, data) = result.into_parts(scope)?;
        match data {
            TensorData::Int64(values) => one(shape, integers(values.into(), element, scope)?),
            data => one(shape, data),
        }
    }
}

/// As [`reduced`], of tensors of whole numbers of any type.
fn whole<'a>(
    tensors: &[TensorRef<'a>],
    terms: &[Labels],
    output: &[u8],
    scope: &mut Scope,
) -> Result<Operand<'a>> {
    let numbers = tensors.iter().map(|tensor| ints(tensor, scope)).collect::<Result<Vec<_>>>()?;
    let tensors: Vec<_> = tensors
        .iter()
        .zip(&numbers)
        .map(|(tensor, numbers)| TensorRef { data: DataRef::Int64(numbers), ..*tensor })
        .collect();
    let result = reduced::<i64>(&tensors, terms, output, scope)?.owned(scope)?;
    numbers.into_iter().for_each(|numbers| scope.keep_cow(numbers));
    Ok(result)
}

/// The product of all tensors, with the dimensions of `output` in that order.
fn reduced<'a, T: Number + Factor + Native>(
    tensors: &[TensorRef<'a>],
    terms: &[Labels],
    output: &[u8],
    scope: &mut Scope,
) -> Result<Operand<'a>> {
    let sizes = operand::sizes(tensors, terms)?;
    let mut product: Option<Operand<'a>> = None;
    for (index, (tensor, term)) in tensors.iter().zip(terms).enumerate() {
        let later = terms.get(index + 1..).unwrap_or_default();
        let wanted = |label: &u8| output.contains(label) || later.iter().any(|term| term.contains(label));
        let next = Operand::new(*tensor, term, &sizes);
        product = Some(match product {
            None => next.arranged(wanted, scope, summed::<T>)?,
            Some(product) => multiplied::<T>(product, next, wanted, scope)?,
        });
    }
    let product = product.ok_or_else(|| failed("expected a tensor"))?;
    product.in_order(output, scope, summed::<T>)
}

/// The product of two operands, summed over what is not `wanted`.
fn multiplied<'a, T: Number + Factor + Native>(
    a: Operand<'_>,
    b: Operand<'_>,
    wanted: impl Fn(&u8) -> bool,
    scope: &mut Scope,
) -> Result<Operand<'a>> {
    let (in_a, in_b) = (a.labels(), b.labels());
    let part =
        |labels: &Labels, f: &dyn Fn(&u8) -> bool| labels.iter().copied().filter(f).collect::<Labels>();
    let batch = part(&in_a, &|label| in_b.contains(label) && wanted(label));
    let shared = part(&in_a, &|label| in_b.contains(label) && !wanted(label));
    let rows = part(&in_a, &|label| !in_b.contains(label) && wanted(label));
    let columns = part(&in_b, &|label| !in_a.contains(label) && wanted(label));
    let order = |parts: [&Labels; 3]| parts.into_iter().flatten().copied().collect::<Labels>();
    let a = a.in_order(&order([&batch, &rows, &shared]), scope, summed::<T>)?;
    let b = b.in_order(&order([&batch, &shared, &columns]), scope, summed::<T>)?;
    let [count, m, k] = [&batch, &rows, &shared].map(|labels| a.size(labels));
    let n = b.size(&columns);
    let work = [count, m, k, n].iter().try_fold(1u64, |work, size| work.checked_mul(*size as u64));
    if work.is_none_or(|work| work > MOST) {
        return Err(failed("the tensors are too large to be multiplied"));
    }
    let (x, w) = (a.read::<T>(), b.read::<T>());
    let mut y: Vec<T>;
    if m == 1 && n == 1 && k == 1 {
        y = scope.vec(count)?;
        y.extend(x.iter().zip(w).map(|(x, w)| Factor::times(*x, *w)));
    } else {
        y = scope.zeros(count.saturating_mul(m).saturating_mul(n))?;
        let mut panel = scope.zeros(T::panel_length(m, k))?;
        let length = |rows: usize, columns: usize| rows.saturating_mul(columns).max(1);
        let (x, w) = (x.chunks_exact(length(m, k)), w.chunks_exact(length(k, n)));
        for ((x, w), y) in x.zip(w).zip(y.chunks_exact_mut(length(m, n))) {
            T::multiply(Product { x, w, k, n }, y, &mut panel);
        }
        scope.keep(panel);
    }
    let labels = order([&batch, &rows, &columns]);
    let shape = labels.iter().map(|label| a.dim(*label).or_else(|| b.dim(*label)).unwrap_or(1)).collect();
    a.recycle(scope);
    b.recycle(scope);
    Ok(Operand::made(T::wrap(y), shape, labels))
}

/// The sums of every `length` numbers.
fn summed<T: Number>(data: DataRef<'_>, length: usize, scope: &mut Scope) -> Result<TensorData> {
    let values = T::read(data).unwrap_or_default();
    let mut sums = scope.vec(values.len().checked_div(length).unwrap_or_default())?;
    sums.extend(values.chunks_exact(length.max(1)).map(sum));
    Ok(T::wrap(sums))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i32s, i64s};
    use crate::{ErrorKind, Result, Tensor};

    fn einsum(equation: &str, inputs: &[Tensor]) -> Result<Tensor> {
        Ok(Case::new("", "Einsum", 12).string("equation", equation).run(inputs)?.remove(0))
    }

    fn a() -> Tensor {
        f32s(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    }

    /// 0, 1, 2, … of `shape`.
    fn count(shape: &[usize]) -> Tensor {
        let numbers: Vec<_> = (0..shape.iter().product::<usize>()).map(|i| i as i64).collect();
        i64s(shape, &numbers)
    }

    #[test]
    fn multiplies_matrices() {
        let b = f32s(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        let y = f32s(&[2, 2], &[4.0, 5.0, 10.0, 11.0]);
        assert_eq!(einsum("ij,jk->ik", &[a(), b.clone()]).unwrap(), y);
        assert_eq!(einsum(" ij , jk ", &[a(), b.clone()]).unwrap(), y);
        assert_eq!(einsum("ij,jk->ki", &[a(), b]).unwrap(), f32s(&[2, 2], &[4.0, 10.0, 5.0, 11.0]));
    }

    #[test]
    fn sums_products_along_an_axis() {
        let b = f32s(&[2, 3], &[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        assert_eq!(einsum("ij,ij->j", &[a(), b.clone()]).unwrap(), f32s(&[3], &[9.0, 12.0, 15.0]));
        assert_eq!(einsum("ij,ij->", &[a(), b.clone()]).unwrap(), f32s(&[], &[36.0]));
        assert_eq!(einsum("ij,ij->ij", &[a(), b]).unwrap().as_f32().unwrap()[3..], [8.0, 10.0, 12.0]);
    }

    #[test]
    fn takes_one_tensor() {
        assert_eq!(einsum("ij->ji", &[a()]).unwrap(), f32s(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
        assert_eq!(einsum("ij->i", &[a()]).unwrap(), f32s(&[2], &[6.0, 15.0]));
        let square = f64s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(einsum("ii->i", std::slice::from_ref(&square)).unwrap(), f64s(&[2], &[1.0, 4.0]));
        assert_eq!(einsum("ii", &[square]).unwrap(), f64s(&[], &[5.0]));
        assert_eq!(einsum("->", &[f32s(&[], &[3.0])]).unwrap(), f32s(&[], &[3.0]));
    }

    #[test]
    fn makes_outer_products_of_integers() {
        let y = einsum("i,j->ij", &[i64s(&[2], &[1, 2]), i64s(&[2], &[3, 4])]).unwrap();
        assert_eq!(y, i64s(&[2, 2], &[3, 4, 6, 8]));
        let y = einsum("i,i", &[i32s(&[2], &[1, 2]), i32s(&[2], &[3, 4])]).unwrap();
        assert_eq!(y, i32s(&[], &[11]));
    }

    #[test]
    fn an_ellipsis_is_any_dimensions() {
        assert_eq!(einsum("...ii->...i", &[count(&[2, 2, 2])]).unwrap(), i64s(&[2, 2], &[0, 3, 4, 7]));
        assert_eq!(einsum("i...->...", &[count(&[2, 3])]).unwrap(), i64s(&[3], &[3, 5, 7]));
        assert_eq!(einsum("...ij", &[count(&[1, 2, 2])]).unwrap(), count(&[1, 2, 2]));
        let y = einsum("...ij,...jk->...ik", &[count(&[2, 1, 2]), count(&[2, 2])]).unwrap();
        assert_eq!(y, i64s(&[2, 1, 2], &[2, 3, 6, 11]));
        let y = einsum("b...,b...->...b", &[count(&[2, 1, 3]), count(&[2, 2, 1])]).unwrap();
        assert_eq!(y, i64s(&[2, 3, 2], &[0, 6, 0, 8, 0, 10, 0, 9, 1, 12, 2, 15]));
    }

    #[test]
    fn multiplies_more_than_two_tensors() {
        let y = einsum("i,ij,j->", &[count(&[2]), count(&[2, 3]), count(&[3])]).unwrap();
        assert_eq!(y, i64s(&[], &[14]));
        let y = einsum("a,b,c->cab", &[count(&[2]), count(&[2]), count(&[2])]).unwrap();
        assert_eq!(y, i64s(&[2, 2, 2], &[0, 0, 0, 0, 0, 0, 0, 1]));
    }

    #[test]
    fn batches_of_heads_are_products_of_matrices() {
        // As attention is exported: [batch, query, head, size], [batch, key, head, size].
        let (q, k) = (count(&[2, 3, 2, 2]), count(&[2, 3, 2, 2]));
        let y = einsum("bqhd,bkhd->bhqk", &[q, k]).unwrap();
        assert_eq!(y.shape(), [2, 2, 3, 3]);
        let crate::TensorData::Int64(y) = y.data() else { panic!("{y:?}") };
        // Head 1 of batch 0: rows [2 3], [6 7], [10 11] by themselves.
        assert_eq!(y[9..18], [13, 33, 53, 33, 85, 137, 53, 137, 221]);
    }

    #[test]
    fn a_dimension_of_one_is_stretched_and_nothing_sums_to_zero() {
        let y = einsum("ij,ij->ij", &[count(&[2, 1]), count(&[2, 3])]).unwrap();
        assert_eq!(y, i64s(&[2, 3], &[0, 0, 0, 3, 4, 5]));
        let y = einsum("ij,jk->ik", &[f32s(&[2, 0], &[]), f32s(&[0, 1], &[])]).unwrap();
        assert_eq!(y, f32s(&[2, 1], &[0.0; 2]));
        assert_eq!(einsum("ij->j", &[f32s(&[0, 2], &[])]).unwrap(), f32s(&[2], &[0.0; 2]));
    }

    #[test]
    fn refuses_tensors_that_do_not_go_with_the_equation() {
        let error = einsum("ij,jk->ik", &[a(), a()]).unwrap_err();
        assert_eq!(error.message(), "dimension j is 3 and 2");
        let error = einsum("i->i", &[a()]).unwrap_err();
        assert_eq!(error.message(), "expected 1 dimensions, got a tensor of 2");
        assert!(einsum("i,i->", &[f32s(&[1], &[1.0]), i64s(&[1], &[1])]).is_err());
        assert!(einsum("i->i", &[bools(&[1], &[true])]).is_err());
        assert!(einsum("i,i", &[i64s(&[1], &[1])]).is_err());
    }

    #[test]
    fn refuses_equations_that_are_wrong() {
        for equation in ["ij->k", "ij->ii", "i1->i", "ij->i->j", "ij-", "i..->i", "ij->...i", "......i->i"] {
            assert_eq!(einsum(equation, &[]).unwrap_err().kind(), ErrorKind::InvalidModel, "{equation}");
        }
    }

    #[test]
    fn refuses_what_would_not_come_to_an_end() {
        let (long, wide) =
            (f32s(&[1 << 18], &vec![0.0; 1 << 18]), f32s(&[1 << 9, 1 << 9], &vec![0.0; 1 << 18]));
        assert!(einsum("i,jk->ijk", &[long, wide]).is_err());
    }
}
