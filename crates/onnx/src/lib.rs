//! ONNX's protobuf messages, as far as a runtime reads them.
//!
//! Fields and numbers are those of `onnx.proto` of IR version 13,
//! <https://onnx.ai/onnx/repo-docs/IR.html>; what is not here (documentation,
//! training, quantisation annotations) is skipped on reading. Written down here so
//! that newer element types and sequence, map and optional types can be read, and
//! so that nothing else comes with them.
//!
//! ```
//! use edgeinfer_onnx::{GraphProto, Message as _, ModelProto};
//!
//! let model = ModelProto { graph: Some(GraphProto::default()), ..ModelProto::default() };
//! assert_eq!(ModelProto::decode(model.encode_to_vec().as_slice()), Ok(model));
//! ```

mod attribute;
mod data_type;
mod graph;
mod model;
mod tensor;
mod types;
mod values;

pub use attribute::{AttributeProto, AttributeType};
pub use data_type::DataType;
pub use graph::{GraphProto, NodeProto, ValueInfoProto};
pub use model::{FunctionProto, ModelProto, OperatorSetIdProto, StringStringEntryProto};
pub use prost::{DecodeError, Message};
pub use tensor::{SparseTensorProto, TensorProto};
pub use types::{
    Dim, Dimension, MapType, OptionalType, SequenceType, TensorShapeProto, TensorType, Type, TypeProto,
};
pub use values::{MapProto, OptionalProto, SequenceProto};
