//! Finds a classifier's classes in its graph.

use edgeinfer_core::Classes;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::{NodeProto, TensorProto};

use crate::onnx::{Graph, attribute};

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
    let tensor = graph.proto.initializer.iter().find(|tensor| tensor.name == *list)?;
    match DataType::try_from(tensor.data_type).ok()? {
        DataType::Int64 => Some(Classes::Integers(integers(tensor, &tensor.int64_data, i64::from_le_bytes))),
        DataType::Int32 => {
            let values = integers(tensor, &tensor.int32_data, i32::from_le_bytes);
            Some(Classes::Integers(values.into_iter().map(i64::from).collect()))
        }
        DataType::String => {
            Some(Classes::Strings(tensor.string_data.iter().map(|bytes| text(bytes)).collect()))
        }
        _ => None,
    }
}

/// ONNX keeps a tensor's elements in a list of their type, or raw.
fn integers<T: Copy, const N: usize>(tensor: &TensorProto, typed: &[T], read: fn([u8; N]) -> T) -> Vec<T> {
    if !typed.is_empty() {
        return typed.to_vec();
    }
    tensor.raw_data.as_chunks().0.iter().copied().map(read).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
