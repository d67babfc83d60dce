//! `StringConcat`: texts with others appended.
//! <https://onnx.ai/onnx/operators/onnx__StringConcat.html>

use std::cell::Cell;

use crate::ops::broadcast::Broadcast;
use crate::ops::tensor::runs::text_grows;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct StringConcat;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(StringConcat))
}

impl Operator for StringConcat {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, y) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let broadcast = Broadcast::new(&[x.shape, y.shape])?;
        let mut texts = scope.vec(broadcast.len())?;
        let total = Cell::new(Ok(0));
        broadcast.zip(inputs.read::<String>(0)?, inputs.read::<String>(1)?, &mut texts, |a, b| {
            let grown = total.replace(Ok(0)).and_then(|total| text_grows(total, a.len() + b.len()));
            let text = if grown.is_ok() { [a.as_str(), b].concat() } else { String::new() };
            total.set(grown);
            text
        });
        total.into_inner()?;
        one(broadcast.shape, TensorData::String(texts))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, texts};

    #[test]
    fn appends_texts_that_are_stretched_to_each_other() {
        let run = |x, y| Case::new("", "StringConcat", 20).run(&[x, y]).unwrap();
        let y = run(texts(&[2], &["abc", "def"]), texts(&[2], &[".com", ""]));
        assert_eq!(y, [texts(&[2], &["abc.com", "def"])]);
        let y = run(texts(&[2, 1], &["ä", "b"]), texts(&[2], &["x", "y"]));
        assert_eq!(y, [texts(&[2, 2], &["äx", "äy", "bx", "by"])]);
        assert_eq!(run(texts(&[], &["a"]), texts(&[0], &[])), [texts(&[0], &[])]);
    }

    #[test]
    fn refuses_numbers_and_more_text_than_fits() {
        let run = |x, y| Case::new("", "StringConcat", 20).run(&[x, y]).unwrap_err();
        let error = run(texts(&[1], &["a"]), f32s(&[1], &[1.0]));
        assert_eq!(error.message(), "input 1: expected string elements, got float32");
        let error = run(texts(&[1], &[&"x".repeat(1 << 20)]), texts(&[1 << 11], &[""; 1 << 11]));
        assert_eq!(error.message(), "a tensor of strings does not fit into memory");
    }
}
