//! Runs of each model on named tensors, by the Open Inference Protocol.

use edgeinfer_core::{ElementType, ValueSpec, ValueType};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, RefOr};

use super::operations::body;
use super::protocol::plan;
use super::schemas::{anything, array, object, of, one_of_any, reference, value};
use super::{Document, part_of_name};
use crate::service::Target;
use crate::tensors::Spec;

/// The most elements of an example: more are nothing to read.
const MOST_ELEMENTS: i64 = 1000;

/// Adds the operation of the model `name`, where it takes nothing but tensors.
pub(super) fn add(document: &mut Document, target: &Target, name: &str) {
    let schema = target.model.schema();
    let inputs: Option<Vec<_>> = schema.inputs.iter().map(Input::of).collect();
    let Some(inputs) = inputs else { return };
    let part = part_of_name(name);
    let request = format!("{part}.InferRequest");
    let outputs = schema.outputs.iter().map(|output| output.name.clone()).collect();
    document.schema(&request, request_of(&inputs, outputs));
    let example: Option<Vec<Value>> = inputs.iter().map(Input::example).collect();
    let example = example.map(|inputs| json!({"inputs": inputs}));
    let content = ContentBuilder::new().schema(Some(reference(&request))).example(example).build();
    let operation =
        plan(&format!("v2_infer_{part}"), "Runs the model on named tensors", reference("v2.InferAnswer"));
    document.post(&format!("/v2/models/{name}/infer"), operation.request_body(Some(body(content))).build());
}

/// What a model takes as an input.
struct Input<'a> {
    spec: Spec<'a>,
    element: ElementType,
}

impl<'a> Input<'a> {
    fn of(spec: &'a ValueSpec) -> Option<Self> {
        let ValueType::Tensor { element, .. } = &spec.value else { return None };
        Some(Self { spec: Spec::of(spec), element: *element })
    }

    fn schema(&self) -> RefOr<Schema> {
        object([
            ("name", only(self.spec.name), true),
            ("datatype", only(self.spec.datatype), true),
            ("shape", self.shape(), true),
            ("data", self.data(), false),
            ("parameters", anything(), false),
        ])
    }

    fn shape(&self) -> RefOr<Schema> {
        let rank = self.spec.shape.len();
        let fixed: Vec<i64> = self.spec.shape.iter().copied().filter(|size| *size >= 0).collect();
        let size = of(Type::Integer).minimum(Some(0));
        // Where all are, they are said one by one.
        let size = if fixed.len() == rank { size.enum_values(Some(fixed)) } else { size };
        let about = format!("{:?}, where -1 is free", self.spec.shape);
        let shape = ArrayBuilder::new().items(size).min_items(Some(rank)).max_items(Some(rank));
        shape.description(Some(about)).into()
    }

    /// What JSON Schema cannot say is said in words.
    fn data(&self) -> RefOr<Schema> {
        let about = "As many elements as the shape says, side by side or nested as it says";
        let nested = ArrayBuilder::new().items(ObjectBuilder::new().schema_type(SchemaType::AnyValue));
        let items = one_of_any([value(self.element, false), nested.into()]);
        ArrayBuilder::new().items(items).description(Some(about)).into()
    }

    fn example(&self) -> Option<Value> {
        let shape: Vec<i64> = self.spec.shape.iter().map(|size| if *size < 0 { 1 } else { *size }).collect();
        let count = shape.iter().try_fold(1_i64, |count, size| count.checked_mul(*size))?;
        let element = match self.element {
            ElementType::String => json!("text"),
            ElementType::Bool => json!(false),
            _ => json!(0),
        };
        let data = vec![element; usize::try_from(count).ok().filter(|_| count <= MOST_ELEMENTS)?];
        Some(json!({"name": self.spec.name, "datatype": self.spec.datatype, "shape": shape, "data": data}))
    }
}

fn request_of(inputs: &[Input<'_>], outputs: Vec<String>) -> RefOr<Schema> {
    let count = inputs.len();
    let inputs = one_of_any(inputs.iter().map(Input::schema));
    let inputs = ArrayBuilder::new().items(inputs).min_items(Some(count)).max_items(Some(count));
    let name = of(Type::String).enum_values(Some(outputs));
    // Clients send null for none.
    let id = ObjectBuilder::new().schema_type(SchemaType::Array(vec![Type::String, Type::Null]));
    let output = object([("name", name.into(), true), ("parameters", anything(), false)]);
    object([
        ("id", id.into(), false),
        ("parameters", anything(), false),
        ("inputs", inputs.into(), true),
        ("outputs", array(output), false),
    ])
}

/// The text `text` and no other.
fn only(text: &str) -> RefOr<Schema> {
    of(Type::String).enum_values(Some([text])).into()
}
