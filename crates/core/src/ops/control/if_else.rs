//! `If`: one of two bodies.
//! <https://onnx.ai/onnx/operators/onnx__If.html>

use super::super::tensor::runs::scalar;
use super::body::{Arguments, Body, own_inputs};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct If {
    then: Body,
    otherwise: Body,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let own = own_inputs(node)?;
    if own != 1 {
        return Err(node.invalid(format_args!("expected one input that is not captured, got {own}")));
    }
    let (then, otherwise) = (Body::new(node, "then_branch", 0)?, Body::new(node, "else_branch", 0)?);
    if then.output_count() != otherwise.output_count() {
        return Err(node.invalid("expected both branches to give as many values"));
    }
    Ok(Box::new(If { then, otherwise }))
}

impl Operator for If {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let condition = scalar(&inputs.tensor(0)?, "condition")?;
        let body = if condition { &self.then } else { &self.otherwise };
        body.run(Arguments::new(), inputs, scope)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, graph};
    use crate::plan::Graph;

    fn branches(then: Graph, otherwise: Graph) -> Case {
        let case = Case::new("", "If", 16).inputs(2).int("captures", 1);
        case.graph("then_branch", then).graph("else_branch", otherwise)
    }

    #[test]
    fn runs_the_branch_that_the_condition_names() {
        let then = graph(1, &[("Identity", &[0])], &[1]);
        let otherwise = graph(1, &[("Shape", &[0])], &[1]);
        let case = branches(then, otherwise);
        let x = f32s(&[2], &[0.5, 1.0]);
        assert_eq!(case.run(&[bools(&[], &[true]), x.clone()]).unwrap(), std::slice::from_ref(&x));
        let y = case.run(&[bools(&[1], &[false]), x]).unwrap();
        assert_eq!(y, [crate::ops::testing::i64s(&[1], &[2])]);
    }

    #[test]
    fn refuses_branches_that_do_not_fit() {
        let one = || graph(1, &[("Identity", &[0])], &[1]);
        let none = branches(one(), graph(1, &[], &[]));
        assert!(none.run(&[]).is_err());
        let more = branches(one(), graph(2, &[("Identity", &[0])], &[2]));
        assert_eq!(more.run(&[]).unwrap_err().message(), "else_branch: expected 1 inputs, got 2");
    }
}
