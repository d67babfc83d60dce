//! Finds a classifier's classes in its graph.

use edgeinfer_core::Classes;
use edgeinfer_core::TensorData;
use edgeinfer_onnx::NodeProto;

use crate::onnx::{Graph, attribute};
use crate::tensor::{tensor, text};

/// The attributes in which the classifiers of ai.onnx.ml, and ZipMap, keep
/// their classes.
const INTEGERS: [&str; 2] = ["classlabels_int64s", "classlabels_ints"];
const STRINGS: &str = "classlabels_strings";

/// The classes behind `outputs`: those of the nearest node that lists them.
pub(crate) fn classes(graph: &Graph<'_>, outputs: &[&str]) -> Option<Classes> {
    outputs.iter().find_map(|output| graph.upstream(output).into_iter().find_map(|node| of_node(graph, node)))
}

/// The classes that `node` itself lists.
pub(crate) fn of_node(graph: &Graph<'_>, node: &NodeProto) -> Option<Classes> {
    if node.op_type == "ArrayFeatureExtractor" {
        return picked_from(graph, node);
    }
    let integers = INTEGERS.iter().find_map(|name| attribute(node, name)).filter(|a| !a.ints.is_empty());
    if let Some(attribute) = integers {
        return Some(Classes::Integers(attribute.ints.clone()));
    }
    let strings = attribute(node, STRINGS).filter(|a| !a.strings.is_empty())?;
    Some(Classes::Strings(strings.strings.iter().map(|bytes| text(bytes)).collect()))
}

/// skl2onnx picks the predicted class out of a constant list with
/// ArrayFeatureExtractor.
fn picked_from(graph: &Graph<'_>, node: &NodeProto) -> Option<Classes> {
    let list = node.input.first()?;
    let proto = graph.proto.initializer.iter().find(|tensor| tensor.name == *list)?;
    match tensor(proto).ok()?.into_data() {
        TensorData::Int64(values) => Some(Classes::Integers(values)),
        TensorData::Int32(values) => Some(Classes::Integers(values.into_iter().map(i64::from).collect())),
        TensorData::String(values) => Some(Classes::Strings(values)),
        _ => None,
    }
}
