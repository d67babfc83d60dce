//! `Einsum`: sums of products by Einstein's convention, of one or two tensors
//! whose dimensions are plain letters.
//! <https://onnx.ai/onnx/operators/onnx__Einsum.html>

mod equation;

use equation::Equation;

use super::binary::{same_type, unsupported};
use super::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::walk::{Dim, TENSORS, Walk};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, Shape};

/// Nobody waits for more products than these.
const MOST: u64 = 1 << 36;

struct Einsum {
    equation: Equation,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Einsum { equation: Equation::read(node)? }))
}

impl Operator for Einsum {
    /// In float64, whatever the type.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let a = inputs.tensor(0)?;
        // The number 1 stands in for a second tensor.
        let mut b = TensorRef { shape: &[], data: DataRef::Float64(&[1.0]) };
        if self.equation.tensors == 2 {
            b = inputs.tensor(1)?;
            same_type(&a, &b)?;
        }
        if a.element_type() == ElementType::Bool {
            return Err(unsupported(&a));
        }
        let (shape, walk) = self.walk(a.shape, b.shape)?;
        let y = sums(&a, &b, &walk, element_count(&shape).ok_or_else(too_large)?, scope)?;
        one(shape, in_type(y, a.element_type(), scope)?)
    }
}

impl Einsum {
    /// The shape of the result, and the way through both tensors and it.
    fn walk(&self, a: &[usize], b: &[usize]) -> Result<(Shape, Walk)> {
        let Equation { a: a_term, b: b_term, output, letters, .. } = &self.equation;
        let mut dims = Dims([Dim { size: 1, strides: [0; TENSORS] }; LETTERS]);
        dims.add(0, a_term, a)?;
        dims.add(1, b_term, b)?;
        let shape: Shape = output.iter().filter_map(|letter| Some(dims.of(*letter)?.size)).collect();
        dims.add(2, output, &shape)?;
        let walk = Walk::new(letters.iter().rev().filter_map(|letter| dims.of(*letter).copied()).collect());
        let walk = walk.filter(|walk| walk.count() as u64 <= MOST);
        Ok((shape, walk.ok_or_else(too_large)?))
    }
}

const LETTERS: usize = 64;

/// What each letter is, by the low bits of the letter.
struct Dims([Dim; LETTERS]);

impl Dims {
    fn of(&mut self, letter: u8) -> Option<&mut Dim> {
        self.0.get_mut(usize::from(letter) % LETTERS)
    }

    /// Adds a tensor. Where a letter is there twice, a step in it goes along the
    /// diagonal.
    fn add(&mut self, tensor: usize, term: &[u8], shape: &[usize]) -> Result<()> {
        if term.len() != shape.len() {
            return Err(failed(format!(
                "expected {} dimensions, got a tensor of shape {shape:?}",
                term.len()
            )));
        }
        let mut next = 1usize;
        for (&letter, &size) in term.iter().zip(shape).rev() {
            let Some(dim) = self.of(letter) else { continue };
            if dim.size != 1 && dim.size != size {
                return Err(failed(format!("dimension {} is {} and {size}", char::from(letter), dim.size)));
            }
            dim.size = size;
            if let Some(stride) = dim.strides.get_mut(tensor) {
                *stride = stride.saturating_add(next);
            }
            next = next.checked_mul(size).ok_or_else(too_large)?;
        }
        Ok(())
    }
}

/// The sum of the products that belong to each element of the result.
fn sums(
    a: &TensorRef<'_>,
    b: &TensorRef<'_>,
    walk: &Walk,
    count: usize,
    scope: &mut Scope,
) -> Result<Vec<f64>> {
    let (a, b) = (doubles(a, scope)?, doubles(b, scope)?);
    let mut y = scope.filled(count, 0.0)?;
    for [i, j, k] in walk.places() {
        if let (Some(a), Some(b), Some(y)) = (a.get(i), b.get(j), y.get_mut(k)) {
            *y += a * b;
        }
    }
    scope.keep_cow(a);
    scope.keep_cow(b);
    Ok(y)
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
        assert_eq!(error.message(), "expected 1 dimensions, got a tensor of shape [2, 3]");
        assert!(einsum("i,i->", &[f32s(&[1], &[1.0]), i64s(&[1], &[1])]).is_err());
        assert!(einsum("i->i", &[bools(&[1], &[true])]).is_err());
    }

    #[test]
    fn refuses_equations_that_are_wrong_or_too_much() {
        let kind = |equation| einsum(equation, &[]).unwrap_err().kind();
        for equation in ["ij->k", "ij->ii", "i1->i", "ij->i->j", "ij-"] {
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
