//! `Scan` of version 8, which has an axis for the batch before all others.
//! <https://onnx.ai/onnx/operators/onnx__Scan.html>

use super::super::tensor::indices::optional;
use super::super::tensor::join::stacked;
use super::body::Arguments;
use super::scan::Scan;
use super::source::part;
use crate::ops::{Inputs, Operator, Outputs, Scope, ValueRef, failed};
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, Value};

pub(super) struct Batched(pub(super) Scan);

impl Operator for Batched {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let Self(scan) = self;
        let count = scan.states + scan.scanned.len();
        let tensors = inputs.tensors(1..1 + count)?;
        let last = tensors.last().map_or(&[][..], |tensor| tensor.shape);
        let &[batch, length, ..] = last else { return Err(failed("expected [batch, sequence, ...]")) };
        if tensors.iter().any(|tensor| tensor.shape.first() != Some(&batch)) {
            return Err(failed(format!("expected a batch of {batch} in every input")));
        }
        let lengths = optional(inputs, 0, scope)?;
        if lengths.iter().flat_map(|list| list.iter()).any(|&own| own != length as i64) {
            return Err(failed("sequences of different lengths are not supported"));
        }
        lengths.into_iter().for_each(|list| scope.keep_cow(list));
        let mut rows: Vec<Outputs> = Vec::new();
        for row in 0..batch {
            scope.iterate()?;
            let (mut states, mut scanned) = (Arguments::new(), Vec::new());
            for (index, tensor) in tensors.iter().enumerate() {
                let part = part(*tensor, row)?;
                if index < scan.states { states.push(ValueRef::Tensor(part)) } else { scanned.push(part) }
            }
            rows.push(scan.scan(states, &scanned, inputs, scope)?);
        }
        let mut outputs = Outputs::new();
        for index in 0..rows.first().map_or(0, |row| row.len()) {
            outputs.push(together(&rows, index, scope)?);
        }
        Ok(outputs)
    }
}

/// What every row gives as output `index`, as one tensor.
fn together(rows: &[Outputs], index: usize, scope: &mut Scope) -> Result<Value> {
    let tensors = rows.iter().filter_map(|row| row.get(index)).filter_map(Value::as_tensor);
    let parts: Vec<TensorRef<'_>> = tensors.map(<TensorRef<'_> as From<&Tensor>>::from).collect();
    // Nobody takes an output that has no tensors.
    if parts.is_empty() {
        Ok(Value::Sequence(Vec::new()))
    } else {
        stacked(&parts, 0, scope).map(Value::Tensor)
    }
}
