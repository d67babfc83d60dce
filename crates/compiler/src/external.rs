//! Tensors whose elements are in files beside the model, as exporters of models
//! beyond two gigabytes write them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_onnx::{AttributeProto, GraphProto, Message as _, ModelProto, NodeProto, TensorProto};

use crate::onnx::decode;

/// The ONNX model `onnx` with all its tensors inside: as it is, or with the
/// elements that it says are in files beside it. `read` gives a file's bytes by
/// its path from the model's folder, which leads nowhere else.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`](edgeinfer_core::ErrorKind::InvalidModel) when
/// `onnx` is not an ONNX model, or a file is not there or too short.
pub fn embed(onnx: &[u8], read: impl FnMut(&str) -> io::Result<Vec<u8>>) -> Result<Cow<'_, [u8]>> {
    let mut model = decode(onnx)?;
    let mut files = Files { read, known: BTreeMap::new(), embedded: 0 };
    each_tensor(&mut model, &mut |tensor| files.embed(tensor))?;
    Ok(if files.embedded > 0 { Cow::Owned(model.encode_to_vec()) } else { Cow::Borrowed(onnx) })
}

struct Files<F> {
    read: F,
    known: BTreeMap<String, Vec<u8>>,
    embedded: usize,
}

impl<F: FnMut(&str) -> io::Result<Vec<u8>>> Files<F> {
    fn embed(&mut self, tensor: &mut TensorProto) -> Result<()> {
        if tensor.external_data.is_empty() {
            return Ok(());
        }
        let wrong = |what: String| {
            Error::new(
                ErrorKind::InvalidModel,
                format!("the tensor {:?} is in another file: {what}", tensor.name),
            )
        };
        let entry = |key: &str| tensor.external_data.iter().find(|entry| entry.key == key);
        let number = |key: &str| entry(key).map(|entry| entry.value.parse::<usize>()).transpose();
        let place = number("offset").and_then(|offset| Ok((offset.unwrap_or(0), number("length")?)));
        let (offset, length) = place.map_err(|_| wrong("its offset or length is no number".to_owned()))?;
        let location = entry("location").map(|entry| entry.value.clone());
        let location = location.ok_or_else(|| wrong("its location is not given".to_owned()))?;
        let file = self.file(&location).map_err(wrong)?;
        let end = length.map_or(Some(file.len()), |length| offset.checked_add(length));
        let elements = end.and_then(|end| file.get(offset..end)).ok_or_else(|| {
            wrong(format!("{location:?} is too short, or not the one that the model was saved with"))
        })?;
        tensor.raw_data = elements.to_vec();
        tensor.external_data.clear();
        tensor.data_location = 0;
        self.embedded += 1;
        Ok(())
    }

    /// The file's bytes, read once for all tensors in it.
    fn file(&mut self, location: &str) -> Result<&[u8], String> {
        if !is_beside(location) {
            return Err(format!("{location:?} is not beside the model or in a folder there"));
        }
        if !self.known.contains_key(location) {
            let bytes = (self.read)(location).map_err(|error| format!("{location:?}: {error}"))?;
            self.known.insert(location.to_owned(), bytes);
        }
        self.known.get(location).map(Vec::as_slice).ok_or_else(|| format!("{location:?} is not there"))
    }
}

/// Whether the path leads to a file in the model's folder or deeper. Whoever
/// compiles a stranger's model does not let it read other files.
fn is_beside(location: &str) -> bool {
    let strange = location.contains(['\\', ':', '\0']);
    !location.is_empty() && !strange && location.split('/').all(|part| !part.is_empty() && part != "..")
}

/// Calls `change` on every tensor of the model.
fn each_tensor(model: &mut ModelProto, change: &mut dyn FnMut(&mut TensorProto) -> Result<()>) -> Result<()> {
    if let Some(graph) = &mut model.graph {
        of_graph(graph, change)?;
    }
    model
        .functions
        .iter_mut()
        .flat_map(|function| &mut function.node)
        .try_for_each(|node| of_node(node, change))
}

fn of_graph(graph: &mut GraphProto, change: &mut dyn FnMut(&mut TensorProto) -> Result<()>) -> Result<()> {
    graph.initializer.iter_mut().try_for_each(&mut *change)?;
    let sparse = graph.sparse_initializer.iter_mut();
    sparse
        .flat_map(|sparse| [&mut sparse.values, &mut sparse.indices])
        .flatten()
        .try_for_each(&mut *change)?;
    graph.node.iter_mut().try_for_each(|node| of_node(node, change))
}

fn of_node(node: &mut NodeProto, change: &mut dyn FnMut(&mut TensorProto) -> Result<()>) -> Result<()> {
    node.attribute.iter_mut().try_for_each(|attribute| of_attribute(attribute, change))
}

fn of_attribute(
    attribute: &mut AttributeProto,
    change: &mut dyn FnMut(&mut TensorProto) -> Result<()>,
) -> Result<()> {
    attribute.t.iter_mut().chain(&mut attribute.tensors).try_for_each(&mut *change)?;
    let sparse = attribute.sparse_tensor.iter_mut();
    sparse
        .flat_map(|sparse| [&mut sparse.values, &mut sparse.indices])
        .flatten()
        .try_for_each(&mut *change)?;
    attribute.g.iter_mut().chain(&mut attribute.graphs).try_for_each(|graph| of_graph(graph, change))
}
