//! Matrices that are packed for the runtime, as they were before.

use std::collections::BTreeMap;

use edgeinfer_core::{Attribute, Error, ErrorKind, Graph, ModelBytes, Plan, Result, Tensor, unpack_linear};

/// Makes `plan` one whose matrices are not packed; gives these by their constants'
/// places.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`] where one does not have the columns that its step says.
pub(super) fn matrices(plan: &mut Plan, section: &ModelBytes) -> Result<BTreeMap<usize, Tensor>> {
    let mut packed = BTreeMap::new();
    without_columns(&mut plan.graph, &mut packed);
    let wrong = || Error::new(ErrorKind::InvalidModel, "a packed matrix is not as its step says");
    let unpacked = |(place, columns): (usize, i64)| {
        let spec = plan.constants.get_mut(place).ok_or_else(wrong)?;
        let columns = usize::try_from(columns).map_err(|_| wrong())?;
        let matrix = unpack_linear(&spec.tensor(section)?, columns).ok_or_else(wrong)?;
        spec.shape = matrix.shape().to_vec();
        Ok((place, matrix))
    };
    packed.into_iter().map(unpacked).collect()
}

/// Takes the columns of packed matrices away from their steps, and notes them.
fn without_columns(graph: &mut Graph, packed: &mut BTreeMap<usize, i64>) {
    for step in &mut graph.steps {
        for attribute in step.attributes.values_mut() {
            if let Attribute::Graph(body) = attribute {
                without_columns(body, packed);
            }
        }
        let is_linear = step.domain == "edgeinfer" && step.op == "Linear";
        let columns = is_linear.then(|| step.attributes.remove("columns")).flatten();
        if let (Some(Attribute::Int(columns)), Some(Attribute::Tensor(place))) =
            (columns, step.attributes.get("weights"))
        {
            packed.insert(*place, columns);
        }
    }
}
