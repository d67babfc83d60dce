//! `Scan`: a body for each place of an axis.
//! <https://onnx.ai/onnx/operators/onnx__Scan.html>

use super::batched::Batched;
use super::body::{Arguments, Body, States, own_inputs, values};
use super::collect::{Collected, Collection};
use super::source::{Scanned, Source};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed};
use crate::tensor_ref::TensorRef;

pub(super) struct Scan {
    body: Body,
    /// The number of values that iterations hand on.
    pub(super) states: usize,
    pub(super) scanned: Vec<Scanned>,
    collected: Vec<Collected>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    // Version 8 takes the lengths of the sequences first.
    let batched = node.version() < 9;
    let own = own_inputs(node)?.checked_sub(usize::from(batched));
    let scanned = usize::try_from(node.int_or("num_scan_inputs", 0)?).ok().filter(|&count| count > 0);
    let (Some(own), Some(scanned)) = (own, scanned) else {
        return Err(node.invalid("expected inputs that are scanned"));
    };
    let states = own.checked_sub(scanned).ok_or_else(|| node.invalid("num_scan_inputs: too many"))?;
    let body = Body::new(node, "body", own)?;
    let collected = body.output_count().checked_sub(states);
    let collected = collected.ok_or_else(|| node.invalid("body: there are too few outputs"))?;
    let scanned = inputs(node, scanned, batched)?;
    let scan = Scan { body, states, scanned, collected: outputs(node, states, collected)? };
    Ok(if batched { Box::new(Batched(scan)) } else { Box::new(scan) })
}

fn inputs(node: &Node<'_>, count: usize, batched: bool) -> Result<Vec<Scanned>> {
    let directions = if batched { "directions" } else { "scan_input_directions" };
    let lists = list(node, "scan_input_axes", count)?.into_iter().zip(list(node, directions, count)?);
    let mut inputs = Vec::new();
    for (axis, direction) in lists {
        inputs.push(Scanned { axis, backwards: direction != 0 });
    }
    Ok(inputs)
}

fn outputs(node: &Node<'_>, first: usize, count: usize) -> Result<Vec<Collected>> {
    let mut outputs = Collected::of(node, first, count)?;
    let (axes, directions) =
        (list(node, "scan_output_axes", count)?, list(node, "scan_output_directions", count)?);
    for (output, (axis, direction)) in outputs.iter_mut().zip(axes.into_iter().zip(directions)) {
        (output.axis, output.backwards) = (axis, direction != 0);
    }
    Ok(outputs)
}

/// A list of an attribute, which is zeros where it is left out.
fn list(node: &Node<'_>, name: &str, length: usize) -> Result<Vec<i64>> {
    let list = node.ints(name)?;
    match list.len() {
        0 => Ok(vec![0; length]),
        got if got == length => Ok(list),
        got => Err(node.invalid(format_args!("{name}: expected {length} numbers, got {got}"))),
    }
}

impl Operator for Scan {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let scanned = inputs.tensors(self.states..self.states + self.scanned.len())?;
        self.scan(values(inputs, 0..self.states)?, &scanned, inputs, scope)
    }
}

impl Scan {
    pub(super) fn scan(
        &self,
        states: Arguments<'_>,
        scanned: &[TensorRef<'_>],
        inputs: &Inputs<'_>,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let mut sources = Vec::new();
        for (tensor, how) in scanned.iter().zip(&self.scanned) {
            sources.push(Source::new(*tensor, how, scope)?);
        }
        let times = sources.first().map_or(0, Source::length);
        if let Some(other) = sources.iter().map(Source::length).find(|length| *length != times) {
            return Err(failed(format!("scanned inputs have lengths of {times} and {other}")));
        }
        let mut states = States::new(states);
        let mut collection = Collection::new(&self.collected, times);
        for iteration in 0..times {
            scope.iterate()?;
            let mut arguments = Arguments::new();
            states.give(&mut arguments);
            for (source, how) in sources.iter().zip(&self.scanned) {
                let place = if how.backwards { times - 1 - iteration } else { iteration };
                arguments.push(ValueRef::Tensor(source.at(place)?));
            }
            let mut outputs = self.body.run(arguments, inputs, scope)?.into_iter();
            states.replace(&mut outputs, scope);
            collection.push(outputs, scope)?;
        }
        sources.into_iter().for_each(|source| source.recycle(scope));
        let mut outputs = states.into_outputs(scope)?;
        collection.finish(&mut outputs, scope)?;
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, graph, i64s};

    /// Appends what it scans to its state, and gives the shape of its state.
    fn appends() -> Case {
        let body = graph(2, &[("Concat", &[0, 1]), ("Shape", &[0])], &[2, 3]);
        Case::new("", "Scan", 16).inputs(2).outputs(2).int("num_scan_inputs", 1).graph("body", body)
    }

    fn run(case: &Case, state: &[f32], scanned: Tensor) -> Vec<Tensor> {
        case.run(&[f32s(&[state.len()], state), scanned]).unwrap()
    }

    #[test]
    fn hands_states_on_and_collects_the_rest() {
        let y = run(&appends(), &[0.5], f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
        assert_eq!(y, [f32s(&[5], &[0.5, 1.0, 2.0, 3.0, 4.0]), i64s(&[2, 1], &[1, 3])]);
    }

    #[test]
    fn goes_along_any_axis_in_either_direction() {
        let case = appends().ints("scan_input_axes", &[-1]).ints("scan_input_directions", &[1]);
        let case = case.ints("scan_output_axes", &[1]).ints("scan_output_directions", &[1]);
        let y = run(&case, &[0.5], f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
        assert_eq!(y, [f32s(&[5], &[0.5, 2.0, 4.0, 1.0, 3.0]), i64s(&[1, 2], &[3, 1])]);
    }

    #[test]
    fn gives_its_body_what_it_captures() {
        let body = graph(2, &[("Concat", &[0, 1])], &[2]);
        let case = Case::new("", "Scan", 16).inputs(2).outputs(1).int("num_scan_inputs", 1);
        let case = case.int("captures", 1).graph("body", body);
        let y = case.run(&[i64s(&[2, 1], &[1, 2]), i64s(&[1], &[7])]).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[1, 7, 2, 7])]);
    }

    #[test]
    fn version_8_scans_every_row_of_a_batch() {
        let body = graph(2, &[("Concat", &[0, 1]), ("Shape", &[0])], &[2, 3]);
        let case = Case::new("", "Scan", 8).inputs(3).outputs(2).int("num_scan_inputs", 1);
        let case = case.ints("directions", &[1]).graph("body", body);
        let (states, scanned) = (f32s(&[2, 1], &[0.5, 0.25]), f32s(&[2, 2, 1], &[1.0, 2.0, 3.0, 4.0]));
        let y = case.run_values(&[None, Some(states.into()), Some(scanned.into())]).unwrap();
        let expected = f32s(&[2, 3], &[0.5, 2.0, 1.0, 0.25, 4.0, 3.0]);
        assert_eq!(y, [expected.into(), i64s(&[2, 2, 1], &[1, 2, 1, 2]).into()]);
    }

    #[test]
    fn refuses_bodies_that_do_not_fit() {
        let case = |inputs| {
            let body = graph(2, &[("Concat", &[0, 1])], &[2]);
            Case::new("", "Scan", 16).inputs(inputs).int("num_scan_inputs", 1).graph("body", body)
        };
        assert_eq!(case(1).run(&[]).unwrap_err().message(), "body: expected 1 inputs, got 2");
        assert!(case(0).run(&[]).is_err());
        assert!(case(2).int("captures", 3).run(&[]).is_err());
        assert!(case(2).ints("scan_input_axes", &[0, 0]).run(&[]).is_err());
    }
}
