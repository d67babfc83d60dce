//! Builds the schema from the graph and the metadata.

use edgeinfer_core::{Dim, Error, ErrorKind, Feature, Metadata, Result, Schema, ValueSpec, ValueType};
use tract_onnx::pb::ValueInfoProto;

use crate::classes::of_node;
use crate::onnx::Graph;
use crate::task::task;
use crate::types::tensor_type;

/// The model's schema.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`] for inputs or outputs of a type that is not
/// supported; [`ErrorKind::InvalidRequest`] when the metadata does not fit.
pub(crate) fn schema(graph: &Graph<'_>, metadata: &Metadata) -> Result<Schema> {
    let inputs = graph.inputs().map(tensor).collect::<Result<Vec<_>>>()?;
    let outputs = graph.proto.output.iter().map(|value| output(graph, value)).collect::<Result<Vec<_>>>()?;
    let features = features(&inputs, &metadata.features)?;
    let task = task(graph, &outputs, &metadata.labels)?;
    Ok(Schema { inputs, outputs, features, task })
}

fn tensor(value: &ValueInfoProto) -> Result<ValueSpec> {
    let (element, shape) = tensor_type(value)?;
    Ok(ValueSpec { name: value.name.clone(), value: ValueType::Tensor { element, shape } })
}

fn output(graph: &Graph<'_>, value: &ValueInfoProto) -> Result<ValueSpec> {
    let zip_map = graph.producer(&value.name).filter(|node| node.op_type == "ZipMap");
    match zip_map.and_then(|node| of_node(graph, node)) {
        Some(keys) => Ok(ValueSpec { name: value.name.clone(), value: ValueType::MapSequence { keys } }),
        None => tensor(value),
    }
}

/// The columns of the inputs in order, under their names. None where an input
/// is not a table of rows, such as an image.
fn features(inputs: &[ValueSpec], names: &[String]) -> Result<Vec<Feature>> {
    let is_row = |spec: &&ValueSpec| matches!(&spec.value, ValueType::Tensor { shape, .. } if rows(shape));
    let widths: Option<Vec<_>> = inputs.iter().map(|spec| Some(spec).filter(is_row)?.row_width()).collect();
    let Some(widths) = widths else { return without_rows(names) };
    let columns: Vec<_> = widths
        .iter()
        .enumerate()
        .flat_map(|(input, &width)| (0..width).map(move |column| (input, column)))
        .collect();
    if !names.is_empty() && names.len() != columns.len() {
        let message = format!("{} names for {} columns of the model's inputs", names.len(), columns.len());
        return Err(Error::new(ErrorKind::InvalidRequest, message).at("metadata.features"));
    }
    let feature = |(position, (input, column)): (usize, (usize, usize))| {
        let name =
            names.get(position).cloned().unwrap_or_else(|| default_name(inputs, &widths, input, column));
        Feature { name, input, column }
    };
    Ok(columns.into_iter().enumerate().map(feature).collect())
}

/// A table with any number of rows, or with one.
fn rows(shape: &[Dim]) -> bool {
    shape.len() <= 2 && matches!(shape.first(), Some(Dim::Symbol(_) | Dim::Fixed(1)))
}

fn without_rows(names: &[String]) -> Result<Vec<Feature>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let message =
        "there are names of features, but the model's inputs are not rows of them; remove `features`";
    Err(Error::new(ErrorKind::InvalidRequest, message).at("metadata.features"))
}

/// scikit-learn's own default, `x0`, `x1` …, for a single table; the input's
/// name where inputs are columns.
fn default_name(inputs: &[ValueSpec], widths: &[usize], input: usize, column: usize) -> String {
    let input_name = inputs.get(input).map_or("", |spec| spec.name.as_str());
    match widths {
        [_] => format!("x{column}"),
        widths if widths.get(input) == Some(&1) => input_name.to_owned(),
        _ => format!("{input_name}_{column}"),
    }
}
