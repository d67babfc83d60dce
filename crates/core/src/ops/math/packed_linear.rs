//! `edgeinfer.Linear` with weights that are packed as the product takes them. To pack
//! them in every run takes longer than the product itself where rows are few. The file
//! has them so; but where it has them in int8, row-major, they are packed as the model
//! is loaded, which widens them anyway.

use bytemuck::try_cast_slice_mut;
use edgeinfer_kernels::{Packed, Start, pack_rows, packed_panels_length, unpack_rows};

use super::activation::Activation;
use super::linear::shape;
use crate::bytes::Weights;
use crate::ops::{EDGEINFER, Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::plan::{Attribute, Step};
use crate::tensor_ref::DataRef;
use crate::{ModelBytes, Result, Tensor, TensorData};

/// The columns of a panel.
const WIDTH: usize = 12;

/// Matrices of fewer elements are packed in no time, and rows of one panel's width
/// would have most of it empty.
const LARGE: usize = 1 << 14;

struct PackedLinear {
    panels: Weights<f32>,
    /// Empty where there is none.
    bias: Weights<f32>,
    activation: Activation,
    k: usize,
    n: usize,
}

/// Whether the weights are packed, or worth it.
pub(super) fn is_for(node: &Node<'_>) -> Result<bool> {
    let Some(weights) = node.tensor("weights")? else { return Ok(false) };
    let weights = weights.view();
    let is_large = match (weights.data, weights.shape) {
        (DataRef::Float32(weights), [_, n]) => weights.len() >= LARGE && *n >= WIDTH,
        _ => false,
    };
    Ok(is_large || node.has("columns"))
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let (weights, bias) = (node.weights::<f32>("weights")?, node.floats("bias")?);
    let (panels, k, n) = match node.tensor("weights")?.map_or(&[][..], |weights| weights.view().shape) {
        &[k, n] if !node.has("columns") => (packed(&weights, k, n)?, k, n),
        &[count, k @ (1..), WIDTH] => {
            let n = usize::try_from(node.int_or("columns", 0)?).unwrap_or_default();
            if n.div_ceil(WIDTH) != count {
                return Err(node.invalid(format_args!("columns: {n} are not in {count} panels of {WIDTH}")));
            }
            (weights, k, n)
        }
        shape => return Err(node.invalid(format_args!("weights: expected panels, got shape {shape:?}"))),
    };
    if node.has("bias") && bias.len() != n {
        return Err(node.invalid(format_args!("bias: expected N = {n} numbers, got {}", bias.len())));
    }
    Ok(Box::new(PackedLinear { panels, bias, activation: Activation::of(node)?, k, n }))
}

/// The step of `node` with its weights packed, where that is worth it, and the tensors
/// that its attributes number.
pub(crate) fn pack(node: &Node<'_>) -> Result<Option<(Step, Vec<Tensor>)>> {
    let step = node.step();
    let is_linear = step.domain == EDGEINFER && step.op == "Linear" && !node.has("columns");
    let Some(weights) = node.tensor("weights")?.filter(|_| is_linear) else { return Ok(None) };
    let &[k, n] = weights.view().shape else { return Ok(None) };
    if !is_for(node)? {
        return Ok(None);
    }
    let panels = packed(&node.weights::<f32>("weights")?, k, n)?;
    let mut tensors = vec![Tensor::from_f32(vec![n.div_ceil(WIDTH), k, WIDTH], panels.to_vec())?];
    let mut step = step.clone();
    step.attributes.insert("columns".to_owned(), Attribute::Int(n as i64));
    step.attributes.insert("weights".to_owned(), Attribute::Tensor(0));
    if let Some(bias) = node.tensor("bias")? {
        step.attributes.insert("bias".to_owned(), Attribute::Tensor(tensors.len()));
        tensors.push(bias.view().to_tensor()?);
    }
    Ok(Some((step, tensors)))
}

/// The weights of a `Linear` of so many columns as a matrix again; `None` where they are
/// not packed.
#[must_use]
pub fn unpack_linear(weights: &Tensor, columns: usize) -> Option<Tensor> {
    let &[count, k, WIDTH] = weights.shape() else { return None };
    let panels = weights.as_f32().filter(|_| columns.div_ceil(WIDTH) == count)?;
    let mut matrix = vec![0.0; k.checked_mul(columns)?];
    unpack_rows(panels, (k, columns), &mut matrix);
    Tensor::from_f32(vec![k, columns], matrix).ok()
}

fn packed(weights: &[f32], k: usize, n: usize) -> Result<Weights<f32>> {
    let too_large = || failed("the weights do not fit into memory");
    let length = packed_panels_length(k, n).checked_mul(size_of::<f32>()).ok_or_else(too_large)?;
    let bytes = ModelBytes::filled_by(length, |bytes| {
        pack_rows(weights, (k, n), try_cast_slice_mut(bytes).unwrap_or_default());
    });
    Weights::new(bytes).ok_or_else(too_large)
}

impl Operator for PackedLinear {
    /// X `[…, K]` to `[…, N]`, float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let &Self { k, n, .. } = self;
        let (shape, rows) = shape(inputs.tensor(0)?.shape, k, n)?;
        let mut y = scope.any(rows * n)?;
        let (x, packed) = (inputs.read::<f32>(0)?, Packed { panels: &self.panels, k, n });
        packed.multiply(x, Start::Columns(&self.bias), &mut y, &mut |sums| self.activation.apply(sums));
        one(shape, TensorData::Float32(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s};
    use crate::{Result, Tensor};

    fn linear() -> Case {
        Case::new("edgeinfer", "Linear", 1)
    }

    fn run(case: &Case, x: Tensor) -> Result<Tensor> {
        Ok(case.run(&[x])?.remove(0))
    }

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers(shape: &[usize]) -> Tensor {
        let numbers: Vec<_> =
            (0..shape.iter().product()).map(|i: usize| (i * 31 % 17) as f32 - 8.0).collect();
        f32s(shape, &numbers)
    }

    #[test]
    fn large_weights_give_what_a_product_does() {
        let (k, n) = (300, 61);
        let (weights, bias) = (numbers(&[k, n]), numbers(&[n]));
        let case = linear().tensor("weights", &weights).tensor("bias", &bias).string("activation", "Relu");
        for rows in [0, 1, 2, 5, 70] {
            let x = numbers(&[rows, k]);
            let product = Case::new("", "MatMul", 13).run(&[x.clone(), weights.clone()]).unwrap().remove(0);
            let sum = Case::new("", "Add", 14).run(&[product, bias.clone()]).unwrap().remove(0);
            let expected = Case::new("", "Relu", 14).run(&[sum]).unwrap().remove(0);
            assert_eq!(run(&case, x).unwrap(), expected, "{rows} rows");
        }
    }

    #[test]
    fn packed_weights_are_taken_as_they_are() {
        let mut panels = vec![0.0; 2 * 2 * 12];
        // The first row of the matrix is 1, 2, …, 13, the second is ten times that.
        for column in 0..13usize {
            let place = column / 12 * 24 + column % 12;
            panels[place] = column as f32 + 1.0;
            panels[place + 12] = 10.0 * (column as f32 + 1.0);
        }
        let case = linear().tensor("weights", &f32s(&[2, 2, 12], &panels)).int("columns", 13);
        let expected: Vec<f32> = (1..=13u8).map(|i| 21.0 * f32::from(i)).collect();
        assert_eq!(run(&case, f32s(&[1, 1, 2], &[1.0, 2.0])).unwrap(), f32s(&[1, 1, 13], &expected));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |case: Case, x: &[usize]| run(&case, numbers(x)).unwrap_err().message().to_owned();
        let panels = |shape: &[usize]| linear().tensor("weights", &numbers(shape)).int("columns", 13);
        assert_eq!(refused(panels(&[1, 2, 12]), &[1, 2]), "columns: 13 are not in 1 panels of 12");
        assert_eq!(refused(panels(&[2, 12]), &[1, 2]), "weights: expected panels, got shape [2, 12]");
        let bias = panels(&[2, 2, 12]).floats("bias", &[1.0]);
        assert_eq!(refused(bias, &[1, 2]), "bias: expected N = 13 numbers, got 1");
        assert_eq!(refused(panels(&[2, 2, 12]), &[1, 3]), "expected rows of K = 2 numbers, got shape [1, 3]");
    }
}
