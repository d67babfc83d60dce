//! `Einsum`: sums of products by Einstein's convention, of one or two tensors
//! whose dimensions are plain letters.
//! <https://onnx.ai/onnx/operators/onnx__Einsum.html>

mod equation;

use smallvec::SmallVec;

use equation::Equation;

use super::binary::{same_type, unsupported};
use super::number::Number;
use crate::ops::numbers::{integers, ints};
use crate::ops::walk::{Dim, TENSORS, Walk};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, TensorData};

/// Nobody waits for more products than these.
const MOST: usize = 1 << 31;

struct Einsum {
    equation: Equation,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Einsum { equation: Equation::read(node)? }))
}

impl Operator for Einsum {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let a = inputs.tensor(0)?;
        let b = if self.equation.alone { unit(&a) } else { inputs.tensor(1)? };
        if !self.equation.alone {
            same_type(&a, &b)?;
        }
        let (shape, walk) = self.walk(a.shape, b.shape)?;
        let mut count = shape.iter().try_fold(1usize, |count, dim| count.checked_mul(*dim));
        let count = count.take().ok_or_else(too_large)?;
        let data = match (a.data, b.data) {
            (DataRef::Float32(a), DataRef::Float32(b)) => {
                TensorData::Float32(sums(a, b, &walk, count, scope)?)
            }
            (DataRef::Float64(a), DataRef::Float64(b)) => {
                TensorData::Float64(sums(a, b, &walk, count, scope)?)
            }
            _ if !a.element_type().is_integer() => return Err(unsupported(&a)),
            _ => {
                let element = a.element_type();
                let (a, b) = (ints(&a, scope)?, ints(&b, scope)?);
                let y = sums(&a, &b, &walk, count, scope)?;
                scope.keep_cow(a);
                scope.keep_cow(b);
                integers(y.into(), element, scope)?
            }
        };
        one(shape, data)
    }
}

/// What stands in for a second tensor: the number 1.
fn unit(a: &TensorRef<'_>) -> TensorRef<'static> {
    let data = match a.data {
        DataRef::Float32(_) => DataRef::Float32(&[1.0]),
        DataRef::Float64(_) => DataRef::Float64(&[1.0]),
        _ => DataRef::Int64(&[1]),
    };
    TensorRef { shape: &[], data }
}

/// The sum of the products that belong to each element of the result.
fn sums<T: Number>(a: &[T], b: &[T], walk: &Walk, count: usize, scope: &mut Scope) -> Result<Vec<T>> {
    let mut y = scope.filled(count, T::ZERO)?;
    for [i, j, k] in walk.places() {
        if let (Some(a), Some(b), Some(y)) = (a.get(i), b.get(j), y.get_mut(k)) {
            *y = y.plus(a.times(*b));
        }
    }
    Ok(y)
}

impl Einsum {
    /// The shape of the result, and the way through both tensors and it.
    fn walk(&self, a: &[usize], b: &[usize]) -> Result<(Shape, Walk)> {
        let Equation { terms: [a_term, b_term], output, letters, .. } = &self.equation;
        let mut dims = SmallVec::<[Dim; 4]>::from_elem(Dim { size: 1, strides: [0; TENSORS] }, letters.len());
        self.measure(a_term, a, &mut dims)?;
        self.measure(b_term, b, &mut dims)?;
        // The letters of the output come first.
        let shape: Shape = dims.iter().take(output.len()).map(|dim| dim.size).collect();
        for (tensor, (term, shape)) in [(a_term, a), (b_term, b), (output, &shape)].into_iter().enumerate() {
            self.add_strides(tensor, term, shape, &mut dims)?;
        }
        dims.reverse();
        let walk = Walk::new(dims).filter(|walk| walk.count() <= MOST);
        Ok((shape, walk.ok_or_else(too_large)?))
    }

    /// Gives the letters of `term` the sizes of `shape`.
    fn measure(&self, term: &[u8], shape: &[usize], dims: &mut [Dim]) -> Result<()> {
        if term.len() != shape.len() {
            let letters = String::from_utf8_lossy(term);
            return Err(failed(format!("expected a tensor with dimensions {letters}, got shape {shape:?}")));
        }
        for (letter, size) in term.iter().zip(shape) {
            for (_, dim) in self.equation.letters.iter().zip(&mut *dims).filter(|(known, _)| *known == letter)
            {
                if dim.size != 1 && dim.size != *size {
                    let letter = char::from(*letter);
                    return Err(failed(format!("dimension {letter} is {} and {size}", dim.size)));
                }
                dim.size = *size;
            }
        }
        Ok(())
    }

    /// What a step along each letter is in a tensor; where a letter is there
    /// twice, along the diagonal.
    fn add_strides(&self, tensor: usize, term: &[u8], shape: &[usize], dims: &mut [Dim]) -> Result<()> {
        let mut stride = 1usize;
        for (letter, size) in term.iter().zip(shape).rev() {
            for (_, dim) in self.equation.letters.iter().zip(&mut *dims).filter(|(known, _)| *known == letter)
            {
                let place = dim.strides.iter_mut().skip(tensor).take(1);
                place.for_each(|place| *place = place.saturating_add(stride));
            }
            stride = stride.checked_mul(*size).ok_or_else(too_large)?;
        }
        Ok(())
    }
}

fn too_large() -> crate::Error {
    failed("the tensors are too large to be multiplied")
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s};
    use crate::{ErrorKind, Result, Tensor};

    fn einsum(equation: &str, inputs: &[Tensor]) -> Result<Tensor> {
        Ok(Case::new("", "Einsum", 12).string("equation", equation).run(inputs)?.remove(0))
    }

    fn a() -> Tensor {
        f32s(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    }

    #[test]
    fn multiplies_matrices() {
        let b = f32s(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        let y = f32s(&[2, 2], &[4.0, 5.0, 10.0, 11.0]);
        assert_eq!(einsum("ij,jk->ik", &[a(), b.clone()]).unwrap(), y);
        assert_eq!(einsum(" ij , jk ", &[a(), b]).unwrap(), y);
    }

    #[test]
    fn sums_products_along_an_axis() {
        let b = f32s(&[2, 3], &[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        assert_eq!(einsum("ij,ij->j", &[a(), b.clone()]).unwrap(), f32s(&[3], &[9.0, 12.0, 15.0]));
        assert_eq!(einsum("ij,ij->", &[a(), b]).unwrap(), f32s(&[], &[36.0]));
    }

    #[test]
    fn takes_one_tensor() {
        assert_eq!(einsum("ij->ji", &[a()]).unwrap(), f32s(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
        assert_eq!(einsum("ij->i", &[a()]).unwrap(), f32s(&[2], &[6.0, 15.0]));
        let square = f64s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(einsum("ii->i", std::slice::from_ref(&square)).unwrap(), f64s(&[2], &[1.0, 4.0]));
        assert_eq!(einsum("ii", &[square]).unwrap(), f64s(&[], &[5.0]));
    }

    #[test]
    fn makes_outer_products_of_integers() {
        let y = einsum("i,j->ij", &[i64s(&[2], &[1, 2]), i64s(&[2], &[3, 4])]).unwrap();
        assert_eq!(y, i64s(&[2, 2], &[3, 4, 6, 8]));
    }

    #[test]
    fn refuses_tensors_that_do_not_go_with_the_equation() {
        let error = einsum("ij,jk->ik", &[a(), a()]).unwrap_err();
        assert_eq!(error.message(), "dimension j is 3 and 2");
        let error = einsum("i->i", &[a()]).unwrap_err();
        assert_eq!(error.message(), "expected a tensor with dimensions i, got shape [2, 3]");
        assert!(einsum("i,i->", &[f32s(&[1], &[1.0]), i64s(&[1], &[1])]).is_err());
        assert!(einsum("i->i", &[bools(&[1], &[true])]).is_err());
    }

    #[test]
    fn refuses_equations_that_are_wrong_or_too_much() {
        let kind = |equation| einsum(equation, &[]).unwrap_err().kind();
        for equation in ["ij->k", "ij->ii", "i1->i", "ij->i->j"] {
            assert_eq!(kind(equation), ErrorKind::InvalidModel, "{equation}");
        }
        for equation in ["...ij->i", "i,i,i->i"] {
            assert_eq!(kind(equation), ErrorKind::UnsupportedModel, "{equation}");
        }
    }

    #[test]
    fn refuses_what_would_not_come_to_an_end() {
        let long = f32s(&[1 << 13], &[0.0; 1 << 13]);
        let wide = f32s(&[1 << 12, 2, 1 << 12], &vec![0.0; 1 << 25]);
        assert!(einsum("i,jkl->", &[long, wide]).is_err());
    }
}
