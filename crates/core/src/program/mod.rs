//! A plan that has been checked and whose operators have been made: what runs.

mod check;
mod engine;
mod prepare;
mod run;
mod single;

pub(crate) use engine::PlanEngine;
pub use single::{check_step, pack_step, run_step};

use crate::ops::{self, Node, Operator};
use crate::plan::{Constant, Graph, Plan, Step};
use crate::{Error, ErrorKind, ModelBytes, Result, Value};

/// Bodies nest no deeper than this, so that a damaged file cannot exhaust the
/// stack.
const DEEPEST: usize = 8;

/// A graph, ready to run.
pub(crate) struct Program {
    inputs: usize,
    constants: Vec<Constant>,
    steps: Vec<Ready>,
    outputs: Vec<usize>,
    /// The number of values that steps give.
    made: usize,
    /// Those of them that are the same in every run, by their places; empty
    /// where there are none.
    prepared: Vec<Option<Value>>,
}

/// A step, ready to run.
struct Ready {
    /// How errors call it.
    place: String,
    operator: Box<dyn Operator>,
    inputs: Vec<Option<usize>>,
    outputs: Vec<bool>,
    /// The values, counted from the first that a step gives, which nobody takes
    /// after this step.
    release: Vec<usize>,
    /// Whether its outputs are prepared.
    prepared: bool,
}

impl Program {
    /// The program of a model.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`] where the plan contradicts itself or the
    /// engine section; [`ErrorKind::UnsupportedModel`] where it has an operator
    /// that this runtime has not. Both name the node.
    pub(crate) fn new(plan: &Plan, section: &ModelBytes) -> Result<Self> {
        let constants = plan.constants.iter().map(|spec| Constant::read(spec, section));
        let constants = constants.collect::<Result<Vec<_>>>()?;
        let steps = steps(&plan.graph, &constants, constants.len(), 0)?;
        let mut program = Self::checked(&plan.graph, constants, steps)?;
        program.prepare(&plan.graph, section.len());
        Ok(program)
    }

    /// The program of a body, which takes the constants of the outer graph as
    /// inputs and in its attributes.
    pub(crate) fn body(graph: &Graph, constants: &[Constant], depth: usize) -> Result<Self> {
        if depth > DEEPEST {
            return Err(Error::new(ErrorKind::UnsupportedModel, "control flow is nested too deep"));
        }
        let steps = steps(graph, constants, 0, depth)?;
        Self::checked(graph, Vec::new(), steps)
    }

    fn checked(graph: &Graph, constants: Vec<Constant>, mut steps: Vec<Ready>) -> Result<Self> {
        let first = graph.inputs.saturating_add(constants.len());
        let made = check::values(graph, first)?;
        for (step, release) in steps.iter_mut().zip(check::releases(graph, first)) {
            step.release = release;
        }
        let (inputs, outputs) = (graph.inputs, graph.outputs.clone());
        Ok(Self { inputs, constants, steps, outputs, made, prepared: Vec::new() })
    }
}

fn steps(graph: &Graph, constants: &[Constant], own: usize, depth: usize) -> Result<Vec<Ready>> {
    check::values(graph, graph.inputs.saturating_add(own))?;
    let node = |step| match own {
        0 => Node::new(step, constants, depth),
        _ => Node::new(step, constants, depth).in_graph(graph.inputs),
    };
    graph.steps.iter().enumerate().map(|(index, step)| ready(index, step, &node(step))).collect()
}

fn ready(index: usize, step: &Step, node: &Node<'_>) -> Result<Ready> {
    let place = place(index, step);
    let operator = ops::build(node).map_err(|error| error.within(place.clone()))?;
    Ok(Ready {
        place,
        operator,
        inputs: step.inputs.clone(),
        outputs: step.outputs.clone(),
        release: Vec::new(),
        prepared: false,
    })
}

/// How an error calls a step: `node "Add_3" (Add)`.
pub(crate) fn place(index: usize, step: &Step) -> String {
    let name = if step.name.is_empty() { format!("#{index}") } else { format!("{:?}", step.name) };
    format!("node {name} ({})", step.op)
}
